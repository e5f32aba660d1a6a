// The wait behind aio_suspend, with pauses between its steps: state.c itself, with a random delay after each of its
// atomic operations. A lost wake-up leaves its waiter asleep for good, and this program with it.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned pause_after(unsigned value) {
    static _Thread_local unsigned seed;
    if (seed == 0) seed = (unsigned)(uintptr_t)&seed | 1;
    for (volatile int spin = rand_r(&seed) % 400; spin > 0; spin--) {}
    if (rand_r(&seed) % 16 == 0) sched_yield();
    return value;
}

#undef atomic_load
#undef atomic_store
#undef atomic_exchange
#undef atomic_fetch_add
#define atomic_load(p) pause_after((unsigned)atomic_load_explicit(p, memory_order_seq_cst))
#define atomic_store(p, v) (atomic_store_explicit(p, v, memory_order_seq_cst), (void)pause_after(0))
#define atomic_exchange(p, v) pause_after((unsigned)atomic_exchange_explicit(p, v, memory_order_seq_cst))
#define atomic_fetch_add(p, v) pause_after((unsigned)atomic_fetch_add_explicit(p, v, memory_order_seq_cst))
#include "state.c"

enum { pairs = 3, rounds = 20000 };
static pxa_state states[pairs];
static pthread_barrier_t begin, end;

static void *waiter(void *state) {
    const void *list[] = {state};
    for (int round = 0; round < rounds; round++) {
        pxa_begin(state);
        pthread_barrier_wait(&begin);
        while (pxa_suspend(list, 1, 0, NULL) != 0) {}
        if (pxa_error(state) != 0 || pxa_value(state) != round) exit(1);
        pthread_barrier_wait(&end);
    }
    return NULL;
}

static void *announcer(void *state) {
    for (int round = 0; round < rounds; round++) {
        pthread_barrier_wait(&begin);
        pause_after(0);
        pxa_finish(state, round, 0);
        pxa_announce();
        // There is no further announcement in this round: a thread that is asleep now stays asleep.
        pthread_barrier_wait(&end);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[2 * pairs];
    pthread_barrier_init(&begin, NULL, 2 * pairs);
    pthread_barrier_init(&end, NULL, 2 * pairs);
    for (int i = 0; i < pairs; i++) {
        if (pthread_create(&threads[2 * i], NULL, waiter, &states[i]) != 0) return 2;
        if (pthread_create(&threads[2 * i + 1], NULL, announcer, &states[i]) != 0) return 2;
    }
    for (int i = 0; i < 2 * pairs; i++) pthread_join(threads[i], NULL);
    return 0;
}
