// aio_init: the number of threads for requests that wait.
#include "check.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { count = 5 };

static int threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int found = 0;
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) found += entry->d_name[0] != '.';
    closedir(tasks);
    return found;
}

// A FIFO that is open for both ways occupies a thread of either library until there is input.
static void waits(int limit) {
    int fifos[count];
    char buffers[count];
    static struct aiocb blocks[count];
    for (int i = 0; i < count; i++) {
        char name[] = "fifo0";
        name[4] = (char)('0' + i);
        CHECK(mkfifo(name, 0600) == 0 || errno == EEXIST);
        CHECK((fifos[i] = open(name, O_RDWR)) >= 0);
        blocks[i] = block(fifos[i], &buffers[i], 1, 0);
        CHECK(aio_read(&blocks[i]) == 0);
    }
    // The program's own thread, and the drop-in's one for completions.
    int others = IS_DROP_IN ? 2 : 1;
    if (limit == 0) while (threads() < others + count) doze();
    if (limit > 0) CHECK(threads() <= others + limit);
    // To all of them, as any of them may have the threads.
    for (int i = 0; i < count; i++) CHECK(write(fifos[i], "x", 1) == 1);
    for (int i = 0; i < count; i++) {
        COMPLETES(&blocks[i], 0, 1);
        if (limit > 0) CHECK(threads() <= others + limit);
    }
}

static void in_a_child(int limit) {
    pid_t child = fork();
    if (child == 0) {
        // The drop-in ignores 0 and less; the C library takes it for 1.
        struct aioinit nothing = {.aio_threads = -1, .aio_num = 0}, some = {.aio_threads = limit, .aio_num = 64};
        if (IS_DROP_IN) aio_init(&nothing);
        if (limit > 0) aio_init(&some);
        waits(limit);
        exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
    in_a_child(0);
    in_a_child(2);
    return 0;
}
