#!/usr/bin/env python3
"""A FUSE file system for tests, which holds requests until it is commanded to answer them.

    slowfs.py MOUNTPOINT BACKING PARENT    (as root; standard library only)

It shows the plain files of the directory BACKING at MOUNTPOINT. Each request that is held reaches this program
and stays unanswered until it is released, in any order, so that a test can act while an operation is in flight
without a sleep. Standard input is a socket: one command a line, one reply a line.

    hold KIND            holds requests of this kind from now on (read write fsync flush open truncate allocate)
    unhold KIND          holds them no longer, and answers those that are held
    release KIND N [last]  answers the N held longest (with `last`: the latest ones): "ok COUNT"
    fail KIND ERRNO N    fails the next N requests of this kind with this error
    short KIND BYTES N   shortens the next N requests of this kind to at most BYTES bytes
    status               "held KIND=N ... seen KIND=N ...": held now, and arrived since the start
    stop                 answers everything, unmounts, exits

Direct reads and writes inside a file's size are asynchronous: io_submit returns while they wait here.
A process that dies waits for its kernel I/O before it closes its descriptors, so an end of file on the socket comes
too late: the parent's exit flag is watched as well, and a lost mount is always cleaned up.
"""
import collections
import ctypes
import errno
import os
import select
import shutil
import socket
import stat
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
MNT_FORCE, MNT_DETACH = 1, 2
PF_EXITING = 4
MAX_WRITE = 1 << 20
ROOT = 1
FOR_EVER = 3600

FUSE_ASYNC_READ, FUSE_BIG_WRITES, FUSE_ASYNC_DIO, FUSE_MAX_PAGES = 1 << 0, 1 << 5, 1 << 15, 1 << 22
FATTR_MODE, FATTR_SIZE = 1 << 0, 1 << 3

LOOKUP, FORGET, GETATTR, SETATTR, UNLINK, OPEN, READ, WRITE, STATFS, RELEASE = 1, 2, 3, 4, 10, 14, 15, 16, 17, 18
FSYNC, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, CREATE, INTERRUPT, DESTROY = 20, 25, 26, 27, 28, 29, 35, 36, 38
BATCH_FORGET, FALLOCATE = 42, 43

KINDS = {
    READ: "read", WRITE: "write", FSYNC: "fsync", FLUSH: "flush", OPEN: "open", SETATTR: "truncate",
    FALLOCATE: "allocate"}  # flush: close(2)

Request = collections.namedtuple("Request", "opcode unique node body")
Fault = collections.namedtuple("Fault", "errno limit")


class Backing:
    """The files, by inode number, in a real directory."""

    def __init__(self, directory):
        self.directory = directory
        self.nodes = {}  # node -> (name, descriptor)
        self.numbers = {}  # name -> node
        self.next = ROOT + 1

    def node(self, name, flags=0, mode=0):
        if name not in self.numbers:
            descriptor = os.open(os.path.join(self.directory, name), os.O_RDWR | os.O_CLOEXEC | flags, mode)
            self.nodes[self.next] = (name, descriptor)
            self.numbers[name] = self.next
            self.next += 1
        return self.numbers[name]

    def unlink(self, name):
        os.unlink(os.path.join(self.directory, name))
        # The node stays in `nodes`: a file that is open outlives its name.
        self.numbers.pop(name, None)

    def descriptor(self, node):
        if node not in self.nodes:
            raise OSError(errno.ESTALE, "")
        return self.nodes[node][1]

    def attributes(self, node):
        status = os.stat(self.directory) if node == ROOT else os.fstat(self.descriptor(node))
        mode = stat.S_IFDIR | 0o755 if node == ROOT else status.st_mode
        size = 0 if node == ROOT else status.st_size
        seconds = int(status.st_mtime)
        return struct.pack(
            "<6Q10I", node, size, (size + 511) // 512, seconds, seconds, seconds, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


class Server:
    def __init__(self, mountpoint, backing, parent, control):
        self.mountpoint = mountpoint
        self.files = Backing(backing)
        self.parent = parent
        self.control = control
        self.text = b""
        self.holding = set()
        self.held = {kind: collections.deque() for kind in KINDS.values()}
        self.faults = {kind: collections.deque() for kind in KINDS.values()}
        self.seen = dict.fromkeys(KINDS.values(), 0)
        self.running = True
        self.stopped = False

    def mount(self):
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if LIBC.mount(b"slowfs", os.fsencode(self.mountpoint), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def unmount(self):
        LIBC.umount2(os.fsencode(self.mountpoint), MNT_DETACH)

    def parent_lives(self):
        try:
            with open(f"/proc/{self.parent}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            return fields[0] != "Z" and not int(fields[6]) & PF_EXITING
        except (OSError, ValueError, IndexError):
            return False

    def run(self):
        poll = select.poll()
        poll.register(self.device, select.POLLIN)
        poll.register(self.control, select.POLLIN)
        while self.running:
            ready = poll.poll(200)
            if not ready and not self.parent_lives():
                break
            for descriptor, events in ready:
                if descriptor == self.device:
                    if events & select.POLLERR:  # unmounted from outside
                        self.running = False
                    else:
                        self.receive_request()
                else:
                    self.receive_commands()
        self.answer_everything()

    # The kernel's side

    def receive_request(self):
        try:
            message = os.read(self.device, MAX_WRITE + 8192)
        except OSError as failure:
            if failure.errno == errno.ENODEV:
                self.running = False
            elif failure.errno not in (errno.EAGAIN, errno.EINTR, errno.ENOENT):
                raise
            return
        _, opcode, unique, node = struct.unpack_from("<IIQQ", message)
        if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
            return  # no reply is expected
        request = Request(opcode, unique, node, message[40:])
        kind = self.kind(request)
        if kind:
            self.seen[kind] += 1
        if kind in self.holding:
            self.held[kind].append(request)
        else:
            self.answer(request)

    @staticmethod
    def kind(request):
        if request.opcode == SETATTR and not struct.unpack_from("<I", request.body)[0] & FATTR_SIZE:
            return None
        return KINDS.get(request.opcode)

    def answer(self, request):
        kind = self.kind(request)
        fault = self.faults[kind].popleft() if kind and self.faults[kind] else Fault(0, None)
        body, code = b"", fault.errno
        if not code:
            try:
                body = self.perform(request, fault.limit)
            except OSError as failure:
                code = failure.errno or errno.EIO
        reply = struct.pack("<IiQ", 16 + len(body), -code, request.unique) + (b"" if code else body)
        try:
            os.write(self.device, reply[:16] if code else reply)
        except OSError as failure:
            # ENOENT: the kernel has abandoned the request. ENODEV: unmounted.
            if failure.errno not in (errno.ENOENT, errno.ENODEV):
                raise

    def perform(self, request, limit):
        opcode, node, body, files = request.opcode, request.node, request.body, self.files
        if opcode == INIT:
            readahead = struct.unpack_from("<III", body)[2]
            flags = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_ASYNC_DIO | FUSE_MAX_PAGES
            # A small background limit would make io_submit block once so many requests are held.
            self.send("ready")
            return struct.pack("<4I2H2I2HI7I", 7, 31, readahead, flags, 60000, 60000, MAX_WRITE, 1, 256, 0, *[0] * 8)
        if opcode == LOOKUP:
            return self.entry(files.node(os.fsdecode(body.split(b"\0")[0])))
        if opcode == GETATTR:
            return struct.pack("<QII", FOR_EVER, 0, 0) + files.attributes(node)
        if opcode == SETATTR:
            return self.set_attributes(node, body)
        if opcode in (OPEN, OPENDIR):
            return struct.pack("<QIi", 0, 0, 0)
        if opcode == CREATE:
            _, mode = struct.unpack_from("<II", body)
            name = os.fsdecode(body[16:].split(b"\0")[0])
            return self.entry(files.node(name, os.O_CREAT, mode & 0o7777)) + struct.pack("<QIi", 0, 0, 0)
        if opcode == UNLINK:
            files.unlink(os.fsdecode(body.split(b"\0")[0]))
            return b""
        if opcode == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return os.pread(files.descriptor(node), size if limit is None else min(size, limit), offset)
        if opcode == WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = body[40:40 + (size if limit is None else min(size, limit))]
            return struct.pack("<II", os.pwrite(files.descriptor(node), data, offset), 0)
        if opcode == FALLOCATE:
            _, offset, length, mode = struct.unpack_from("<QQQI", body)
            if mode:
                raise OSError(errno.EOPNOTSUPP, "")
            os.posix_fallocate(files.descriptor(node), offset, length)
            return b""
        if opcode == READDIR:
            return self.directory(body)
        if opcode == STATFS:
            return struct.pack("<5Q4I6I", 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 4096, 255, 4096, 0, *[0] * 6)
        if opcode in (FSYNC, FLUSH, RELEASE, RELEASEDIR, DESTROY):
            return b""
        raise OSError(errno.ENOSYS, "")

    def entry(self, node):
        return struct.pack("<4QII", node, 0, FOR_EVER, FOR_EVER, 0, 0) + self.files.attributes(node)

    def set_attributes(self, node, body):
        valid, _, _, size = struct.unpack_from("<IIQQ", body)
        mode = struct.unpack_from("<I", body, 68)[0]
        if valid & FATTR_SIZE:
            os.ftruncate(self.files.descriptor(node), size)
        if valid & FATTR_MODE:
            os.fchmod(self.files.descriptor(node), mode & 0o7777)
        return struct.pack("<QII", FOR_EVER, 0, 0) + self.files.attributes(node)

    def directory(self, body):
        _, offset, size = struct.unpack_from("<QQI", body)
        reply = b""
        for index, name in enumerate(sorted(os.listdir(self.files.directory))):
            raw = os.fsencode(name)
            record = struct.pack("<QQII", self.files.node(name), index + 1, len(raw), stat.S_IFREG >> 12) + raw
            record += b"\0" * (-len(record) % 8)
            if index >= offset and len(reply) + len(record) <= size:
                reply += record
        return reply

    # The test's side

    def send(self, line):
        try:
            self.control.sendall(line.encode() + b"\n")
        except OSError:
            self.running = False

    def receive_commands(self):
        try:
            data = self.control.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.running = False
            return
        self.text += data
        while b"\n" in self.text:
            line, self.text = self.text.split(b"\n", 1)
            try:
                self.send(self.execute(*line.decode().split()))
            except Exception as failure:  # a test's typing error must not leave the mount behind
                self.send(f"error {failure!r}")

    def execute(self, command, *words):
        if command == "hold":
            self.holding.add(self.checked_kind(words[0]))
        elif command == "unhold":
            self.holding.discard(words[0])
            self.release(words[0], len(self.held[words[0]]))
        elif command == "release":
            return f"ok {self.release(words[0], int(words[1]), 'last' in words)}"
        elif command == "fail":
            self.faults[words[0]].extend([Fault(int(words[1]), None)] * int(words[2]))
        elif command == "short":
            self.faults[words[0]].extend([Fault(0, int(words[1]))] * int(words[2]))
        elif command == "status":
            held = " ".join(f"{kind}={len(queue)}" for kind, queue in self.held.items())
            return f"held {held} seen " + " ".join(f"{kind}={count}" for kind, count in self.seen.items())
        elif command == "stop":
            self.answer_everything()
            self.unmount()
            self.stopped = True
            self.running = False
        else:
            raise ValueError(command)
        return "ok"

    def checked_kind(self, kind):
        if kind not in self.held:
            raise ValueError(kind)
        return kind

    def release(self, kind, count, last=False):
        queue = self.held[kind]
        released = 0
        while queue and released < count:
            self.answer(queue.pop() if last else queue.popleft())
            released += 1
        return released

    def answer_everything(self):
        self.holding.clear()
        for kind, queue in self.held.items():
            self.release(kind, len(queue))


def main():
    mountpoint, backing, parent = sys.argv[1], sys.argv[2], int(sys.argv[3])
    server = Server(mountpoint, backing, parent, socket.socket(fileno=0))
    try:
        server.mount()
    except OSError as failure:
        server.send(f"error {failure}")
        return 1
    try:
        server.run()
    finally:
        # Closing the device completes what a mount that is still in use waits for.
        server.unmount()
        os.close(server.device)
        if not server.stopped:
            # The parent is gone, so this cleans up. rmdir, as a mount that is still there must not be emptied.
            os.rmdir(mountpoint)
            shutil.rmtree(backing, ignore_errors=True)
            os.rmdir(os.path.dirname(mountpoint))
    return 0


if __name__ == "__main__":
    sys.exit(main())
