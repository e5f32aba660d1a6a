// Waiting until a descriptor is ready.
#ifndef CAIOSHIMS_READINESS_H
#define CAIOSHIMS_READINESS_H

#include <poll.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Waits until a descriptor has one of the events (POLLIN and its like), for at most `timeout_ms` milliseconds, or
/// without limit if that is negative: poll(2). Returns the events it has; 0: the time is over.
int caio_poll(int descriptor, int16_t events, int timeout_ms);

/// Creates an epoll(7) instance, which is itself readable while `descriptor` has one of the events (EPOLLIN and its
/// like): epoll_create1(2) and epoll_ctl(2). Returns a descriptor, which the caller closes.
int caio_epoll_on(int descriptor, uint32_t events);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
