// Opening what a stranger names, beneath a directory and nowhere else.
#ifndef CFILESERVING_H
#define CFILESERVING_H
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What is served of a file, by fstat(2).
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
/// Waits for no FIFO, and serves none: -ENOENT for all but regular files and directories. Returns the descriptor or
/// -errno.
int served_open(int root, const char *path, served_file *file);
/// The same without a wait for a disk (RESOLVE_CACHED): for roots that `served_is_local`. -EAGAIN: it takes `served_open`,
/// on a thread that may wait. Does not cross into what is mounted in the root.
int served_open_at_once(int root, const char *path, served_file *file);
/// Whether a file system is on a disk of this machine or in its memory: it answers from the kernel's caches by itself.
int served_is_local(int root);
/// As `served_open` goes without openat2(2); for tests.
int served_open_walking(int root, const char *path, served_file *file);

void served_close(int descriptor);

#pragma clang assume_nonnull end
#endif
