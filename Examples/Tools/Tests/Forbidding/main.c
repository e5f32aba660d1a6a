// Runs a program in which a system call fails with ERRNO, as in a sandbox: forbidding CALL ERRNO PROGRAM [ARGUMENT…]
// Exits with 126 where that cannot be set up.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 4) return 126;
    static const struct {
        const char *name;
        unsigned number;
    } calls[] = {
        {"io_setup", SYS_io_setup}, {"copy_file_range", SYS_copy_file_range},
        {"io_uring_setup", 425},  // on every architecture; older headers lack it
    };
    unsigned call = ~0u;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(arguments[1], calls[i].name) == 0) call = calls[i].number;
    if (call == ~0u) return 126;
    unsigned action = SECCOMP_RET_ERRNO | ((unsigned)atoi(arguments[2]) & SECCOMP_RET_DATA);
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("forbidding");
        return 126;
    }
    execv(arguments[3], arguments + 3);
    perror(arguments[3]);
    return 126;
}
