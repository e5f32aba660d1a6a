// Several processes on one file, as MPI-IO's are: each writes its blocks, strided among those of the others, with several
// requests in progress, waits for all of them, and after a barrier reads the blocks of another one in a list.
#include "check.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { ranks = 4, rounds = 3, blocks = 16, size = 6000 };

static struct {
    pthread_barrier_t barrier;
} *shared;

static off_t offset_of(int rank, int number) { return ((off_t)number * ranks + rank) * size; }

static void fill(unsigned char *bytes, int rank, int number, int round) {
    for (int i = 0; i < size; i++) bytes[i] = (unsigned char)(rank * 31 + number * 7 + round * 101 + i);
}

// Polls as MPI_Test does, for half of the requests; waits for the rest as MPI_Waitall does.
static void wait_for_all(struct aiocb *requests, const struct aiocb **list) {
    for (int number = 0; number < blocks / 2; number++)
        while (aio_error(&requests[number]) == EINPROGRESS) sched_yield();
    for (int done = 0; !done;) {
        done = 1;
        for (int number = 0; number < blocks; number++) {
            int pending = aio_error(&requests[number]) == EINPROGRESS;
            list[number] = pending ? &requests[number] : NULL;
            if (pending) done = 0;
        }
        if (!done) CHECK(aio_suspend(list, blocks, NULL) == 0 || errno == EINTR);
    }
    for (int number = 0; number < blocks; number++) COMPLETES(&requests[number], 0, size);
}

static void run(int rank, int fd) {
    unsigned char *memory = malloc((size_t)blocks * size), *expected = malloc(size);
    struct aiocb requests[blocks], *lio[blocks];
    const struct aiocb *list[blocks];
    for (int round = 0; round < rounds; round++) {
        for (int number = 0; number < blocks; number++) {
            fill(memory + number * size, rank, number, round);
            requests[number] = block(fd, memory + number * size, size, offset_of(rank, number));
            CHECK(aio_write(&requests[number]) == 0);
        }
        wait_for_all(requests, list);
        struct aiocb sync = block(fd, NULL, 0, 0);
        CHECK(aio_fsync(O_DSYNC, &sync) == 0);
        COMPLETES(&sync, 0, 0);
        pthread_barrier_wait(&shared->barrier);
        int other = (rank + 1) % ranks;
        memset(memory, 0, (size_t)blocks * size);
        for (int number = 0; number < blocks; number++) {
            requests[number] = block(fd, memory + number * size, size, offset_of(other, number));
            requests[number].aio_lio_opcode = LIO_READ;
            lio[number] = &requests[number];
        }
        CHECK(lio_listio(LIO_WAIT, lio, blocks, NULL) == 0);
        for (int number = 0; number < blocks; number++) {
            COMPLETES(&requests[number], 0, size);
            fill(expected, other, number, round);
            CHECK(memcmp(memory + number * size, expected, size) == 0);
        }
        pthread_barrier_wait(&shared->barrier);
    }
    free(memory);
    free(expected);
}

int main(void) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    CHECK(pthread_barrier_init(&shared->barrier, &attributes, ranks) == 0);
    close(file("ranks", O_RDWR, 0));
    for (int rank = 0; rank < ranks; rank++) {
        if (fork() != 0) continue;
        // Each opens the file for itself, as processes on several machines would.
        int fd = open("ranks", O_RDWR);
        CHECK(fd >= 0);
        run(rank, fd);
        close(fd);
        exit(0);
    }
    for (int rank = 0; rank < ranks; rank++) {
        int status = 0;
        CHECK(wait(&status) > 0 && status == 0);
    }
    return 0;
}
