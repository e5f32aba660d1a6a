#define _GNU_SOURCE
#include "CFileServing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

// linux/openat2.h, which older systems lack.
struct how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum { NO_MOUNTS = 0x01, NO_MAGIC_LINKS = 0x02, BENEATH = 0x08, CACHED = 0x20 };

// O_NONBLOCK: opening a FIFO does not wait for its other end.
#define READING (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

int served_root(const char *path) {
    int descriptor = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

static int describe(int descriptor, served_file *file) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        close(descriptor);
        return -ENOENT;
    }
    file->size = status.st_size;
    file->modified_seconds = status.st_mtim.tv_sec;
    file->modified_nanoseconds = status.st_mtim.tv_nsec;
    file->inode = status.st_ino;
    file->is_directory = S_ISDIR(status.st_mode);
    return descriptor;
}

int served_open_walking(int root, const char *path, served_file *file) {
    char name[NAME_MAX + 1];
    int directory = root;
    while (1) {
        const char *end = strchr(path, '/');
        size_t length = end ? (size_t)(end - path) : strlen(path);
        int descriptor = -1, error = ENAMETOOLONG;
        if (length <= NAME_MAX) {
            memcpy(name, path, length);
            name[length] = 0;
            int flags = end ? O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW : READING | O_NOFOLLOW;
            descriptor = strcmp(name, "..") == 0 ? -1 : openat(directory, name, flags);
            error = strcmp(name, "..") == 0 ? EXDEV : errno;
        }
        if (directory != root) close(directory);
        if (descriptor < 0) return -error;
        if (!end) return describe(descriptor, file);
        directory = descriptor;
        path = end + 1;
    }
}

int served_open(int root, const char *path, served_file *file) {
    struct how how = {.flags = READING, .resolve = BENEATH | NO_MAGIC_LINKS};
    long descriptor;
    // EAGAIN: a directory of the path was renamed meanwhile, and the kernel does not know whether it is still beneath.
    int tries = 0;
    do {
        descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 16)));
    if (descriptor >= 0) return describe((int)descriptor, file);
    if (errno == ENOSYS || errno == EPERM) return served_open_walking(root, path, file);
    return -errno;
}

int served_open_at_once(int root, const char *path, served_file *file) {
    struct how how = {.flags = READING, .resolve = BENEATH | NO_MAGIC_LINKS | NO_MOUNTS | CACHED};
    long descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    // Any other error comes again on the thread, which reports it.
    return descriptor < 0 ? -EAGAIN : describe((int)descriptor, file);
}

int served_is_local(int root) {
    struct statfs system;
    if (fstatfs(root, &system) != 0) return 0;
    switch ((uint64_t)system.f_type) {
    case 0xef53:     // ext4 and before
    case 0x58465342: // xfs
    case 0x9123683e: // btrfs
    case 0xf2f52010: // f2fs
    case 0x01021994: // tmpfs
        return 1;
    default: return 0;
    }
}

void served_close(int descriptor) { close(descriptor); }
