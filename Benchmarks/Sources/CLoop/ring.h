// The completion ring of a context, as the kernel maps it into this process. One consumer: the loop.
#ifndef CLOOP_RING_H
#define CLOOP_RING_H

#include <libaio.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ring {
    uint32_t id;
    uint32_t capacity;
    uint32_t head;
    _Atomic uint32_t tail;
    uint32_t magic;
    uint32_t compatible;
    uint32_t incompatible;
    uint32_t header_length;
    struct io_event events[];
} ring;

static inline bool ring_is_readable(const ring *r) {
    return r->magic == 0xa10a10a1u && r->incompatible == 0 && r->header_length == sizeof(ring);
}

/// Reaps up to `most` events. Returns how many there were.
static inline uint32_t ring_reap(ring *r, struct io_event *events, uint32_t most) {
    uint32_t head = r->head;
    // Pairs with the kernel's barrier between writing an event and publishing the tail.
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    uint32_t count = 0;
    while (head != tail && count < most) {
        events[count++] = r->events[head];
        head = head + 1 == r->capacity ? 0 : head + 1;
    }
    // Release: the kernel may overwrite the events once it sees the new head, so the copies come first.
    if (count > 0) __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
    return count;
}

#endif
