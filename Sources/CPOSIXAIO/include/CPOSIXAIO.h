// The C side of POSIX AIO: the layout of the control block, the words that aio_error and aio_return read, the
// futex behind aio_suspend, notification, and the attempts on descriptors that may block. Calls return their
// result or -errno.
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

/// What a request has come to: glibc's __error_code and __return_value, the only fields of a control block
/// that are written.
typedef struct pxa_state {
    int error;
    ssize_t value;
} pxa_state;

/// `struct sigevent`, and one thing more where that has nothing: a program's own has anything there, so it is
/// cleared (pxa_foreign) before it is kept.
typedef struct pxa_notification {
    void *_Nullable value;
    int signal;
    int kind;
    void (*_Nullable function)(void *_Nullable value);
    const void *_Nullable attributes;
    /// Lets go of `value` when there is no thread to call `function`.
    void (*_Nullable abandon)(void *_Nullable value);
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

/// What aio_cancel answers.
enum {
    PXA_CANCELED = 0,
    PXA_NOT_CANCELED = 1,
    PXA_ALL_DONE = 2,
};

enum { PXA_LOWEST_PRIORITY = 20 };

extern const int pxa_o_sync, pxa_o_dsync;

// MARK: - State (state.c): async-signal-safe, no lock and no allocation

/// The request is under way.
void pxa_begin(pxa_state *state);
/// The request has ended: the value, then the error, which publishes it.
void pxa_finish(pxa_state *state, ssize_t value, int error);
int pxa_error(const pxa_state *state);
ssize_t pxa_value(const pxa_state *state);

/// Tells whoever waits that some request has ended. After pxa_finish.
void pxa_announce(void);

/// Until one of the requests in the list has ended: 0, EAGAIN (time over), EINTR or EINVAL. Null entries are
/// skipped; with no other kind of entry the answer is 0. The states lie `state_offset` bytes behind the
/// entries' addresses. A cancellation point. A null timeout waits for ever.
int pxa_suspend(
    const void *_Nullable const *_Nullable list, int count, size_t state_offset,
    const struct timespec *_Nullable timeout);

/// Until `holds(context)`, which is asked after every announcement. Signals do not end it, and it is no
/// cancellation point.
void pxa_wait_until(bool (*holds)(void *context), void *context);

/// Until `*remaining` is zero: 0 or EINTR. Who counts it down calls pxa_announce afterwards.
int pxa_wait_for_zero(const int *remaining);
void pxa_count_set(int *remaining, int value);
/// Takes one away and returns what is left.
int pxa_count_down(int *remaining);

// The same of control blocks, as aio_error, aio_return and aio_suspend have them: -1 and errno for a failure.
pxa_state *pxa_block_state(pxa_control_block *block);
int pxa_block_error(const pxa_control_block *_Nullable block);
ssize_t pxa_block_value(const pxa_control_block *_Nullable block);
int pxa_block_suspend(
    const pxa_control_block *_Nullable const *_Nullable list, int count, const struct timespec *_Nullable timeout);

/// errno of the calling thread.
void pxa_set_errno(int error);

// MARK: - Notification (notify.c)

/// A program's own, made ready to be kept.
pxa_notification pxa_foreign(const pxa_notification *notification);

/// Tells of an end as the sigevent says; what cannot be told (no memory, a full signal queue) is lost.
void pxa_notify(const pxa_notification *notification);

// MARK: - Descriptors (descriptors.c)

typedef struct pxa_descriptor {
    /// The open mode and flags.
    bool readable, writable, append, direct, non_blocking;
    /// It has no offsets, and a call may wait for somebody else: pipe, socket, terminal …
    bool stream;
    /// A regular file or a block device.
    bool storage;
} pxa_descriptor;

/// fcntl(2) and fstat(2), and lseek(2) for a character device. 0 or -errno.
int pxa_look(int descriptor, pxa_descriptor *found);

/// Whether writing up to `end` would raise SIGXFSZ.
bool pxa_exceeds_file_size_limit(int64_t offset, size_t count);

/// What the page cache has of it, all or to the end of the file, without waiting; -EAGAIN when there is more.
ssize_t pxa_read_cached(int descriptor, void *_Nullable buffer, size_t count, int64_t offset);

/// One attempt at a stream that does not wait: the result, -EAGAIN, or another -errno. SIGPIPE, SIGTTIN and
/// SIGTTOU must be blocked in the caller.
ssize_t pxa_attempt(int descriptor, bool writes, void *_Nullable buffer, size_t count);
/// The plain read(2) or write(2).
ssize_t pxa_call(int descriptor, bool writes, void *_Nullable buffer, size_t count);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
