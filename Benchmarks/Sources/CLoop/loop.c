#include "CLoop.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct slot {
    struct iocb block;
    uint64_t issued;
} slot;

struct cloop {
    cloop_job job;
    io_context_t context;
    bool ring_readable;
    slot *slots;
    struct io_event *events;
    struct iocb **batch;
    char *buffers;
    size_t buffer_bytes;
};

/// The run's own state: in registers or on one cache line, not behind the session's pointer.
typedef struct cursor {
    const uint64_t *entry;
    const uint64_t *begin;
    const uint64_t *end;
    uint64_t left;
    uint64_t deadline;
} cursor;

static cursor cursor_make(const cloop *loop, const cloop_request *request, uint64_t now) {
    const uint64_t *begin = loop->job.entries;
    return (cursor){
        .entry = begin + request->first % loop->job.entry_count,
        .begin = begin,
        .end = begin + loop->job.entry_count,
        .left = request->limit,
        .deadline = now + request->duration_ns,
    };
}

static inline bool cursor_may_issue(const cursor *c, uint64_t now) {
    return now < c->deadline && c->left > 0;
}

static inline void prepare_next(cursor *c, slot *s, uint64_t now) {
    uint64_t entry = *c->entry;
    if (++c->entry == c->end) c->entry = c->begin;
    c->left -= 1;
    s->issued = now;
    s->block.aio_lio_opcode = (entry & CLOOP_WRITE) ? IO_CMD_PWRITE : IO_CMD_PREAD;
    s->block.u.c.offset = (long long)(entry & ~CLOOP_WRITE);
}

int cloop_create(const cloop_job *job, cloop **result) {
    *result = NULL;
    cloop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) return -ENOMEM;
    loop->job = *job;
    loop->slots = calloc(job->depth, sizeof(slot));
    loop->events = calloc(job->depth, sizeof(struct io_event));
    loop->batch = calloc(job->depth, sizeof(struct iocb *));
    loop->buffer_bytes = (size_t)job->depth * job->block;
    void *buffers = mmap(NULL, loop->buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    loop->buffers = buffers == MAP_FAILED ? NULL : buffers;
    int error = -ENOMEM;
    if (loop->slots && loop->events && loop->batch && loop->buffers) error = io_setup((int)job->depth, &loop->context);
    if (error != 0) {
        loop->context = NULL;
        cloop_destroy(loop);
        return error;
    }
    // Touched now: no page fault is left for the run, and what is written is not a shared page of zeros.
    memset(loop->buffers, 0x5a, loop->buffer_bytes);
    loop->ring_readable = ring_is_readable((const ring *)loop->context);
    for (uint32_t i = 0; i < job->depth; i++) {
        io_prep_pread(&loop->slots[i].block, job->descriptor, loop->buffers + (size_t)i * job->block, job->block, 0);
        loop->slots[i].block.data = &loop->slots[i];
    }
    *result = loop;
    return 0;
}

void cloop_destroy(cloop *loop) {
    if (loop->context != NULL) io_destroy(loop->context);
    if (loop->buffers != NULL) munmap(loop->buffers, loop->buffer_bytes);
    free(loop->slots);
    free(loop->events);
    free(loop->batch);
    free(loop);
}

/// Reaps events: from the ring when it has any, else with one sleep in the kernel until it has.
static inline long reap(cloop *loop, uint32_t in_flight, uint64_t *syscalls) {
    if (loop->ring_readable) {
        uint32_t reaped = ring_reap((ring *)loop->context, loop->events, in_flight);
        if (reaped > 0) return reaped;
    }
    for (;;) {
        *syscalls += 1;
        // The raw call: libaio's wrapper would read the ring once more before it enters the kernel.
        long count = syscall(SYS_io_getevents, loop->context, 1L, (long)in_flight, loop->events, NULL);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

static int submit_all(cloop *loop, uint32_t count, uint64_t *syscalls) {
    struct iocb **next = loop->batch;
    while (count > 0) {
        *syscalls += 1;
        int accepted = io_submit(loop->context, count, next);
        if (accepted < 0) {
            if (accepted == -EAGAIN || accepted == -EINTR) continue;
            return accepted;
        }
        next += accepted;
        count -= (uint32_t)accepted;
    }
    return 0;
}

static inline int check(const cloop *loop, const struct io_event *event) {
    long result = (long)event->res;
    if (result == (long)loop->job.block) return 0;
    return result < 0 ? (int)result : -EIO;  // every offset lies inside the file: a short result is a fault
}

/// Waits for all operations in flight, so that no buffer is freed under the kernel.
static void drain(cloop *loop, uint32_t in_flight) {
    uint64_t ignored = 0;
    while (in_flight > 0) {
        long count = reap(loop, in_flight, &ignored);
        if (count < 0) return;
        in_flight -= (uint32_t)count;
    }
}

cloop_outcome cloop_run_batched(cloop *loop, const cloop_request *request) {
    cloop_outcome outcome = {0, 0, 0};
    uint64_t now = bench_now();
    cursor next = cursor_make(loop, request, now);
    uint32_t in_flight = 0;
    uint32_t batch = 0;
    for (uint32_t i = 0; i < loop->job.depth && cursor_may_issue(&next, now); i++) {
        prepare_next(&next, &loop->slots[i], now);
        loop->batch[batch++] = &loop->slots[i].block;
    }
    for (;;) {
        // Should the call fail half way, only what it reports as accepted may be waited for; the process is
        // about to give up on this engine, so the rest is left to io_destroy.
        outcome.error = submit_all(loop, batch, &outcome.syscalls);
        if (outcome.error != 0) return outcome;
        in_flight += batch;
        if (in_flight == 0) return outcome;
        batch = 0;
        long count = reap(loop, in_flight, &outcome.syscalls);
        if (count < 0) {
            outcome.error = (int)count;
            return outcome;
        }
        // One reading of the clock for the whole batch: its results arrive at the same moment, and its successors begin
        // then.
        now = bench_now();
        bool more = cursor_may_issue(&next, now);
        for (long i = 0; i < count; i++) {
            slot *s = loop->events[i].data;
            int error = check(loop, &loop->events[i]);
            if (__builtin_expect(error != 0, 0)) {
                outcome.error = error;
                drain(loop, in_flight - (uint32_t)count);
                return outcome;
            }
            bench_latency_record(request->latency, now - s->issued);
            if (more && next.left > 0) {
                prepare_next(&next, s, now);
                loop->batch[batch++] = &s->block;
            }
        }
        outcome.operations += (uint64_t)count;
        in_flight -= (uint32_t)count;
    }
}

cloop_outcome cloop_run_single(cloop *loop, const cloop_request *request) {
    cloop_outcome outcome = {0, 0, 0};
    uint64_t now = bench_now();
    cursor next = cursor_make(loop, request, now);
    uint32_t in_flight = 0;
    for (uint32_t i = 0; i < loop->job.depth && cursor_may_issue(&next, now); i++) {
        prepare_next(&next, &loop->slots[i], now);
        loop->batch[0] = &loop->slots[i].block;
        outcome.error = submit_all(loop, 1, &outcome.syscalls);
        if (outcome.error != 0) break;
        in_flight += 1;
        now = bench_now();
    }
    while (in_flight > 0 && outcome.error == 0) {
        long count = reap(loop, in_flight, &outcome.syscalls);
        if (count < 0) {
            outcome.error = (int)count;
            return outcome;
        }
        in_flight -= (uint32_t)count;
        for (long i = 0; i < count; i++) {
            slot *s = loop->events[i].data;
            if (outcome.error == 0) outcome.error = check(loop, &loop->events[i]);
            if (__builtin_expect(outcome.error != 0, 0)) continue;
            // The clock is read for each: the submission before took microseconds, and this completion waited for it.
            now = bench_now();
            bench_latency_record(request->latency, now - s->issued);
            outcome.operations += 1;
            if (!cursor_may_issue(&next, now)) continue;
            prepare_next(&next, s, now);
            loop->batch[0] = &s->block;
            outcome.error = submit_all(loop, 1, &outcome.syscalls);
            if (outcome.error == 0) in_flight += 1;
        }
    }
    if (outcome.error != 0) drain(loop, in_flight);
    return outcome;
}
