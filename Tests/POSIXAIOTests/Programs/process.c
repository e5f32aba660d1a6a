// aio_init, threads, fork(2) and exit(3) with requests in progress.
#include "check.h"
#include <sys/wait.h>

static int fd, ends[2];

static void reads(int count) {
    unsigned char buffer[64];
    for (int i = 0; i < count; i++) {
        off_t offset = i * 61 % 9000;
        struct aiocb b = block(fd, buffer, 64, offset);
        CHECK(aio_read(&b) == 0);
        COMPLETES(&b, 0, 64);
        CHECK(is_pattern(buffer, 64, (size_t)offset));
    }
}
static void *reads_on_thread(void *unused) {
    (void)unused;
    for (int i = 0; i < 30; i++) {
        unsigned char buffers[8][32];
        struct aiocb blocks[8];
        for (int j = 0; j < 8; j++) {
            blocks[j] = block(fd, buffers[j], 32, (i * 8 + j) * 32);
            CHECK(aio_read(&blocks[j]) == 0);
        }
        for (int j = 7; j >= 0; j--) {
            COMPLETES(&blocks[j], 0, 32);
            CHECK(is_pattern(buffers[j], 32, (size_t)(i * 8 + j) * 32));
        }
    }
    return NULL;
}

static int status_of(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
    return status;
}

static void pipe_round(void) {
    char buffer[4];
    struct aiocb b = block(ends[0], buffer, 4, 0);
    CHECK(aio_read(&b) == 0 && write(ends[1], "abcd", 4) == 4);
    COMPLETES(&b, 0, 4);
}

// execve(2) with requests in progress: they do not disturb the next program.
static void replaced(void) {
    pid_t child = fork();
    if (child == 0) {
        static char memory[32][4096];
        static struct aiocb blocks[33];
        for (int i = 0; i < 32; i++) {
            blocks[i] = block(fd, memory[i], 4096, 0);
            CHECK(aio_read(&blocks[i]) == 0);
        }
        CHECK(pipe(ends) == 0);
        blocks[32] = block(ends[0], memory[0], 4, 0);
        CHECK(aio_read(&blocks[32]) == 0);
        alarm(20);
        execl("/bin/sh", "sh", "-c", "exit 23", (char *)NULL);
        exit(1);
    }
    int status = status_of(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 23);
}

// close(2) with requests in progress: each of them completes, carried out or not.
static void closed(void) {
    enum { count = 64 };
    static char memory[count][4096];
    static struct aiocb blocks[count];
    int file = open("p", O_RDONLY);
    for (int i = 0; i < count; i++) {
        blocks[i] = block(file, memory[i], 4096, 0);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    close(file);
    for (int i = 0; i < count; i++) {
        int error = wait_for(&blocks[i]);
        CHECK(error == 0 ? aio_return(&blocks[i]) == 4096 : error == EBADF || error == ECANCELED);
    }
}

int main(void) {
    struct aioinit settings = {.aio_threads = 4, .aio_num = 32};
    aio_init(&settings);
    CHECK(pipe(ends) == 0);
    fd = file("p", O_RDONLY, 10000);
    // A child of a parent that has made no request, and one whose parent has a request in progress. In the second the C
    // library waits for threads that the child does not have.
    for (int round = 0; round < (IS_DROP_IN ? 2 : 1); round++) {
        char buffer[4];
        struct aiocb pending = block(ends[0], buffer, 4, 0);
        if (round == 1) CHECK(aio_read(&pending) == 0);
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            CHECK(pipe(ends) == 0);
            reads(20);
            pipe_round();
            if (!IS_DROP_IN) exit(0);
            pid_t grandchild = fork();
            if (grandchild == 0) reads(5), exit(0);
            exit(status_of(grandchild) == 0 ? 0 : 1);
        }
        CHECK(status_of(child) == 0);
        reads(20);
        if (round == 1) {
            CHECK(aio_error(&pending) == EINPROGRESS && write(ends[1], "x", 1) == 1);
            COMPLETES(&pending, 0, 1);
        }
    }
    replaced();
    closed();
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) CHECK(pthread_create(&threads[i], NULL, reads_on_thread, NULL) == 0);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    pipe_round();
    // The program exits with one request that waits without end, and many that do not.
    static char memory[64][4096];
    static struct aiocb blocks[65];
    for (int i = 0; i < 64; i++) {
        blocks[i] = block(fd, memory[i], 4096, 0);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    blocks[64] = block(ends[0], memory[0], 4, 0);
    CHECK(aio_read(&blocks[64]) == 0);
    return 0;
}
