#ifndef WIRE_H
#define WIRE_H

#include "text.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The wire between a judge and its probe: frames over a Unix stream
 * socket, each a head and a payload, with descriptors beside it where the
 * judge hands some in.
 *
 * The judge sends WIRE_CALL; the probe answers with one WIRE_ANSWER of the
 * same tag. In between it may send WIRE_SLEEP (virtual time; the judge
 * answers WIRE_WAKE) or WIRE_NOTE, after which it ends: something that the
 * fault layer saw decides the test. Tags are random and drawn by the judge,
 * so that an answer belongs to its call and to no earlier one.
 *
 * Payloads are values one after the other: an integer is 8 bytes in the
 * machine's order, a run of bytes its length and the bytes.
 *
 *   CALL    name, flags, now_ns, fault script, then the adapter's arguments
 *           (no name: a greeting, answered without an adapter)
 *   ANSWER  errno, allocations left, counters of all wrapped calls, the time
 *           in them (ns), log of file operations, then the adapter's results
 *   SLEEP   now_ns, deadline_ns (INT64_MAX: for ever), TCP connections
 *           waited for that are being made, and that have bytes under way
 *   WAKE    now_ns, interrupted (0 or 1)
 *   NOTE    verdict word, sentence
 */
enum wire_kind {
    WIRE_CALL = 1,
    WIRE_ANSWER,
    WIRE_SLEEP,
    WIRE_WAKE,
    WIRE_NOTE
};

/* Flags of a call. */
enum { WIRE_VIRTUAL_TIME = 1, WIRE_LOG_FILES = 2 };

/* By this signal a probe ends itself when it finds its wire closed. */
#define WIRE_LOST SIGIO

enum {
    WIRE_FD = 3,         /* where a probe finds its end */
    WIRE_MOST_FDS = 8,   /* beside one frame */
    WIRE_MOST = 64 << 20 /* bytes of a payload */
};

struct wire_head {
    uint32_t magic;
    uint32_t kind;
    uint64_t tag;
    uint64_t length;
};

/* Send one frame whole; blocks. Returns 0, or -1 with errno. */
int wire_send(int fd, enum wire_kind kind, uint64_t tag,
    const struct text *payload, const int *fds, int fd_count);

/*
 * Receive one frame whole; blocks. The payload replaces what `payload`
 * held; `fds` has room for WIRE_MOST_FDS, the caller closes them, whatever
 * was returned. Returns 1; 0 at the end of the stream; -1 with errno
 * (EPROTO: what came is no frame, or half of one).
 */
int wire_receive(int fd, struct wire_head *head, struct text *payload,
    int *fds, int *fd_count);

/*
 * Take the first whole frame off the bytes that arrived in `buffer`.
 * Returns 1; 0 when it is not whole yet; -1 when what came is no frame.
 */
int wire_take(
    struct text *buffer, struct wire_head *head, struct text *payload);

/* Append a value to a payload. */
void wire_put_int(struct text *payload, int64_t value);
void wire_put_bytes(struct text *payload, const void *bytes, size_t length);
void wire_put_string(struct text *payload, const char *string);

/* A payload being read. `broken` is set, and stays, once it was too short
 * or ill-formed; what is read after that is 0 or empty. */
struct wire_reader {
    const char *at;
    size_t left;
    bool broken;
};

struct wire_reader wire_reader(const struct text *payload);
int64_t wire_int(struct wire_reader *reader);

/* Bytes inside the payload (not copied); a string is NUL-terminated only
 * by wire_string(), which copies into `to` and cuts at `room` - 1. */
const void *wire_bytes(struct wire_reader *reader, size_t *length);
void wire_string(struct wire_reader *reader, char *to, size_t room);

#endif
