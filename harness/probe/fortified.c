#include "probe/wrapped.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>

/*
 * What _FORTIFY_SOURCE makes of some calls in a learner's object: the same,
 * with the room that there is. A call that does not fit it is left to the C
 * library, which ends the program; any other goes to the fault layer.
 */

ssize_t __wrap_read(int fd, void *buffer, size_t length);
ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
ssize_t __wrap_readlink(const char *path, char *to, size_t length);
int __wrap_open(const char *path, int flags, ...);

ssize_t __read_chk(int fd, void *buffer, size_t length, size_t room);
ssize_t __recv_chk(
    int fd, void *buffer, size_t length, size_t room, int flags);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
ssize_t __readlink_chk(const char *path, char *to, size_t length, size_t room);
int __open_2(const char *path, int flags);

ssize_t __wrap___read_chk(int fd, void *buffer, size_t length, size_t room);
ssize_t __wrap___recv_chk(
    int fd, void *buffer, size_t length, size_t room, int flags);
int __wrap___poll_chk(
    struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
ssize_t __wrap___readlink_chk(
    const char *path, char *to, size_t length, size_t room);
int __wrap___open_2(const char *path, int flags);

ssize_t
__wrap___read_chk(int fd, void *buffer, size_t length, size_t room)
{
    return length > room ? __read_chk(fd, buffer, length, room)
                         : __wrap_read(fd, buffer, length);
}

ssize_t
__wrap___recv_chk(int fd, void *buffer, size_t length, size_t room, int flags)
{
    return length > room ? __recv_chk(fd, buffer, length, room, flags)
                         : __wrap_recv(fd, buffer, length, flags);
}

int
__wrap___poll_chk(
    struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
    return count > room / sizeof *fds
               ? __poll_chk(fds, count, timeout_ms, room)
               : __wrap_poll(fds, count, timeout_ms);
}

ssize_t
__wrap___readlink_chk(const char *path, char *to, size_t length, size_t room)
{
    return length > room ? __readlink_chk(path, to, length, room)
                         : __wrap_readlink(path, to, length);
}

/* Of flags that the compiler could not see: never with a mode. */
int
__wrap___open_2(const char *path, int flags)
{
    return flags & O_CREAT ? __open_2(path, flags) : __wrap_open(path, flags);
}
