// What the benchmark needs from C: one clock, one latency recorder for every engine, counters of heap
// allocations and system calls, the page cache, and clean-up on a signal. Calls return a result or -errno.
#ifndef CSUPPORT_H
#define CSUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: - Clock

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t bench_now(void);
/// User and system time of this process so far, in nanoseconds: getrusage(2).
uint64_t bench_cpu_self(void);
/// The same of all child processes that have ended and been waited for.
uint64_t bench_cpu_children(void);

// MARK: - Latency

/// Powers of two from 2^7 to 2^35 ns, each in 128 equal steps: better than 1 % everywhere, 34 s at most.
enum {
    BENCH_LATENCY_STEP_BITS = 7,
    BENCH_LATENCY_STEPS = 1 << BENCH_LATENCY_STEP_BITS,
    BENCH_LATENCY_TOP_BIT = 35,
    BENCH_LATENCY_BINS = (BENCH_LATENCY_TOP_BIT - BENCH_LATENCY_STEP_BITS + 2) << BENCH_LATENCY_STEP_BITS,
};

/// Counts latencies from any number of threads; each thread writes a part of its own, with plain additions.
typedef struct bench_latency bench_latency;
bench_latency *bench_latency_create(void);
void bench_latency_destroy(bench_latency *recorder);
void bench_latency_record(bench_latency *recorder, uint64_t nanoseconds);
/// Adds all threads' parts to `counts[BENCH_LATENCY_BINS]`. Returns the sum of all latencies. Called only after the
/// recording threads were joined or synchronized with in some other way.
uint64_t bench_latency_collect(const bench_latency *recorder, uint64_t *counts);
void bench_latency_reset(bench_latency *recorder);
uint32_t bench_latency_bin(uint64_t nanoseconds);
/// Returns the middle of a bin, in nanoseconds.
uint64_t bench_latency_value(uint32_t bin);

// MARK: - Heap allocations

/// Whether allocations are counted at all (the hook needs glibc).
bool bench_allocations_available(void);
/// Counts malloc, calloc, realloc and the aligned ones from here on, on all threads; begins at 0.
void bench_allocations_start(void);
uint64_t bench_allocations_stop(void);

// MARK: - System calls

typedef struct bench_syscalls bench_syscalls;
/// Begins counting the system calls of all threads, present and future, with a perf tracepoint. Returns NULL where
/// the kernel does not permit it. Slows every system call of the machine while it counts: never in a timed run.
bench_syscalls *_Nullable bench_syscalls_start(void);
uint64_t bench_syscalls_stop(bench_syscalls *counter);

// MARK: - Files

int bench_open(const char *path, bool writable, bool create, bool direct);
int bench_close(int descriptor);
int64_t bench_file_size(int descriptor);
/// Writes `length` pseudo-random bytes at `offset` and waits until they are on the device.
int bench_fill(int descriptor, int64_t offset, int64_t length, uint64_t seed);
/// The same with lines of UTF-8 text, 20 to 140 bytes each, the last up to 280; it ends at `length`.
int bench_fill_text(int descriptor, int64_t offset, int64_t length, uint64_t seed);
/// Waits until a file's data is on the device: fdatasync(2).
int bench_sync(const char *path);
/// Writes dirty pages back, then drops the file's pages from the page cache.
int bench_drop_pages(int descriptor);
/// Reads a range through the page cache, so that it is there.
int bench_load_pages(int descriptor, int64_t offset, int64_t length);
/// How many pages of the range are in the page cache: mincore(2).
int64_t bench_resident_pages(int descriptor, int64_t offset, int64_t length);
int64_t bench_page_size(void);
/// Bytes that an unprivileged process may still write on the file system of `path`.
int64_t bench_free_space(const char *path);
/// Returns f_type of statfs(2); 0 when the call fails.
uint64_t bench_file_system(const char *path);
/// Resident memory of this process in bytes.
int64_t bench_resident_memory(void);

// MARK: - Terminal and signals

bool bench_is_terminal(int descriptor);
int bench_terminal_width(int descriptor);
/// Removes `path` when SIGINT, SIGTERM or SIGHUP ends the process. At most 8 paths at a time.
int bench_remove_on_signal(const char *path);
/// Cancels that: the path was removed, or is to stay.
void bench_keep_on_signal(const char *path);

#pragma clang assume_nonnull end

#endif
