// Threads, time, and telling a forked child from its parent.
#include "CAIOShims.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t caio_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void caio_name_thread(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

int caio_start_thread(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    // Blocked here, as the new thread inherits that: one that blocked them itself could be given a signal before.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(thread, attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

int caio_available_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

// The mark stands in a page that fork wipes. In the child it reads 0, which is nobody's mark; the next
// context made there draws a new one, from a counter that fork does copy, so it differs from the parent's.
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
    // A kernel before 4.14: fork(3) at least can be watched for.
    if (address != MAP_FAILED) munmap(address, page);
    mark_page = &fallback_mark;
    pthread_atfork(NULL, NULL, forget);
}

uint64_t caio_process_mark(void) {
    pthread_once(&once, map_page);
    uint64_t mark = atomic_load(mark_page);
    if (mark != 0) return mark;
    uint64_t fresh = atomic_fetch_add(&last_mark, 1) + 1;
    // Two first callers may race here: the one that loses takes the winner's mark.
    return atomic_compare_exchange_strong(mark_page, &mark, fresh) ? fresh : mark;
}

// Relaxed: only this process or its forebear before the fork ever wrote the page.
bool caio_process_is(uint64_t mark) { return atomic_load_explicit(mark_page, memory_order_relaxed) == mark; }
