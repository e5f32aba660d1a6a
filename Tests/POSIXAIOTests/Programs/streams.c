// Descriptors without offsets. The request waits, the call does not; requests are carried out one at a time, in order.
#include "check.h"
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

static void in_order(int reading, int writing) {
    enum { count = 20 };
    char buffers[count][4];
    static struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        // The offset is ignored here.
        blocks[i] = block(reading, buffers[i], 4, 1000 - i * 17);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    CHECK(aio_error(&blocks[0]) == EINPROGRESS);
    for (int i = 0; i < count; i++) {
        char text[5];
        snprintf(text, sizeof text, "%03d\n", i);
        CHECK(write(writing, text, 4) == 4);
        COMPLETES(&blocks[i], 0, 4);
        CHECK(memcmp(buffers[i], text, 4) == 0);
        if (i + 1 < count) CHECK(aio_error(&blocks[i + 1]) == EINPROGRESS);
    }
}

struct drain {
    int fd;
    size_t count;
    unsigned char *bytes;
};
static void *drain(void *argument) {
    struct drain *d = argument;
    size_t done = 0;
    while (done < d->count) {
        ssize_t result = read(d->fd, d->bytes + done, d->count - done);
        CHECK(result > 0);
        done += (size_t)result;
    }
    return NULL;
}

// More than the pipe holds: all of it is written, as by write(2), and the bytes of two writes do not mix.
static void large_writes(int writing, int reading) {
    enum { size = 300000 };
    unsigned char *out = malloc(2 * size);
    for (size_t i = 0; i < 2 * size; i++) out[i] = (unsigned char)(i * 7 + i / 256);
    struct aiocb first = block(writing, out, size, 0), second = block(writing, out + size, size, 0);
    CHECK(aio_write(&first) == 0 && aio_write(&second) == 0);
    CHECK(aio_error(&first) == EINPROGRESS);
    struct drain d = {reading, 2 * size, malloc(2 * size)};
    pthread_t thread;
    pthread_create(&thread, NULL, drain, &d);
    COMPLETES(&first, 0, size);
    COMPLETES(&second, 0, size);
    pthread_join(thread, NULL);
    CHECK(is_pattern(d.bytes, 2 * size, 0));
    free(out), free(d.bytes);
}

// Of the requests that wait, those with a lower aio_reqprio come first, and equal ones in the order of the calls.
static void by_priority(int reading, int writing) {
    enum { count = 6 };
    static const int priorities[count] = {0, 3, 1, 3, 0, 1}, order[count] = {0, 4, 2, 5, 1, 3};
    char buffers[count][4];
    static struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = block(reading, buffers[i], 4, 0);
        blocks[i].aio_reqprio = priorities[i];
        CHECK(aio_read(&blocks[i]) == 0);
    }
    for (int i = 0; i < count; i++) {
        char text[5];
        snprintf(text, sizeof text, "%03d\n", i);
        CHECK(write(writing, text, 4) == 4);
        COMPLETES(&blocks[order[i]], 0, 4);
        CHECK(memcmp(buffers[order[i]], text, 4) == 0);
    }
}

static void end_of_file_and_errors(void) {
    int ends[2];
    char buffer[8] = "1234567";
    CHECK(pipe(ends) == 0);
    struct aiocb b = block(ends[0], buffer, 8, 0);
    CHECK(aio_read(&b) == 0);
    close(ends[1]);
    COMPLETES(&b, 0, 0);
    close(ends[0]);
    // A pipe without a reader: EPIPE, and no SIGPIPE kills the program.
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    b = block(ends[1], buffer, 8, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EPIPE, -1);
    close(ends[1]);
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    close(pair[0]);
    b = block(pair[1], buffer, 8, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, EPIPE, -1);
    close(pair[1]);
    // With O_NONBLOCK, EAGAIN is the request's outcome.
    CHECK(pipe2(ends, O_NONBLOCK) == 0);
    b = block(ends[0], buffer, 8, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, EAGAIN, -1);
    close(ends[0]), close(ends[1]);
}

static void terminal(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int line = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(line >= 0);
    struct termios raw;
    CHECK(tcgetattr(line, &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(line, TCSANOW, &raw) == 0);
    in_order(line, master);
    char out[] = "to the terminal", in[sizeof out];
    struct aiocb b = block(line, out, sizeof out, 0);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, 0, sizeof out);
    CHECK(read(master, in, sizeof in) == sizeof in && memcmp(in, out, sizeof in) == 0);
    close(line), close(master);
}

int main(void) {
    int ends[2], pair[2];
    CHECK(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    in_order(ends[0], ends[1]);
    in_order(pair[0], pair[1]);
    by_priority(ends[0], ends[1]);
    large_writes(ends[1], ends[0]);
    large_writes(pair[1], pair[0]);
    CHECK(mkfifo("fifo", 0600) == 0);
    int reading = open("fifo", O_RDWR), writing = open("fifo", O_RDWR);
    in_order(reading, writing);
    large_writes(writing, reading);
    terminal();
    end_of_file_and_errors();
    if (IS_DROP_IN) {
        // A write need not wait for a read on the same socket, as it does with the C library.
        char in[4], out[4] = "abc";
        struct aiocb read1 = block(pair[0], in, 4, 0), write1 = block(pair[0], out, 4, 0);
        CHECK(aio_read(&read1) == 0 && aio_write(&write1) == 0);
        COMPLETES(&write1, 0, 4);
        CHECK(aio_error(&read1) == EINPROGRESS);
        CHECK(write(pair[1], "xyz", 4) == 4);
        COMPLETES(&read1, 0, 4);
    }
    return 0;
}
