// System calls that tests need and that Swift cannot make, or must not make after fork(2).
#ifndef CTESTSUPPORT_H
#define CTESTSUPPORT_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/// fork(2), which Swift hides. The child is killed by SIGALRM after so many seconds (0: never), so that a lock that
/// another thread held at the fork makes a test fail and not hang.
pid_t test_fork(unsigned seconds);
/// _exit(2): a forked child must run none of its parent's exit handlers.
void test_exit(int code) __attribute__((noreturn));
/// Waits for the child. Returns its exit code, 256 + the signal that terminated it, or -errno.
int test_wait(pid_t child);
/// Does the same without waiting. Returns -EAGAIN while the child still runs.
int test_wait_now(pid_t child);

/// Starts a program, looked up in PATH, with these standard descriptors and no other. Returns pid or -errno.
pid_t test_spawn(char *const _Nullable *_Nonnull arguments, int in, int out, int err);
/// Makes two connected stream sockets, closed on exec. A receive on the first waits no longer than `seconds`.
int test_socket_pair(int sockets[_Nonnull 2], int seconds);
/// send(2) that raises no SIGPIPE. Returns the count or -errno.
ssize_t test_send(int socket, const void *bytes, size_t count);
/// pipe2(2) with O_CLOEXEC. Returns 0 or -errno.
int test_pipe(int ends[_Nonnull 2]);
/// Opens a pseudo-terminal: the end of keyboard and screen, and the end of the program. Returns 0 or -errno.
int test_terminal(int ends[_Nonnull 2]);

/// The numbers of these calls in /proc/self/task/*/syscall.
extern const int test_io_getevents_number, test_io_destroy_number;

/// Takes a write lease on a file (F_SETLEASE), whose break signals SIGURG, which is ignored. Returns 0 or -errno.
int test_lease(int descriptor);

/// Has a system call answer with an error from now on, in this process and its children: a seccomp(2) filter. Returns 0 or
/// -errno; -EINVAL for a call that is not in its list.
int test_refuse(const char *call, int error);
/// Does the same for a list, like "io_setup:EPERM,eventfd2:ENOSYS".
int test_refuse_listed(const char *list);

/// mount(2) and umount2(2) (MNT_DETACH, and MNT_FORCE with `force`). Return 0 or -errno.
int test_mount(const char *source, const char *target, const char *type, const char *options);
int test_unmount(const char *target, int force);
/// Removes a directory and all in it, on this file system only.
void test_remove_tree(const char *path);

/// The byte pattern: byte i of a file is byte i % 8 of a mix of the seed and i / 8.
void test_pattern_fill(uint64_t seed, int64_t offset, uint8_t *bytes, size_t count);
/// Returns the index of the first byte that is not the pattern's, or -1.
ssize_t test_pattern_mismatch(uint64_t seed, int64_t offset, const uint8_t *bytes, size_t count);

#pragma clang assume_nonnull end
#endif
