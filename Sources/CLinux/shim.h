#pragma once

// The calls of Linux that a server, or a test of one, needs and that Swift's Glibc module leaves out.
#include <fcntl.h>
#include <linux/sched.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int memfd_create(const char *name, unsigned int flags);
int unshare(int flags);

// What a reader of files asks before it trusts one.
typedef struct {
    uid_t owner;
    gid_t group;
    mode_t mode;
    dev_t device;
    ino_t inode;
} file_status;

static inline void copy_status(const struct stat *from, file_status *to) {
    to->owner = from->st_uid;
    to->group = from->st_gid;
    to->mode = from->st_mode;
    to->device = from->st_dev;
    to->inode = from->st_ino;
}

static inline int status_of_descriptor(int descriptor, file_status *status) {
    struct stat found;
    if (fstat(descriptor, &found) != 0) return -1;
    copy_status(&found, status);
    return 0;
}

// Of a symbolic link itself, and not of what it points to.
static inline int status_of_path(const char *path, file_status *status) {
    struct stat found;
    if (lstat(path, &found) != 0) return -1;
    copy_status(&found, status);
    return 0;
}

// Of what a symbolic link points to; nothing is opened.
static inline int status_of_target(const char *path, file_status *status) {
    struct stat found;
    if (stat(path, &found) != 0) return -1;
    copy_status(&found, status);
    return 0;
}

static inline int is_on_read_only_mount(const char *path) {
    struct statvfs found;
    return statvfs(path, &found) == 0 && (found.f_flag & ST_RDONLY) != 0;
}

// Locks that belong to the open file, as fcntl(2) has them; the numbers are the kernel's, for headers that hide them.
static inline int lock_one_byte(int descriptor, long long offset, int command, struct flock *lock) {
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return fcntl(descriptor, command, lock);
}

static inline int lock_byte(int descriptor, long long offset) {
    struct flock lock;
    return lock_one_byte(descriptor, offset, 37 /* F_OFD_SETLK */, &lock);
}

static inline void unlock_byte(int descriptor, long long offset) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    fcntl(descriptor, 37 /* F_OFD_SETLK */, &lock);
}

// 1 when another open file holds a lock on the byte, 0 when none does, -1 and errno when nobody can tell.
static inline int is_byte_locked(int descriptor, long long offset) {
    struct flock lock;
    if (lock_one_byte(descriptor, offset, 36 /* F_OFD_GETLK */, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

// Which process connected, as the kernel noted it then: struct ucred of unix(7), which the headers hide.
typedef struct {
    pid_t process;
    uid_t user;
    gid_t group;
} peer_credentials;

static inline int credentials_of_peer(int descriptor, peer_credentials *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, peer, &length);
}

// The bytes of the name that the peer of a unix socket has bound, zero bytes and all; -1 and errno when there is no peer.
static inline int name_of_peer(int descriptor, unsigned char *name, int room) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    if (getpeername(descriptor, (struct sockaddr *)&address, &length) != 0) return -1;
    int count = (int)length - (int)offsetof(struct sockaddr_un, sun_path);
    if (address.sun_family != AF_UNIX || count < 0) return 0;
    if (count > room) count = room;
    memcpy(name, address.sun_path, (size_t)count);
    return count;
}

// Makes this thread alone act as another user, for a test of what the kernel says about a peer: setresuid(2) of the C library
// is for all threads.
static inline int become_user_in_this_thread(uid_t user) { return (int)syscall(SYS_setresuid, -1, user, -1); }

// 1 when another open file holds a lock on any byte, 0 when none does, -1 and errno when nobody can tell.
static inline int is_any_byte_locked(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    if (fcntl(descriptor, 36 /* F_OFD_GETLK */, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

// 0 when this open file has a lock on every byte, so that no other gets one; -1 and errno when another has one.
static inline int lock_all_bytes(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    return fcntl(descriptor, 37 /* F_OFD_SETLK */, &lock);
}

static inline void unlock_all_bytes(int descriptor) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    fcntl(descriptor, 37 /* F_OFD_SETLK */, &lock);
}

// Names this thread, in at most 15 bytes, for the kernel and whoever looks with top(1). Foundation's Thread knows its own thread
// only once the call that started it has gone on, and names none until then. Not for Swift: prctl takes any number of arguments.
static inline void name_this_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Keeps the memory of this process, which holds tokens, out of core files, debuggers and the log.
static inline void keep_memory_private(void) {
    // The limit alone does not hold where the kernel pipes core files into a program: core(5).
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    // Nor may other processes of the same user read it. Not for Swift: prctl takes any number of arguments.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Where there is a toolchain, Swift's runtime writes what the registers of a crash point at into the log. Whoever
    // sets this variable wants to see it.
    if (getenv("SWIFT_BACKTRACE")) return;
    static const int signals[] = {SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
}
