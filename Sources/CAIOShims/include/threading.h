// Threads, their signals and names, and the cores that they run on.
#ifndef CAIOSHIMS_THREADING_H
#define CAIOSHIMS_THREADING_H

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Starts a thread that has every asynchronous signal blocked from its first instruction on, so that handlers run on the
/// program's own threads: pthread_create(3). Open are those that the thread raises itself (SIGSEGV, SIGBUS, SIGILL, SIGFPE,
/// SIGTRAP, SIGSYS, SIGABRT) and SIGPROF, for crash reporters and profilers. Returns 0 or a positive error number, as pthread_create(3) does.
int caio_start_thread(
    pthread_t *thread, const pthread_attr_t *_Nullable attributes, void *_Nullable (*_Nonnull body)(void *_Nullable),
    void *_Nullable argument);

/// Has a thread that is started with these attributes run on the processors that the calling one could run on before
/// caio_pin_thread; it would inherit the one otherwise.
void caio_leave_unpinned(pthread_attr_t *attributes);

/// Names the calling thread, with at most the first 15 bytes of `name`: pthread_setname_np(3).
void caio_name_thread(const char *name);

/// Binds the calling thread to one of the processors that it may run on, counted from 0, modulo their number:
/// sched_setaffinity(2). Returns 0 or -errno.
int caio_pin_thread(int number);

/// Returns the number of the processor that the calling thread runs on, as it was within the last 64 calls on this
/// thread: sched_getcpu(3).
unsigned caio_processor(void);

/// What caio_set_current_loop was given on this thread last. initial-exec: no call and no allocation is needed to get at it,
/// also in a shared library.
extern _Thread_local void *_Nullable caio_loop_of_thread __attribute__((tls_model("initial-exec")));

/// Returns the event loop that the calling thread runs, NULL where it runs none.
static inline void *_Nullable caio_current_loop(void) { return caio_loop_of_thread; }

/// Notes the event loop that the calling thread runs.
void caio_set_current_loop(void *_Nullable loop);

/// Returns the number of cores that this process may run on, at least 1: sched_getaffinity(2).
int caio_available_cores(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
