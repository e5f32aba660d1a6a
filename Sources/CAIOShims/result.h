// What the .c files of this target share.
#ifndef CAIOSHIMS_RESULT_H
#define CAIOSHIMS_RESULT_H

#include <errno.h>
#include <stdint.h>

/// Returns the result of a system call, or -errno if the call failed. Comes directly after the call.
static inline int64_t checked(int64_t result) { return result < 0 ? -errno : result; }

#endif
