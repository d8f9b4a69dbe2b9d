// Counts what a program takes from the heap, for the Benchmarks executable and nothing else: linking
// this replaces malloc and its family in the whole process.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Allocations since the start: malloc, calloc, realloc and the aligned ones, one each.
uint64_t allocation_count(void);
/// Bytes asked for since the start.
uint64_t allocation_bytes(void);
/// Bytes of the heap in use now, as the allocator rounds them.
uint64_t allocation_live_bytes(void);

#endif
