#ifndef ASK_H
#define ASK_H

#include "judge/crash.h"
#include "judge/world.h"
#include "probe/wire.h"
#include "probe/wrapped.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Asking the probe: one call of the learner's function, from the judge's
 * side.
 *
 *     struct ask ask = ask_new("read_full");
 *     ask.faults = "read: 1 3 EINTR";
 *     ask_input(&ask, "abcdefgh", 8);
 *     ask_int(&ask, 8);
 *     struct answer answer = {0};
 *     ask_send(&ask, &answer);
 *     judge_equal_int("io_read_full() returned", 8, answer_int(&answer));
 *
 * A probe that dies, hangs, spins, takes too much, meddles with the wire or
 * leaves a process behind fails the test here, with its own cause; so
 * ask_send() returns only with a complete, fresh answer.
 *
 * Stuck, not slow: a probe is given up only when every thread of it was
 * found asleep, look after look, for two seconds in which it took or gave
 * nothing that it was asked for. One that can run has until its limit of
 * processor time, however busy the machine is.
 */
enum { ASK_MOST_PUMPS = 4 };

/* Bytes that the judge moves while the probe works. */
struct pump {
    int fd;        /* the judge's end; closed when the call is over */
    bool receives; /* else it sends `bytes` and then closes its end */
    const char *bytes;
    size_t length;
    size_t step;       /* at most so many bytes at once; 0: any */
    bool when_asleep;  /* moves only once the probe is seen asleep */
    bool keep_open;    /* after the last byte was sent */
    struct text *into; /* what was received; the caller's */
    size_t done;
};

/* Something that happens at a moment of virtual time. */
enum event_kind { EVENT_SEND, EVENT_CLOSE, EVENT_SIGNAL };

struct event {
    int64_t at_ms;
    enum event_kind kind;
    int fd; /* the judge's end */
    const char *bytes;
    size_t length;
};

struct ask {
    const char *adapter;   /* an entry of the probe's table: the function, or
                            * "function:which" */
    const char *faults;    /* a fault script (probe/faults.h), or NULL */
    struct text arguments; /* ask_int() and its like */
    int fds[WIRE_MOST_FDS];
    int fd_count;
    struct pump pumps[ASK_MOST_PUMPS];
    int pump_count;
    bool log_files;             /* answer.steps is wanted */
    bool virtual_time;          /* the clock is the judge's, from 0 on */
    const struct event *events; /* in order of time */
    size_t event_count;
    struct world *world; /* what it lives in (world.h), or NULL */
};

struct ask ask_new(const char *adapter);
void ask_int(struct ask *ask, int64_t value);
void ask_bytes(struct ask *ask, const void *bytes, size_t length);
void ask_string(struct ask *ask, const char *string);

/* Hand in a descriptor; it is closed here once it was sent. */
void ask_fd(struct ask *ask, int fd);

/* Hand in the reading end of a pipe that holds `bytes` (which stay the
 * caller's) and then ends; the writing end of one whose bytes are
 * collected in `into`. Both return the pump for finer settings. */
struct pump *ask_input(struct ask *ask, const void *bytes, size_t length);
struct pump *ask_output(struct ask *ask, struct text *into);

struct answer {
    int error;                      /* errno after the learner's function */
    int64_t allocations_left;       /* blocks taken and not given back */
    int64_t calls[WRAPPED_COUNT];   /* by the learner's code */
    int64_t call_ns[WRAPPED_COUNT]; /* the time in them (probe/faults.h): to
                                       be shown, not to judge by */
    int64_t now_ms;                 /* virtual time at the end */
    struct crash_step *steps;       /* its file operations */
    size_t step_count;
    struct text payload;
    struct wire_reader results;
};

/* Ask, and wait for the answer, which replaces what `answer` held. */
void ask_send(struct ask *ask, struct answer *answer);

/* The adapter's results, in its order. Missing ones fail the test. */
int64_t answer_int(struct answer *answer);
const void *answer_bytes(struct answer *answer, size_t *length);

void answer_free(struct answer *answer);

/* The probe's process, and how many descriptors it has open, seen from
 * outside (/proc/PID/fd). Starts it if need be. */
pid_t ask_probe(void);
int ask_open_descriptors(void);

/* Wait until the probe is there and waits to be asked: what runs before its
 * main has run. */
void ask_greet(void);

/* When the probe that was last let go by ask_finish() was seen to have
 * ended (clock.h). */
double ask_ended_s(void);

/* The end of a test: let the probe end, see that it did so properly and
 * left nothing behind. Called by judge_main. */
void ask_finish(void);

/* End the probe, and all that came from it, whatever it is doing. */
void ask_kill(void);

/* What the probe printed so far, cleaned for a terminal. */
const char *ask_printed(void);

#endif
