// A number for this process, in a page that fork(2) wipes.
#include "fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

// The page holds the mark. In a child it reads 0, which is no process's mark. The next caio_process_mark there
// draws a new one from `last_mark`, which fork copies, so that it differs from the parent's.
static _Atomic uint64_t *mark_page;
static _Atomic uint64_t fallback_mark;
static _Atomic uint64_t last_mark;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forget(void) { atomic_store(mark_page, 0); }

static void map_page(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *address = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address != MAP_FAILED && madvise(address, page, MADV_WIPEONFORK) == 0) {
        mark_page = address;
        return;
    }
    // Before Linux 4.14 the page is not wiped. A fork through the C library at least calls `forget`.
    if (address != MAP_FAILED) munmap(address, page);
    mark_page = &fallback_mark;
    pthread_atfork(NULL, NULL, forget);
}

uint64_t caio_process_mark(void) {
    pthread_once(&once, map_page);
    uint64_t mark = atomic_load(mark_page);
    if (mark != 0) return mark;
    uint64_t fresh = atomic_fetch_add(&last_mark, 1) + 1;
    // Two threads may get here at the same time: the exchange of the second one fails and loads the mark of the first.
    return atomic_compare_exchange_strong(mark_page, &mark, fresh) ? fresh : mark;
}

// Relaxed: `mark` was read from the page, which does not change any more within the process that wrote it.
bool caio_process_is(uint64_t mark) { return atomic_load_explicit(mark_page, memory_order_relaxed) == mark; }
