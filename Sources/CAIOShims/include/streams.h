// One attempt to read from or write to a pipe, a socket or a terminal, which does not raise SIGPIPE.
#ifndef CAIOSHIMS_STREAMS_H
#define CAIOSHIMS_STREAMS_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Receives up to `count` bytes from a socket: recv(2) with MSG_DONTWAIT. Returns the number of bytes; -EAGAIN: there
/// are none yet.
ssize_t caio_receive(int socket, void *bytes, size_t count);

/// Sends up to `count` bytes to a socket: send(2) with MSG_DONTWAIT and MSG_NOSIGNAL. Returns the number of bytes;
/// -EAGAIN: there is no room yet.
ssize_t caio_send(int socket, const void *bytes, size_t count);

/// Writes `count` vectors at the descriptor's own position, without a SIGPIPE: pwritev2(2), around which the thread
/// blocks that signal. `flags` are CAIO_RWF_…; with CAIO_RWF_NOWAIT among them the call does not wait. Returns the
/// number of bytes.
ssize_t caio_write_quietly(int descriptor, const struct iovec *vectors, int count, int flags);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
