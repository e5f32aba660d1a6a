#include "CSupport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

// Threads that may record at the same time: a pool of 1024 and whatever else the process runs.
enum { PARTS = 4096 };

typedef struct part {
    uint64_t sum;
    uint64_t counts[BENCH_LATENCY_BINS];
} part;

struct bench_latency {
    _Atomic(part *) parts[PARTS];
};

// A thread's number is its index in every recorder. Numbers of ended threads are reused, as the many pools of one
// benchmark would use them up otherwise.
static pthread_mutex_t numbers_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t numbers_once = PTHREAD_ONCE_INIT;
static pthread_key_t number_key;
static int released[PARTS];
static int released_count = 0;
static int next_number = 0;
static _Thread_local int own_number = -1;

static void release_number(void *value) {
    pthread_mutex_lock(&numbers_lock);
    released[released_count++] = (int)((intptr_t)value - 1);
    pthread_mutex_unlock(&numbers_lock);
}

static void create_key(void) {
    pthread_key_create(&number_key, release_number);
}

static int take_number(void) {
    pthread_once(&numbers_once, create_key);
    pthread_mutex_lock(&numbers_lock);
    int number = released_count > 0 ? released[--released_count] : next_number < PARTS ? next_number++ : -1;
    pthread_mutex_unlock(&numbers_lock);
    if (number < 0) abort();  // more than 4096 threads at once, which no engine has
    own_number = number;
    pthread_setspecific(number_key, (void *)(intptr_t)(number + 1));
    return number;
}

// Mapped, not allocated, so that the recorder does not count as an allocation.
static void *map_zeroed(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    return memory;
}

bench_latency *bench_latency_create(void) {
    return map_zeroed(sizeof(bench_latency));
}

void bench_latency_destroy(bench_latency *recorder) {
    for (int i = 0; i < PARTS; i++) {
        part *own = atomic_load_explicit(&recorder->parts[i], memory_order_acquire);
        if (own != NULL) munmap(own, sizeof(part));
    }
    munmap(recorder, sizeof(bench_latency));
}

uint32_t bench_latency_bin(uint64_t nanoseconds) {
    const uint64_t top = ((uint64_t)1 << (BENCH_LATENCY_TOP_BIT + 1)) - 1;
    if (nanoseconds > top) nanoseconds = top;
    if (nanoseconds < BENCH_LATENCY_STEPS) return (uint32_t)nanoseconds;
    int exponent = 63 - __builtin_clzll(nanoseconds);
    int shift = exponent - BENCH_LATENCY_STEP_BITS;
    return (uint32_t)(((shift + 1) << BENCH_LATENCY_STEP_BITS) + ((nanoseconds >> shift) & (BENCH_LATENCY_STEPS - 1)));
}

uint64_t bench_latency_value(uint32_t bin) {
    if (bin < BENCH_LATENCY_STEPS) return bin;
    int shift = (int)(bin >> BENCH_LATENCY_STEP_BITS) - 1;
    uint64_t step = BENCH_LATENCY_STEPS + (bin & (BENCH_LATENCY_STEPS - 1));
    return (step << shift) + (((uint64_t)1 << shift) >> 1);
}

void bench_latency_record(bench_latency *recorder, uint64_t nanoseconds) {
    int number = own_number >= 0 ? own_number : take_number();
    // Relaxed: only this thread ever stores here while it owns the number.
    part *own = atomic_load_explicit(&recorder->parts[number], memory_order_relaxed);
    if (__builtin_expect(own == NULL, 0)) {
        own = map_zeroed(sizeof(part));
        // Pairs with the acquire in collect, reset and destroy.
        atomic_store_explicit(&recorder->parts[number], own, memory_order_release);
    }
    own->sum += nanoseconds;
    own->counts[bench_latency_bin(nanoseconds)] += 1;
}

uint64_t bench_latency_collect(const bench_latency *recorder, uint64_t *counts) {
    uint64_t sum = 0;
    for (int i = 0; i < PARTS; i++) {
        part *own = atomic_load_explicit(&((bench_latency *)recorder)->parts[i], memory_order_acquire);
        if (own == NULL) continue;
        sum += own->sum;
        for (int bin = 0; bin < BENCH_LATENCY_BINS; bin++) counts[bin] += own->counts[bin];
    }
    return sum;
}

void bench_latency_reset(bench_latency *recorder) {
    for (int i = 0; i < PARTS; i++) {
        part *own = atomic_load_explicit(&recorder->parts[i], memory_order_acquire);
        if (own != NULL) __builtin_memset(own, 0, sizeof(part));
    }
}
