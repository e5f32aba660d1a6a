// A program that has no descriptor left when it comes to AIO.
#include "check.h"

#include <sys/resource.h>

int main(void) {
    int fd = file("data", O_RDWR, 65536), direct = open("data", O_RDWR | O_DIRECT), ends[2];
    CHECK(direct >= 0 && pipe(ends) == 0);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 64;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (dup(0) >= 0) {}
    CHECK(errno == EMFILE);

    unsigned char bytes[4096], *aligned;
    CHECK(posix_memalign((void **)&aligned, 4096, 4096) == 0);
    struct aiocb buffered = block(fd, bytes, sizeof bytes, 4096), unbuffered = block(direct, aligned, 4096, 8192);
    CHECK(aio_read(&buffered) == 0 && aio_read(&unbuffered) == 0);
    COMPLETES(&buffered, 0, 4096);
    COMPLETES(&unbuffered, 0, 4096);
    CHECK(is_pattern(bytes, 4096, 4096) && is_pattern(aligned, 4096, 8192));
    struct aiocb written = block(direct, aligned, 4096, 0), synced = block(direct, NULL, 0, 0);
    CHECK(aio_write(&written) == 0 && aio_fsync(O_DSYNC, &synced) == 0);
    COMPLETES(&written, 0, 4096);
    COMPLETES(&synced, 0, 0);
    // A read that waits for its input.
    struct aiocb waiting = block(ends[0], bytes, 1, 0);
    CHECK(aio_read(&waiting) == 0);
    CHECK(aio_error(&waiting) == EINPROGRESS);
    CHECK(write(ends[1], "x", 1) == 1);
    COMPLETES(&waiting, 0, 1);
    CHECK(bytes[0] == 'x');
    return 0;
}
