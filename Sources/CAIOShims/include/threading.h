// Threads, their signals and names, and the cores that they run on.
#ifndef CAIOSHIMS_THREADING_H
#define CAIOSHIMS_THREADING_H

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Starts a thread that has every signal blocked from its first instruction on, so that handlers run on the program's
/// own threads: pthread_create(3). Returns 0 or a positive error number, as pthread_create(3) does.
int caio_start_thread(
    pthread_t *thread, const pthread_attr_t *_Nullable attributes, void *_Nullable (*_Nonnull body)(void *_Nullable),
    void *_Nullable argument);

/// Names the calling thread, with at most the first 15 bytes of `name`: pthread_setname_np(3).
void caio_name_thread(const char *name);

/// Returns the number of cores that this process may run on, at least 1: sched_getaffinity(2).
int caio_available_cores(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
