#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

int bench_open(const char *path, bool writable, bool create, bool direct) {
    int flags = O_CLOEXEC | (writable ? O_RDWR : O_RDONLY) | (direct ? O_DIRECT : 0);
    // O_EXCL: the benchmark writes to a file that it made, never to one that was there.
    if (create) flags |= O_CREAT | O_EXCL;
    int descriptor = open(path, flags, 0600);
    return descriptor >= 0 ? descriptor : -errno;
}

int bench_close(int descriptor) {
    return close(descriptor) == 0 ? 0 : -errno;
}

int64_t bench_file_size(int descriptor) {
    struct stat information;
    return fstat(descriptor, &information) == 0 ? information.st_size : -errno;
}

int bench_fill(int descriptor, int64_t offset, int64_t length, uint64_t seed) {
    static uint64_t words[(1 << 20) / sizeof(uint64_t)];
    uint64_t state = (seed ^ (uint64_t)offset) | 1;
    for (int64_t done = 0; done < length;) {
        size_t piece = length - done < (int64_t)sizeof(words) ? (size_t)(length - done) : sizeof(words);
        // Xorshift: data that neither a file system nor a device can compress or share.
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            words[i] = state;
        }
        ssize_t written = pwrite(descriptor, words, piece, offset + done);
        if (written < 0) return -errno;
        done += written;
    }
    return fdatasync(descriptor) == 0 ? 0 : -errno;
}

int bench_drop_pages(int descriptor) {
    // Only clean pages are dropped, so they are written back first.
    if (fdatasync(descriptor) != 0) return -errno;
    return -posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
}

int bench_load_pages(int descriptor, int64_t offset, int64_t length) {
    enum { PIECE = 1 << 20 };
    char *piece = malloc(PIECE);
    if (piece == NULL) return -ENOMEM;
    int result = 0;
    for (int64_t done = 0; done < length;) {
        size_t size = length - done < PIECE ? (size_t)(length - done) : PIECE;
        ssize_t count = pread(descriptor, piece, size, offset + done);
        if (count <= 0) {
            result = count == 0 ? -EIO : -errno;
            break;
        }
        done += count;
    }
    free(piece);
    return result;
}

int64_t bench_page_size(void) {
    return sysconf(_SC_PAGESIZE);
}

int64_t bench_resident_pages(int descriptor, int64_t offset, int64_t length) {
    size_t pages = ((size_t)length + (size_t)bench_page_size() - 1) / (size_t)bench_page_size();
    void *mapping = mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, descriptor, offset);
    if (mapping == MAP_FAILED) return -errno;
    unsigned char *states = malloc(pages);
    int64_t resident = states == NULL ? -ENOMEM : 0;
    if (states != NULL && mincore(mapping, (size_t)length, states) != 0) resident = -errno;
    for (size_t i = 0; resident >= 0 && i < pages; i++) resident += states[i] & 1;
    free(states);
    munmap(mapping, (size_t)length);
    return resident;
}

int64_t bench_free_space(const char *path) {
    struct statvfs information;
    if (statvfs(path, &information) != 0) return -errno;
    // A file system that keeps no count (ramfs) says nothing of its room.
    if (information.f_blocks == 0) return INT64_MAX;
    return (int64_t)information.f_bavail * (int64_t)information.f_frsize;
}

uint64_t bench_file_system(const char *path) {
    struct statfs information;
    return statfs(path, &information) == 0 ? (uint64_t)information.f_type & 0xffffffffu : 0;
}

int64_t bench_resident_memory(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return -errno;
    long long total = 0, resident = -1;
    if (fscanf(file, "%lld %lld", &total, &resident) != 2) resident = -1;
    fclose(file);
    return resident < 0 ? -EIO : resident * bench_page_size();
}
