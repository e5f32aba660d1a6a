// Telling a forked child from its parent. A child must not use the contexts of its parent.
#ifndef CAIOSHIMS_FORK_H
#define CAIOSHIMS_FORK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Returns a number that identifies this process, which is never 0. It stays the same for the life of the process, and
/// is another one in a child made by fork(2) or a bare clone(2), as the child finds the page that holds it wiped:
/// MADV_WIPEONFORK of madvise(2). The first call in a program maps the page.
uint64_t caio_process_mark(void);

/// Returns whether `mark` is that of this process. One load, no system call. `mark` has to come from caio_process_mark,
/// in this process or before it was forked.
bool caio_process_is(uint64_t mark);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
