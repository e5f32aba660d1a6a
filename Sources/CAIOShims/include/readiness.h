// Waiting until a descriptor is ready.
#ifndef CAIOSHIMS_READINESS_H
#define CAIOSHIMS_READINESS_H

#include <poll.h>
#include <stdbool.h>
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

/// Creates an epoll(7) instance without descriptors: epoll_create1(2). Returns a descriptor, which the caller closes.
int caio_epoll(void);

/// Has the instance report a descriptor once, when it has one of the poll(2) events: epoll_ctl(2) with EPOLLONESHOT. With
/// `always` it is reported whenever it has one of them. `adds`: also a descriptor that the instance does not know yet, for
/// which the result is -ENOENT otherwise. -EPERM: epoll takes no such file.
int caio_epoll_arm(int epoll, int descriptor, uint32_t events, bool always, bool adds);

/// Waits for at most `timeout_ms` milliseconds, without limit if that is negative: epoll_wait(2). Returns how many of
/// `descriptors` it filled with those that have an event, `count` at most.
int caio_epoll_wait(int epoll, int *descriptors, int count, int timeout_ms);

/// Waits for one of several descriptors: poll(2). Returns how many have an event.
int caio_poll_all(struct pollfd *entries, unsigned long count, int timeout_ms);

/// Makes a pipe whose ends do not block: pipe2(2). Returns 0 or -errno.
int caio_pipe(int ends[_Nonnull 2]);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
