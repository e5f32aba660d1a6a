// The five calls of the kernel's AIO, as io_setup(2) and its neighbours describe them. `context` is the ID of a kernel
// context.
#ifndef CAIOSHIMS_CALLS_H
#define CAIOSHIMS_CALLS_H

#include "structures.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Creates a kernel context with room for at least `capacity` operations, and stores its ID: io_setup(2). Returns 0.
int caio_setup(unsigned capacity, uint64_t *context);

/// Destroys a kernel context, after a wait for its operations: io_destroy(2). Returns 0.
int caio_destroy(uint64_t context);

/// Submits the first `count` control blocks of an array of pointers: io_submit(2). Returns how many the kernel
/// accepted, which may be fewer than `count`; fails only when it refuses the first one.
long caio_submit(uint64_t context, long count, caio_iocb *_Nonnull *_Nonnull blocks);

/// Requests the cancellation of an operation: io_cancel(2). `block` is the address that was submitted. Returns 0, or
/// -EINPROGRESS where the completion event reports the cancellation; other errors leave the operation alone.
int caio_cancel(uint64_t context, caio_iocb *block);

/// Waits until `minimum` events have arrived, and stores up to `maximum` of them: io_getevents(2). A timeout in
/// nanoseconds; a negative one waits without limit. Returns how many events it stored.
///
/// This is the raw system call. libaio's wrapper reads the ring in user space when the timeout is zero, and crashes
/// there when another thread destroys the context at the same time.
long caio_getevents(uint64_t context, long minimum, long maximum, caio_event *events, int64_t timeout_ns);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
