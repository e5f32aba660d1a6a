// The completion ring, which the kernel maps into the process at the address that is the ID of the context. No function
// here makes a system call, except for caio_ring_is_readable.
#ifndef CAIOSHIMS_RING_H
#define CAIOSHIMS_RING_H

#include "structures.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Returns whether the ID of the context is the address of a ring that this process can read: a mapped page, with the
/// right magic number and a known layout. All other functions of this header require that. Uses rt_sigprocmask(2) to
/// find out whether the page can be read.
bool caio_ring_is_readable(uint64_t context);

/// Returns how many entries the ring has. One of them always stays free.
uint32_t caio_ring_capacity(uint64_t context);

/// Removes up to `maximum` events from the ring, stores them, and returns how many. Only one thread at a time may call
/// this, and none may be in caio_getevents for the same context.
uint32_t caio_ring_reap(uint64_t context, caio_event *events, uint32_t maximum);

/// Returns how many events are in the ring. The kernel may add more at any time.
uint32_t caio_ring_count(uint64_t context);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
