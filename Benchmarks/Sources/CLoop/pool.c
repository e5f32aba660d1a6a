#include "CLoop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Threads are made once per session and wait at a barrier between runs, so that no run pays for making them.
struct cpool {
    cloop_job job;
    pthread_barrier_t start;
    pthread_barrier_t end;
    pthread_t *threads;
    uint32_t made;
    char *buffers;
    size_t buffer_bytes;

    // The state of the current run; the barriers order accesses to it.
    bool ending;
    cloop_request request;
    uint64_t deadline;
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t operations;
    atomic_int error;
};

typedef struct seat {
    cpool *pool;
    char *buffer;
} seat;

static void work(cpool *pool, char *buffer) {
    const cloop_job *job = &pool->job;
    uint64_t done = 0;
    uint64_t now = bench_now();
    while (now < pool->deadline) {
        uint64_t ticket = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (ticket >= pool->request.limit) break;
        uint64_t entry = job->entries[(pool->request.first + ticket) % job->entry_count];
        off_t offset = (off_t)(entry & ~CLOOP_WRITE);
        ssize_t count = (entry & CLOOP_WRITE) ? pwrite(job->descriptor, buffer, job->block, offset)
                                              : pread(job->descriptor, buffer, job->block, offset);
        if (__builtin_expect(count != (ssize_t)job->block, 0)) {
            atomic_store(&pool->error, count < 0 ? -errno : -EIO);
            break;
        }
        uint64_t end = bench_now();
        bench_latency_record(pool->request.latency, end - now);
        now = end;
        done += 1;
    }
    atomic_fetch_add(&pool->operations, done);
}

static void *thread_main(void *argument) {
    seat own = *(seat *)argument;
    free(argument);
    for (;;) {
        pthread_barrier_wait(&own.pool->start);
        if (own.pool->ending) return NULL;
        work(own.pool, own.buffer);
        pthread_barrier_wait(&own.pool->end);
    }
}

static int start_threads(cpool *pool) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    int error = 0;
    while (pool->made < pool->job.depth && error == 0) {
        seat *own = malloc(sizeof(*own));
        *own = (seat){pool, pool->buffers + (size_t)pool->made * pool->job.block};
        error = pthread_create(&pool->threads[pool->made], &attributes, thread_main, own);
        if (error == 0) pool->made += 1;
        else free(own);
    }
    pthread_attr_destroy(&attributes);
    return -error;
}

int cpool_create(const cloop_job *job, cpool **result) {
    *result = NULL;
    cpool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL) return -ENOMEM;
    pool->job = *job;
    pool->threads = calloc(job->depth, sizeof(pthread_t));
    pool->buffer_bytes = (size_t)job->depth * job->block;
    void *buffers = mmap(NULL, pool->buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pool->threads == NULL || buffers == MAP_FAILED) {
        free(pool->threads);
        free(pool);
        return -ENOMEM;
    }
    pool->buffers = buffers;
    memset(pool->buffers, 0x5a, pool->buffer_bytes);
    pthread_barrier_init(&pool->start, NULL, job->depth + 1);
    pthread_barrier_init(&pool->end, NULL, job->depth + 1);
    int error = start_threads(pool);
    if (error != 0) {
        // The started threads wait at a barrier that never fills: they cost no more than their stacks.
        return error;
    }
    *result = pool;
    return 0;
}

cloop_outcome cpool_run(cpool *pool, const cloop_request *request) {
    pool->request = *request;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->operations, 0);
    atomic_store(&pool->error, 0);
    pool->deadline = bench_now() + request->duration_ns;
    pthread_barrier_wait(&pool->start);
    pthread_barrier_wait(&pool->end);
    uint64_t operations = atomic_load(&pool->operations);
    // One call per operation; what the barriers cost is outside.
    return (cloop_outcome){operations, operations, atomic_load(&pool->error)};
}

void cpool_destroy(cpool *pool) {
    pool->ending = true;
    pthread_barrier_wait(&pool->start);
    for (uint32_t i = 0; i < pool->made; i++) pthread_join(pool->threads[i], NULL);
    pthread_barrier_destroy(&pool->start);
    pthread_barrier_destroy(&pool->end);
    munmap(pool->buffers, pool->buffer_bytes);
    free(pool->threads);
    free(pool);
}
