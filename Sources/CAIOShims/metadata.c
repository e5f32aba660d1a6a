// What an open file is.
#include "metadata.h"
#include "result.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int caio_file_information(int descriptor, caio_file_info *info) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    caio_identity identity = {status.st_dev, status.st_ino};
    *info = (caio_file_info){.size = status.st_size, .mode = status.st_mode, .identity = identity};
    // The size that fstat(2) reports of a block device is 0.
    uint64_t size;
    if (S_ISBLK(status.st_mode) && ioctl(descriptor, BLKGETSIZE64, &size) == 0) info->size = (int64_t)size;
    return 0;
}

int caio_identify(int descriptor, caio_identity *identity) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    *identity = (caio_identity){status.st_dev, status.st_ino};
    return 0;
}

uint64_t caio_file_system(int descriptor) {
    struct statfs file_system;
    return fstatfs(descriptor, &file_system) == 0 ? (uint64_t)file_system.f_type : 0;
}

bool caio_is_memory_file_system(uint64_t type) {
    return type == 0x01021994 /* tmpfs */ || type == 0x858458f6 /* ramfs */;
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
