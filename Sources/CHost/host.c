// epoll and eventfd as functions of plain integers: see CHost.h.
#include <malloc.h>
#include "CHost.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MOST_EVENTS = 512 };

static int32_t result(int value) { return value < 0 ? -errno : value; }

int32_t chost_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int32_t chost_eventfd_create(void) { return result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

static int32_t control(int32_t epoll, int operation, int32_t fd, uint64_t token, int32_t reading,
                       int32_t writing) {
    struct epoll_event event = {0};
    event.events = (reading ? EPOLLIN | EPOLLRDHUP : 0) | (writing ? EPOLLOUT : 0);
    event.data.u64 = token;
    return result(epoll_ctl(epoll, operation, fd, &event));
}

int32_t chost_epoll_add(int32_t epoll, int32_t fd, uint64_t token, int32_t reading,
                        int32_t writing) {
    return control(epoll, EPOLL_CTL_ADD, fd, token, reading, writing);
}

int32_t chost_epoll_change(int32_t epoll, int32_t fd, uint64_t token, int32_t reading,
                           int32_t writing) {
    return control(epoll, EPOLL_CTL_MOD, fd, token, reading, writing);
}

int32_t chost_epoll_wait(int32_t epoll, chost_event *events, int32_t room, int32_t timeout_ms) {
    struct epoll_event found[MOST_EVENTS];
    int count = epoll_wait(epoll, found, room < MOST_EVENTS ? room : MOST_EVENTS, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t bits = found[i].events;
        // An error or a hang-up shows at the next read or write, so both are tried.
        int ended = (bits & (EPOLLERR | EPOLLHUP)) != 0;
        events[i].token = found[i].data.u64;
        events[i].readable = ended || (bits & (EPOLLIN | EPOLLRDHUP)) != 0;
        events[i].writable = ended || (bits & EPOLLOUT) != 0;
    }
    return count;
}

int32_t chost_eventfd_signal(int32_t fd) {
    uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof one);
    return n < 0 && errno != EAGAIN ? -errno : 0;
}

int32_t chost_eventfd_clear(int32_t fd) {
    uint64_t count = 0;
    ssize_t n = read(fd, &count, sizeof count);
    return n < 0 && errno != EAGAIN ? -errno : 0;
}

void chost_trim_heap(void) { (void)malloc_trim(0); }

void chost_map_large_blocks(int32_t bytes) { (void)mallopt(M_MMAP_THRESHOLD, bytes); }

void chost_forbid_dumps(void) { (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Swift's library, linked in, asks for hypotf, and glibc 2.35 gave that a new version: with this one
// in its place the program starts on glibc 2.34 too (RHEL 9, Amazon Linux 2023). Not by way of
// hypot, which is of 2.35 as well.
float hypotf(float x, float y) {
    if (isinf(x) || isinf(y)) return INFINITY;
    return (float)sqrt((double)x * x + (double)y * y);
}
