// Many processes at once, all of which keep what they use until the last has done its work.
#include "check.h"

#include <sys/wait.h>

enum { count = 300, size = 4096 };

static void work(int number, int done, int end) {
    unsigned char bytes[size], back[size];
    int fd = open("shared", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0);
    memset(bytes, number, size);
    struct aiocb b = block(fd, bytes, size, (off_t)number * size);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, size);
    struct aiocb s = block(fd, NULL, 0, 0);
    CHECK(aio_fsync(O_SYNC, &s) == 0);
    COMPLETES(&s, 0, 0);
    struct aiocb r = block(fd, back, size, (off_t)number * size);
    CHECK(aio_read(&r) == 0);
    COMPLETES(&r, 0, size);
    CHECK(memcmp(bytes, back, size) == 0);
    CHECK(write(done, "x", 1) == 1);
    // Until the parent closes its end.
    CHECK(read(end, back, 1) == 0);
}

int main(void) {
    int done[2], end[2];
    CHECK(pipe(done) == 0 && pipe(end) == 0);
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            close(end[1]);
            work(i, done[1], end[0]);
            exit(0);
        }
    }
    close(done[1]);
    // One that failed closes its end of the pipe, and is missing.
    char byte;
    int served = 0;
    while (served < count && read(done[0], &byte, 1) == 1) served++;
    close(end[1]);
    int failed = 0, status;
    while (wait(&status) > 0) failed += status != 0;
    CHECK(served == count && failed == 0);
    return 0;
}
