#ifndef ORIGIN_LISTENER_H
#define ORIGIN_LISTENER_H

#include "judge/origin_layer.h"

#include <netinet/in.h>

/*
 * The sockets that an origin server listens on, or pretends to. Used by
 * origin.c alone. Failure ends the program.
 */
enum origin_listener_kind {
    ORIGIN_LISTENS,
    ORIGIN_LISTENS_LATE, /* with a small receive buffer */
    ORIGIN_HANGS,        /* a SYN gets no answer */
    ORIGIN_REFUSES       /* a SYN gets a reset */
};

struct origin_listener {
    int fd;
    int filler; /* of one that hangs: fills its queue; else -1 */
    enum origin_listener_kind kind;
    const struct origin_layer *layer; /* of its connections; NULL: none */
};

/* On a port of 127.0.0.HOST that the kernel draws; or on a socket handed in,
 * which it then owns. */
struct origin_listener origin_listener_new(
    enum origin_listener_kind kind, int host);
struct origin_listener origin_listener_on(int fd);

struct sockaddr_in origin_listener_address(
    const struct origin_listener *listener);

/* The last number of its address: 1 of 127.0.0.1. */
int origin_listener_host(const struct origin_listener *listener);

/* Accept one connection: its descriptor, or -1 when nobody waits. */
int origin_listener_accept(const struct origin_listener *listener);

void origin_listener_close(struct origin_listener *listener);

#endif
