// How completions are notified: sigevent(3type).
#include "check.h"
#include <semaphore.h>

static volatile sig_atomic_t notified, code, number, value;
static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)context;
    number = signal, code = info->si_code, value = info->si_value.sival_int;
    notified++;
}

static sem_t called;
static size_t stack_size;
static int blocked, argument;
static pthread_t caller;
static void on_thread(union sigval passed) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    blocked = sigismember(&mask, SIGUSR2) && sigismember(&mask, SIGTERM);
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &stack_size);
    argument = passed.sival_int;
    caller = pthread_self();
    sem_post(&called);
}

// Signals are queued: none is lost and each has its own value, however many are sent before the first is handled.
static volatile sig_atomic_t seen[200];
static void on_queued(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    seen[info->si_value.sival_int]++;
    notified++;
}

static void many(int fd, int waiting, int writing) {
    enum { count = sizeof seen / sizeof *seen };
    static char bytes[count];
    static struct aiocb blocks[count];
    struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN + 1, &action, NULL);
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &one, &before);
    notified = 0;
    for (int i = 0; i < count; i++) {
        blocks[i] = block(i % 10 ? fd : waiting, &bytes[i], 1, i % 100);
        blocks[i].aio_sigevent = (struct sigevent){
            .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = i};
        CHECK(aio_read(&blocks[i]) == 0);
    }
    for (int i = 0; i < count; i += 10) CHECK(write(writing, "x", 1) == 1);
    for (int i = 0; i < count; i++) COMPLETES(&blocks[i], 0, 1);
    CHECK(notified == 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    while (notified < count) doze();
    for (int i = 0; i < count; i++) CHECK(seen[i] == 1);
}

int main(void) {
    char buffer[8];
    int ends[2], fd = file("n", O_RDONLY, 100);
    CHECK(pipe(ends) == 0 && sem_init(&called, 0, 0) == 0);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    // A read whose data is there, one that has to wait, and one that fails.
    int descriptors[] = {fd, ends[0], -1};
    for (int i = 0; i < 3; i++) {
        notified = 0;
        struct aiocb b = block(descriptors[i], buffer, 8, 0);
        b.aio_sigevent.sigev_notify = SIGEV_SIGNAL;
        b.aio_sigevent.sigev_signo = SIGRTMIN;
        b.aio_sigevent.sigev_value.sival_int = 1000 + i;
        CHECK(aio_read(&b) == 0);
        if (i == 1) CHECK(write(ends[1], "x", 1) == 1);
        while (notified == 0) doze();
        CHECK(notified == 1 && code == SI_ASYNCIO && number == SIGRTMIN && value == 1000 + i);
        // The status is final before the signal.
        CHECK(aio_error(&b) == (i == 2 ? EBADF : 0));
    }
    // Before the C library has threads of its own, which handle signals while they deliver notifications.
    many(fd, ends[0], ends[1]);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 32 << 20);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 4; i++) {
        struct aiocb b = block(i < 2 ? fd : ends[0], buffer, 8, 0);
        b.aio_sigevent.sigev_notify = SIGEV_THREAD;
        b.aio_sigevent.sigev_notify_function = on_thread;
        b.aio_sigevent.sigev_notify_attributes = i % 2 ? &attributes : NULL;
        b.aio_sigevent.sigev_value.sival_int = 2000 + i;
        CHECK(aio_read(&b) == 0);
        if (i >= 2) CHECK(write(ends[1], "x", 1) == 1);
        while (sem_wait(&called) != 0) {}
        CHECK(argument == 2000 + i && !pthread_equal(caller, pthread_self()));
        CHECK(blocked || !IS_DROP_IN);
        CHECK(aio_error(&b) == 0);
        if (i % 2) CHECK(stack_size >= (32 << 20));
    }
    // The caller's own mask is unchanged.
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGUSR2) && !sigismember(&mask, SIGTERM));
    return 0;
}
