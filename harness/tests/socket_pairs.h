#ifndef SOCKET_PAIRS_H
#define SOCKET_PAIRS_H

/* For tests of the fault layer: sockets to call it with. */
#include "wrapped_calls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static char block[64];

/* Two connected sockets, of which the first holds these bytes. */
static inline void
open_pair(int ends[2], const char *bytes)
{
    ssize_t length = (ssize_t)strlen(bytes);

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(write(ends[1], bytes, (size_t)length), length);
}

/* A listening socket of TCP, and its address. */
static inline int
listen_here(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &size), 0);
    return fd;
}

static inline int
connect_to(int fd, const struct sockaddr_in *address)
{
    return __wrap_connect(
        fd, (const struct sockaddr *)address, sizeof *address);
}

/* The call fails, and says why. */
#define FAILS(CALL, ERROR) \
    do { \
        errno = 0; \
        ck_assert_int_eq(CALL, -1); \
        ck_assert_int_eq(errno, ERROR); \
    } while (0)

#endif
