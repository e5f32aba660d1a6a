// File calls beside AIO: what a lane thread runs, and what opening a file has to find out.
#include "CAIOShims.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

const int caio_o_direct = O_DIRECT;
const int caio_o_cloexec = O_CLOEXEC;

static ssize_t checked(ssize_t result) { return result < 0 ? -errno : result; }

ssize_t caio_preadv2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
    return checked(preadv2(descriptor, vectors, count, offset, flags));
}

ssize_t caio_pwritev2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
    return checked(pwritev2(descriptor, vectors, count, offset, flags));
}

int caio_open(const char *path, int flags, uint32_t mode) {
    int result;
    do result = open(path, flags | O_CLOEXEC, mode);
    while (result < 0 && errno == EINTR);
    if (result >= 0) return result;
    int error = errno;
    // O_DIRECT on a directory is EINVAL too, and looks like a file system that has no direct I/O.
    struct stat status;
    if (error == EINVAL && (flags & O_DIRECT) && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return -EISDIR;
    return -error;
}

// Not retried on EINTR: Linux has let go of the descriptor by then, and it may be somebody else's already.
int caio_close(int descriptor) { return (int)checked(close(descriptor)); }

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

int caio_poll(int descriptor, int16_t events, int timeout_ms) {
    struct pollfd entry = {descriptor, events, 0};
    int result = poll(&entry, 1, timeout_ms);
    return result < 0 ? -errno : result == 0 ? 0 : entry.revents;
}

int caio_get_flags(int descriptor) { return (int)checked(fcntl(descriptor, F_GETFL)); }

int caio_set_direct(int descriptor, bool on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    return (int)checked(fcntl(descriptor, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT));
}

int caio_memory_file(void) { return (int)checked(memfd_create("aio", MFD_CLOEXEC)); }

int caio_eventfd(void) { return (int)checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int caio_eventfd_write(int descriptor) { return eventfd_write(descriptor, 1) < 0 ? -errno : 0; }

int caio_eventfd_read(int descriptor) {
    eventfd_t value;
    return eventfd_read(descriptor, &value) < 0 ? -errno : 0;
}

int caio_file_information(int descriptor, caio_file_info *info) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    *info = (caio_file_info){.size = status.st_size, .mode = status.st_mode, .identity = {status.st_dev, status.st_ino}};
    // fstat says 0 for a block device.
    uint64_t device_size;
    if (S_ISBLK(status.st_mode) && ioctl(descriptor, BLKGETSIZE64, &device_size) == 0) info->size = (int64_t)device_size;
    return 0;
}

uint64_t caio_file_system(int descriptor) {
    struct statfs file_system;
    return fstatfs(descriptor, &file_system) == 0 ? (uint64_t)file_system.f_type : 0;
}

caio_alignment caio_direct_alignment(int descriptor) {
    caio_alignment alignment = {0, 0};
#ifdef STATX_DIOALIGN
    // The raw call, with the kernel's own structure: glibc's may be older than the field.
    struct statx extended;
    memset(&extended, 0, sizeof extended);
    if (syscall(SYS_statx, descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &extended) == 0
        && (extended.stx_mask & STATX_DIOALIGN))
        alignment = (caio_alignment){extended.stx_dio_mem_align, extended.stx_dio_offset_align};
#endif
    return alignment;
}

bool caio_is_memory_file_system(uint64_t type) { return type == 0x01021994 /* tmpfs */ || type == 0x858458f6 /* ramfs */; }
