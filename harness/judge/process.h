#ifndef PROCESS_H
#define PROCESS_H

#include "judge/look.h"
#include "terms.h"
#include "text.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The probe's process, seen from the judge: started under limits, watched
 * through /proc, its end put into words. Used by ask.c alone.
 */
struct process_settings {
    const char *program; /* the probe; an absolute path */
    const char *dir;     /* its working directory */
    unsigned cpu_s, memory_mib, nofile;
    enum build build;
};

extern struct process_settings process_settings; /* set by judge_main */

struct process {
    pid_t pid;
    int ended; /* pidfd: readable when it has ended */
    int wire;  /* our end */
    int out;   /* its standard output and standard error; -1 at their end */
    struct text output;
    size_t output_total;
    double cpu_s;   /* processor time used, when last looked at */
    double idle_s;  /* asleep, without a step forward */
    bool answered;  /* a call, at least */
    double ended_s; /* when it was seen to have ended (clock.h) */
};

/* Start the probe. Failure is the harness's own: it dies. */
void process_start(struct process *process);

/* Read what it printed; a flood of more than 4 MiB fails the test. */
void process_take_output(struct process *process);

/*
 * Look at every thread, `ms` after the last look or since something moved.
 * A look that finds all asleep adds that to idle_s, and processor time used
 * in between takes twice itself away: so one that works, however slow the
 * machine, is not idle, and one that now and then wakes for a moment is.
 * Fails the test when the process is over its limit of processor time or
 * memory.
 */
enum { PROCESS_LOOK_MS = 100, PROCESS_STUCK_S = 2 };
enum look process_look(struct process *process, int ms);

/* Had it used up its processor time at the last look? The next look then
 * fails the test. */
bool process_is_spent(const struct process *process);

/* Fail the test: idle for PROCESS_STUCK_S, with nobody to wake it. */
_Noreturn void process_stuck(struct process *process);

/* Wait for its end; what it prints is taken. False when it is stuck. */
bool process_wait(struct process *process);

/* Kill it and everything that came from it. Does not fail the test. */
void process_kill(struct process *process);

/*
 * It has ended: collect it and what it left behind. Fails the test, with
 * how it ended `doing` something ("in io_read_full()"), unless it had
 * answered everything, exited with status 0 and left no process behind.
 */
void process_reap(struct process *process, const char *doing, bool answered);

/* Hang up and wait for its end. Fails the test as process_reap() does, and
 * when the process is stuck or over a limit. */
void process_finish(struct process *process);

/* Fail the test: the program touched the wire. `how` is a predicate:
 * "closed the harness's channel". */
_Noreturn void process_meddled(const char *how);

#endif
