// What an open file is: its size and identity, its file system, and the alignment that direct I/O on it needs.
#ifndef CAIOSHIMS_METADATA_H
#define CAIOSHIMS_METADATA_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// The identity of a file: `st_dev` and `st_ino` of stat(2). No other file has the same for as long as this one is open
/// or has a name.
typedef struct caio_identity {
    uint64_t device, inode;
} caio_identity;

/// Returns whether two identities are those of the same file.
static inline bool caio_is_same(caio_identity a, caio_identity b) { return a.device == b.device && a.inode == b.inode; }
/// Finds out which file a descriptor stands for: fstat(2). Returns 0 or -errno.
int caio_identify(int descriptor, caio_identity *identity);

/// What the library uses of an open file's status.
typedef struct caio_file_info {
    /// The size in bytes; of a block device, the size of the device.
    int64_t size;
    /// The type and the permissions: `st_mode` of stat(2).
    uint32_t mode;
    caio_identity identity;
} caio_file_info;

/// Stores size, mode and identity of an open file: fstat(2), and BLKGETSIZE64 of ioctl(2) for a block device.
/// Returns 0.
int caio_file_information(int descriptor, caio_file_info *info);

/// Returns the type of the file system that an open file is on: `f_type` of fstatfs(2). Returns 0 when that fails.
uint64_t caio_file_system(int descriptor);

/// Returns whether a file system of this type keeps its files in memory, so that no call on them waits for a disk.
bool caio_is_memory_file_system(uint64_t type);

/// Returns whether a file system of this type is on a disk of this machine or in its memory, and known not to wait in
/// these cases: fstat(2) of an open file, opening a file whose name is in the kernel's cache, and closing a file that
/// was only read.
bool caio_is_local_file_system(uint64_t type);

/// The alignment in bytes that direct I/O on a file needs. Both are 0 where the kernel does not report it: before
/// Linux 6.1, and for files that have no direct I/O.
typedef struct caio_alignment {
    uint32_t memory;
    uint32_t offset;
} caio_alignment;

/// Returns the alignment that direct I/O on an open file needs: STATX_DIOALIGN of statx(2).
caio_alignment caio_direct_alignment(int descriptor);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
