#ifndef API_H
#define API_H

#include <curl/curl.h>
#include <stddef.h>

/*
 * Call many remote APIs, many at once, in one thread, with libcurl.
 *
 * All of libcurl may be used. System calls allowed: poll, select,
 * nanosleep, clock_gettime, socket, fcntl, read, write and close. From
 * the C library whatever only computes, allocates or prints. No thread,
 * no second process. The caller has called curl_global_init().
 */

/* What to ask. Everything stays the caller's, and stays as it is until
 * api_gather() returns. */
struct api_call {
    const char *url;  /* "http://127.0.0.1:8080/a": the host a number */
    const char *post; /* the body of a POST; NULL: a GET */
    int retries;      /* so many attempts more, at most; 0 or more */
};

/* What came of it. */
struct api_result {
    long status;    /* of the answer: 200, 404, …; 0 without one */
    CURLcode error; /* CURLE_OK, or how the last attempt failed */
    int attempts;   /* how often it was tried */
    char *body;     /* api_free() frees it; a NUL follows it */
    size_t length;  /* of the body, in bytes, without that NUL */
};

struct api_options {
    int max_in_flight;     /* 1 or more: requests at once */
    int max_per_host;      /* 1 or more: of those, to one host */
    int timeout_ms;        /* 1 or more: of each attempt */
    int deadline_ms;       /* 1 or more: of all together */
    int backoff_ms;        /* 0 or more: before the first retry */
    const char *ca_file;   /* whom https trusts; NULL: the system's */
    int wait_fd;           /* -1: none */
    void (*on_fd)(void *); /* when wait_fd can be read */
    void *arg;             /* handed on to on_fd */
};

/*
 * Make all n calls; the result of calls[i] goes to results[i], which
 * need not be prepared. With n = 0 there is nothing to do.
 *
 * Returns 0 when every call is done, well or badly. Returns -1 with
 * errno when it cannot be carried out: an option out of its range
 * (EINVAL, and nothing is done), no memory (ENOMEM). Then `results`
 * holds nothing. When it returns, every handle and descriptor that it
 * opened is gone, and no memory is taken but that of the bodies.
 *
 * Many at once
 *  - An attempt is in flight from the moment at which libcurl has it
 *    until its answer is whole, or it has failed. There are never more
 *    than max_in_flight, nor more than max_per_host with the same host
 *    in the URL (127.0.0.1 and 127.0.0.2 are two; ports do not count);
 *    and never fewer while some are left that could begin. A call whose
 *    host has enough holds up no other one.
 *  - A connection that the server keeps open is used again. So there
 *    are never more connections to a host than requests in flight.
 *  - One thread does it all, and sleeps while there is nothing to do.
 *
 * An answer, whatever its status, is CURLE_OK with its body (of length
 * 0, perhaps, but never NULL). Redirections are not followed. Whatever
 * is not http or https is CURLE_UNSUPPORTED_PROTOCOL. Without an answer
 * the status is 0, the body NULL and the length 0. No proxy is used.
 *
 * Over https a server must prove who it is: its certificate is for the
 * host in the URL, and by somebody whom ca_file trusts. Else the call
 * is CURLE_PEER_FAILED_VERIFICATION, and nothing was sent. A ca_file
 * that cannot be read, or holds no certificate, trusts nobody: all
 * calls by https fail, with any error of libcurl's, and no other ones.
 *
 * Again
 *  - Tried again, up to `retries` times, is a GET without an answer
 *    (CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
 *    CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
 *    CURLE_PARTIAL_FILE), and a GET that is answered with 429 or 500 to
 *    599. Nothing else is (no wrong certificate, say); a POST never.
 *  - The k-th retry begins backoff_ms * 2^(k-1) ms after the end of the
 *    attempt before, or as many seconds after it as its Retry-After
 *    says: not sooner, and, if a request may be in flight then, not
 *    later than half as much again (so that you may add a jitter).
 *    Meanwhile it is not in flight, and takes nobody's place.
 *  - The result is that of the last attempt, and nothing of those
 *    before is in its body.
 *
 * deadline_ms after the beginning everything that is not done ends:
 * CURLE_OPERATION_TIMEDOUT, status 0, no body; and so it returns then,
 * whoever is silent. `attempts` may be 0.
 *
 * While it waits, whatever it waits for, it also waits for wait_fd, and
 * calls on_fd(arg) when that can be read: once for each time that it
 * waited, and then waits again. on_fd reads from it, and does not wait.
 *
 * Times may be off by 10 ms. What libcurl sends again by itself, on a
 * connection that turned out to be closed, is no attempt; a call that
 * it refuses at once may have made one or none. No test asks for a
 * wait_fd that is at its end.
 *
 * Be ready for this:
 *  - Several attempts may end between two looks.
 *  - Bytes are bytes: a body may have zeros in it.
 *  - Descriptors may be FD_SETSIZE or larger, and do not fit into an
 *    fd_set. Without select() they are served like any other. With it
 *    such an attempt fails at once, with CURLE_COULDNT_CONNECT.
 *  - malloc() may return NULL: that call ends with CURLE_OUT_OF_MEMORY,
 *    or all of them with -1 and ENOMEM.
 */
int api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options);

/* Free the bodies of n results of an api_gather() that returned 0. */
void api_free(struct api_result *results, size_t n);

#endif
