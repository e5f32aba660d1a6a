// aio_cancel(3p).
#include "check.h"
#include <semaphore.h>

static volatile sig_atomic_t cancelled_notified;
static void on_signal(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    struct aiocb *b = info->si_value.sival_ptr;
    if (aio_error(b) == ECANCELED) cancelled_notified++;
}

// A read that finds nothing can be cancelled however far it has got: in the queue for a thread, during the attempt, on
// its way to waiting. With the C library it has begun with its thread and cannot be cancelled.
static void at_once(int fd) {
    char buffer[8];
    for (int i = 0; i < 2000; i++) {
        struct aiocb b = block(fd, buffer, 8, 0);
        CHECK(aio_read(&b) == 0);
        for (volatile int spin = 0; spin < i * 10; spin++) {}
        CHECK(aio_cancel(fd, i % 2 ? &b : NULL) == AIO_CANCELED);
        CHECK(aio_error(&b) == ECANCELED && aio_return(&b) == -1);
    }
}

// Of the writes to a full pipe the first is being carried out; the others are cancelled. Those of another pipe go on.
static void writes(void) {
    enum { count = 4, size = 200000 };
    int ends[2], others[2];
    char in[4];
    CHECK(pipe(ends) == 0 && pipe(others) == 0);
    char *memory = calloc(count, size);
    struct aiocb blocks[count], other = block(others[0], in, 4, 0);
    CHECK(aio_read(&other) == 0);
    for (int i = 0; i < count; i++) {
        blocks[i] = block(ends[1], memory, size, 0);
        CHECK(aio_write(&blocks[i]) == 0);
    }
    // Its first bytes are in the pipe, so it has begun.
    size_t done = 1;
    CHECK(read(ends[0], memory, 1) == 1);
    CHECK(aio_cancel(ends[1], NULL) == AIO_NOTCANCELED);
    CHECK(aio_error(&blocks[0]) == EINPROGRESS && aio_error(&other) == EINPROGRESS);
    for (int i = 1; i < count; i++) CHECK(aio_error(&blocks[i]) == ECANCELED && aio_return(&blocks[i]) == -1);
    while (done < size) {
        ssize_t result = read(ends[0], memory, size - done);
        CHECK(result > 0);
        done += (size_t)result;
    }
    COMPLETES(&blocks[0], 0, size);
    // No byte of the others was written.
    CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    FAILS(read(ends[0], memory, 1), EAGAIN);
    CHECK(write(others[1], "abcd", 4) == 4);
    COMPLETES(&other, 0, 4);
    free(memory);
    for (int i = 0; i < 2; i++) close(ends[i]), close(others[i]);
}

static sem_t called;
static void on_thread(union sigval value) {
    CHECK(aio_error(value.sival_ptr) == ECANCELED);
    sem_post(&called);
}

// A cancelled request starts the thread of its SIGEV_THREAD like any other.
static void notified_by_thread(void) {
    int ends[2];
    char in[2][4];
    struct aiocb blocks[2];
    CHECK(pipe(ends) == 0 && sem_init(&called, 0, 0) == 0);
    for (int i = 0; i < 2; i++) blocks[i] = block(ends[0], in[i], 4, 0);
    blocks[1].aio_sigevent.sigev_notify = SIGEV_THREAD;
    blocks[1].aio_sigevent.sigev_notify_function = on_thread;
    blocks[1].aio_sigevent.sigev_notify_attributes = NULL;
    blocks[1].aio_sigevent.sigev_value.sival_ptr = &blocks[1];
    CHECK(aio_read(&blocks[0]) == 0 && aio_read(&blocks[1]) == 0);
    CHECK(aio_cancel(ends[0], &blocks[1]) == AIO_CANCELED);
    while (sem_wait(&called) != 0) {}
    CHECK(write(ends[1], "abcd", 4) == 4);
    COMPLETES(&blocks[0], 0, 4);
    for (int i = 0; i < 2; i++) close(ends[i]);
}

int main(void) {
    enum { count = 5 };
    int ends[2];
    char buffers[count][8];
    CHECK(pipe(ends) == 0);
    FAILS(aio_cancel(-1, NULL), EBADF);
    CHECK(aio_cancel(ends[0], NULL) == AIO_ALLDONE);
    int fd = file("c", O_RDONLY, 100);
    struct aiocb done = block(fd, buffers[0], 8, 0);
    CHECK(aio_read(&done) == 0);
    COMPLETES(&done, 0, 8);
    CHECK(aio_cancel(fd, &done) == AIO_ALLDONE && aio_cancel(fd, NULL) == AIO_ALLDONE);
    FAILS(aio_cancel(ends[0], &done), EINVAL);
    CHECK(aio_error(&done) == 0);

    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = block(ends[0], buffers[i], 8, 0);
        blocks[i].aio_sigevent.sigev_notify = SIGEV_SIGNAL;
        blocks[i].aio_sigevent.sigev_signo = SIGUSR1;
        blocks[i].aio_sigevent.sigev_value.sival_ptr = &blocks[i];
        CHECK(aio_read(&blocks[i]) == 0);
    }
    // A request that waits for others is cancelled, whatever becomes of the first; its owner is notified as always.
    CHECK(aio_cancel(ends[0], &blocks[2]) == AIO_CANCELED);
    CHECK(aio_error(&blocks[2]) == ECANCELED && aio_return(&blocks[2]) == -1);
    CHECK(aio_error(&blocks[1]) == EINPROGRESS && aio_error(&blocks[3]) == EINPROGRESS);
    while (cancelled_notified < 1) doze();
    CHECK(aio_cancel(ends[0], &blocks[2]) == AIO_ALLDONE);
    // Then all the others. The C library's thread is in read(2) for the first one, which cannot be cancelled.
    int result = aio_cancel(ends[0], NULL);
    for (int i = 1; i < count; i++) CHECK(aio_error(&blocks[i]) == ECANCELED && aio_return(&blocks[i]) == -1);
    if (IS_DROP_IN) CHECK(result == AIO_CANCELED);
    if (result == AIO_NOTCANCELED) {
        CHECK(aio_error(&blocks[0]) == EINPROGRESS);
        CHECK(write(ends[1], "12345678", 8) == 8);
        COMPLETES(&blocks[0], 0, 8);
    } else {
        CHECK(result == AIO_CANCELED && aio_error(&blocks[0]) == ECANCELED);
        while (cancelled_notified < count) doze();
    }
    CHECK(aio_cancel(ends[0], NULL) == AIO_ALLDONE);
    if (IS_DROP_IN) at_once(ends[0]);
    writes();
    notified_by_thread();
    // The descriptor works as before.
    struct aiocb next = block(ends[0], buffers[0], 8, 0);
    CHECK(aio_read(&next) == 0 && write(ends[1], "abc", 3) == 3);
    COMPLETES(&next, 0, 3);
    CHECK(memcmp(buffers[0], "abc", 3) == 0);
    return 0;
}
