// Opening and closing files on the calling thread where that needs no wait, as RWF_NOWAIT does for reads. -EAGAIN means
// that the call might wait: the caller repeats it on a blocking thread, with caio_open or caio_close.
#ifndef CAIOSHIMS_OPENING_H
#define CAIOSHIMS_OPENING_H

#include "metadata.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Notes whether the file system of a device (`st_dev` of stat(2)) is local, as caio_is_local_file_system says of its
/// type. Makes no system call.
void caio_note_device(uint64_t device, bool is_local);

/// Opens a regular file for reading, if its path is in the kernel's cache and its device was noted as local: openat2(2)
/// with RESOLVE_CACHED and statx(2). `flags` are those of open(2): O_DIRECT, O_NOFOLLOW and O_CLOEXEC, which
/// is always added. Returns a descriptor and stores what caio_file_information says of the file. Returns -EAGAIN for
/// other flags and after any error.
int caio_open_at_once(const char *path, int flags, caio_file_info *info);

/// Closes a file of a local file system that was open for reading only: fstat(2) and close(2). Returns 0. Returns
/// -EAGAIN, with the descriptor still open, if the file has no name any more: the close that deletes a file waits.
int caio_close_at_once(int descriptor);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
