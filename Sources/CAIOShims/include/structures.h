// Structures of the kernel's AIO interface. structures.c asserts that they have the layout of libaio.h.
#ifndef CAIOSHIMS_STRUCTURES_H
#define CAIOSHIMS_STRUCTURES_H

#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// A control block, `struct iocb` of linux/aio_abi.h: 64 bytes, which the kernel copies at io_submit(2).
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

/// A completion event, `struct io_event` of linux/aio_abi.h: 32 bytes.
typedef struct caio_event {
    uint64_t data;
    uint64_t object;
    int64_t result;
    int64_t result2;
} caio_event;

/// `struct iovec` under a second name, with which Swift code needs no import of Glibc.
typedef struct iovec caio_iovec;

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
