// One attempt to read from or write to a pipe, a socket or a terminal.
#include "streams.h"
#include "files.h"
#include "result.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

ssize_t caio_receive(int socket, void *bytes, size_t count) {
    return checked(recv(socket, bytes, count, MSG_DONTWAIT));
}

ssize_t caio_send(int socket, const void *bytes, size_t count) {
    return checked(send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

ssize_t caio_write_quietly(int descriptor, const struct iovec *vectors, int count, int flags) {
    // The kernel sends SIGPIPE to the thread that writes. It is blocked there, and consumed if this write raised it.
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    bool was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    ssize_t result = caio_pwritev2(descriptor, vectors, count, -1, flags);
    if (result == -EPIPE && !was_pending) {
        struct timespec none = {0, 0};
        while (sigtimedwait(&pipe_signal, NULL, &none) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}
