// Counts heap allocations by replacing the C library's allocator: a symbol of the executable is found before the
// library's own, by every shared library as well.
#include "CSupport.h"

#include <errno.h>
#include <features.h>
#include <stdatomic.h>

static atomic_bool counting = false;
static atomic_uint_fast64_t allocations = 0;

void bench_allocations_start(void) {
    atomic_store(&allocations, 0);
    atomic_store(&counting, true);
}

uint64_t bench_allocations_stop(void) {
    atomic_store(&counting, false);
    return atomic_load(&allocations);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)

bool bench_allocations_available(void) { return true; }

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static inline void count_one(void) {
    // Relaxed: a count, ordered with nothing; while it is off, one load and a branch that is never taken.
    if (__builtin_expect(atomic_load_explicit(&counting, memory_order_relaxed), 0))
        atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    count_one();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_one();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    count_one();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count_one();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_one();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    count_one();
    void *block = __libc_memalign(alignment, size);
    if (block == NULL) return ENOMEM;
    *memory = block;
    return 0;
}

void *valloc(size_t size) {
    count_one();
    return __libc_memalign((size_t)bench_page_size(), size);
}

#else

bool bench_allocations_available(void) { return false; }

#endif
