// One attempt at a pipe, a socket or a terminal, that never waits and never raises SIGPIPE.
#include "CAIOShims.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

ssize_t caio_receive(int socket, void *bytes, size_t count) {
    ssize_t result = recv(socket, bytes, count, MSG_DONTWAIT);
    return result < 0 ? -errno : result;
}

ssize_t caio_send(int socket, const void *bytes, size_t count) {
    ssize_t result = send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return result < 0 ? -errno : result;
}

ssize_t caio_write_quietly(int descriptor, const struct iovec *vectors, int count, int flags) {
    // SIGPIPE goes to the thread that writes: blocked there, and taken away again if it was this write's.
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

int caio_epoll_on(int descriptor, uint32_t events) {
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) return -errno;
    struct epoll_event entry = {.events = events};
    if (epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &entry) == 0) return set;
    int error = errno;
    close(set);
    return -error;
}
