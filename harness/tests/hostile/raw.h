#ifndef RAW_H
#define RAW_H

/*
 * For hostile submissions: system calls that `nm` cannot see, the wire as
 * an attacker knows it, and a right answer to hide behind.
 */
#include "../../harness/probe/wrapped.h"
#include "first.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* One system call: its number and up to six arguments; what the kernel
 * returns, -errno included. */
#define RAW(...) RAW_SIX(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define RAW_SIX(n, a, b, c, d, e, f, ...) \
    raw_call((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), \
        (long)(e), (long)(f))

static inline long
raw_call(long n, long a, long b, long c, long d, long e, long f)
{
#ifdef __x86_64__
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;

    __asm__ volatile("syscall"
                     : "+a"(n)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return n;
#else /* aarch64 */
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;

    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
#endif
}

static inline long
raw_fork(void)
{
    return RAW(SYS_clone, SIGCHLD);
}

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
    int64_t payload[WRAPPED_COUNT + 4] = {0};

    payload[WRAPPED_COUNT + 3] = value;
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
