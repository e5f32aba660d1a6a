// Readiness of a descriptor.
#include "readiness.h"
#include "result.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

int caio_poll(int descriptor, int16_t events, int timeout_ms) {
    struct pollfd entry = {descriptor, events, 0};
    int result = (int)checked(poll(&entry, 1, timeout_ms));
    return result > 0 ? entry.revents : result;
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

int caio_epoll(void) { return (int)checked(epoll_create1(EPOLL_CLOEXEC)); }

int caio_epoll_arm(int epoll, int descriptor, uint32_t events, bool always, bool adds) {
    // The bits of poll(2) and of epoll(7) are the same.
    struct epoll_event entry = {.events = events | (always ? 0 : EPOLLONESHOT), .data.fd = descriptor};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &entry) == 0) return 0;
    if (errno != ENOENT || !adds) return -errno;
    return (int)checked(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &entry));
}

int caio_epoll_wait(int epoll, int *descriptors, int count, int timeout_ms) {
    struct epoll_event found[64];
    int result = (int)checked(epoll_wait(epoll, found, count < 64 ? count : 64, timeout_ms));
    for (int index = 0; index < result; index++) descriptors[index] = found[index].data.fd;
    return result;
}

int caio_poll_all(struct pollfd *entries, unsigned long count, int timeout_ms) {
    return (int)checked(poll(entries, count, timeout_ms));
}

int caio_pipe(int ends[2]) { return (int)checked(pipe2(ends, O_CLOEXEC | O_NONBLOCK)); }
