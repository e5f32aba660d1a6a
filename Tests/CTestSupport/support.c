#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const int test_io_getevents_number = SYS_io_getevents, test_io_destroy_number = SYS_io_destroy;

static int checked(int result) { return result < 0 ? -errno : result; }

pid_t test_fork(unsigned seconds) {
    pid_t child = fork();
    if (child == 0 && seconds > 0) {
        sigset_t alarms;
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        signal(SIGALRM, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
        alarm(seconds);
    }
    return child;
}

void test_exit(int code) { _exit(code); }

static int wait_with(pid_t child, int options) {
    int status = 0;
    pid_t ended;
    do ended = waitpid(child, &status, options);
    while (ended < 0 && errno == EINTR);
    if (ended == 0) return -EAGAIN;
    if (ended < 0) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int test_wait(pid_t child) { return wait_with(child, 0); }
int test_wait_now(pid_t child) { return wait_with(child, WNOHANG); }

pid_t test_spawn(char *const *arguments, int in, int out, int err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
#if __GLIBC_PREREQ(2, 34)
    // An inherited descriptor without close-on-exec would keep its file open for as long as the child runs.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
    // The child must not inherit the signal mask of the calling thread: dispatch blocks nearly all signals on its own.
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    pid_t child = 0;
    int result = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result == 0 ? child : -result;
}

int test_socket_pair(int sockets[2], int seconds) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) return -errno;
    struct timeval timeout = {seconds, 0};
    return checked(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
}

ssize_t test_send(int socket, const void *bytes, size_t count) {
    ssize_t result = send(socket, bytes, count, MSG_NOSIGNAL);
    return result < 0 ? -errno : result;
}

int test_pipe(int ends[2]) { return checked(pipe2(ends, O_CLOEXEC)); }

int test_terminal(int ends[2]) {
    char name[64];
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[0] < 0) return -errno;
    if (grantpt(ends[0]) < 0 || unlockpt(ends[0]) < 0 || ptsname_r(ends[0], name, sizeof name) != 0) return -errno;
    ends[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return checked(ends[1]) < 0 ? -errno : 0;
}

int test_mount(const char *source, const char *target, const char *type, const char *options) {
    return checked(mount(source, target, type, 0, options));
}

int test_unmount(const char *target, int force) {
    return checked(umount2(target, MNT_DETACH | (force ? MNT_FORCE : 0)));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status, (void)type, (void)where;
    remove(path);
    return 0;
}

void test_remove_tree(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

int test_lease(int descriptor) {
    if (fcntl(descriptor, F_SETSIG, SIGURG) < 0 || fcntl(descriptor, F_SETLEASE, F_WRLCK) < 0) return -errno;
    return 0;
}
