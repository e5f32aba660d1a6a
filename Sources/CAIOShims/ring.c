// The completion ring, which the kernel maps into user space at the address that is the context's id.
#include "CAIOShims.h"

#include <errno.h>
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

// Whether eight bytes at `address` can be read, found out by the kernel, which answers where a load would
// crash. The call copies its set in before it refuses an operation that is none: EFAULT or EINVAL. mincore(2)
// is not enough, as a guard page is mapped as well.
static bool can_be_read(const void *address) {
    const int no_operation = -1;
    return syscall(SYS_rt_sigprocmask, no_operation, address, NULL, sizeof(uint64_t)) < 0 && errno == EINVAL;
}

bool caio_ring_is_readable(uint64_t context) {
    long page = sysconf(_SC_PAGESIZE);
    // An id that is no mapped page (other kernels than Linux may hand out plain numbers) must not be read.
    // What starts a page has its whole header in that page.
    if (context == 0 || context % (uint64_t)page != 0) return false;
    if (!can_be_read(at(context))) return false;
    const ring *r = at(context);
    return r->magic == (uint32_t)ring_magic && r->incompatible_features == 0 && r->header_length == sizeof(ring)
        && r->capacity > 0;
}

uint32_t caio_ring_capacity(uint64_t context) { return at(context)->capacity; }

uint32_t caio_ring_count(uint64_t context) {
    ring *r = at(context);
    // Acquire, as in caio_ring_reap: a non-zero count may be acted on at once.
    uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) % r->capacity;
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED) % r->capacity;
    return tail >= head ? tail - head : tail + r->capacity - head;
}

uint32_t caio_ring_reap(uint64_t context, caio_event *events, uint32_t maximum) {
    ring *r = at(context);
    uint32_t capacity = r->capacity;
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED);
    // Acquire: pairs with the kernel's smp_wmb before it moves the tail, so the events are whole.
    uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
    // Some distribution kernels let the tail run past the end; the kernel itself takes it modulo too.
    head %= capacity;
    tail %= capacity;
    uint32_t taken = 0;
    while (head != tail && taken < maximum) {
        uint32_t run = (tail > head ? tail : capacity) - head;
        if (run > maximum - taken) run = maximum - taken;
        memcpy(events + taken, r->events + head, run * sizeof(caio_event));
        taken += run;
        head = (head + run) % capacity;
    }
    // Release: the copies above are done before the kernel may write into those places again.
    if (taken > 0) __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
    return taken;
}
