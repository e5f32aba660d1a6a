// EAGAIN: the system has no resources for the request. Run with fs.aio-max-nr used up, which the C library does not
// notice: it has threads.
#include "check.h"

int main(void) {
    char buffer[8];
    int fd = file("m", O_RDWR, 100);
    struct aiocb b = block(fd, buffer, 8, 0);
    if (!IS_DROP_IN) {
        CHECK(aio_read(&b) == 0);
        ENDS(&b, 0, 8);
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        FAILS(aio_read(&b), EAGAIN);
        CHECK(aio_error(&b) == EAGAIN && aio_return(&b) == -1);
        FAILS(aio_write(&b), EAGAIN);
        FAILS(aio_fsync(O_SYNC, &b), EAGAIN);
        struct aiocb *list[] = {&b};
        b.aio_lio_opcode = LIO_READ;
        FAILS(lio_listio(LIO_WAIT, list, 1, NULL), EAGAIN);
        FAILS(lio_listio(LIO_NOWAIT, list, 1, NULL), EAGAIN);
        CHECK(aio_error(&b) == EAGAIN);
        CHECK(aio_cancel(fd, NULL) == AIO_ALLDONE);
    }
    // Once there is some again, it serves.
    puts("refused");
    fflush(stdout);
    for (int i = 0; i < 20000 && aio_read(&b) != 0; i++) doze();
    ENDS(&b, 0, 8);
    return 0;
}
