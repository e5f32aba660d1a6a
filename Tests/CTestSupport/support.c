#include "CTestSupport.h"

#include <sys/wait.h>
#include <unistd.h>

pid_t test_fork(void) { return fork(); }
void test_exit(int code) { _exit(code); }

int test_wait(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) != child) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}
