// Runs a program to which system calls are refused, as a sandbox does: refuse io_setup:EPERM,eventfd2:ENOSYS PROGRAM …
#include "../../CTestSupport/refusal.c"

#include <stdio.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 3) return 64;
    int result = test_refuse_listed(arguments[1]);
    if (result < 0) {
        fprintf(stderr, "refuse: %s\n", strerror(-result));
        return 70;
    }
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    return 127;
}
