// Writes the block device that the first argument names, and reads it back.
#include "check.h"

static void reads_and_writes(const char *path, int flags) {
    enum { count = 32, size = 4096 };
    int fd = open(path, O_RDWR | flags);
    CHECK(fd >= 0);
    unsigned char *memory = NULL;
    CHECK(posix_memalign((void **)&memory, 4096, count * size) == 0);
    static struct aiocb blocks[count];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < count; i++) {
            off_t offset = (off_t)(count - 1 - i) * size;
            if (round == 0) {
                for (size_t j = 0; j < size; j++) {
                    size_t position = (size_t)offset + j;
                    memory[position] = (unsigned char)(position * 7 + position / 256);
                }
            }
            blocks[i] = block(fd, memory + offset, size, offset);
            CHECK((round == 0 ? aio_write(&blocks[i]) : aio_read(&blocks[i])) == 0);
        }
        for (int i = 0; i < count; i++) COMPLETES(&blocks[i], 0, size);
        if (round == 0) {
            struct aiocb b = block(fd, NULL, 0, 0);
            CHECK(aio_fsync(O_DSYNC, &b) == 0);
            COMPLETES(&b, 0, 0);
            memset(memory, 0, count * size);
        }
    }
    CHECK(is_pattern(memory, count * size, 0));
    // At the end of the device there is nothing to read, and no room to write.
    off_t end = lseek(fd, 0, SEEK_END);
    struct aiocb b = block(fd, memory, size, end);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 0);
    b = block(fd, memory, size, end);
    CHECK(aio_write(&b) == 0);
    COMPLETES(&b, ENOSPC, -1);
    free(memory);
    close(fd);
}

int main(int count, char **arguments) {
    CHECK(count == 2);
    reads_and_writes(arguments[1], O_DIRECT);
    reads_and_writes(arguments[1], 0);
    return 0;
}
