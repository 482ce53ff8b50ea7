#ifndef SCRIPT_H
#define SCRIPT_H

/*
 * What the judge asks of the probe in one call: operations, one after
 * the other, each a word and its arguments. Bytes lie in one block that
 * goes before them: a place and a length. Each operation gives back
 * what the function returned and errno (0 when it did not fail), and
 * after that what stands here.
 */
enum script_op {
    OP_END,
    OP_OPEN,     /* threads, capacity */
    OP_LOG_OPEN, /* file */
    OP_READ,     /* file, length, offset, tag */
    OP_WRITE,    /* file, place, length, offset, tag */
    OP_SYNC,     /* file, tag */
    OP_LOAD,     /* place, length (a path), tag */
    OP_APPEND,   /* place, length, tag */
    OP_CANCEL,   /* tag */
    OP_REAP,     /* most: gives a number, and so many results */
    OP_WAIT,     /* most: loop until all that was accepted is reaped, so
                    many at once; the same, after how often the
                    descriptor could be read for nothing */
    OP_SLEEP,    /* wait until the descriptor can be read */
    OP_READY,    /* can it be read now? */
    OP_PINGED,   /* wait until the judge pings, and answer */
    OP_BUFFER,   /* operation: gives the bytes of that OP_READ */
    OP_CLOSE,    /* pool or log */
    OP_GONE,     /* wait until no other thread is left */
    OP_SET,      /* file, place, length: make this its contents */
    OP_REPLAY,   /* file: gives a number, and so many records */
    OP_MANY,     /* file, count, capacity, most: gives how often it was
                    refused at the wrong moment, and for nothing; then a
                    byte each, how often they came back, and the bytes
                    that were written and read */
};

/* An operation that could not be tried: there is no pool or log. */
enum { SKIPPED = -2 };

/* Results: tag, result, error, and the bytes (of none: -1). */

/* Calls of the disk at the turnstile, and what it tells them. */
enum script_kind { KIND_READ, KIND_WRITE, KIND_SYNC };
enum script_told {
    TOLD_APPENDS, /* it is about to */
    TOLD_SUBMITTED,
    TOLD_REAPED,
    TOLD_CLOSED,
};
enum script_deed { DEED_ALL, DEED_PART, DEED_FAIL };

/* Which disk: the system's; one of files, through the turnstile; one in
 * memory, in which nothing synchronises threads; one that takes fixed
 * times. */
enum script_disk { DISK_SYSTEM, DISK_GATED, DISK_STILL, DISK_TIMED };

#endif
