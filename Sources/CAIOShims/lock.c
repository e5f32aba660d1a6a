// The slow half of a lock of one word: 0 free, 1 held, 2 held and perhaps waited for.
#include "CAIOShims.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/// How often to look again before sleeping: about as long as the sections behind these locks take.
enum { looks = 64 };

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void caio_lock_contended(uint32_t *word) {
    for (int look = 0; look < looks; look++) {
        uint32_t free = 0;
        if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
        relax();
    }
    // Taken as 2 from here on, as others may sleep as well: the next unlock wakes one of them.
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) {
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, NULL);
    }
}

void caio_lock_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1); }
