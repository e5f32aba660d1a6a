// Opening and closing files on the calling thread, where that needs no wait.
#include "opening.h"
#include "files.h"
#include "result.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

// `struct open_how` and RESOLVE_CACHED of linux/openat2.h, which older systems lack.
struct how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum { RESOLVE_FROM_CACHE = 0x20 };

// RESOLVE_CACHED covers the path only. The file system's own open comes after it, and may wait for a server on the
// network or for a FUSE process. So a file is opened here only if its device is known to be local, from other files on
// it that blocking threads opened before. 0 is a free entry.
enum { maximum_devices = 16 };
static _Atomic uint64_t local_devices[maximum_devices];

void caio_note_device(uint64_t device, bool is_local) {
    for (int index = 0; index < maximum_devices; index++) {
        uint64_t known = atomic_load_explicit(&local_devices[index], memory_order_relaxed);
        if (known != device) continue;
        if (is_local) return;
        // Another file system has got the number of the device since.
        atomic_compare_exchange_strong(&local_devices[index], &known, 0);
    }
    if (!is_local) return;
    // If no entry is free, the device is not noted, and its files are opened on blocking threads.
    for (int index = 0; index < maximum_devices; index++) {
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&local_devices[index], &none, device)) return;
    }
}

static bool is_local_device(uint64_t device) {
    for (int index = 0; index < maximum_devices; index++)
        if (atomic_load_explicit(&local_devices[index], memory_order_relaxed) == device) return true;
    return false;
}

// Whether openat2(2) with RESOLVE_CACHED fails: before Linux 5.12, or where a sandbox forbids it.
static _Atomic bool unavailable;

static int open_from_cache(const char *path, int flags) {
    struct how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_FROM_CACHE};
    return (int)checked(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

// Returns whether a file is a regular one on a local device, and stores its identity. AT_STATX_DONT_SYNC: the kernel
// answers from its cache, without a call to a server.
static bool is_local_file(int descriptor, caio_identity *identity) {
    struct statx status;
    memset(&status, 0, sizeof status);
    long result = syscall(
        SYS_statx, descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &status);
    *identity = (caio_identity){makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino};
    return result == 0 && S_ISREG(status.stx_mode) && is_local_device(identity->device);
}

int caio_open_at_once(const char *path, int flags, caio_file_info *info) {
    // Opening for writing may wait for a quota or a frozen file system, O_CREAT and O_TRUNC for the journal.
    if (flags & ~(O_DIRECT | O_NOFOLLOW | O_CLOEXEC)) return -EAGAIN;
    if (atomic_load_explicit(&unavailable, memory_order_relaxed)) return -EAGAIN;
    // O_PATH finds the file without opening it: to open a FIFO waits for a writer, to open a tape rewinds it.
    int found = open_from_cache(path, O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW));
    if (found < 0) {
        if (found == -ENOSYS || found == -EPERM || found == -EINVAL)
            atomic_store_explicit(&unavailable, true, memory_order_relaxed);
        return -EAGAIN;
    }
    caio_identity identity;
    bool is_local = is_local_file(found, &identity);
    close(found);
    if (!is_local) return -EAGAIN;
    // O_NONBLOCK: the call does not wait until the holder of a lease has released it.
    int descriptor = open_from_cache(path, flags | O_CLOEXEC | O_NONBLOCK);
    // A blocking thread repeats the call, and gets the error if there still is one.
    if (descriptor < 0) return -EAGAIN;
    // The path may lead to another file by now. F_SETFL clears O_NONBLOCK.
    if (caio_file_information(descriptor, info) < 0 || !caio_is_same(info->identity, identity)
        || fcntl(descriptor, F_SETFL, flags & O_DIRECT) < 0) {
        close(descriptor);
        return -EAGAIN;
    }
    return descriptor;
}

int caio_close_at_once(int descriptor) {
    // The last close of a file that has no name any more deletes it, and waits.
    struct stat status;
    if (fstat(descriptor, &status) < 0 || status.st_nlink == 0) return -EAGAIN;
    return caio_close(descriptor);
}
