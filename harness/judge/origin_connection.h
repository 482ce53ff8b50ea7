#ifndef ORIGIN_CONNECTION_H
#define ORIGIN_CONNECTION_H

#include "judge/origin.h"

#include <poll.h>

/*
 * One connection of the origin server: a request is read, its answer sent
 * as its page says. Used by origin.c alone.
 */
struct origin_connection {
    int fd;                   /* -1: over */
    int number;               /* of all that were accepted, from 1 on */
    int host;                 /* at which: 127.0.0.HOST */
    bool late;                /* reads only when the program waits */
    int64_t connected_ns;     /* accepted */
    struct text request;      /* as far as it has come */
    size_t taken;             /* bytes of it that have their page */
    bool encouraged;          /* it waited for "100 Continue", and got it */
    bool idle;                /* kept open, and nothing has come since */
    struct origin_page *page; /* NULL until the request is whole */
    size_t sent;              /* bytes of the answer */
    int64_t next_ns;          /* when more may be sent */
    bool finished;            /* nothing more will be sent */
    bool input_ended;         /* the client sends nothing more */

    const struct origin_layer *layer; /* NULL: none */
    void *side;                       /* our side of it */
};

/* It has been accepted: nothing has come yet. */
void origin_connection_open(
    struct origin_connection *connection, const struct origin_layer *layer);

/* The connection now has the page; the answer begins `delay_ms` later. */
void origin_connection_answer(struct origin_connection *connection,
    struct origin_page *page, int64_t now_ns);

/* What to wait for. */
struct pollfd origin_connection_wish(
    const struct origin_connection *connection, int64_t now_ns);

/* Read what is there; true when something came, the end included. */
bool origin_connection_read(
    struct origin_connection *connection, int64_t now_ns);

/* Has a whole request come that has no page yet? (A client that sends its
 * body only when it is told to is told so.) */
bool origin_connection_asks(struct origin_connection *connection);

/* Send what may be sent now; true when something went, the end included. */
bool origin_connection_send(
    struct origin_connection *connection, int64_t now_ns);

/* When more may be sent; INT64_MAX: not by itself. */
int64_t origin_connection_next_ns(const struct origin_connection *connection);

/* Are bytes on their way to the client? Bytes that it has sent unread? */
bool origin_connection_has_unsent(const struct origin_connection *connection);
bool origin_connection_has_unread(const struct origin_connection *connection);

void origin_connection_close(struct origin_connection *connection);

#endif
