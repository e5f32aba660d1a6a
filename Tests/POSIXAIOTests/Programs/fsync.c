// aio_fsync(3p).
#include "check.h"

int main(void) {
    enum { count = 40, size = 65536 };
    struct aiocb b = block(-1, NULL, 0, 0);
    FAILS(aio_fsync(O_SYNC, &b), EBADF);
    int reading = file("r", O_RDONLY, 10);
    // POSIX wants it open for writing; not every release of the C library looks.
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
        ENDS(&b, 0, 0);
        // It covers what was queued before it, so that has ended.
        for (int i = 0; i < count; i++) CHECK(aio_error(&blocks[i]) == 0 && aio_return(&blocks[i]) == size);
        ENDS(&second, 0, 0);
    }
    // Its other members say nothing.
    b = block(fd, (void *)8, 1u << 30, -5);
    b.aio_reqprio = 99;
    CHECK(aio_fsync(O_SYNC, &b) == 0);
    ENDS(&b, 0, 0);
    // What cannot be synchronized says so in the request.
    int ends[2];
    CHECK(pipe(ends) == 0);
    b = block(ends[1], NULL, 0, 0);
    CHECK(aio_fsync(O_SYNC, &b) == 0);
    ENDS(&b, EINVAL, -1);
    return 0;
}
