#ifndef ORIGIN_H
#define ORIGIN_H

#include "judge/origin_layer.h"
#include "judge/world.h"
#include "text.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The origin server: a real TCP server on the judge's side, for programs that
 * fetch. It answers HTTP requests by a script: one page a path, or several,
 * one for each time that it is asked for; one request a connection, or one
 * after the other. Nothing of it waits or sleeps; it is moved along as a world
 * (world.h), in virtual time or in real time, and logs what happens when.
 *
 *     struct origin *origin = origin_new(-1);
 *     struct origin_page *page = origin_page(origin, "/a");
 *     text_addf(&page->answer, "HTTP/1.0 200 OK\r\n\r\nhello");
 *     ask.world = origin_world(origin);
 *
 * Failures of its own end the program (warn.h); what a client does, however
 * odd, never does.
 */
struct origin;

/* How a connection ends once the answer has been sent. */
enum origin_end {
    ORIGIN_CLOSES, /* politely: the client reads to the end */
    ORIGIN_STAYS,  /* open and silent, until the client hangs up */
    ORIGIN_RESETS, /* at once, when the client has what was sent */
    ORIGIN_KEEPS,  /* not: it takes the next request (HTTP/1.1) */
};

struct origin_page {
    char *path;
    struct text answer;  /* status line, headers, body: all that is sent */
    int64_t delay_ms;    /* from the whole request to the first byte */
    size_t step;         /* send so many bytes at once; 0: any */
    int64_t every_ms;    /* and so long between two steps */
    bool drips_for_ever; /* the last byte of `answer`, again and again */
    enum origin_end end;
    struct origin_page *next; /* answers the next request for this path; NULL:
                                 this one does again */

    /* What came of it; the log. Times are those of the world, in ns; -1:
     * not. A page that is fetched again has the times of the last time. */
    int requests;         /* whole requests for it, so far */
    int arrival;          /* which of all requests it was, from 1 on; 0: not */
    int64_t connected_ns; /* the connection was accepted */
    int64_t arrived_ns;   /* the whole request had been read */
    int64_t released_ns;  /* the first byte of the answer was sent */
    int64_t finished_ns;  /* the last byte was sent, or the client is gone */
    int64_t done_ns;      /* the program said so (origin_done_fd) */
    int dones;            /* how often it did */
    int connection;       /* which of all connections, from 1 on */
    int host;             /* 1: it was asked for at 127.0.0.1 */
    bool sent_all;        /* the whole answer was sent */
    bool aborted;         /* the client hung up before that */
    struct text request;  /* the request, with its headers and body */

    /* How many bytes of the answer may be sent: SIZE_MAX, unless a gate
     * (gate.h) withholds some. */
    size_t allowed;
};

enum { ORIGIN_MOST_PAGES = 1024 };

/* A server on a listening TCP socket of 127.0.0.1, which it then owns; or,
 * with -1, on one of its own, on a port that the kernel draws. */
struct origin *origin_new(int listening);
void origin_free(struct origin *origin);

/* Where it listens. */
struct sockaddr_in origin_address(const struct origin *origin);

/* More addresses, for as long as the origin lives:
 * - the same pages at 127.0.0.HOST, with 2 to 254
 * - the same pages from a server that reads late: its receive buffer is
 *   small, and it reads only when the program waits, what is there then
 * - one that refuses connections
 * - one where connecting takes for ever, for one request
 * - the same pages at 127.0.0.HOST, with 1 to 254, over TLS (origin_tls.h);
 *   the layer stays the caller's, and lives longer */
struct sockaddr_in origin_host(struct origin *origin, int host);
struct sockaddr_in origin_late(struct origin *origin);
struct sockaddr_in origin_refusing(struct origin *origin);
struct sockaddr_in origin_hanging(struct origin *origin);
struct sockaddr_in origin_secure(
    struct origin *origin, int host, const struct origin_layer *layer);

/* Work on so many answers at once, delay_ms each (1 to 64 of them); who comes
 * when all desks are taken waits in a queue. Unless it is said, there is one
 * for everybody. */
void origin_set_desks(struct origin *origin, int count);

/* Add a page: numbered from 0, in the order in which they are added; the
 * pointer stays valid. A path is of one page. A request for a path that is
 * none is answered 404. */
struct origin_page *origin_page(struct origin *origin, const char *path);
struct origin_page *origin_at(const struct origin *origin, size_t number);
size_t origin_pages(const struct origin *origin);

/* One more answer for the path of the page: its first request gets that of
 * the page, the second this one, and so on. It is none of the numbered. */
struct origin_page *origin_again(struct origin_page *page);

/* Connections accepted; those of them whose answer has not been sent to its
 * end (and whose client is there), now and at most so far; those open, at most
 * so far. One that is kept, and has nothing to answer, is not in flight. Of
 * one host (1: 127.0.0.1), or with 0 of all. */
int origin_connections_at(const struct origin *origin, int host);
int origin_in_flight_at(const struct origin *origin, int host);
int origin_most_in_flight_at(const struct origin *origin, int host);
int origin_most_open_at(const struct origin *origin, int host);

/* Of all. */
static inline int
origin_connections(const struct origin *origin)
{
    return origin_connections_at(origin, 0);
}

static inline int
origin_in_flight(const struct origin *origin)
{
    return origin_in_flight_at(origin, 0);
}

static inline int
origin_most_in_flight(const struct origin *origin)
{
    return origin_most_in_flight_at(origin, 0);
}

/* Whole requests. */
int origin_requests(const struct origin *origin);

/* The writing end of a pipe, to be handed in: the adapter writes the number
 * of a page there (a uint32_t) when the program says it is done with it.
 * The caller closes it, ask_fd() does. */
int origin_done_fd(struct origin *origin);

/* Was that asked for? */
bool origin_is_told(const struct origin *origin);

/* Called after anything happened, and when the program was found waiting
 * (`asleep`), for a gate: it may change `allowed` of pages. `stuck` as in
 * world.h. `asleep` and `stuck` return whether they let something go. */
struct origin_gate {
    void (*changed)(struct origin *origin, void *self);
    bool (*asleep)(struct origin *origin, void *self);
    bool (*stuck)(struct origin *origin, void *self);
    void *self;
};

void origin_set_gate(struct origin *origin, const struct origin_gate *gate);

/* The world to be put into ask.world. */
struct world *origin_world(struct origin *origin);

#endif
