// Runs a program while fs.aio-max-nr is used up: use-up PROGRAM …
#include <errno.h>
#include <linux/aio_abi.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 2) return 64;
    // Until the kernel has no room for one event more. The contexts end with this process, not with its child.
    for (unsigned events = 1 << 16; events > 0; events /= 2) {
        aio_context_t context = 0;
        while (syscall(SYS_io_setup, events, &context) == 0) context = 0;
        if (errno != EAGAIN) return 70;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(arguments[1], arguments + 1);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 70;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
