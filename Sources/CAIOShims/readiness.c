// Readiness of a descriptor.
#include "readiness.h"
#include "result.h"

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
