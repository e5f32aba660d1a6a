// aio_suspend(3p), aio_error(3p) and aio_return(3p), from a signal handler as well.
#include "check.h"
#include <sys/time.h>

static int ends[2];
static volatile sig_atomic_t signals;
static void count_signal(int number) { (void)number, signals++; }

static void *write_later(void *unused) {
    (void)unused;
    struct timespec moment = {0, 20000000};
    nanosleep(&moment, NULL);
    CHECK(write(ends[1], "x", 1) == 1);
    return NULL;
}

static void lists(void) {
    char buffer[8], other[8];
    int fd = file("s", O_RDONLY, 100);
    struct timespec zero = {0, 0}, soon = {0, 20000000}, bad = {0, 1000000000};
    const struct aiocb *nothing[] = {NULL, NULL};
    CHECK(aio_suspend(nothing, 0, NULL) == 0);
    CHECK(aio_suspend(nothing, 2, NULL) == 0);
    FAILS(aio_suspend(nothing, -1, NULL), EINVAL);
    struct aiocb done = block(fd, buffer, 8, 0), pending = block(ends[0], other, 8, 0);
    CHECK(aio_read(&done) == 0);
    COMPLETES(&done, 0, 8);
    CHECK(aio_read(&pending) == 0);
    CHECK(aio_error(&pending) == EINPROGRESS);
    const struct aiocb *mixed[] = {NULL, &pending, &done}, *waiting[] = {&pending, NULL};
    CHECK(aio_suspend(mixed, 3, NULL) == 0 && aio_suspend(mixed, 3, &zero) == 0);
    FAILS(aio_suspend(waiting, 2, &zero), EAGAIN);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    FAILS(aio_suspend(waiting, 2, &soon), EAGAIN);
    clock_gettime(CLOCK_MONOTONIC, &after);
    // Not before the timeout has passed.
    CHECK((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >= soon.tv_nsec);
    if (IS_DROP_IN) FAILS(aio_suspend(waiting, 2, &bad), EINVAL);
    // A signal that is caught ends the wait.
    struct sigaction action = {.sa_handler = count_signal};
    sigaction(SIGALRM, &action, NULL);
    // The timer repeats, as the first signal may arrive before the wait.
    struct itimerval timer = {{0, 10000}, {0, 10000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    FAILS(aio_suspend(waiting, 2, NULL), EINTR);
    struct itimerval off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &off, NULL);
    CHECK(signals > 0);
    // A completion during the wait.
    pthread_t thread;
    pthread_create(&thread, NULL, write_later, NULL);
    COMPLETES(&pending, 0, 1);
    pthread_join(thread, NULL);
    close(fd);
}

// One completion wakes every thread that waits for the request, wherever it stands in a long list.
static struct aiocb shared;
static int arrived;
static void *wait_for_shared(void *unused) {
    (void)unused;
    static const struct aiocb *list[5000] = {[4999] = &shared};
    __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
    CHECK(aio_suspend(list, 5000, NULL) == 0 && aio_error(&shared) == 0);
    return NULL;
}

static void many_wait(void) {
    enum { count = 8 };
    char buffer[8];
    pthread_t threads[count];
    shared = block(ends[0], buffer, 8, 0);
    CHECK(aio_read(&shared) == 0);
    for (int i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, wait_for_shared, NULL) == 0);
    while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < count) doze();
    CHECK(write(ends[1], "abc", 3) == 3);
    for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(aio_return(&shared) == 3);
}

// The three may be called in a handler, wherever it interrupts the program: here it does so all the time.
static struct aiocb pending, done;
static void call_in_handler(int number) {
    (void)number;
    int saved = errno;
    struct timespec zero = {0, 0};
    const struct aiocb *list[] = {&pending}, *both[] = {&pending, &done};
    CHECK(aio_error(&pending) == EINPROGRESS && aio_error(&done) == 0 && aio_return(&done) == 8);
    CHECK(aio_suspend(list, 1, &zero) == -1 && aio_suspend(both, 2, NULL) == 0);
    signals++;
    errno = saved;
}

static void in_a_handler(void) {
    char buffer[8], other[8], third[8];
    int fd = file("h", O_RDONLY, 100);
    pending = block(ends[0], other, 8, 0);
    done = block(fd, buffer, 8, 0);
    CHECK(aio_read(&pending) == 0 && aio_read(&done) == 0);
    COMPLETES(&done, 0, 8);
    signals = 0;
    struct sigaction action = {.sa_handler = call_in_handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    while (signals < 200) {
        struct aiocb b = block(fd, third, 8, 8);
        CHECK(aio_read(&b) == 0);
        COMPLETES(&b, 0, 8);
    }
    setitimer(ITIMER_REAL, &off, NULL);
    CHECK(write(ends[1], "x", 1) == 1);
    COMPLETES(&pending, 0, 1);
}

// aio_suspend is a cancellation point.
static void *suspend(void *argument) {
    const struct aiocb *list[] = {argument};
    aio_suspend(list, 1, NULL);
    return NULL;
}

static void cancelled_thread(void) {
    char buffer[8];
    struct aiocb b = block(ends[0], buffer, 8, 0);
    CHECK(aio_read(&b) == 0);
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, suspend, &b);
    CHECK(pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    CHECK(write(ends[1], "x", 1) == 1);
    COMPLETES(&b, 0, 1);
}

int main(void) {
    CHECK(pipe(ends) == 0);
    lists();
    // POSIX lists the three as async-signal-safe, but the C library's aio_error and aio_suspend take the lock that
    // the interrupted call may hold (glibc 2.36, aio_error.c and aio_suspend.c): with it this hangs now and then.
    if (IS_DROP_IN) in_a_handler();
    cancelled_thread();
    many_wait();
    return 0;
}
