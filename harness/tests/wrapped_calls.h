#ifndef WRAPPED_CALLS_H
#define WRAPPED_CALLS_H

/*
 * For tests of the fault layer: the calls under the names that the linker
 * gives them in a learner's object, and what serve.c does for the layer. A
 * note comes back to the test; the judge's clock is the test's.
 */
#include "probe/faults.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

ssize_t __wrap_read(int fd, void *buffer, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t length);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fstat(int fd, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags);
int __wrap_getsockopt(
    int fd, int level, int option, void *value, socklen_t *size);
int __wrap_setsockopt(
    int fd, int level, int option, const void *value, socklen_t size);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_shutdown(int fd, int how);
ssize_t __wrap_readlink(const char *path, char *to, size_t room);
int __wrap_select(int count, fd_set *reading, fd_set *writing,
    fd_set *exceptions, struct timeval *timeout);
int __wrap_nanosleep(const struct timespec *wait, struct timespec *left);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_gettimeofday(struct timeval *time, void *zone);
time_t __wrap_time(time_t *time);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *block);

/* As _FORTIFY_SOURCE has them. */
ssize_t __wrap___read_chk(int fd, void *buffer, size_t length, size_t room);
ssize_t __wrap___recv_chk(
    int fd, void *buffer, size_t length, size_t room, int flags);
int __wrap___poll_chk(
    struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
ssize_t __wrap___readlink_chk(
    const char *path, char *to, size_t length, size_t room);
int __wrap___open_2(const char *path, int flags);

/* The note that ended the call. */
static struct {
    enum verdict verdict;
    char sentence[512];
    jmp_buf back;
    bool expected;
} note;

void
serve_note(enum verdict verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(note.sentence, sizeof note.sentence, format, args);
    va_end(args);
    note.verdict = verdict;
    if (!note.expected)
        ck_abort_msg("a note: %s", note.sentence);
    longjmp(note.back, 1);
}

/* Is what the statement does noted, with this verdict? */
#define ck_assert_noted(STATEMENT, VERDICT) \
    do { \
        note.expected = true; \
        if (setjmp(note.back) == 0) { \
            STATEMENT; \
            ck_abort_msg("no note"); \
        } \
        note.expected = false; \
        ck_assert_int_eq(note.verdict, VERDICT); \
    } while (0)

/* The judge, asked to let time pass until a deadline: as serve_sleep(). */
static int (*judge)(int64_t *now_ns, int64_t deadline_ns);

int
serve_sleep(
    int64_t *now_ns, int64_t deadline_ns, const struct traffic *traffic)
{
    (void)traffic;
    if (judge == NULL)
        ck_abort_msg("the judge is asked for the time");
    return judge(now_ns, deadline_ns);
}

/* Begin a call in real time, without a file log. */
static inline void
begin_script(const char *script)
{
    faults_begin(script, false, 0, false);
}

/* A pipe that holds these bytes; its reading end. The writing end stays
 * open and is the next descriptor. */
static inline int
pipe_with(const char *bytes)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(ends[1], ends[0] + 1);
    ssize_t length = (ssize_t)strlen(bytes);
    ck_assert_int_eq(write(ends[1], bytes, (size_t)length), length);
    return ends[0];
}

/* Wait in poll() for one descriptor. */
static inline int
wait_for(int fd, short events)
{
    struct pollfd one = {fd, events, 0};

    return __wrap_poll(&one, 1, 0);
}

#endif
