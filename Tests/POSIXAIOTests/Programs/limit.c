// A system that has no resources left. io_setup(2) fails as it does with fs.aio-max-nr used up, by a filter in a child, because
// the limit itself is shared by the whole system: both libraries use threads then. Where there is no thread either, the
// drop-in says EAGAIN.
#include "check.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void use_up(unsigned call) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void refused(int fd) {
    char buffer[8];
    for (int i = 0; i < 3; i++) {
        struct aiocb b = block(fd, buffer, 8, 0), *list[] = {&b};
        b.aio_lio_opcode = LIO_READ;
        FAILS(aio_read(&b), EAGAIN);
        CHECK(aio_error(&b) == EAGAIN && aio_return(&b) == -1);
        FAILS(aio_write(&b), EAGAIN);
        FAILS(aio_fsync(O_SYNC, &b), EAGAIN);
        FAILS(lio_listio(LIO_WAIT, list, 1, NULL), EAGAIN);
        FAILS(lio_listio(LIO_NOWAIT, list, 1, NULL), EAGAIN);
        CHECK(aio_error(&b) == EAGAIN && aio_cancel(fd, NULL) == AIO_ALLDONE);
    }
}

static void served(int fd) {
    char buffer[8];
    struct aiocb b = block(fd, buffer, 8, 0);
    CHECK(aio_read(&b) == 0);
    COMPLETES(&b, 0, 8);
}

static void in_a_child(int fd, int has_threads) {
    pid_t child = fork();
    if (child == 0) {
        use_up(SYS_io_setup);
        unsigned long context = 0;
        FAILS(syscall(SYS_io_setup, 1, &context), EAGAIN);
        if (!has_threads) {
            use_up(SYS_clone);
            use_up(SYS_clone3);
            if (IS_DROP_IN) refused(fd);
        } else {
            served(fd);
        }
        exit(0);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
    int fd = file("m", O_RDWR, 100);
    in_a_child(fd, 1);
    in_a_child(fd, 0);
    served(fd);
    return 0;
}
