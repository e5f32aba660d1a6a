// Finds out what a descriptor is, and makes the calls on it that do not wait.
#include "CPOSIXAIO.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int pxa_look(int descriptor, pxa_descriptor *found) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    if (flags & O_PATH) return -EBADF;
    int mode = flags & O_ACCMODE;
    *found = (pxa_descriptor){
        .readable = mode == O_RDONLY || mode == O_RDWR,
        .writable = mode == O_WRONLY || mode == O_RDWR,
        .append = flags & O_APPEND,
        .direct = flags & O_DIRECT,
        .non_blocking = flags & O_NONBLOCK,
    };
    // Not lseek(2) on a file, although it takes half the time: it waits for a read(2) under way on the descriptor.
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    found->storage = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
    // Character devices like /dev/null have offsets, or accept them; a terminal has none. A file without any type is
    // an eventfd or another one of the kernel's own.
    if (S_ISCHR(status.st_mode)) found->stream = lseek(descriptor, 0, SEEK_CUR) < 0 && errno == ESPIPE;
    else found->stream = !found->storage && !S_ISDIR(status.st_mode);
    return 0;
}

bool pxa_exceeds_file_size_limit(int64_t offset, size_t count) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
    return (uint64_t)offset + count > limit.rlim_cur;
}

static ssize_t checked(ssize_t result) { return result < 0 ? -errno : result; }

ssize_t pxa_read_cached(int descriptor, void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (true) {
        struct iovec vector = {(char *)buffer + done, count - done};
        ssize_t result = checked(preadv2(descriptor, &vector, 1, offset + (int64_t)done, RWF_NOWAIT));
        // Any error is left to the plain call on another thread, which will find it as well.
        if (result < 0) return -EAGAIN;
        done += (size_t)result;
        // A short read means the end of the file, or of the cached part: another call shows which.
        if (result == 0 || done == count) return (ssize_t)done;
    }
}

static bool is_ready(int descriptor, short events) {
    struct pollfd entry = {descriptor, events, 0};
    return poll(&entry, 1, 0) > 0;
}

ssize_t pxa_call(int descriptor, bool writes, void *buffer, size_t count) {
    return checked(writes ? write(descriptor, buffer, count) : read(descriptor, buffer, count));
}

ssize_t pxa_attempt(int descriptor, bool writes, void *buffer, size_t count) {
    struct iovec vector = {buffer, count};
    // Offset -1 is the file's own position, as in read(2) and write(2).
    ssize_t result = checked(
        writes ? pwritev2(descriptor, &vector, 1, -1, RWF_NOWAIT) : preadv2(descriptor, &vector, 1, -1, RWF_NOWAIT));
    if (result != -EOPNOTSUPP) return result;
    // Terminals and FIFOs do not support it, nor does anything before Linux 6.4. Sockets have a flag of their own.
    result = checked(
        writes ? send(descriptor, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL)
               : recv(descriptor, buffer, count, MSG_DONTWAIT));
    if (result != -ENOTSOCK) return result;
    if (!is_ready(descriptor, writes ? POLLOUT : POLLIN)) return -EAGAIN;
    // A pipe that is ready takes this much at once; a longer write could wait for its reader.
    if (writes && count > PIPE_BUF) count = PIPE_BUF;
    return pxa_call(descriptor, writes, buffer, count);
}
