#ifndef FAULTS_H
#define FAULTS_H

#include "probe/wrapped.h"
#include "terms.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/*
 * The fault layer: what stands between the learner's object and the C
 * library (wrapped.h), scripted by the judge, call by call.
 *
 * A script names calls and what befalls them one after the other; when it
 * is used up, or does not name a call, the call is the real one:
 *
 *     read: 1 3 EINTR 2; write: ok ENOSPC; socket: ok EMFILE; clock: step
 *
 *   a number   this call (read, write, recv, send) moves at most so many
 *              bytes
 *   EAGAIN     this call (of the same four) is refused, and so is every
 *              later one on its descriptor in that direction, until poll()
 *              or select() was asked about just that
 *   EINTR, EIO, ENOSPC, EMFILE, ECONNREFUSED, …   this call fails so and
 *              does nothing (a failing close() does close; a connect() that
 *              says EINTR has begun, as POSIX has it; EPIPE brings SIGPIPE)
 *   ok         this call is the real one
 *   pthread_cond_wait: a number   this call is woken for nothing, as POSIX
 *              has it: it returns at once, having let go of the lock
 *   clock: step   in virtual time: after the first look at the wall clock
 *              (CLOCK_REALTIME, gettimeofday(), time()) it is put back by
 *              one hour; CLOCK_MONOTONIC goes on
 *
 * A close() or unlink() that succeeds leaves ENOTTY in errno, as any call
 * may: who needs the errno of an earlier failure has to keep it.
 *
 * A program that asks again and again without waiting, waits for what it
 * then leaves lying, or goes on after the end of its input, is told apart
 * by counting, not by a clock: after FAULTS_PATIENCE such calls in a row it
 * is noted (serve.c) and ended. So is, at once, one whose select() is told
 * not to look at a descriptor of its sets.
 */
enum { FAULTS_PATIENCE = 1000 };

/* Begin a call: read its script, clear counters and log. A broken script
 * ends the probe with a message: the judge's fault. */
void faults_begin(
    const char *script, bool virtual_time, int64_t now_ns, bool log_files);

/* End it: from here on wrapped calls are the real ones, and are not counted
 * or logged. So they are before the first call, in a person's hands. */
void faults_end(void);

/*
 * What is known after a call. Its time is that of the real calls alone, in
 * real time: of no call that a script made fail, and none in virtual time
 * that waits. Those that never wait in the kernel, from clock_gettime on,
 * are not measured: 0.
 */
int64_t faults_calls(enum wrapped call);
int64_t faults_call_ns(enum wrapped call);
int64_t faults_allocations_left(void);
const struct text *faults_log(void);

/* Between the files of the fault layer ---------------------------------- */

/* Between faults_begin() and faults_end(). */
bool faults_active(void);

/*
 * Threads of a learner's program may make any call at once (in real time:
 * virtual time is for programs of one thread). What is counted is atomic;
 * scripts, the table of memory and the log of files have this one lock. It
 * is no pthread_mutex_t, because ThreadSanitizer would see one and take it
 * for an order between those threads, which hides their races. Hold it for
 * moments; a note is sent without it.
 */
void faults_lock(void);
void faults_unlock(void);

enum fault { FAULT_NONE, FAULT_CAP, FAULT_ERROR };

struct fault_action {
    enum fault fault;
    long value; /* bytes, or errno */
};

/* Count the call and take what its script says of it; of one that moves
 * bytes, on a descriptor, the second. */
struct fault_action faults_take(enum wrapped call);
struct fault_action faults_take_on(enum wrapped call, int fd, bool writing);

/* Set errno and return -1, as the call would. */
int faults_fail(struct fault_action action);

/* How many of `length` bytes the call may move. */
size_t faults_cap(struct fault_action action, size_t length);

/* The program waits for a descriptor, to read or to write: what was refused
 * there is granted. It was closed: there is nothing to be granted. */
void faults_waited(int fd, bool reading, bool writing);
void faults_closed(int fd);

/* What a call that takes bytes in, or gives some out, came back with:
 * returned unchanged, as errno is. Notes who asks in vain. */
ssize_t faults_got(enum wrapped call, ssize_t got, size_t wanted);
ssize_t faults_put(enum wrapped call, ssize_t put);

/* A call came back with "not now" (EAGAIN or EALREADY in errno); or with
 * anything else, and the program got on. An adapter says the second itself
 * for what a callback of its own moves. */
void faults_refused(enum wrapped call);
void faults_moved(void);

/* Make a real call and measure it (spent.c): REAL(read, fd, buffer, n). Its
 * errno is kept. */
#define REAL(call, ...) \
    (spent_start(), spent_stop(WRAPPED_##call, call(__VA_ARGS__)))
void spent_clear(void);
void spent_start(void);
ssize_t spent_stop(enum wrapped call, ssize_t result);

/* The file log (files.c): what was written. */
void files_begin(bool log);
void files_end(void);
void files_wrote(int fd, const void *bytes, int64_t length);
const struct text *files_log(void);

/* Virtual time (virtual.c): the wall clock will be put back; the program
 * got on, so it is not idle. */
void virtual_begin(bool on, int64_t now_ns);
void virtual_end(void);
void virtual_step_clock(void);
void virtual_moved(void);

/* A library that the program calls looks at the clock: the time, in virtual
 * time; else false. A thousand handles look often, so it has more patience
 * than the program itself. */
enum { VIRTUAL_LIBRARY_PATIENCE = 300 * FAULTS_PATIENCE };
bool virtual_look(clockid_t clock, struct timespec *time);

/* Memory (memory.c). */
void memory_begin(void);
void memory_end(void);
int64_t memory_left(void);

/* Tell the judge what decides the test, and end the probe (serve.c). */
_Noreturn void serve_note(enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What is on its way on the descriptors that a program waits for: TCP
 * connections being made, and those with bytes that the other end has not
 * acknowledged. */
struct traffic {
    int64_t connecting, unsent;
};

/* Sleep in virtual time until `deadline_ns`, or an event before it: the
 * judge says what time it is then. Returns -1 when a signal came. */
int serve_sleep(
    int64_t *now_ns, int64_t deadline_ns, const struct traffic *traffic);

#endif
