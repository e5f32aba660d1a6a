// Opening and closing files without a wait for a disk: on the calling thread what needs no wait, as RWF_NOWAIT does
// it for reads. -EAGAIN everywhere: it might wait, take a thread that may.
#include "CAIOShims.h"

#include <errno.h>
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

// linux/openat2.h, which older systems lack.
struct how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum { RESOLVE_FROM_CACHE = 0x20 };

// The kernel's opening of a file whose name it has in its cache asks a server on the network, or a FUSE process, and
// waits for it. So where a file lies has to be known before: by its device, learned from files that were opened.
enum { most_devices = 16 };
static _Atomic uint64_t local_devices[most_devices];

void caio_device_seen(uint64_t device, bool is_local) {
    for (int place = 0; place < most_devices; place++) {
        uint64_t known = atomic_load_explicit(&local_devices[place], memory_order_relaxed);
        if (known != device) continue;
        if (is_local) return;
        // Its number has gone to another file system since.
        atomic_compare_exchange_strong(&local_devices[place], &known, 0);
    }
    if (!is_local) return;
    // Beyond so many, threads open the files.
    for (int place = 0; place < most_devices; place++) {
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&local_devices[place], &none, device)) return;
    }
}

static bool is_local_device(uint64_t device) {
    for (int place = 0; place < most_devices; place++)
        if (atomic_load_explicit(&local_devices[place], memory_order_relaxed) == device) return true;
    return false;
}

bool caio_is_local_file_system(uint64_t type) {
    switch (type) {
    case 0xef53:     // ext2, ext3, ext4
    case 0x58465342: // xfs
    case 0x9123683e: // btrfs
    case 0xf2f52010: // f2fs
        return true;
    default: return caio_is_memory_file_system(type);
    }
}

// Before Linux 5.12, or where a sandbox forbids openat2(2): nothing is opened here.
static _Atomic bool unavailable;

static int open_from_cache(const char *path, int flags) {
    struct how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_FROM_CACHE};
    long result = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    return result < 0 ? -errno : (int)result;
}

// Whether it is a regular file of a local device, and which, by what the kernel knows: AT_STATX_DONT_SYNC asks nobody.
static bool is_local_file(int descriptor, caio_identity *identity) {
    struct statx status;
    memset(&status, 0, sizeof status);
    long result = syscall(
        SYS_statx, descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &status);
    *identity = (caio_identity){makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino};
    return result == 0 && S_ISREG(status.stx_mode) && is_local_device(identity->device);
}

int caio_open_at_once(const char *path, int flags, caio_file_info *info) {
    // Writers wait for quotas and frozen file systems, O_CREAT and O_TRUNC for the journal.
    if (flags & ~(O_DIRECT | O_NOFOLLOW | O_CLOEXEC)) return -EAGAIN;
    if (atomic_load_explicit(&unavailable, memory_order_relaxed)) return -EAGAIN;
    // O_PATH finds the file and opens nothing: a FIFO would wait for a writer, a tape rewind.
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
    // O_NONBLOCK: not to wait for the holder of a lease to give it up.
    int descriptor = open_from_cache(path, flags | O_CLOEXEC | O_NONBLOCK);
    // Whatever is wrong, a thread will hear of it as well.
    if (descriptor < 0) return -EAGAIN;
    // The name may be another file's by now.
    if (caio_file_information(descriptor, info) < 0 || !caio_is_same(info->identity, identity)
        || fcntl(descriptor, F_SETFL, flags & O_DIRECT) < 0) {
        close(descriptor);
        return -EAGAIN;
    }
    return descriptor;
}

int caio_close_at_once(int descriptor) {
    // The last one to close a file that has no name any more deletes it.
    struct stat status;
    if (fstat(descriptor, &status) < 0 || status.st_nlink == 0) return -EAGAIN;
    return caio_close(descriptor);
}
