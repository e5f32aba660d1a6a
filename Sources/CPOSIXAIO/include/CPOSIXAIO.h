// The C side of POSIX AIO. Functions return their result or -errno.
//
// - layout.c: proves that the structures below lie in memory as glibc's do.
// - state.c: the words that aio_error and aio_return read, the futex behind aio_suspend, the countdown of a list.
// - notify.c: notifications, by a signal or on a thread.
// - descriptors.c: what a descriptor is, and the attempts on descriptors that may block.
#ifndef CPOSIXAIO_H
#define CPOSIXAIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

// MARK: - Layout (asserted against glibc's aio.h in layout.c)

/// The state of a request: glibc's __error_code and __return_value, the only fields of a control block that are
/// written.
typedef struct pxa_state {
    int error;
    ssize_t value;
} pxa_state;

/// `struct sigevent`, with the field `release` in its padding. A program's own sigevent has arbitrary bytes there, so
/// pxa_foreign clears the field before the notification is kept.
typedef struct pxa_notification {
    void *_Nullable value;
    int signal;
    int kind;
    void (*_Nullable function)(void *_Nullable value);
    const void *_Nullable attributes;
    /// Releases `value` when no thread can be started to call `function`.
    void (*_Nullable release)(void *_Nullable value);
    char unused[24];
} pxa_notification;

/// `struct aiocb`, and `struct aiocb64`, which is the same.
typedef struct pxa_control_block {
    int descriptor;
    int list_operation;
    int priority;
    void *_Nullable buffer;
    size_t count;
    pxa_notification notification;
    void *_Nullable unused_next;
    int unused_priority;
    int unused_policy;
    pxa_state state;
    int64_t offset;
    char unused[32];
} pxa_control_block;

/// `struct aioinit`.
typedef struct pxa_settings {
    int threads;
    int requests;
    int unused[6];
} pxa_settings;

enum {
    PXA_NOTIFY_SIGNAL = 0,
    PXA_NOTIFY_NONE = 1,
    PXA_NOTIFY_THREAD = 2,
};

enum {
    PXA_LIST_READ = 0,
    PXA_LIST_WRITE = 1,
    PXA_LIST_NOTHING = 2,
};

enum {
    PXA_LIST_WAIT = 0,
    PXA_LIST_NO_WAIT = 1,
};

/// The results of aio_cancel.
enum {
    PXA_CANCELED = 0,
    PXA_NOT_CANCELED = 1,
    PXA_ALL_DONE = 2,
};

enum { PXA_LOWEST_PRIORITY = 20 };

extern const int pxa_o_sync, pxa_o_dsync;

// MARK: - State (state.c): async-signal-safe, no lock and no allocation

/// Stores that the request is in progress.
void pxa_begin(pxa_state *state);
/// Stores the outcome of a request: the value, then the error, which publishes it.
void pxa_finish(pxa_state *state, ssize_t value, int error);
int pxa_error(const pxa_state *state);
ssize_t pxa_value(const pxa_state *state);

/// Wakes the threads that wait for a request to complete. To be called after pxa_finish.
void pxa_announce(void);

/// Waits until one of the requests in the list has completed. Returns 0, EAGAIN (the timeout has passed), EINTR or
/// EINVAL. Null entries are skipped; with no other kind of entry it returns 0. The states lie `state_offset` bytes
/// behind the entries' addresses. A null timeout means no limit. This is a cancellation point.
int pxa_suspend(
    const void *_Nullable const *_Nullable list, int count, size_t state_offset,
    const struct timespec *_Nullable timeout);

/// Waits until `holds(context)`, which is called again after every announcement. Signals do not end the wait, and it is
/// not a cancellation point.
void pxa_wait_until(bool (*holds)(void *context), void *context);

/// Waits until `*remaining` is zero and returns 0 or EINTR. The thread that counts it down calls pxa_announce after it.
int pxa_wait_for_zero(const int *remaining);
void pxa_count_set(int *remaining, int value);
/// Subtracts one and returns what is left.
int pxa_count_down(int *remaining);

// The same for control blocks, with the results of aio_error, aio_return and aio_suspend: -1 and errno for a failure.
pxa_state *pxa_block_state(pxa_control_block *block);
int pxa_block_error(const pxa_control_block *_Nullable block);
ssize_t pxa_block_value(const pxa_control_block *_Nullable block);
int pxa_block_suspend(
    const pxa_control_block *_Nullable const *_Nullable list, int count, const struct timespec *_Nullable timeout);

/// Sets errno of the calling thread.
void pxa_set_errno(int error);

// MARK: - Notification (notify.c)

/// Copies a program's own notification so that it can be kept.
pxa_notification pxa_foreign(const pxa_notification *notification);

/// Delivers a notification. One that cannot be delivered (no memory, a full signal queue) is lost.
void pxa_notify(const pxa_notification *notification);

// MARK: - Descriptors (descriptors.c)

typedef struct pxa_descriptor {
    /// The access mode and flags of the open file.
    bool readable, writable, append, direct, non_blocking;
    /// The file has no offsets, and a call may wait for another process: a pipe, socket, terminal …
    bool stream;
    /// A regular file or a block device.
    bool storage;
} pxa_descriptor;

/// Describes a descriptor, by fcntl(2) and fstat(2), and lseek(2) for a character device. Returns 0 or -errno.
int pxa_look(int descriptor, pxa_descriptor *found);

/// Whether writing `count` bytes at `offset` would raise SIGXFSZ.
bool pxa_exceeds_file_size_limit(int64_t offset, size_t count);

/// Reads from the page cache without waiting. Returns the count when all bytes, or all up to the end of the file, were
/// there, and -EAGAIN otherwise.
ssize_t pxa_read_cached(int descriptor, void *_Nullable buffer, size_t count, int64_t offset);

/// Attempts a read or write of a stream without waiting. Returns the result, -EAGAIN, or another -errno. SIGPIPE,
/// SIGTTIN and SIGTTOU must be blocked in the caller.
ssize_t pxa_attempt(int descriptor, bool writes, void *_Nullable buffer, size_t count);
/// Calls read(2) or write(2).
ssize_t pxa_call(int descriptor, bool writes, void *_Nullable buffer, size_t count);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
