// A lock of one word, for ForkSafeMutex. The word is 0 while the lock is free, 1 while it is held, and 2 while it is
// held and threads may sleep until it is released. It records no process and no thread, and so works in a forked child.
#ifndef CAIOSHIMS_LOCK_H
#define CAIOSHIMS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Takes a lock that caio_lock found held: spins a short while, then sleeps with FUTEX_WAIT of futex(2).
void caio_lock_contended(uint32_t *word);

/// Wakes one of the threads that sleep in caio_lock_contended: FUTEX_WAKE of futex(2).
void caio_lock_wake(uint32_t *word);

/// Takes the lock, and waits for it while another thread holds it. Makes no system call while the lock is free.
static inline void caio_lock(uint32_t *word) {
    uint32_t free = 0;
    // Acquire: pairs with the release in caio_unlock.
    if (!__atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        caio_lock_contended(word);
    }
}

/// Releases the lock, and wakes a thread that sleeps until it is released. Makes no system call if there is none.
static inline void caio_unlock(uint32_t *word) {
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2) caio_lock_wake(word);
}

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
