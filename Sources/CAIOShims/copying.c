// System calls for copying and replacing files, which run on blocking threads.
#include "copying.h"
#include "files.h"
#include "result.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t caio_seek_data(int descriptor, int64_t offset) { return checked(lseek(descriptor, offset, SEEK_DATA)); }

int64_t caio_seek_hole(int descriptor, int64_t offset) { return checked(lseek(descriptor, offset, SEEK_HOLE)); }

ssize_t caio_copy_range(int from, int to, int64_t offset, size_t count) {
    off64_t in = offset, out = offset;
    ssize_t result;
    do result = copy_file_range(from, &in, to, &out, count, 0);
    while (result < 0 && errno == EINTR);
    return checked(result);
}

int caio_start_writeback(int descriptor, int64_t offset, int64_t count) {
    return (int)checked(sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE));
}

int caio_set_mode(int descriptor, uint32_t mode) { return (int)checked(fchmod(descriptor, mode)); }

int caio_unlink(const char *path, caio_identity identity) {
    struct stat named;
    if (lstat(path, &named) < 0) return -errno;
    if (!caio_is_same((caio_identity){named.st_dev, named.st_ino}, identity)) return 0;
    return (int)checked(unlink(path));
}

int caio_reopen(int descriptor, int flags) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return caio_open(path, flags, 0);
}

int caio_reopen_sequential(int descriptor) {
    int result = caio_reopen(descriptor, O_RDONLY);
    if (result >= 0) posix_fadvise(result, 0, 0, POSIX_FADV_SEQUENTIAL);
    return result;
}
