// Calls that Swift cannot make: variadic ones, and constants that its Glibc hides.
#ifndef CDOCTOR_H
#define CDOCTOR_H
#include <stdint.h>

#pragma clang assume_nonnull begin

/// io_uring_setup(2) with no parameters: -EFAULT where it may be used, as the call then looks for them; -EPERM or
/// -ENOSYS where not. Nothing is set up.
int doctor_io_uring_answer(void);
/// f_type of statfs(2). Returns 0, or errno.
int doctor_file_system(const char *path, uint64_t *type);
/// The kernel's release, as uname(2) has it. `text` takes 65 bytes.
void doctor_kernel_release(char *text);

#pragma clang assume_nonnull end
#endif
