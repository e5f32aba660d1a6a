#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/CTestSupport.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int number_of(const char *call) {
    static const struct {
        const char *name;
        int number;
    } calls[] = {
        {"io_setup", SYS_io_setup},
        {"io_submit", SYS_io_submit},
        {"io_getevents", SYS_io_getevents},
        {"io_cancel", SYS_io_cancel},
        {"eventfd2", SYS_eventfd2},
        {"epoll_create1", SYS_epoll_create1},
        {"epoll_ctl", SYS_epoll_ctl},
        {"epoll_pwait", SYS_epoll_pwait},
#ifdef SYS_epoll_wait
        {"epoll_wait", SYS_epoll_wait},
#endif
        {"pipe2", SYS_pipe2},
        {"clone3", SYS_clone3},
        {"clone", SYS_clone},
        {"preadv2", SYS_preadv2},
    };
    for (size_t index = 0; index < sizeof calls / sizeof *calls; index++)
        if (strcmp(calls[index].name, call) == 0) return calls[index].number;
    return -1;
}

int test_refuse(const char *call, int error) {
#ifndef SYS_epoll_wait
    // Not on this processor, where epoll_wait(3) is another call.
    if (strcmp(call, "epoll_wait") == 0) return 0;
#endif
    int number = number_of(call);
    if (number < 0) return -EINVAL;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned)error & SECCOMP_RET_DATA)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    // Without this only root may install a filter.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    // Threads that there are already come under it as well.
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) < 0) return -errno;
    return 0;
}

int test_refuse_listed(const char *list) {
    char *copy = strdup(list), *rest = copy, *one;
    int result = copy ? 0 : -ENOMEM;
    while (result == 0 && (one = strsep(&rest, ",")) != NULL) {
        char *reason = strchr(one, ':');
        if (!reason) {
            result = -EINVAL;
            break;
        }
        *reason++ = 0;
        int error = strcmp(reason, "EPERM") == 0 ? EPERM : strcmp(reason, "ENOSYS") == 0 ? ENOSYS : atoi(reason);
        result = error > 0 ? test_refuse(one, error) : -EINVAL;
    }
    free(copy);
    return result;
}
