#include "CDoctor.h"

#include <errno.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif

int doctor_io_uring_result(void) {
    long result = syscall(SYS_io_uring_setup, 1, NULL);
    return result < 0 ? -errno : (int)result;
}

int doctor_file_system(const char *path, uint64_t *type) {
    struct statfs information;
    if (statfs(path, &information) != 0) return errno;
    *type = (uint64_t)information.f_type;
    return 0;
}

void doctor_kernel_release(char *text) {
    struct utsname name;
    if (uname(&name) != 0) {
        *text = 0;
        return;
    }
    strncpy(text, name.release, 64);
    text[64] = 0;
}
