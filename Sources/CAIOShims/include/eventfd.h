// The eventfd(2) that wakes a thread out of io_getevents(2).
#ifndef CAIOSHIMS_EVENTFD_H
#define CAIOSHIMS_EVENTFD_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Creates an eventfd that does not block, with a count of 0: eventfd(2). Returns a descriptor.
int caio_eventfd(void);

/// Adds 1 to the count, which makes the eventfd readable: write(2). Returns 0; -EAGAIN: the count is at its maximum.
int caio_eventfd_write(int descriptor);

/// Sets the count to 0: read(2). Returns 0; -EAGAIN: it is 0 already.
int caio_eventfd_read(int descriptor);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
