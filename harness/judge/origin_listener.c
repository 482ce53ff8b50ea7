#include "judge/origin_listener.h"

#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LATE_BUFFER = 32 << 10 };

struct sockaddr_in
origin_listener_address(const struct origin_listener *listener)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    if (getsockname(listener->fd, (struct sockaddr *)&address, &size) != 0)
        die("find the port of a server:");
    return address;
}

int
origin_listener_host(const struct origin_listener *listener)
{
    struct sockaddr_in address = origin_listener_address(listener);

    return (int)(ntohl(address.sin_addr.s_addr) & 0xff);
}

static void
listen_with(int fd, int backlog)
{
    if (listen(fd, backlog) != 0)
        die("listen on 127.0.0.1:");
}

/* The kernel lets any SYN fall while the queue, of one, is full. */
static void
fill_queue(struct origin_listener *listener)
{
    struct sockaddr_in address = origin_listener_address(listener);

    listener->filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener->filler < 0 ||
        connect(listener->filler, (struct sockaddr *)&address,
            sizeof address) != 0)
        die("fill the queue of a server:");
}

struct origin_listener
origin_listener_new(enum origin_listener_kind kind, int host)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + (unsigned)host)};
    const int small = LATE_BUFFER;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("open a server on 127.0.0.%d:", host);
    if (kind == ORIGIN_LISTENS_LATE &&
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) != 0)
        die("set the size of a buffer:");
    struct origin_listener listener = {.fd = fd, .filler = -1, .kind = kind};
    if (kind != ORIGIN_REFUSES)
        listen_with(fd, kind == ORIGIN_HANGS ? 0 : SOMAXCONN);
    if (kind == ORIGIN_HANGS)
        fill_queue(&listener);
    return listener;
}

struct origin_listener
origin_listener_on(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        die("take over a listening socket:");
    listen_with(fd, SOMAXCONN);
    return (struct origin_listener){
        .fd = fd, .filler = -1, .kind = ORIGIN_LISTENS};
}

int
origin_listener_accept(const struct origin_listener *listener)
{
    if (listener->kind != ORIGIN_LISTENS &&
        listener->kind != ORIGIN_LISTENS_LATE)
        return -1;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE))
        die("accept a connection:");
    return fd;
}

void
origin_listener_close(struct origin_listener *listener)
{
    close(listener->fd);
    if (listener->filler >= 0)
        close(listener->filler);
}
