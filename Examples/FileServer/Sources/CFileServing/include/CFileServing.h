// Opening files by paths from untrusted clients, beneath a directory and nowhere else.
#ifndef CFILESERVING_H
#define CFILESERVING_H
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What the server needs to know of a file: fstat(2).
typedef struct served_file {
    int64_t size;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
    uint64_t inode;
    /// 1: a directory, 0: a regular file.
    int is_directory;
} served_file;

/// Opens the directory itself. Returns the descriptor or -errno.
int served_root(const char *path);

/// Opens `path` (relative, without dots) beneath `root` for reading, by openat2(2) with RESOLVE_BENEATH: a symbolic
/// link is followed where it stays beneath, and refused with -EXDEV where it leads out, whatever is renamed
/// meanwhile. Without that call (Linux before 5.6, or a sandbox), no link is followed at all: -ELOOP.
///
/// Opening a FIFO does not block, and fails: -ENOENT for all but regular files and directories. Returns the descriptor
/// or -errno.
int served_open(int root, const char *path, served_file *file);
/// Does the same without a wait for a disk (RESOLVE_CACHED), for roots for which `served_is_local` returns 1. Returns
/// -EAGAIN where `served_open` is needed, on a thread that may block. Does not cross into a file system mounted in the
/// root.
int served_open_at_once(int root, const char *path, served_file *file);
/// Returns 1 if a file system is on a disk of this machine or in its memory, where the kernel's caches need no server;
/// else 0.
int served_is_local(int root);
/// The way of `served_open` without openat2(2); for tests.
int served_open_walking(int root, const char *path, served_file *file);

void served_close(int descriptor);

#pragma clang assume_nonnull end
#endif
