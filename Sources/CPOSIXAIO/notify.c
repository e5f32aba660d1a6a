// Notifies the program that a request has completed: by a queued signal, or on a thread.
#include "CPOSIXAIO.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Makes the system call behind sigqueue(3) directly: sigqueue sets SI_QUEUE, and POSIX wants SI_ASYNCIO here.
static void queue_signal(const pxa_notification *notification) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = notification->signal;
    info.si_code = SI_ASYNCIO;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = notification->value;
    syscall(SYS_rt_sigqueueinfo, info.si_pid, info.si_signo, &info);
}

struct call {
    void (*function)(void *value);
    void *value;
};

static void *run(void *argument) {
    struct call call = *(struct call *)argument;
    free(argument);
    call.function(call.value);
    return NULL;
}

// Calls the notification's function on a new thread; false if there is none, or no function.
static bool start_thread(const pxa_notification *notification) {
    struct call *call = notification->function ? malloc(sizeof *call) : NULL;
    if (call == NULL) return false;
    *call = (struct call){notification->function, notification->value};
    pthread_attr_t detached;
    const pthread_attr_t *attributes = notification->attributes;
    if (attributes == NULL) {
        pthread_attr_init(&detached);
        pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    }
    // A new thread inherits this thread's mask: signals are blocked in it, as with glibc, but for those that a crash reporter
    // or a profiler wants.
    static const int raised_by_thread[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT, SIGPROF};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t index = 0; index < sizeof raised_by_thread / sizeof *raised_by_thread; index++)
        sigdelset(&all, raised_by_thread[index]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    bool runs = pthread_create(&thread, attributes ? attributes : &detached, run, call) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (attributes == NULL) pthread_attr_destroy(&detached);
    if (!runs) free(call);
    return runs;
}

pxa_notification pxa_foreign(const pxa_notification *notification) {
    pxa_notification kept = *notification;
    kept.release = NULL;
    return kept;
}

void pxa_notify(const pxa_notification *notification) {
    if (notification->kind == PXA_NOTIFY_SIGNAL) queue_signal(notification);
    else if (notification->kind == PXA_NOTIFY_THREAD && !start_thread(notification) && notification->release)
        notification->release(notification->value);
}
