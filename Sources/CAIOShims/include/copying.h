// System calls for copying and replacing files. All of them may wait: they are for blocking threads.
#ifndef CAIOSHIMS_COPYING_H
#define CAIOSHIMS_COPYING_H

#include "metadata.h"
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Returns the first offset from `offset` on that has data: SEEK_DATA of lseek(2). -ENXIO: there is none.
int64_t caio_seek_data(int descriptor, int64_t offset);

/// Returns the first offset from `offset` on that is in a hole, or at the end of the file: SEEK_HOLE of lseek(2).
int64_t caio_seek_hole(int descriptor, int64_t offset);

/// Copies a range to the same range of another file: copy_file_range(2). Returns the number of bytes. Retries after
/// EINTR.
ssize_t caio_copy_range(int from, int to, int64_t offset, size_t count);

/// Starts to write the dirty pages of a range to the disk, and does not wait for the end of that:
/// SYNC_FILE_RANGE_WRITE of sync_file_range(2). Returns 0.
int caio_start_writeback(int descriptor, int64_t offset, int64_t count);

/// Sets the permissions of an open file: fchmod(2). Returns 0.
int caio_set_mode(int descriptor, uint32_t mode);

/// Removes a name, if it is still the name of the file with this identity: lstat(2) and unlink(2). Returns 0, also when
/// the name belongs to another file, which stays.
int caio_unlink(const char *path, caio_identity identity);

/// Opens the file of a descriptor once more, with a position and flags of its own: open(2) of /proc/self/fd. Returns a
/// descriptor.
int caio_reopen(int descriptor, int flags);

/// Opens the file of a descriptor once more, to read it from one end to the other: like caio_reopen, and
/// POSIX_FADV_SEQUENTIAL of posix_fadvise(2), which makes the kernel read further ahead. Returns a descriptor.
int caio_reopen_sequential(int descriptor);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
