// System calls on files.
#include "files.h"
#include "result.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int caio_open(const char *path, int flags, uint32_t mode) {
    int result;
    do result = open(path, flags | O_CLOEXEC, mode);
    while (result < 0 && errno == EINTR);
    if (result >= 0) return result;
    int error = errno;
    // With O_DIRECT a directory is EINVAL, which is also the error of a file system that has no direct I/O.
    struct stat status;
    if (error == EINVAL && (flags & O_DIRECT) && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return -EISDIR;
    return -error;
}

// Not retried after EINTR: Linux has closed the descriptor by then, and another thread may have got its number already.
int caio_close(int descriptor) { return (int)checked(close(descriptor)); }

int caio_memory_file(void) { return (int)checked(memfd_create("aio", MFD_CLOEXEC)); }

ssize_t caio_preadv2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
    return checked(preadv2(descriptor, vectors, count, offset, flags));
}

ssize_t caio_pwritev2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
    return checked(pwritev2(descriptor, vectors, count, offset, flags));
}

int caio_ftruncate(int descriptor, int64_t size) {
    int result;
    do result = ftruncate(descriptor, size);
    while (result < 0 && errno == EINTR);
    return (int)checked(result);
}

int caio_fallocate(int descriptor, int mode, int64_t offset, int64_t length) {
    int result;
    do result = fallocate(descriptor, mode, offset, length);
    while (result < 0 && errno == EINTR);
    return (int)checked(result);
}

int caio_fsync(int descriptor, bool data_only) {
    return (int)checked(data_only ? fdatasync(descriptor) : fsync(descriptor));
}

int caio_get_flags(int descriptor) { return (int)checked(fcntl(descriptor, F_GETFL)); }

int caio_set_direct(int descriptor, bool on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    return (int)checked(fcntl(descriptor, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT));
}
