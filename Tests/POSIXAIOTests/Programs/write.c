// aio_write(3p).
#include "check.h"
#include <stdint.h>
#include <sys/resource.h>

static void transfers(int flags) {
    enum { count = 32, size = 4096 };
    int fd = open("w", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);
    CHECK(fd >= 0);
    unsigned char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, count * size) == 0);
    for (size_t i = 0; i < count * size; i++) memory[i] = (unsigned char)(i * 7 + i / 256);
    static struct aiocb blocks[count];
    // Backwards, so that most of them do not extend the file, and some do.
    for (int i = count - 1; i >= 0; i--) {
        blocks[i] = block(fd, memory + i * size, size, (off_t)i * size);
        CHECK(aio_write(&blocks[i]) == 0);
    }
    for (int i = 0; i < count; i++) COMPLETES(&blocks[i], 0, size);
    CHECK(lseek(fd, 0, SEEK_CUR) == 0 && lseek(fd, 0, SEEK_END) == count * size);
    memset(memory, 0, count * size);
    CHECK(pread(fd, memory, count * size, 0) == count * size && is_pattern(memory, count * size, 0));
    free(memory);
    close(fd);
}

// A file opened for appending is written at the end, in the order of the calls, whatever the offset and the priority.
static void appends(void) {
    enum { count = 200 };
    int fd = open("a", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    static int numbers[count], found[count];
    static struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        blocks[i] = block(fd, &numbers[i], sizeof(int), 0);
        CHECK(aio_write(&blocks[i]) == 0);
    }
    for (int i = 0; i < count; i++) COMPLETES(&blocks[i], 0, sizeof(int));
    CHECK(pread(fd, found, sizeof found, 0) == sizeof found);
    for (int i = 0; i < count; i++) CHECK(found[i] == i);
    close(fd);
}

static void devices_and_errors(void) {
    char buffer[16] = "fifteen letters";
    int full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_RDWR), reading = file("e", O_RDONLY, 10);
    struct aiocb b = block(full, buffer, 16, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, ENOSPC, -1);
    b = block(null, buffer, 16, 5);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, 16);
    b = block(null, buffer, 16, 5);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 0);
    b = block(reading, buffer, 16, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EBADF, -1);
    b = block(12345, buffer, 16, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EBADF, -1);
    int writing = open("e", O_WRONLY);
    b = block(writing, buffer, 16, -1);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EINVAL, -1);
    b = block(writing, (void *)8, 16, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EFAULT, -1);
    // Nothing is written, and the file does not grow.
    b = block(writing, buffer, 0, 1000);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, 0);
    CHECK(lseek(writing, 0, SEEK_END) == 10);
    close(writing);
    int refused[] = {-1, 21, 100};
    for (int i = 0; i < 3; i++) {
        b = block(null, buffer, 16, 0);
        b.aio_reqprio = refused[i];
        FAILS(aio_write(&b), EINVAL);
    }
    close(full), close(null), close(reading);
}

// A file opened for synchronized I/O is written like others.
static void synchronized(int flags) {
    int fd = open("y", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);
    CHECK(fd >= 0);
    char *memory = NULL, found[4096];
    CHECK(posix_memalign((void **)&memory, 4096, 4096) == 0);
    memset(memory, 'y', 4096);
    struct aiocb b = block(fd, memory, 4096, 4096);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, 4096);
    int other = open("y", O_RDONLY);
    CHECK(pread(other, found, 4096, 4096) == 4096 && memcmp(found, memory, 4096) == 0);
    free(memory);
    close(fd), close(other);
}

// A write that begins at the largest offset is refused, and writes nothing.
static void furthest_offset(void) {
    int fd = file("o", O_RDWR, 10);
    char buffer[16] = "";
    struct aiocb b = block(fd, buffer, 16, INT64_MAX);
    CHECK(aio_write(&b) == 0);
    int error = wait_for(&b);
    CHECK((error == EFBIG || error == EINVAL || error == EOVERFLOW) && aio_return(&b) == -1);
    CHECK(lseek(fd, 0, SEEK_END) == 10);
    close(fd);
}

// A write past the limit on file sizes fails with EFBIG, and no signal kills the program.
static void beyond_the_limit(int flags) {
    struct rlimit limit = {8192, 8192};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    int fd = open("l", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);
    char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, 8192) == 0);
    memset(memory, 0, 8192);
    struct aiocb b = block(fd, memory, 4096, 8192);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EFBIG, -1);
    CHECK(lseek(fd, 0, SEEK_END) == 0);
    // The part up to the limit is written.
    b = block(fd, memory, 8192, 4096);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, 4096);
    CHECK(lseek(fd, 0, SEEK_END) == 8192);
    free(memory);
    close(fd);
}

int main(void) {
    transfers(0);
    transfers(O_DIRECT);
    appends();
    synchronized(O_SYNC);
    synchronized(O_DSYNC);
    synchronized(O_DSYNC | O_DIRECT);
    furthest_offset();
    devices_and_errors();
    beyond_the_limit(0);
    beyond_the_limit(O_DIRECT);
    return 0;
}
