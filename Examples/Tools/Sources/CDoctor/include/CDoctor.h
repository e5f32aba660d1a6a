// Calls that Swift cannot make: variadic ones, and constants that its Glibc hides.
#ifndef CDOCTOR_H
#define CDOCTOR_H
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Calls io_uring_setup(2) without parameters, which sets nothing up. Returns -EFAULT where io_uring may be used, as
/// the call then reads the parameters; -EPERM or -ENOSYS where not.
int doctor_io_uring_result(void);
/// Stores f_type of statfs(2). Returns 0, or errno.
int doctor_file_system(const char *path, uint64_t *type);
/// Stores the kernel's release, from uname(2). `text` has room for 65 bytes.
void doctor_kernel_release(char *text);

#pragma clang assume_nonnull end
#endif
