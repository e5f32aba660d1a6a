// Constants that the Glibc module hides from Swift, as they are macros with casts or need a feature macro, and those of
// linux/aio_abi.h and linux/fs.h. constants.c asserts that the opcodes are those of libaio.h.
#ifndef CAIOSHIMS_CONSTANTS_H
#define CAIOSHIMS_CONSTANTS_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// The opcodes of a control block: IOCB_CMD_… of linux/aio_abi.h.
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

/// The flags of a control block: IOCB_FLAG_… of linux/aio_abi.h.
enum {
    /// Adds 1 to the eventfd in `result_descriptor` when the operation completes.
    CAIO_FLAG_RESFD = 1 << 0,
    /// Says that `priority` is set: see ioprio_set(2).
    CAIO_FLAG_IOPRIO = 1 << 1,
};

/// The class of I/O priorities that a control block uses: IOPRIO_CLASS_BE of ioprio_set(2).
enum { CAIO_IOPRIO_CLASS_BEST_EFFORT = 2 };

/// The flags of one read or write: RWF_… of preadv2(2).
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

/// The flag of fallocate(2) that leaves the size of the file as it is: FALLOC_FL_KEEP_SIZE.
enum { CAIO_FALLOC_KEEP_SIZE = 1 };

/// The most iovecs that one operation may carry: UIO_MAXIOV.
enum { CAIO_MAXIMUM_VECTORS = 1024 };
/// The most bytes that one call transfers: MAX_RW_COUNT, which is INT_MAX rounded down to a page.
enum { CAIO_MAXIMUM_COUNT = 0x7ffff000 };
/// The largest capacity that io_setup(2) accepts: a fixed bound of fs/aio.c.
enum { CAIO_MAXIMUM_QUEUE = 0x10000000 / 32 / 2 };

/// O_DIRECT of open(2), whose value depends on the architecture.
extern const int caio_o_direct;
/// O_CLOEXEC of open(2).
extern const int caio_o_cloexec;

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
