// The completion ring: `struct aio_ring` of the kernel's fs/aio.c, at the address that is the ID of the context.
#include "ring.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct ring {
    uint32_t id;
    uint32_t capacity;
    uint32_t head;
    uint32_t tail;
    uint32_t magic;
    uint32_t compatible_features;
    uint32_t incompatible_features;
    uint32_t header_length;
    caio_event events[];
} ring;

_Static_assert(sizeof(ring) == 32 && offsetof(ring, events) == 32, "the ring's header is 32 bytes");

enum { ring_magic = 0xa10a10a1 };

static ring *at(uint64_t context) { return (ring *)(uintptr_t)context; }

// Returns whether eight bytes at `address` can be read. A load would crash where they cannot; the kernel returns an
// error. rt_sigprocmask(2) copies the signal set before it refuses an operation that does not exist: EFAULT if it
// cannot read the set, else EINVAL. mincore(2) does not serve, as it also finds guard pages mapped.
static bool can_be_read(const void *address) {
    const int no_operation = -1;
    return syscall(SYS_rt_sigprocmask, no_operation, address, NULL, sizeof(uint64_t)) < 0 && errno == EINVAL;
}

bool caio_ring_is_readable(uint64_t context) {
    long page = sysconf(_SC_PAGESIZE);
    // An ID that is not the address of a mapped page must not be read: other kernels than Linux may use plain numbers.
    // At the start of a page, the whole header is in that page.
    if (context == 0 || context % (uint64_t)page != 0) return false;
    if (!can_be_read(at(context))) return false;
    const ring *r = at(context);
    return r->magic == (uint32_t)ring_magic && r->incompatible_features == 0 && r->header_length == sizeof(ring)
        && r->capacity > 0;
}

uint32_t caio_ring_capacity(uint64_t context) { return at(context)->capacity; }

uint32_t caio_ring_count(uint64_t context) {
    ring *r = at(context);
    // Acquire, as in caio_ring_reap: the events that are counted here are whole.
    uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) % r->capacity;
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED) % r->capacity;
    return tail >= head ? tail - head : tail + r->capacity - head;
}

uint32_t caio_ring_reap(uint64_t context, caio_event *events, uint32_t maximum) {
    ring *r = at(context);
    uint32_t capacity = r->capacity;
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED);
    // Acquire: pairs with the kernel's smp_wmb before it advances the tail, so the events are whole.
    uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
    // Some distribution kernels let the tail run past the end. The kernel itself also takes it modulo the capacity.
    head %= capacity;
    tail %= capacity;
    uint32_t reaped = 0;
    while (head != tail && reaped < maximum) {
        uint32_t run = (tail > head ? tail : capacity) - head;
        if (run > maximum - reaped) run = maximum - reaped;
        memcpy(events + reaped, r->events + head, run * sizeof(caio_event));
        reaped += run;
        head = (head + run) % capacity;
    }
    // Release: the copies above end before the kernel sees the new head, and may write to these entries again.
    if (reaped > 0) __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
    return reaped;
}
