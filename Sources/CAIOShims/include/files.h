// System calls on files, for blocking threads and for what precedes and follows an operation of the kernel's AIO.
#ifndef CAIOSHIMS_FILES_H
#define CAIOSHIMS_FILES_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Opens a file: open(2), with O_CLOEXEC added to `flags`. Returns a descriptor. Retries after EINTR. Returns -EISDIR
/// where open(2) refuses O_DIRECT for a directory with EINVAL.
int caio_open(const char *path, int flags, uint32_t mode);

/// Closes a descriptor: close(2). Returns 0. The descriptor is closed after an error, too.
int caio_close(int descriptor);

/// Creates a file in memory, which has no name in any directory: memfd_create(2). Returns a descriptor.
int caio_memory_file(void);

/// Reads into `count` vectors, at `offset` or (if that is -1) at the file's own position: preadv2(2). `flags` are
/// CAIO_RWF_…. Returns the number of bytes.
ssize_t caio_preadv2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);

/// Writes `count` vectors, at `offset` or (if that is -1) at the file's own position: pwritev2(2). `flags` are
/// CAIO_RWF_…. Returns the number of bytes.
ssize_t caio_pwritev2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);

/// Sets the size of a file: ftruncate(2). Returns 0. Retries after EINTR.
int caio_ftruncate(int descriptor, int64_t size);

/// Allocates disk space for a range of a file: fallocate(2). Returns 0. Retries after EINTR.
int caio_fallocate(int descriptor, int mode, int64_t offset, int64_t length);

/// Writes a file's data and metadata to the disk, or the data alone: fsync(2), fdatasync(2). Returns 0.
int caio_fsync(int descriptor, bool data_only);

/// Returns the status flags and the access mode of an open file: F_GETFL of fcntl(2).
int caio_get_flags(int descriptor);

/// Turns O_DIRECT of an open file on or off: F_SETFL of fcntl(2). Returns 0.
int caio_set_direct(int descriptor, bool on);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
