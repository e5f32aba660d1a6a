#include "CSupport.h"

#include <sys/resource.h>
#include <time.h>

uint64_t bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t cpu(int whose) {
    struct rusage usage;
    if (getrusage(whose, &usage) != 0) return 0;
    uint64_t seconds = (uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec;
    uint64_t micros = (uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec;
    return seconds * 1000000000u + micros * 1000u;
}

uint64_t bench_cpu_self(void) { return cpu(RUSAGE_SELF); }

uint64_t bench_cpu_children(void) { return cpu(RUSAGE_CHILDREN); }
