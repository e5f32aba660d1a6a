// aio_read(3p).
#include "check.h"

static void transfers(void) {
    int fd = file("r", O_RDONLY, 10000);
    unsigned char buffer[4096];
    struct aiocb b = block(fd, buffer, 100, 1234);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 100);
    CHECK(is_pattern(buffer, 100, 1234));
    // The file offset is not used by a request at an offset.
    CHECK(lseek(fd, 0, SEEK_CUR) == 0);
    // A read is short at the end of the file and empty behind it, and writes nothing past the count.
    memset(buffer, 1, sizeof buffer);
    b = block(fd, buffer, 1000, 9990);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 10);
    CHECK(is_pattern(buffer, 10, 9990) && buffer[10] == 1);
    b = block(fd, buffer, 1000, 20000);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 0);
    b = block(fd, buffer, 0, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 0);
    close(fd);
}

static void many_at_once(int flags) {
    enum { count = 64, size = 4096 };
    int fd = file("many", O_RDONLY | flags, count * size);
    unsigned char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, count * size) == 0);
    static struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = block(fd, memory + i * size, size, (off_t)i * size);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    for (int i = 0; i < count; i++) {
        COMPLETES(&blocks[i], 0, size);
        CHECK(is_pattern(memory + i * size, size, (size_t)i * size));
    }
    free(memory);
    close(fd);
}

static void errors(void) {
    char buffer[16];
    // Errors of the call: the request itself is wrong.
    int fd = file("e", O_RDONLY, 100), writing = open("e", O_WRONLY), directory = open(".", O_RDONLY);
    struct aiocb b = block(fd, buffer, 16, 0);
    b.aio_reqprio = -1;
    FAILS(aio_read(&b), EINVAL);
    b.aio_reqprio = 21;
    FAILS(aio_read(&b), EINVAL);
    b.aio_reqprio = 20;
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 16);
    // Errors in the request's status: they depend on the file.
    b = block(-1, buffer, 16, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EBADF, -1);
    b = block(writing, buffer, 16, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EBADF, -1);
    for (off_t offset = -1; offset > -3; offset--) {
        b = block(fd, buffer, 16, offset);
        CHECK(aio_read(&b) == 0);
        COMPLETES(&b, EINVAL, -1);
    }
    b = block(directory, buffer, 16, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EISDIR, -1);
    b = block(fd, (void *)8, 16, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EFAULT, -1);
    close(fd), close(writing), close(directory);
    // A direct read that is not aligned.
    char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, 8192) == 0);
    fd = file("d", O_RDONLY | O_DIRECT, 8192);
    b = block(fd, memory, 4096, 1);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EINVAL, -1);
    b = block(fd, memory, 4096, 4096);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 4096);
    CHECK(is_pattern((unsigned char *)memory, 4096, 4096));
}

// A block whose result was taken may be used for another request.
static void again(void) {
    int fd = file("again", O_RDONLY, 10000);
    unsigned char buffer[64];
    struct aiocb b = block(fd, buffer, 64, 0);
    for (int i = 0; i < 100; i++) {
        b.aio_offset = i * 64;
        CHECK(aio_read(&b) == 0);
        COMPLETES(&b, 0, 64);
        CHECK(is_pattern(buffer, 64, (size_t)i * 64));
    }
    close(fd);
}

int main(void) {
    again();
    transfers();
    many_at_once(0);
    many_at_once(O_DIRECT);
    errors();
    return 0;
}
