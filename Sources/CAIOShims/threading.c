// Threads: start, name, number of cores, processors.
#include "threading.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PER_THREAD static _Thread_local __attribute__((tls_model("initial-exec")))

// The processors of a thread before it was bound to one of them.
PER_THREAD cpu_set_t before_pinning;
PER_THREAD bool is_pinned;

void caio_leave_unpinned(pthread_attr_t *attributes) {
    if (is_pinned) pthread_attr_setaffinity_np(attributes, sizeof before_pinning, &before_pinning);
}

int caio_start_thread(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    // The signals are blocked here, and the new thread inherits that. If the new thread blocked them itself, a signal
    // could come before.
    static const int raised_by_thread[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT, SIGPROF};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t index = 0; index < sizeof raised_by_thread / sizeof *raised_by_thread; index++)
        sigdelset(&all, raised_by_thread[index]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(thread, attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

void caio_name_thread(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

int caio_pin_thread(int number) {
    cpu_set_t allowed, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -errno;
    int left = number % CPU_COUNT(&allowed);
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
        if (!CPU_ISSET(processor, &allowed) || left-- > 0) continue;
        CPU_SET(processor, &one);
        break;
    }
    if (sched_setaffinity(0, sizeof one, &one) != 0) return -errno;
    before_pinning = allowed;
    is_pinned = true;
    return 0;
}

_Thread_local void *caio_loop_of_thread;

PER_THREAD unsigned processor;
PER_THREAD unsigned calls_until_looking;

unsigned caio_processor(void) {
    if (calls_until_looking == 0) {
        int found = sched_getcpu();
        processor = found < 0 ? 0 : (unsigned)found;
        calls_until_looking = 64;
    }
    calls_until_looking--;
    return processor;
}

void caio_set_current_loop(void *loop) { caio_loop_of_thread = loop; }

int caio_available_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}
