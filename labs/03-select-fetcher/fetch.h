#ifndef FETCH_H
#define FETCH_H

#include <netinet/in.h>
#include <stddef.h>

/*
 * Fetch many pages over HTTP, many at once, in one thread.
 *
 * System calls allowed: socket, connect, send, recv, read, write,
 * select, poll, fcntl, getsockopt, setsockopt, shutdown, close and
 * clock_gettime. From the C library whatever only computes, allocates
 * or prints: malloc() and its like, all of string.h, snprintf(). No
 * thread, no second process.
 */

/* What to fetch. Everything stays the caller's, and stays as it is
 * until fetch_all() returns. */
struct fetch_request {
    struct sockaddr_in address; /* ready for connect() */
    const char *host;           /* for the Host header: "127.0.0.1" */
    const char *path; /* "/a?b=c": begins with '/', has no blanks, and
                       * may be long (a mebibyte) */
};

/* What came of it. */
struct fetch_result {
    int status;    /* the server's three digits: 200, 404, 500, … */
    int error;     /* 0, or what went wrong: an errno value */
    char *body;    /* fetch_free() frees it */
    size_t length; /* of the body, in bytes */
};

struct fetch_options {
    int max_in_flight; /* 1 or more, as large as you like */
    int timeout_ms;    /* 1 or more, of each request */
    size_t max_body;   /* bytes; a longer body is an error */
    void (*on_done)(
        size_t i, const struct fetch_result *result, void *arg);
    void *arg; /* handed on to on_done */
};

/*
 * Fetch all n requests; the result of requests[i] goes to results[i].
 * Neither `results` nor what is in it need be prepared. With n = 0
 * there is nothing to do, and `requests` and `results` may be NULL. A
 * page that is requested twice is fetched twice.
 *
 * Returns 0 when every request is done, well or badly: a request that
 * fails does so alone, in its result. Returns -1 with errno when the
 * call itself cannot be carried out: max_in_flight is less than 1
 * (EINVAL, and nothing is done), there is no memory for its own tables
 * (ENOMEM), or the wait for all of them failed with anything but
 * EINTR. Then `results` holds nothing and needs no fetch_free().
 *
 * When it returns, one way or the other, every descriptor that it
 * opened is closed, and no memory is taken but that of the bodies.
 *
 * Many at once
 *  - A request is in flight from its connect() on, until it is done and
 *    its descriptor is closed. There are never more than max_in_flight
 *    of them, and never fewer while some are still to be begun: where
 *    one is done, the next begins, before anything is waited for.
 *  - No request waits for another one. Whoever has something to give
 *    or to take is served, in whatever order that happens.
 *  - One thread does it all, and sleeps in select() or poll() while
 *    there is nothing to do: it wakes when something can be read or
 *    written that it wants to, or at a deadline, and otherwise not.
 *
 * on_done, unless it is NULL, is called once for each request, at the
 * moment it is done: before anything more is waited for, so in the
 * order in which requests are done. It gets the number of the request,
 * &results[i], which is final, and `arg`. It does not wait.
 *
 * What is sent: "GET PATH HTTP/1.0", then "Host: HOST", then whatever
 * other headers you like, then an empty line; every line ends in
 * "\r\n". Or HTTP/1.1, with "Connection: close". You may shut down the
 * sending side after that.
 *
 * What comes: a server sends nothing before it has the whole request.
 *  - A status line, "HTTP/1.0 200 OK" or "HTTP/1.1 404 …": a version
 *    that begins with "HTTP/1.", one blank, three digits, and a blank
 *    or the end of the line.
 *  - Headers, one a line, "Name: value", with any number of blanks and
 *    tabs before the value, also none. Lines end in "\r\n".
 *  - An empty line, then the body. Bytes are bytes: zeros and empty
 *    lines may be among them.
 *  - "Content-Length: 123", in upper or lower case or both, says how
 *    long the body is: so long, and the request is done with its last
 *    byte, without the end of the stream. Bytes after that are no part
 *    of it. There is at most one such header. Its value is digits,
 *    up to the end of the line, or else it is broken (EPROTO). The
 *    number may be too large for any type you have.
 *  - Without it the body goes on until the end of the stream.
 * The body is never encoded in any way.
 *
 * A status of 404 or 500 is an answer like any other, and no error. A
 * request that fails has an error, status 0, a NULL body and length 0:
 *   ECONNREFUSED, ECONNRESET, …  what the system said, through a call
 *              that failed or through SO_ERROR; of socket(): EMFILE.
 *              Such a call is not tried again, except after EINTR and
 *              EAGAIN (or EWOULDBLOCK, the same number here)
 *   ETIMEDOUT  timeout_ms after its connect() it was not done. What
 *              happens meanwhile does not make that later: neither
 *              bytes that come, nor signals, nor the other requests,
 *              nor somebody who sets the wall clock
 *   EPROTO     no status line as above, a Content-Length that is no
 *              number, or the stream ended before the empty line, or
 *              before the last byte that Content-Length announced
 *   EMSGSIZE   the body is longer than max_body. That is known by its
 *              Content-Length, or else by byte number max_body + 1, and
 *              is not waited for any longer
 *   ENOMEM     no memory for the answer
 * Status line and headers of 16 KiB must do. For longer ones EPROTO is
 * allowed, and for more than a mebibyte that is what comes, since a
 * server could go on for ever.
 *
 * Be ready for this:
 *  - connect(), send() and recv() may do less than all, or wait for
 *    ever if you let them; and that a descriptor is ready need not be
 *    true by the time you ask (EAGAIN). So: O_NONBLOCK.
 *  - A signal may interrupt select() and poll(), and send() and recv()
 *    (EINTR). That is no failure. A connect() that does not wait is
 *    never interrupted.
 *  - Descriptors may be FD_SETSIZE or larger, and do not fit into an
 *    fd_set. With poll() they are served like any other; with select()
 *    their requests fail, with EMFILE, and alone.
 *  - SIGPIPE has its usual action: to end the program. A send() to a
 *    connection that is no more raises it, unless MSG_NOSIGNAL is
 *    given.
 *  - malloc() may return NULL.
 */
int fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options);

/* Free the bodies of n results of a fetch_all() that returned 0. What
 * has no body (NULL) is left alone. Not the array itself. */
void fetch_free(struct fetch_result *results, size_t n);

#endif
