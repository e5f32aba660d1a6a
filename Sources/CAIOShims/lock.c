// The slow paths of the lock: a short spin, then futex(2). 0: free, 1: held, 2: held, and threads may sleep.
#include "lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

// How often to spin before the thread sleeps. Takes about as long as the library holds its locks.
enum { maximum_spins = 64 };

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void caio_lock_contended(uint32_t *word) {
    for (int spin = 0; spin < maximum_spins; spin++) {
        uint32_t free = 0;
        if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
        relax();
    }
    // Takes the lock with 2, not 1, as other threads may sleep as well: its release wakes one of them.
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) {
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, NULL);
    }
}

void caio_lock_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1); }
