// lio_listio(3p).
#include "check.h"
#include <semaphore.h>
#include <sys/time.h>

static volatile sig_atomic_t notified;
static volatile int value;
static void on_list(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    // The thread that the C library starts for a notification may be interrupted as well, at the same time.
    if (info->si_code != SI_ASYNCIO) return;
    value = info->si_value.sival_int;
    __atomic_add_fetch(&notified, 1, __ATOMIC_SEQ_CST);
}
static volatile sig_atomic_t alarms;
static void on_alarm(int number) { (void)number, alarms++; }

static struct aiocb entry(int operation, int fd, void *buffer, size_t count, off_t offset) {
    struct aiocb b = block(fd, buffer, count, offset);
    b.aio_lio_opcode = operation;
    return b;
}

// EINTR: a signal ends the wait; the request goes on. The C library of Debian 12 frees what it did not allocate here.
static void interrupted(int ends[2], char *in) {
    struct sigaction alarm_action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &alarm_action, NULL);
    struct itimerval timer = {{0, 10000}, {0, 10000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    struct aiocb slow = entry(LIO_READ, ends[0], in, 8, 0);
    struct aiocb *waiting[] = {&slow};
    FAILS(lio_listio(LIO_WAIT, waiting, 1, NULL), EINTR);
    setitimer(ITIMER_REAL, &off, NULL);
    CHECK(alarms > 0 && aio_error(&slow) == EINPROGRESS);
    CHECK(write(ends[1], "12", 2) == 2);
    COMPLETES(&slow, 0, 2);
}

// Each entry is notified as its own event says, besides the list, and a list may be long. The signal may end the wait,
// which the C library of Debian 12 does not survive (see above).
static void long_list(int fd) {
    enum { count = 2000 };
    static struct aiocb blocks[count];
    static struct aiocb *list[count];
    static unsigned char bytes[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = entry(LIO_READ, fd, &bytes[i], 1, i % 1000);
        list[i] = &blocks[i];
    }
    blocks[7].aio_sigevent = (struct sigevent){
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 7};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 8};
    notified = 0;
    // With LIO_WAIT the list itself is not notified.
    CHECK(lio_listio(LIO_WAIT, list, count, &event) == 0 || errno == EINTR);
    for (int i = 0; i < count; i++) {
        COMPLETES(&blocks[i], 0, 1);
        CHECK(is_pattern(&bytes[i], 1, (size_t)(i % 1000)));
    }
    while (notified == 0) doze();
    CHECK(notified == 1 && value == 7);
    notified = 0;
}

static sem_t called;
static int passed;
static void on_thread(union sigval argument) {
    passed = argument.sival_int;
    sem_post(&called);
}

// The list is notified by a thread, each of its entries by a signal; a list that is waited for is not notified.
static void each_is_notified(int fd) {
    enum { count = 16 };
    static char bytes[count];
    static struct aiocb blocks[count];
    struct aiocb *list[count];
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 5};
    event.sigev_notify_function = on_thread;
    CHECK(sem_init(&called, 0, 0) == 0);
    notified = 0;
    for (int i = 0; i < count; i++) {
        blocks[i] = entry(LIO_READ, fd, &bytes[i], 1, i);
        blocks[i].aio_sigevent = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
        list[i] = &blocks[i];
    }
    CHECK(lio_listio(LIO_NOWAIT, list, count, &event) == 0);
    while (sem_wait(&called) != 0) {}
    CHECK(passed == 5);
    // The last has completed, so all have.
    for (int i = 0; i < count; i++) CHECK(aio_error(&blocks[i]) == 0 && aio_return(&blocks[i]) == 1);
    while (notified < count) doze();
    for (int i = 0; i < count; i++) blocks[i] = entry(LIO_READ, fd, &bytes[i], 1, i);
    event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    CHECK(lio_listio(LIO_WAIT, list, count, &event) == 0);
    for (int i = 0; i < count; i++) CHECK(aio_error(&blocks[i]) == 0);
    // SIGEV_NONE is no notification either.
    event.sigev_notify = SIGEV_NONE;
    CHECK(lio_listio(LIO_NOWAIT, list, count, &event) == 0);
    for (int i = 0; i < count; i++) COMPLETES(&blocks[i], 0, 1);
    for (int i = 0; i < 20; i++) doze();
    CHECK(notified == count);
    notified = 0;
}

// An entry that is refused at once does not keep the others from being carried out.
static void one_is_refused(int fd) {
    char bytes[2] = "";
    for (int mode = 0; mode < 2; mode++) {
        struct aiocb bad = entry(LIO_READ, fd, &bytes[0], 1, 0), good = entry(LIO_READ, fd, &bytes[1], 1, 9);
        bad.aio_reqprio = 21;
        struct aiocb *list[] = {&bad, &good};
        errno = 0;
        CHECK(lio_listio(mode == 0 ? LIO_WAIT : LIO_NOWAIT, list, 2, NULL) == -1);
        if (IS_DROP_IN) CHECK(errno == EIO);
        CHECK(aio_error(&bad) == EINVAL && aio_return(&bad) == -1);
        COMPLETES(&good, 0, 1);
        CHECK(is_pattern((unsigned char *)&bytes[1], 1, 9));
    }
}

int main(void) {
    char out[64] = "written by a list", in[64] = "", other[64];
    int fd = file("l", O_RDWR, 1000), reading = open("l", O_RDONLY);
    struct sigaction action = {.sa_sigaction = on_list, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};

    // LIO_WAIT with every kind of entry.
    struct aiocb write1 = entry(LIO_WRITE, fd, out, 64, 2000), read1 = entry(LIO_READ, fd, other, 64, 100);
    struct aiocb nothing = entry(LIO_NOP, -1, NULL, 0, 0);
    struct aiocb *list[] = {&write1, NULL, &nothing, &read1};
    CHECK(lio_listio(LIO_WAIT, list, 4, NULL) == 0);
    CHECK(aio_error(&write1) == 0 && aio_return(&write1) == 64 && aio_return(&read1) == 64);
    CHECK(pread(fd, in, 64, 2000) == 64 && memcmp(in, out, 64) == 0 && is_pattern((unsigned char *)other, 64, 100));
    CHECK(lio_listio(LIO_WAIT, list, 0, &event) == 0 && notified == 0);

    if (IS_DROP_IN) long_list(fd);

    // EINVAL: the call itself is wrong.
    FAILS(lio_listio(99, list, 4, NULL), EINVAL);
    // The C library takes a negative count for none.
    if (IS_DROP_IN) {
        FAILS(lio_listio(LIO_WAIT, list, -1, NULL), EINVAL);
        FAILS(lio_listio(LIO_NOWAIT, list, -1, NULL), EINVAL);
    }
    each_is_notified(fd);
    one_is_refused(fd);
    // EIO: a request failed, the others were carried out.
    struct aiocb refused = entry(LIO_WRITE, reading, out, 64, 0), opcode = entry(55, fd, out, 64, 0);
    struct aiocb *failing[] = {&refused, &read1, &opcode};
    memset(other, 0, sizeof other);
    FAILS(lio_listio(LIO_WAIT, failing, 3, NULL), EIO);
    CHECK(aio_error(&refused) == EBADF && aio_return(&refused) == -1 && aio_error(&opcode) == EINVAL);
    CHECK(aio_error(&read1) == 0 && aio_return(&read1) == 64 && is_pattern((unsigned char *)other, 64, 100));
    int ends[2];
    CHECK(pipe(ends) == 0);
    if (IS_DROP_IN) interrupted(ends, in);
    struct aiocb slow;

    // LIO_NOWAIT notifies once, when the last request has completed.
    slow = entry(LIO_READ, ends[0], in, 8, 0);
    read1 = entry(LIO_READ, fd, other, 64, 100);
    struct aiocb *both[] = {&read1, &slow};
    CHECK(lio_listio(LIO_NOWAIT, both, 2, &event) == 0);
    COMPLETES(&read1, 0, 64);
    CHECK(notified == 0);
    CHECK(write(ends[1], "12", 2) == 2);
    while (notified == 0) doze();
    CHECK(value == 77 && aio_error(&slow) == 0 && aio_return(&slow) == 2);
    // For a list without requests it notifies at once.
    struct aiocb *empty[] = {NULL, &nothing};
    notified = 0;
    event.sigev_value.sival_int = 78;
    CHECK(lio_listio(LIO_NOWAIT, empty, 2, &event) == 0);
    while (notified == 0) doze();
    CHECK(value == 78);
    CHECK(lio_listio(LIO_NOWAIT, empty, 2, NULL) == 0);
    // With LIO_NOWAIT a failure concerns the request only.
    CHECK(lio_listio(LIO_NOWAIT, failing, 1, NULL) == 0);
    COMPLETES(&refused, EBADF, -1);
    return 0;
}
