// The reference for every asynchronous engine: the tightest loops that can be written in C.
#ifndef CLOOP_H
#define CLOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "CSupport.h"

#pragma clang assume_nonnull begin

/// The top bit of an entry in the table of offsets says that this operation writes.
#define CLOOP_WRITE ((uint64_t)1 << 63)

typedef struct cloop_job {
    int descriptor;
    uint32_t block;             // bytes per operation
    uint32_t depth;             // operations in flight
    const uint64_t *entries;    // offsets, in the order in which they are used, then from the start again
    uint64_t entry_count;
} cloop_job;

typedef struct cloop_request {
    uint64_t first;             // index of the entry to begin with
    uint64_t limit;             // operations at most
    uint64_t duration_ns;       // nothing is issued later than this
    bench_latency *latency;
} cloop_request;

typedef struct cloop_outcome {
    uint64_t operations;
    uint64_t syscalls;          // that the loop itself made
    int error;                  // 0 or -errno
} cloop_outcome;

/// One thread, one context: io_submit(2), and completions read from the ring in user space.
typedef struct cloop cloop;
int cloop_create(const cloop_job *job, cloop *_Nullable *_Nonnull result);
/// The successors of all completions of one reaping are submitted in one io_submit.
cloop_outcome cloop_run_batched(cloop *loop, const cloop_request *request);
/// The successor of each completion is submitted by itself, before the next completion is handled.
cloop_outcome cloop_run_single(cloop *loop, const cloop_request *request);
void cloop_destroy(cloop *loop);

/// `depth` threads, each in pread(2) or pwrite(2).
typedef struct cpool cpool;
int cpool_create(const cloop_job *job, cpool *_Nullable *_Nonnull result);
cloop_outcome cpool_run(cpool *pool, const cloop_request *request);
void cpool_destroy(cpool *pool);

#pragma clang assume_nonnull end

#endif
