#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static uint64_t xorshift(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

int bench_fill(int descriptor, int64_t offset, int64_t length, uint64_t seed) {
    static uint64_t words[(1 << 20) / sizeof(uint64_t)];
    uint64_t state = (seed ^ (uint64_t)offset) | 1;
    for (int64_t done = 0; done < length;) {
        size_t piece = length - done < (int64_t)sizeof(words) ? (size_t)(length - done) : sizeof(words);
        // Data that neither a file system nor a device can compress or share.
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) words[i] = xorshift(&state);
        ssize_t written = pwrite(descriptor, words, piece, offset + done);
        if (written < 0) return -errno;
        done += written;
    }
    return fdatasync(descriptor) == 0 ? 0 : -errno;
}

int bench_fill_text(int descriptor, int64_t offset, int64_t length, uint64_t seed) {
    static const char *const words[] = {
        "read", "write", "the", "request", "took", "connection", "from", "closed", "by", "peer", "GET", "/index.html",
        "200", "cache", "miss", "for", "key", "user=anna", "naïve", "größe", "日本", "1,024", "bytes", "in", "ms", "0.25",
    };
    char *text = malloc((size_t)length);
    if (text == NULL) return -ENOMEM;
    uint64_t state = (seed ^ (uint64_t)offset) | 1;
    for (int64_t done = 0; done < length;) {
        int64_t line_end = done + 20 + (int64_t)(xorshift(&state) % 121);
        if (line_end > length - 140) line_end = length;
        while (done < line_end - 1) {
            const char *word = words[xorshift(&state) % (sizeof(words) / sizeof(words[0]))];
            int64_t size = (int64_t)strlen(word);
            if (done + size >= line_end) break;
            memcpy(text + done, word, (size_t)size);
            done += size;
            text[done++] = ' ';
        }
        // Dots fill the rest where no word fits, so that the line has its length.
        while (done < line_end - 1) text[done++] = '.';
        if (done < line_end) text[done++] = '\n';
        text[done - 1] = '\n';
    }
    int result = 0;
    for (int64_t done = 0; done < length && result == 0;) {
        ssize_t written = pwrite(descriptor, text + done, (size_t)(length - done), offset + done);
        if (written < 0) result = -errno;
        done += written;
    }
    free(text);
    if (result == 0 && fdatasync(descriptor) != 0) result = -errno;
    return result;
}

int bench_sync(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    int result = fdatasync(descriptor) == 0 ? 0 : -errno;
    close(descriptor);
    return result;
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
    // A file system that counts no blocks (ramfs) reports no limit.
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
