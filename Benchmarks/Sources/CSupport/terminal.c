#include "CSupport.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST_PATHS = 8 };

static _Atomic(char *) paths[MOST_PATHS];

bool bench_is_terminal(int descriptor) {
    return isatty(descriptor) == 1;
}

int bench_terminal_width(int descriptor) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

// Async-signal-safe: atomic loads, unlink, raise.
static void remove_and_end(int signal_number) {
    for (int i = 0; i < MOST_PATHS; i++) {
        char *path = atomic_load(&paths[i]);
        if (path != NULL) unlink(path);
    }
    // SA_RESETHAND has restored the default action, so that the parent sees the signal that ended this process.
    raise(signal_number);
}

static void watch(int signal_number) {
    struct sigaction current;
    // A signal that the parent process ignores (nohup) stays ignored.
    if (sigaction(signal_number, NULL, &current) == 0 && current.sa_handler == SIG_IGN) return;
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = remove_and_end;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(signal_number, &action, NULL);
}

int bench_remove_on_signal(const char *path) {
    char *copy = strdup(path);
    if (copy == NULL) return -ENOMEM;
    for (int i = 0; i < MOST_PATHS; i++) {
        char *empty = NULL;
        if (!atomic_compare_exchange_strong(&paths[i], &empty, copy)) continue;
        watch(SIGINT);
        watch(SIGTERM);
        watch(SIGHUP);
        return 0;
    }
    free(copy);
    return -ENOSPC;
}

void bench_keep_on_signal(const char *path) {
    for (int i = 0; i < MOST_PATHS; i++) {
        char *held = atomic_load(&paths[i]);
        // Not freed: a handler on another thread may be reading it, and there are eight at most.
        if (held != NULL && strcmp(held, path) == 0) atomic_store(&paths[i], NULL);
    }
}
