// Cancels requests on the file that the first argument names, whose direct reads take until "tried" exists. "go" says
// that they have reached the device.
#include "check.h"
#include <pthread.h>

static int fd;
static char *memory;
enum { count = 4, size = 4096 };

// Calls read(2) on the same descriptor, which holds the lock of the file's position until it returns.
static void *reads_itself(void *task) {
    *(_Atomic int *)task = gettid();
    CHECK(read(fd, memory + count * size, size) == size);
    return NULL;
}

static void wait_until_in_read(_Atomic int *task) {
    char path[64], text[64];
    while (*task == 0) doze();
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", *task);
    // The file says "running" until the thread sleeps in a call, and then that call's number: 0 for read(2).
    do {
        int file = open(path, O_RDONLY);
        ssize_t got = read(file, text, sizeof text - 1);
        text[got > 0 ? got : 0] = 0;
        close(file);
        doze();
    } while (strncmp(text, "0 ", 2) != 0);
}

int main(int arguments, char **argument) {
    CHECK(arguments == 2);
    fd = open(argument[1], O_RDONLY | O_DIRECT);
    CHECK(fd >= 0);
    CHECK(posix_memalign((void **)&memory, 4096, (count + 1) * size) == 0);
    pthread_t thread;
    _Atomic int task = 0;
    CHECK(pthread_create(&thread, NULL, reads_itself, (void *)&task) == 0);
    wait_until_in_read(&task);
    // None of these calls waits for that thread, which goes on only when "tried" exists.
    struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        blocks[i] = block(fd, memory + i * size, size, (off_t)i * size);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    while (access("go", F_OK) != 0) doze();
    // A read that is being carried out goes on, and its block is not touched.
    CHECK(aio_cancel(fd, &blocks[0]) == AIO_NOTCANCELED && aio_error(&blocks[0]) == EINPROGRESS);
    // The kernel has the others as well; with the C library they are still in its queue.
    int last = aio_cancel(fd, &blocks[3]);
    CHECK(last == (IS_DROP_IN ? AIO_NOTCANCELED : AIO_CANCELED));
    CHECK(aio_error(&blocks[3]) == (IS_DROP_IN ? EINPROGRESS : ECANCELED));
    CHECK(aio_cancel(fd, NULL) == AIO_NOTCANCELED && aio_error(&blocks[0]) == EINPROGRESS);
    CHECK(close(open("tried", O_CREAT | O_WRONLY, 0600)) == 0);
    for (int i = 0; i < count; i++) {
        if (i == 0 || IS_DROP_IN) COMPLETES(&blocks[i], 0, size);
        else COMPLETES(&blocks[i], ECANCELED, -1);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(aio_cancel(fd, NULL) == AIO_ALLDONE);
    return 0;
}
