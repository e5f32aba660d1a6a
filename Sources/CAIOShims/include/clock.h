// The clock that the library measures time with.
#ifndef CAIOSHIMS_CLOCK_H
#define CAIOSHIMS_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Returns the time of CLOCK_MONOTONIC in nanoseconds: clock_gettime(2).
uint64_t caio_monotonic_ns(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
