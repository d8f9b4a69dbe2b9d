// The functions that glibc's manual says a replacement of malloc must have, each counting and then
// calling glibc's own. The executable's definitions come first in the order of symbol search, so
// that a shared Swift runtime uses them as well as a static one.
#include "AllocationCounter.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *old);

static _Atomic uint64_t count;
static _Atomic uint64_t bytes;
static _Atomic int64_t live;

// Benchmarks run on one thread; a load and a store cost nothing where a locked add would show.
#define ADD(counter, value) \
    atomic_store_explicit( \
        &counter, atomic_load_explicit(&counter, memory_order_relaxed) + (value), \
        memory_order_relaxed)

static void *counted(void *made, size_t size) {
    ADD(count, 1);
    ADD(bytes, size);
    if (made) ADD(live, (int64_t)malloc_usable_size(made));
    return made;
}

void *malloc(size_t size) { return counted(__libc_malloc(size), size); }

void *calloc(size_t number, size_t size) {
    return counted(__libc_calloc(number, size), number * size);
}

void *realloc(void *old, size_t size) {
    int64_t before = old ? (int64_t)malloc_usable_size(old) : 0;
    void *made = __libc_realloc(old, size);
    // Where nothing could be had the old block stays.
    if (made || size == 0) ADD(live, -before);
    return counted(made, size);
}

void *memalign(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (!made) return ENOMEM;
    *place = made;
    return 0;
}

void free(void *old) {
    if (old) ADD(live, -(int64_t)malloc_usable_size(old));
    __libc_free(old);
}

uint64_t allocation_count(void) { return atomic_load_explicit(&count, memory_order_relaxed); }
uint64_t allocation_bytes(void) { return atomic_load_explicit(&bytes, memory_order_relaxed); }
uint64_t allocation_live_bytes(void) {
    return (uint64_t)atomic_load_explicit(&live, memory_order_relaxed);
}
