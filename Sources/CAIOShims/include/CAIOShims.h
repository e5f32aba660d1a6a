// The C side of swift-aio: kernel structures with the exact ABI, the calls, the completion ring, and the
// constants that the Glibc module hides from Swift. Every call returns its result or -errno.
#ifndef CAIOSHIMS_H
#define CAIOSHIMS_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

// MARK: - ABI structures (asserted against libaio.h in structures.c)

/// One request, `struct iocb` of linux/aio_abi.h: 64 bytes, copied by the kernel at io_submit(2).
typedef struct caio_iocb {
    uint64_t data;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint32_t rw_flags;
    uint32_t key;
#else
    uint32_t key;
    uint32_t rw_flags;
#endif
    uint16_t opcode;
    int16_t priority;
    uint32_t descriptor;
    uint64_t buffer;
    uint64_t count;
    int64_t offset;
    uint64_t reserved;
    uint32_t flags;
    uint32_t result_descriptor;
} caio_iocb;

/// One completion, `struct io_event`: 32 bytes.
typedef struct caio_event {
    uint64_t data;
    uint64_t object;
    int64_t result;
    int64_t result2;
} caio_event;

/// `struct iovec` under a name of its own, so that Swift needs no Glibc import for it.
typedef struct iovec caio_iovec;

// MARK: - Calls: see io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2)

int caio_setup(unsigned capacity, uint64_t *context);
int caio_destroy(uint64_t context);
long caio_submit(uint64_t context, long count, caio_iocb *_Nonnull *_Nonnull blocks);
int caio_cancel(uint64_t context, caio_iocb *block);

/// io_getevents as a raw system call: libaio's wrapper reads the ring in user space when the timeout is
/// zero, which crashes against a concurrent io_destroy. A negative timeout waits for ever.
long caio_getevents(uint64_t context, long minimum, long maximum, caio_event *events, int64_t timeout_ns);

// MARK: - The completion ring

/// Whether the context is a ring that this process can read: mapped, right magic, a layout that is known.
bool caio_ring_is_readable(uint64_t context);
/// How many events the ring has room for.
uint32_t caio_ring_capacity(uint64_t context);
/// Takes up to `maximum` events. One consumer at a time, and never beside a thread in caio_getevents.
uint32_t caio_ring_reap(uint64_t context, caio_event *events, uint32_t maximum);
/// How many events wait in the ring; a hint, as any later moment may know better.
uint32_t caio_ring_count(uint64_t context);

// MARK: - Calls that libaio has no part in

ssize_t caio_preadv2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);
ssize_t caio_pwritev2(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);
int caio_open(const char *path, int flags, uint32_t mode);
int caio_close(int descriptor);
int caio_ftruncate(int descriptor, int64_t size);
int caio_fallocate(int descriptor, int mode, int64_t offset, int64_t length);
int caio_fsync(int descriptor, bool data_only);
int caio_poll(int descriptor, int16_t events, int timeout_ms);
int caio_get_flags(int descriptor);
/// O_DIRECT on or off for an open descriptor, by fcntl(F_SETFL).
int caio_set_direct(int descriptor, bool on);

/// memfd_create(2): a file in memory with a name in no directory.
int caio_memory_file(void);

int caio_eventfd(void);
int caio_eventfd_write(int descriptor);
int caio_eventfd_read(int descriptor);

/// Which file it is, for as long as it is open or has a name.
typedef struct caio_identity {
    uint64_t device, inode;
} caio_identity;
static inline bool caio_is_same(caio_identity a, caio_identity b) { return a.device == b.device && a.inode == b.inode; }

/// What the library needs to know of an open file.
typedef struct caio_file_info {
    int64_t size;  // of a block device: what the device holds
    uint32_t mode;
    caio_identity identity;
} caio_file_info;
int caio_file_information(int descriptor, caio_file_info *info);
/// f_type of fstatfs(2); 0 when it is not told.
uint64_t caio_file_system(int descriptor);

/// What direct I/O is to be aligned to; 0: not told (kernel before 6.1, or no direct I/O).
typedef struct caio_alignment {
    uint32_t memory;
    uint32_t offset;
} caio_alignment;
caio_alignment caio_direct_alignment(int descriptor);

// MARK: - What needs no wait

/// The file systems of this machine's disks and memory. fstat(2) of their open files waits for nobody, and neither
/// does opening a file whose name the kernel has in its cache, nor closing one that was only read.
bool caio_is_local_file_system(uint64_t type);
/// What is on this device (`st_dev`) was found to be such a file system, or another.
void caio_device_seen(uint64_t device, bool is_local);
/// Opens a file for reading, if it is on a device that was found to be local, and its path in the kernel's cache.
/// `flags` as of open(2). A descriptor, and what is known of it, or -EAGAIN: call `caio_open` on a thread that may wait.
int caio_open_at_once(const char *path, int flags, caio_file_info *info);
/// Closes a file of a local file system that was open for reading only; -EAGAIN: it has no name any more, and is still
/// open, as the last one to close it will wait.
int caio_close_at_once(int descriptor);

uint64_t caio_monotonic_ns(void);

// MARK: - Copying files: lseek(2), copy_file_range(2), sync_file_range(2), fchmod(2)

int64_t caio_seek_data(int descriptor, int64_t offset);
int64_t caio_seek_hole(int descriptor, int64_t offset);
/// The same range of both files.
ssize_t caio_copy_range(int from, int to, int64_t offset, size_t count);
/// Begins to write what is dirty in the range, and does not wait for it.
int caio_start_writeback(int descriptor, int64_t offset, int64_t count);
int caio_set_mode(int descriptor, uint32_t mode);
/// Removes the name if it is still that of this file.
int caio_unlink(const char *path, caio_identity identity);
/// Another open file description of the same file, with flags of its own: open(2) of /proc/self/fd.
int caio_reopen(int descriptor, int flags);
/// The same to read from one end to the other: the kernel reads further ahead (POSIX_FADV_SEQUENTIAL).
int caio_reopen_sequential(int descriptor);

// MARK: - Streams

/// recv(2) and send(2) that neither wait nor raise SIGPIPE.
ssize_t caio_receive(int socket, void *bytes, size_t count);
ssize_t caio_send(int socket, const void *bytes, size_t count);
/// pwritev2(2) at the descriptor's own position, without SIGPIPE.
ssize_t caio_write_quietly(int descriptor, const struct iovec *vectors, int count, int flags);
/// An epoll(7) instance that is readable when `descriptor` has one of the events.
int caio_epoll_on(int descriptor, uint32_t events);

/// Names the calling thread (at most 15 bytes are kept).
void caio_name_thread(const char *name);
/// pthread_create(3) of a thread that has every signal blocked from its first instruction on: the program's handlers run
/// on the program's threads. Returns 0 or errno.
int caio_start_thread(
    pthread_t *thread, const pthread_attr_t *_Nullable attributes, void *_Nullable (*_Nonnull body)(void *_Nullable),
    void *_Nullable argument);

/// The cores that this process may run on: sched_getaffinity(2); at least 1.
int caio_available_cores(void);

// MARK: - Fork

/// A number that is the same for as long as this is the same process, and another one in a child made by
/// fork(2) or a bare clone(2): the child finds its page wiped by MADV_WIPEONFORK. Never zero.
uint64_t caio_process_mark(void);
/// Whether `mark` was taken in this very process: one load. Only for what caio_process_mark returned.
bool caio_process_is(uint64_t mark);

// MARK: - A lock of one word (lock.c)

void caio_lock_contended(uint32_t *word);
void caio_lock_wake(uint32_t *word);

/// Takes the lock at `word`, which is 0 while it is free. It knows nothing of processes and threads, so that a
/// forked child's are as good as the parent's.
static inline void caio_lock(uint32_t *word) {
    uint32_t free = 0;
    if (!__atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        caio_lock_contended(word);
    }
}

static inline void caio_unlock(uint32_t *word) {
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2) caio_lock_wake(word);
}

// MARK: - Constants

enum {
    CAIO_CMD_PREAD = 0,
    CAIO_CMD_PWRITE = 1,
    CAIO_CMD_FSYNC = 2,
    CAIO_CMD_FDSYNC = 3,
    CAIO_CMD_POLL = 5,
    CAIO_CMD_NOOP = 6,
    CAIO_CMD_PREADV = 7,
    CAIO_CMD_PWRITEV = 8,
};

enum {
    CAIO_FLAG_RESFD = 1 << 0,
    CAIO_FLAG_IOPRIO = 1 << 1,
    CAIO_IOPRIO_CLASS_BEST_EFFORT = 2,
};

enum {
    CAIO_RWF_HIPRI = 0x01,
    CAIO_RWF_DSYNC = 0x02,
    CAIO_RWF_SYNC = 0x04,
    CAIO_RWF_NOWAIT = 0x08,
    CAIO_RWF_APPEND = 0x10,
    CAIO_RWF_NOAPPEND = 0x20,
    CAIO_RWF_ATOMIC = 0x40,
    CAIO_RWF_DONTCACHE = 0x80,
};

/// The most iovecs that one request may carry (UIO_MAXIOV).
enum { CAIO_MAXIMUM_VECTORS = 1024 };
/// The most bytes that one call transfers (MAX_RW_COUNT: INT_MAX rounded down to a page).
enum { CAIO_MAXIMUM_COUNT = 0x7ffff000 };
/// The largest queue that io_setup(2) takes (a fixed bound of fs/aio.c).
enum { CAIO_MAXIMUM_QUEUE = 0x10000000 / 32 / 2 };

extern const int caio_o_direct;
extern const int caio_o_cloexec;
enum { CAIO_FALLOC_KEEP_SIZE = 1 };
/// Whether a file system of this f_type keeps its files in memory, so that no call on them waits for a disk.
bool caio_is_memory_file_system(uint64_t type);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
