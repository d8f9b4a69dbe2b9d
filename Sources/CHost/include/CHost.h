#ifndef CHOST_H
#define CHOST_H
// epoll and eventfd, which the Glibc module does not export.
#include <stdint.h>
#endif
