// The example program of aio(7), for C and aio.h. It queues a read on each file that is named (/dev/stdin may be named
// more than once) and prints their statuses whenever a signal reports a completion, and every three seconds. On SIGQUIT
// it cancels the reads that can be cancelled. At the end it prints the results. Under posixaio-run it uses kernel AIO.
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { size = 20 };

struct request {
    const char *path;
    struct aiocb block;
    char buffer[size];
};

static int queue(struct request *request, const char *path) {
    request->path = path;
    request->block = (struct aiocb){
        .aio_fildes = open(path, O_RDONLY),
        .aio_buf = request->buffer,
        .aio_nbytes = size,
        .aio_sigevent = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_ptr = request},
    };
    if (request->block.aio_fildes < 0 || aio_read(&request->block) < 0) return -1;
    printf("%s: opened, descriptor %d\n", path, request->block.aio_fildes);
    return 0;
}

static const char *outcome_name(int result) {
    return result == AIO_CANCELED ? "cancelled" : result == AIO_NOTCANCELED ? "notCancelled" : "allDone";
}

int main(int argc, char **argv) {
    int count = argc - 1;
    if (count < 1) return fprintf(stderr, "usage: classic FILE …\n"), 64;
    // Both signals are waited for, not handled, so they are blocked before the first thread starts.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGQUIT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);

    struct request *requests = calloc((size_t)count, sizeof *requests);
    for (int i = 0; i < count; i++) {
        if (queue(&requests[i], argv[i + 1]) < 0) return perror(argv[i + 1]), 1;
    }
    for (int open = count; open > 0;) {
        struct timespec moment = {3, 0};
        siginfo_t information;
        int signal = sigtimedwait(&signals, &information, &moment);
        if (signal == SIGUSR1) printf("I/O completion signal\n");
        if (signal == SIGQUIT) printf("SIGQUIT: cancelling\n");
        open = 0;
        for (int i = 0; i < count; i++) {
            struct aiocb *block = &requests[i].block;
            if (signal == SIGQUIT && aio_error(block) == EINPROGRESS)
                printf("%s: %s\n", requests[i].path, outcome_name(aio_cancel(block->aio_fildes, block)));
            int error = aio_error(block);
            if (error == EINPROGRESS) open++;
            printf("%s: %s\n", requests[i].path, error == EINPROGRESS ? "inProgress" : error ? strerror(error) : "completed");
        }
    }
    printf("All I/O requests completed\n");
    for (int i = 0; i < count; i++) {
        ssize_t result = aio_return(&requests[i].block);
        if (result < 0) printf("%s: %s\n", requests[i].path, strerror(aio_error(&requests[i].block)));
        else printf("%s: %zd bytes\n", requests[i].path, result);
    }
    free(requests);
    return 0;
}
