// The parts of aio_error, aio_return and aio_suspend. Those may be called in a signal handler, so this is atomics and a
// futex, with no lock and no allocation.
#include "CPOSIXAIO.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

void pxa_begin(pxa_state *state) {
    state->value = 0;
    __atomic_store_n(&state->error, EINPROGRESS, __ATOMIC_RELEASE);
}

void pxa_finish(pxa_state *state, ssize_t value, int error) {
    __atomic_store_n(&state->value, value, __ATOMIC_RELAXED);
    // Release, for the acquire in pxa_error: a thread that sees the error sees the value and the bytes that were read.
    __atomic_store_n(&state->error, error, __ATOMIC_RELEASE);
}

int pxa_error(const pxa_state *state) { return __atomic_load_n(&state->error, __ATOMIC_ACQUIRE); }
ssize_t pxa_value(const pxa_state *state) { return __atomic_load_n(&state->value, __ATOMIC_RELAXED); }

void pxa_set_errno(int error) { errno = error; }

// `may_sleep` is a mark that a thread may be asleep; `ticket` moves when the sleepers are woken.
//
// The order on both sides keeps wake-ups from being lost. A waiter reads the ticket, then sets the mark, then reads
// the states, then sleeps if the ticket is still the one it read. An announcer, whose state is written, clears the
// mark, and only if it was set moves the ticket and wakes. So
// - an announcer that finds no mark came before the waiter set it, and the waiter sees that state when it reads it;
// - a mark that is cleared after a waiter has set it means that the ticket moves after that waiter has read it: the
//   waiter does not go to sleep, or is woken.
// If the ticket moved first, an announcer could clear the mark of a waiter that has read the new ticket already, and
// that waiter would sleep through the next completion.
//
// When many requests complete at once, as the kernel reports them, only the first costs a system call.
static _Atomic uint32_t ticket;
static _Atomic int may_sleep;

static long futex(int operation, uint32_t value, const struct timespec *deadline) {
    return syscall(SYS_futex, &ticket, operation | FUTEX_PRIVATE_FLAG, value, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

void pxa_announce(void) {
    // An exchange in any case: a load alone could be ordered before the store to the state.
    if (!atomic_exchange(&may_sleep, 0)) return;
    atomic_fetch_add(&ticket, 1);
    futex(FUTEX_WAKE, INT_MAX, NULL);
}

// Waits until the ticket is no longer `seen`, and returns 0 or errno. POSIX makes this a cancellation point, which
// syscall(2) is not by itself. Nothing is held here that a cancelled thread would leave behind.
static int wait_for_change(uint32_t seen, const struct timespec *deadline) {
    int type;
    int saved = errno;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    // The bitset form takes a deadline on the monotonic clock.
    long result = futex(FUTEX_WAIT_BITSET, seen, deadline);
    pthread_setcanceltype(type, NULL);
    int error = result < 0 ? errno : 0;
    errno = saved;
    return error == EAGAIN ? 0 : error;
}

typedef bool (*condition)(void *context);

static int wait_until(condition holds, void *context, const struct timespec *deadline) {
    if (holds(context)) return 0;
    while (true) {
        uint32_t seen = atomic_load(&ticket);
        // An exchange, not a store: a waiter that reads the announcer's 0 here sees what that one wrote before it.
        atomic_exchange(&may_sleep, 1);
        if (holds(context)) return 0;
        int error = wait_for_change(seen, deadline);
        if (error == ETIMEDOUT) return holds(context) ? 0 : EAGAIN;
        if (error != 0) return error;
    }
}

struct list {
    const void *const *entries;
    int count;
    size_t state_offset;
};

static bool one_has_completed(void *context) {
    const struct list *list = context;
    bool any = false;
    for (int i = 0; i < list->count; i++) {
        if (list->entries[i] == NULL) continue;
        any = true;
        const pxa_state *state = (const void *)((const char *)list->entries[i] + list->state_offset);
        if (pxa_error(state) != EINPROGRESS) return true;
    }
    return !any;
}

int pxa_suspend(const void *const *list, int count, size_t state_offset, const struct timespec *timeout) {
    if (count < 0 || (list == NULL && count > 0)) return EINVAL;
    struct list entries = {list, count, state_offset};
    if (one_has_completed(&entries)) return 0;
    if (timeout == NULL) return wait_until(one_has_completed, &entries, NULL);
    if (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000 || timeout->tv_sec < 0) return EINVAL;
    if (timeout->tv_sec == 0 && timeout->tv_nsec == 0) return EAGAIN;
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    // A deadline beyond the clock's range is no deadline.
    if (__builtin_add_overflow(deadline.tv_sec, timeout->tv_sec, &deadline.tv_sec)) {
        return wait_until(one_has_completed, &entries, NULL);
    }
    deadline.tv_nsec += timeout->tv_nsec;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        if (__builtin_add_overflow(deadline.tv_sec, 1, &deadline.tv_sec)) {
            return wait_until(one_has_completed, &entries, NULL);
        }
    }
    return wait_until(one_has_completed, &entries, &deadline);
}

void pxa_wait_until(bool (*holds)(void *context), void *context) {
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    while (wait_until(holds, context, NULL) != 0) {}
    pthread_setcancelstate(before, NULL);
}

static bool is_zero(void *context) { return __atomic_load_n((const int *)context, __ATOMIC_ACQUIRE) == 0; }

int pxa_wait_for_zero(const int *remaining) { return wait_until(is_zero, (void *)remaining, NULL); }

void pxa_count_set(int *remaining, int value) { __atomic_store_n(remaining, value, __ATOMIC_RELAXED); }

// Acquire-release: the thread that counts down to zero sees what the others wrote before they counted.
int pxa_count_down(int *remaining) { return __atomic_sub_fetch(remaining, 1, __ATOMIC_ACQ_REL); }

// MARK: - The same for control blocks

pxa_state *pxa_block_state(pxa_control_block *block) { return &block->state; }

static int failed(int error) {
    errno = error;
    return -1;
}

int pxa_block_error(const pxa_control_block *block) { return block ? pxa_error(&block->state) : failed(EINVAL); }
ssize_t pxa_block_value(const pxa_control_block *block) { return block ? pxa_value(&block->state) : failed(EINVAL); }

int pxa_block_suspend(const pxa_control_block *const *list, int count, const struct timespec *timeout) {
    int error = pxa_suspend((const void *const *)list, count, offsetof(pxa_control_block, state), timeout);
    return error == 0 ? 0 : failed(error);
}
