// What a descriptor is, and the calls on it that wait for nobody.
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
    // Not lseek(2) on a file, although it takes half the time: it waits for whoever is in read(2) on the descriptor.
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    found->storage = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
    // /dev/null and its like have offsets, or take them; a terminal has none. What has no type at all is an
    // eventfd or another file of the kernel's own.
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
        // Whatever the trouble is, the plain call on another thread will find it as well.
        if (result < 0) return -EAGAIN;
        done += (size_t)result;
        // Fewer than asked for may be the end of the file, or of what the cache has: once more tells.
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
    // Offset -1: wherever it is, as read(2) and write(2) have it.
    ssize_t result = checked(
        writes ? pwritev2(descriptor, &vector, 1, -1, RWF_NOWAIT) : preadv2(descriptor, &vector, 1, -1, RWF_NOWAIT));
    if (result != -EOPNOTSUPP) return result;
    // Terminals, FIFOs, and everything before Linux 6.4. Sockets have a flag of their own.
    result = checked(
        writes ? send(descriptor, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL)
               : recv(descriptor, buffer, count, MSG_DONTWAIT));
    if (result != -ENOTSOCK) return result;
    if (!is_ready(descriptor, writes ? POLLOUT : POLLIN)) return -EAGAIN;
    // A pipe that is ready takes this much at once; more could wait for its reader.
    if (writes && count > PIPE_BUF) count = PIPE_BUF;
    return pxa_call(descriptor, writes, buffer, count);
}
