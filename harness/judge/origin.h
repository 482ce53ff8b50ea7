#ifndef ORIGIN_H
#define ORIGIN_H

#include "judge/world.h"
#include "text.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The origin server: a real TCP server on the judge's side, for programs
 * that fetch. It answers one HTTP request a connection, by a script: one
 * page a path. Nothing of it waits or sleeps; it is moved along as a world
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
};

struct origin_page {
    char *path;
    struct text answer;  /* status line, headers, body: all that is sent */
    int64_t delay_ms;    /* from the whole request to the first byte */
    size_t step;         /* send so many bytes at once; 0: any */
    int64_t every_ms;    /* and so long between two steps */
    bool drips_for_ever; /* the last byte of `answer`, again and again */
    enum origin_end end;

    /* What came of it; the log. Times are those of the world, in ns; -1:
     * not. A page that is fetched again has the times of the last time. */
    int requests;         /* whole requests for it, so far */
    int arrival;          /* which of all requests it was, from 1 on; 0: not */
    int64_t connected_ns; /* the connection was accepted */
    int64_t arrived_ns;   /* the whole request had been read */
    int64_t released_ns;  /* the first byte of the answer was sent */
    int64_t finished_ns;  /* the last byte was sent, or the client is gone */
    int64_t done_ns;      /* the program said so (origin_done_fd) */
    bool sent_all;        /* the whole answer was sent */
    bool aborted;         /* the client hung up before that */
    struct text request;  /* the request, with its headers */

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
 * - the same pages from a server that reads late: its receive buffer is
 *   small, and it reads only when the program waits, what is there then
 * - one that refuses connections
 * - one where connecting takes for ever, for one request */
struct sockaddr_in origin_late(struct origin *origin);
struct sockaddr_in origin_refusing(struct origin *origin);
struct sockaddr_in origin_hanging(struct origin *origin);

/* Add a page: numbered from 0, in the order in which they are added; the
 * pointer stays valid. A path is of one page. A request for a path that is
 * none is answered 404. */
struct origin_page *origin_page(struct origin *origin, const char *path);
struct origin_page *origin_at(const struct origin *origin, size_t number);
size_t origin_pages(const struct origin *origin);

/* Connections accepted; those of them whose answer has not been sent to its
 * end (and whose client is there), now and at most so far; whole requests. */
int origin_connections(const struct origin *origin);
int origin_in_flight(const struct origin *origin);
int origin_most_in_flight(const struct origin *origin);
int origin_requests(const struct origin *origin);

/* The writing end of a pipe, to be handed in: the adapter writes the number
 * of a page there (a uint32_t) when the program says it is done with it.
 * The caller closes it, ask_fd() does. */
int origin_done_fd(struct origin *origin);

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
