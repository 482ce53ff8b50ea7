#ifndef RAW_H
#define RAW_H

/*
 * For hostile submissions: system calls that `nm` cannot see, the wire as
 * an attacker knows it, and a right answer to hide behind.
 */
#include "../../harness/probe/wrapped.h"
#include "first.h"
#include "raw_call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline void
raw_sleep_ms(long ms)
{
    long wait[2] = {ms / 1000, ms % 1000 * 1000000};

    RAW(SYS_nanosleep, wait);
}

static inline void
raw_pause(void)
{
    for (;;)
        RAW(SYS_ppoll);
}

/* Once in a process: two forks and a session of its own. Returns 1 in the
 * daemon, 0 in the caller, once that is the only one left. */
static inline int
raw_daemon(void)
{
    static int started;

    if (started++)
        return 0;
    long child = raw_fork();
    if (child != 0) {
        RAW(SYS_wait4, child);
        return 0;
    }
    RAW(SYS_setsid);
    if (raw_fork() != 0)
        RAW(SYS_exit_group, 0);
    return 1;
}

/* A file outside, by which the tests see what lived on. */
static inline void
raw_mark(const char *path)
{
    RAW(SYS_openat, -100, path, 0101, 0600);
}

/* The wire (harness/probe/wire.h). */
enum { WIRE = 3, MAGIC = 0x57594931, ANSWER = 2, SLEEP = 3, NOTE = 5 };

struct raw_head {
    uint32_t magic, kind;
    uint64_t tag, length;
};

static inline void
raw_send(uint32_t kind, uint64_t tag, const void *payload, size_t length)
{
    struct raw_head head = {MAGIC, kind, tag, length};

    RAW(SYS_sendto, WIRE, &head, sizeof head, 0x4000);
    RAW(SYS_sendto, WIRE, payload, length, 0x4000);
}

/* The tag of the call that waits in the wire, which stays there. */
static inline uint64_t
raw_peek_tag(void)
{
    struct raw_head head = {0, 0, 0, 0};

    RAW(SYS_recvfrom, WIRE, &head, sizeof head, 2);
    return head.tag;
}

static inline void
raw_answer(uint64_t tag, int64_t value)
{
    int64_t payload[2 * WRAPPED_COUNT + 4] = {0};

    payload[2 * WRAPPED_COUNT + 3] = value;
    raw_send(ANSWER, tag, payload, sizeof payload);
}

/* first_byte() as it should be. */
static inline int64_t
right_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int
right_byte(int fd, int timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int64_t end_ms = right_ms() + timeout_ms;
    unsigned char byte;

    for (;;) {
        int64_t left_ms = timeout_ms < 0 ? -1 : end_ms - right_ms();
        int ready = poll(&wait, 1, (int)left_ms);
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return -1;
        if (ready < 0)
            continue;
        ssize_t n = read(fd, &byte, 1);
        if (n >= 0)
            return n == 1 ? byte : FIRST_END;
        if (errno != EINTR && errno != EAGAIN)
            return -1;
    }
}

#endif
