#pragma once

// The calls of Linux that a server, or a test of one, needs and that Swift's Glibc module leaves out.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int memfd_create(const char *name, unsigned int flags);

// Swift finds the fields of `struct stat` now in one module and now in another.
static inline int owner_and_mode(int descriptor, uid_t *owner, mode_t *mode) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    *owner = status.st_uid;
    *mode = status.st_mode;
    return 0;
}
