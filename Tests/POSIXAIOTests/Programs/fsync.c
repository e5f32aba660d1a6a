// aio_fsync(3p).
#include "check.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

// A write fails that was queued before the fsync: POSIX passes its error on to the fsync, the C library does not.
static void fails_with_earlier_write(void) {
    enum { limit = 8 << 20 };
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit}) == 0);
    char *memory = calloc(1, limit);
    bool was_queued = false;
    // Appends are carried out in order, so the second one fails when the first one has completed, usually long after the
    // fsync was queued. At least one round has to find it so.
    for (int round = 0; round < 100 && !was_queued; round++) {
        int fd = file("limited", O_RDWR | O_APPEND, 0);
        struct aiocb fills = block(fd, memory, limit, 0), exceeds = block(fd, memory, 1, 0), sync = block(fd, NULL, 0, 0);
        struct aiocb later = block(fd, NULL, 0, 0);
        CHECK(aio_write(&fills) == 0);
        CHECK(aio_write(&exceeds) == 0);
        CHECK(aio_fsync(O_DSYNC, &sync) == 0);
        was_queued = aio_error(&exceeds) == EINPROGRESS;
        COMPLETES(&fills, 0, limit);
        COMPLETES(&exceeds, EFBIG, -1);
        int error = wait_for(&sync);
        CHECK(error == 0 || (IS_DROP_IN && error == EFBIG));
        if (IS_DROP_IN && was_queued) CHECK(error == EFBIG && aio_return(&sync) == -1);
        // The next fsync does not report that error.
        CHECK(aio_fsync(O_SYNC, &later) == 0);
        COMPLETES(&later, 0, 0);
        close(fd);
    }
    CHECK(was_queued);
    free(memory);
}

static volatile sig_atomic_t notified;
static void on_signal(int number) { (void)number, notified++; }

// An fsync waits for a read that cannot complete yet, notifies like any other request, and is cancelled while it waits.
static void waits_for_earlier_read(void) {
    CHECK(mkfifo("fifo", 0600) == 0);
    int fifo = open("fifo", O_RDWR);
    signal(SIGUSR1, on_signal);
    char buffer[4];
    for (int round = 0; round < 2; round++) {
        struct aiocb read1 = block(fifo, buffer, 4, 0), sync = block(fifo, NULL, 0, 0);
        sync.aio_sigevent = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
        notified = 0;
        CHECK(aio_read(&read1) == 0 && aio_fsync(O_SYNC, &sync) == 0);
        for (int i = 0; i < 20; i++) {
            CHECK(aio_error(&sync) == EINPROGRESS && notified == 0);
            doze();
        }
        if (round == 1) {
            CHECK(aio_cancel(fifo, &sync) == AIO_CANCELED);
            COMPLETES(&sync, ECANCELED, -1);
            CHECK(aio_error(&read1) == EINPROGRESS);
        }
        CHECK(write(fifo, "abcd", 4) == 4);
        COMPLETES(&read1, 0, 4);
        // A FIFO has nothing to synchronize.
        if (round == 0) COMPLETES(&sync, EINVAL, -1);
        while (notified == 0) doze();
        CHECK(notified == 1);
    }
    close(fifo);
}

int main(void) {
    enum { count = 40, size = 65536 };
    struct aiocb b = block(-1, NULL, 0, 0);
    FAILS(aio_fsync(O_SYNC, &b), EBADF);
    int reading = file("r", O_RDONLY, 10);
    // POSIX wants the descriptor open for writing; not every release of the C library checks it.
    b = block(reading, NULL, 0, 0);
    if (IS_DROP_IN) FAILS(aio_fsync(O_SYNC, &b), EBADF);
    int fd = file("f", O_RDWR, 10);
    b = block(fd, NULL, 0, 0);
    FAILS(aio_fsync(0x7fffffff, &b), EINVAL);
    int operations[] = {O_SYNC, O_DSYNC};
    for (int round = 0; round < 2; round++) {
        static char memory[size];
        static struct aiocb blocks[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = block(fd, memory, size, (off_t)i * size);
            CHECK(aio_write(&blocks[i]) == 0);
        }
        b = block(fd, NULL, 0, 0);
        CHECK(aio_fsync(operations[round], &b) == 0);
        struct aiocb second = block(fd, NULL, 0, 0);
        CHECK(aio_fsync(operations[round], &second) == 0);
        COMPLETES(&b, 0, 0);
        // The fsync covers the writes that were queued before it, so they have completed.
        for (int i = 0; i < count; i++) CHECK(aio_error(&blocks[i]) == 0 && aio_return(&blocks[i]) == size);
        COMPLETES(&second, 0, 0);
    }
    // The other fields of its block are ignored.
    b = block(fd, (void *)8, 1u << 30, -5);
    b.aio_reqprio = 99;
    CHECK(aio_fsync(O_SYNC, &b) == 0);
    COMPLETES(&b, 0, 0);
    // For a file that cannot be synchronized the request fails.
    int ends[2];
    CHECK(pipe(ends) == 0);
    b = block(ends[1], NULL, 0, 0);
    CHECK(aio_fsync(O_SYNC, &b) == 0);
    COMPLETES(&b, EINVAL, -1);
    waits_for_earlier_read();
    fails_with_earlier_write();
    return 0;
}
