#ifndef FAULTS_H
#define FAULTS_H

#include "probe/wrapped.h"
#include "terms.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The fault layer: what stands between the learner's object and the C
 * library (wrapped.h), scripted by the judge, call by call.
 *
 * A script names calls and what befalls them one after the other; when it
 * is used up, or does not name a call, the call is the real one:
 *
 *     read: 1 3 EINTR 2; write: ok ENOSPC
 *
 *   a number   this call moves at most so many bytes
 *   EAGAIN     this call is refused, and every later one too, until poll()
 *              or select() was asked about a descriptor in that direction
 *   EINTR, EIO, ENOSPC, EMFILE, …   this call fails so and does nothing
 *              (a failing close() does close)
 *   ok         this call is the real one
 *
 * A program that asks again and again without waiting, or goes on after
 * the end of its input, is told apart by counting, not by a clock: after
 * FAULTS_PATIENCE such calls in a row it is noted (serve.c) and ended.
 */
enum { FAULTS_PATIENCE = 1000 };

/* Begin a call: read its script, clear counters and log. A broken script
 * ends the probe with a message: the judge's fault. */
void faults_begin(
    const char *script, bool virtual_time, int64_t now_ns, bool log_files);

/* End it: from here on wrapped calls are the real ones, and are not counted
 * or logged. So they are before the first call, in a person's hands. */
void faults_end(void);

/* What is known after a call. */
int64_t faults_calls(enum wrapped call);
int64_t faults_allocations_left(void);
const struct text *faults_log(void);

/* Between the files of the fault layer ---------------------------------- */

/* Between faults_begin() and faults_end(). */
bool faults_active(void);

enum fault { FAULT_NONE, FAULT_CAP, FAULT_ERROR };

struct fault_action {
    enum fault fault;
    long value; /* bytes, or errno */
};

/* Count the call and take what its script says of it. */
struct fault_action faults_take(enum wrapped call);

/* Set errno and return -1, as the call would. */
int faults_fail(struct fault_action action);

/* The program waits for reading or writing: what was refused is granted. */
void faults_waited(bool reading, bool writing);

/* A call came back with EAGAIN; or with anything else. */
void faults_refused(enum wrapped call);
void faults_moved(void);

/* The file log (files.c): what was written. */
void files_begin(bool log);
void files_end(void);
void files_wrote(int fd, const void *bytes, int64_t length);
const struct text *files_log(void);

/* Virtual time (virtual.c): bytes moved, so the program is not idle. */
void virtual_begin(bool on, int64_t now_ns);
void virtual_end(void);
void virtual_moved(void);

/* Memory (memory.c). */
void memory_begin(void);
void memory_end(void);
int64_t memory_left(void);

/* Tell the judge what decides the test, and end the probe (serve.c). */
_Noreturn void serve_note(enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sleep in virtual time until `deadline_ns`, or an event before it: the
 * judge says what time it is then. Returns -1 when a signal came. */
int serve_sleep(int64_t *now_ns, int64_t deadline_ns);

#endif
