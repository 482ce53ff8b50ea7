#include "probe/faults.h"

#include <errno.h>
#include <link.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/*
 * The waits and clocks of libcurl, in virtual time.
 *
 * ld --wrap reaches the learner's object alone; a library that waits for it
 * has calls of its own. This object *defines* them, in the program, where
 * the dynamic linker looks first; so it is linked (as an object: out of the
 * archive it would come into every probe) into those of labs with libcurl,
 * and nowhere else. Whoever else calls them, the harness, the sanitizers,
 * another library, gets the real ones, by syscall(2): they are told apart
 * by where the call came from.
 *
 * The scripts of the fault layer are not for libcurl: what it does when
 * send() fails is its own affair. That a byte moved counts as getting on.
 *
 * It is never sanitized, since it is called before a sanitizer has begun.
 */

static uintptr_t library_from, library_to; /* libcurl's place; 0: none */

/* A library lies in one piece; its headers say how long that is. */
static int
find_library(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    if (strstr(info->dlpi_name, "/libcurl") == NULL)
        return 0;
    library_from = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
        if (part->p_type == PT_LOAD && end > library_to)
            library_to = end;
    }
    return 1;
}

static void __attribute__((constructor)) find_libcurl(void)
{
    dl_iterate_phdr(find_library, NULL);
}

static bool
is_library(const void *caller)
{
    uintptr_t place = (uintptr_t)caller;

    return place >= library_from && place < library_to && faults_active();
}

/* Did libcurl make this call, for the learner? */
#define OF_LIBRARY() is_library(__builtin_return_address(0))

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
ssize_t __recv_chk(
    int fd, void *buffer, size_t length, size_t room, int flags);

static int
really_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

    return (int)syscall(
        SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &wait, NULL, 0);
}

/* libcurl looks at each descriptor without a wait, all the time: that is
 * not the learner's doing. */
static int
poll_of(bool library, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return library && timeout_ms != 0 ? __wrap_poll(fds, count, timeout_ms)
                                      : really_poll(fds, count, timeout_ms);
}

int
poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return poll_of(OF_LIBRARY(), fds, count, timeout_ms);
}

int
__poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
    (void)room;
    return poll_of(OF_LIBRARY(), fds, count, timeout_ms);
}

static int
look(bool library, clockid_t clock, struct timespec *now)
{
    return library && virtual_look(clock, now)
               ? 0
               : (int)syscall(SYS_clock_gettime, clock, now);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    return look(OF_LIBRARY(), clock, now);
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec wall;

    (void)zone;
    int result = look(OF_LIBRARY(), CLOCK_REALTIME, &wall);
    now->tv_sec = wall.tv_sec;
    now->tv_usec = wall.tv_nsec / 1000;
    return result;
}

time_t
time(time_t *now)
{
    struct timespec wall;

    look(OF_LIBRARY(), CLOCK_REALTIME, &wall);
    if (now != NULL)
        *now = wall.tv_sec;
    return wall.tv_sec;
}

/* Something happened on a connection: the program is not idle. */
static ssize_t
moved_if(bool library, ssize_t result)
{
    if (library && result >= 0)
        virtual_moved();
    return result;
}

static ssize_t
really_receive(int fd, void *buffer, size_t length, int flags)
{
    return syscall(SYS_recvfrom, fd, buffer, length, flags, NULL, NULL);
}

ssize_t
recv(int fd, void *buffer, size_t length, int flags)
{
    return moved_if(OF_LIBRARY() && (flags & MSG_PEEK) == 0,
        really_receive(fd, buffer, length, flags));
}

ssize_t
__recv_chk(int fd, void *buffer, size_t length, size_t room, int flags)
{
    (void)room;
    return moved_if(OF_LIBRARY() && (flags & MSG_PEEK) == 0,
        really_receive(fd, buffer, length, flags));
}

ssize_t
send(int fd, const void *bytes, size_t length, int flags)
{
    return moved_if(
        OF_LIBRARY(), syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0));
}

/* Its declaration is none of ISO C, so it has another name here. */
int interposed_connect(
    int fd, const struct sockaddr *address, socklen_t size) __asm__("connect");

int
interposed_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    bool library = OF_LIBRARY();
    int result = (int)syscall(SYS_connect, fd, address, size);

    if (library && (result == 0 || errno == EINPROGRESS))
        virtual_moved();
    return result;
}
