// For programs that are run twice: with the C library's own AIO and with the drop-in. The checks hold with both, except
// where IS_DROP_IN distinguishes them.
#ifndef CHECK_H
#define CHECK_H
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                                    \
    do                                                                                                      \
        if (!(condition)) {                                                                                 \
            fprintf(stderr, "%s:%d: check failed: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
            exit(1);                                                                                        \
        }                                                                                                   \
    while (0)
#define FAILS(call, error) CHECK((errno = 0, (call) == -1) && errno == (error))
#define IS_DROP_IN (getenv("POSIXAIO_DROP_IN") != NULL)

// Makes a control block. Its private fields, and all others that are not set, are garbage, as in a block on a stack.
static inline struct aiocb block(int fd, void *buffer, size_t count, off_t offset) {
    struct aiocb b;
    memset(&b, 0xa5, sizeof b);
    b.aio_fildes = fd;
    b.aio_buf = buffer;
    b.aio_nbytes = count;
    b.aio_offset = offset;
    b.aio_reqprio = 0;
    b.aio_sigevent.sigev_notify = SIGEV_NONE;
    return b;
}

// Sleeps for a moment, in a loop that waits for a handler: pause(2) would miss a signal that arrives between the loop's
// check and the call.
static inline void doze(void) {
    struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
}

static inline int wait_for(struct aiocb *b) {
    const struct aiocb *list[] = {b};
    while (aio_error(b) == EINPROGRESS) CHECK(aio_suspend(list, 1, NULL) == 0 || errno == EINTR);
    return aio_error(b);
}

// Waits for a request and checks its error and value.
#define COMPLETES(b, wanted_error, wanted_value)         \
    do {                                                 \
        CHECK(wait_for(b) == (wanted_error));            \
        CHECK(aio_return(b) == (ssize_t)(wanted_value)); \
    } while (0)

// Makes a file in the current directory, with `size` bytes that follow from their offsets.
static inline int file(const char *name, int flags, size_t size) {
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    unsigned char *bytes = malloc(size + 1);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(i * 7 + i / 256);
    CHECK(write(fd, bytes, size) == (ssize_t)size && fsync(fd) == 0);
    free(bytes);
    close(fd);
    fd = open(name, flags, 0600);
    CHECK(fd >= 0);
    return fd;
}
static inline int is_pattern(const unsigned char *bytes, size_t count, size_t offset) {
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != (unsigned char)((offset + i) * 7 + (offset + i) / 256)) return 0;
    return 1;
}
#endif
