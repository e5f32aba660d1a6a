// Cancelling requests on a file, named by the first argument, whose direct reads take until "asked"
// exists. "go" says that they have reached the device.
#include "check.h"

int main(int arguments, char **argument) {
    enum { count = 4, size = 4096 };
    CHECK(arguments == 2);
    int fd = open(argument[1], O_RDONLY | O_DIRECT);
    CHECK(fd >= 0);
    char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, count * size) == 0);
    struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = block(fd, memory + i * size, size, (off_t)i * size);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    while (access("go", F_OK) != 0) doze();
    // What is being done goes on, and its block is not touched.
    CHECK(aio_cancel(fd, &blocks[0]) == AIO_NOTCANCELED && aio_error(&blocks[0]) == EINPROGRESS);
    // The kernel has the others as well; the C library has them in its queue still.
    int last = aio_cancel(fd, &blocks[3]);
    CHECK(last == (IS_DROP_IN ? AIO_NOTCANCELED : AIO_CANCELED));
    CHECK(aio_error(&blocks[3]) == (IS_DROP_IN ? EINPROGRESS : ECANCELED));
    CHECK(aio_cancel(fd, NULL) == AIO_NOTCANCELED && aio_error(&blocks[0]) == EINPROGRESS);
    CHECK(close(open("asked", O_CREAT | O_WRONLY, 0600)) == 0);
    for (int i = 0; i < count; i++) {
        if (i == 0 || IS_DROP_IN) ENDS(&blocks[i], 0, size);
        else ENDS(&blocks[i], ECANCELED, -1);
    }
    CHECK(aio_cancel(fd, NULL) == AIO_ALLDONE);
    return 0;
}
