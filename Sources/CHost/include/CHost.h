#ifndef CHOST_H
#define CHOST_H
// What the Glibc module does not export: epoll and eventfd. The system headers stay in host.c, since
// a header that names them here would take the socket constants away from files that import Glibc.
#include <stdint.h>

#include "chost_openssl.h"

// One readiness report: the token given at registration and what may be done now.
typedef struct {
    uint64_t token;
    int32_t readable;
    int32_t writable;
} chost_event;

// Every function returns a value >= 0, or the negated errno.
int32_t chost_epoll_create(void);
int32_t chost_eventfd_create(void);
int32_t chost_epoll_add(int32_t epoll, int32_t fd, uint64_t token, int32_t reading, int32_t writing);
int32_t chost_epoll_change(
    int32_t epoll, int32_t fd, uint64_t token, int32_t reading, int32_t writing);
// Waits at most timeout_ms (-1: for ever) and fills at most `room` events; an interruption is 0.
int32_t chost_epoll_wait(int32_t epoll, chost_event *events, int32_t room, int32_t timeout_ms);
// Adds one to the counter; a full counter is no error, the reader is due to wake anyway.
int32_t chost_eventfd_signal(int32_t fd);
// Takes the counter back to zero.
int32_t chost_eventfd_clear(int32_t fd);
/// Gives heap pages that hold nothing any more back to the system.
void chost_trim_heap(void);
/* Blocks of so many bytes and more are mapped, and unmapped when freed, whatever was freed before. */
void chost_map_large_blocks(int32_t bytes);

/* No core of this process is written, and no other process may read its memory (PR_SET_DUMPABLE). */
void chost_forbid_dumps(void);

#endif
