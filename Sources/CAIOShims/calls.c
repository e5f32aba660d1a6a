// One function per system call: libaio's where it only makes the call, a raw system call where it does more.
#include "calls.h"
#include "../libaio/shim.h"
#include "result.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static io_context_t handle(uint64_t context) { return (io_context_t)(uintptr_t)context; }

int caio_setup(unsigned capacity, uint64_t *context) {
    // libaio's io_setup takes an int and would pass a huge capacity to the kernel as a negative one.
    io_context_t created = NULL;
    if (capacity > (unsigned)INT32_MAX) return -EINVAL;
    int result = io_setup((int)capacity, &created);
    if (result == 0) *context = (uint64_t)(uintptr_t)created;
    return result;
}

int caio_destroy(uint64_t context) { return io_destroy(handle(context)); }

long caio_submit(uint64_t context, long count, caio_iocb **blocks) {
    return io_submit(handle(context), count, (struct iocb **)blocks);
}

int caio_cancel(uint64_t context, caio_iocb *block) {
    // Current kernels never write the event, but old ones may, and need memory for it.
    struct io_event unused;
    return io_cancel(handle(context), (struct iocb *)block, &unused);
}

long caio_getevents(uint64_t context, long minimum, long maximum, caio_event *events, int64_t timeout_ns) {
    // The kernel does not validate tv_sec, and waits without limit on a negative one only by accident. A null pointer
    // is the documented way.
    struct timespec timeout = {0, 0};
    if (timeout_ns >= 0) {
        timeout.tv_sec = timeout_ns / 1000000000;
        timeout.tv_nsec = timeout_ns % 1000000000;
    }
    return checked(syscall(SYS_io_getevents, context, minimum, maximum, events, timeout_ns < 0 ? NULL : &timeout));
}
