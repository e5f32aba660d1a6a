#ifndef CTESTSUPPORT_H
#define CTESTSUPPORT_H
#include <sys/types.h>

/// fork(2), which Swift hides.
pid_t test_fork(void);
/// _exit(2): a forked child must run none of its parent's exit handlers.
void test_exit(int code) __attribute__((noreturn));
/// Waits for the child: its exit code, or 256 + the signal that ended it.
int test_wait(pid_t child);

#endif
