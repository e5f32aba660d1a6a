#include "CSupport.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_THREADS = 2048 };

struct bench_syscalls {
    int count;
    int descriptors[MOST_THREADS];
};

/// Returns the kernel's number of the tracepoint, or -1.
static long tracepoint_number(void) {
    static const char *const paths[] = {
        "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
        "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        FILE *file = fopen(paths[i], "re");
        if (file == NULL) continue;
        long number = -1;
        if (fscanf(file, "%ld", &number) != 1) number = -1;
        fclose(file);
        if (number >= 0) return number;
    }
    return -1;
}

static int open_counter(pid_t thread, long tracepoint) {
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof(attributes));
    attributes.size = sizeof(attributes);
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.config = (uint64_t)tracepoint;
    attributes.inherit = 1;  // counts threads that are started later, too
    return (int)syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

bench_syscalls *bench_syscalls_start(void) {
    long tracepoint = tracepoint_number();
    if (tracepoint < 0) return NULL;
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL) return NULL;
    bench_syscalls *counter = calloc(1, sizeof(*counter));
    struct dirent *entry;
    while (counter != NULL && (entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        int descriptor = counter->count < MOST_THREADS ? open_counter((pid_t)atoi(entry->d_name), tracepoint) : -1;
        if (descriptor < 0) {
            // A count that misses a thread would be worse than none.
            bench_syscalls_stop(counter);
            counter = NULL;
        } else {
            counter->descriptors[counter->count++] = descriptor;
        }
    }
    closedir(threads);
    return counter;
}

uint64_t bench_syscalls_stop(bench_syscalls *counter) {
    uint64_t total = 0;
    for (int i = 0; i < counter->count; i++) ioctl(counter->descriptors[i], PERF_EVENT_IOC_DISABLE, 0);
    for (int i = 0; i < counter->count; i++) {
        uint64_t value = 0;
        if (read(counter->descriptors[i], &value, sizeof(value)) == sizeof(value)) total += value;
        close(counter->descriptors[i]);
    }
    free(counter);
    return total;
}
