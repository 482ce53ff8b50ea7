#ifndef JUDGE_H
#define JUDGE_H

#include "terms.h"

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A judge: the program that decides. judge.c of a lab holds its tests
 * (START_TEST of Check) and a table of them; its main is one line:
 *
 *     static const struct judge_test tests[] = {
 *         {"2.1 Reading until you have it all", PART_ANSWERS, BUILD_PLAIN,
 *             &reads_all_of_it},
 *         …
 *     };
 *
 *     int
 *     main(int argc, char **argv)
 *     {
 *         return judge_main(argc, argv, tests,
 *             sizeof tests / sizeof tests[0], &workload);
 *     }
 *
 * One process runs one test. It starts the probe, asks it (ask.h), and
 * compares what came back with what it knows. Its result leaves as TAP on
 * a descriptor that the probe never has. Nothing of the learner's runs in
 * this process, and Check does not fork.
 */
struct judge_test {
    const char *section; /* a heading of the chapter: the TCase's name */
    enum part part;
    enum build build;
    const TTest *const *test; /* & of the name given to START_TEST */
};

/*
 * What is timed after acceptance, beside the reference (duel.h): a number of
 * equal units of work. A run does WORKLOAD_UNITS of them; one that does twice
 * as many is twice as slow, which is how the timing itself is tried.
 *
 *   prepare  draws the inputs of so many units from the seed
 *   work     asks the probe for them, one unit after the other: the time
 *            that counts begins here, with the probe waiting to be asked,
 *            and ends with its exit; what comes back is only kept
 *   check    compares every answer, and fails the test like any other
 *
 * Sizes are those of lab.yaml (judge_size). No two runs should have the same
 * inputs, so that nothing remembered of one is of use in the next: so all
 * that an answer depends on is drawn.
 */
struct judge_workload {
    void (*prepare)(int units);
    void (*work)(int units);
    void (*check)(int units);
};

/* A size of the workload, by its name in lab.yaml; "team" is how many
 * threads are to be at work at once. Dies when it is not there. */
int64_t judge_size(const char *name);

/* Said by `check`: no program can do what this run did in less than so many
 * seconds, and what sets that limit: "the longest wait". From what was
 * measured in this very run; shown, never judged. 0 s: it cost nothing. */
void judge_bound(double seconds, const char *what, ...)
    __attribute__((format(printf, 2, 3)));

/* Options: --list, or --test NAME or --workload with --probe PATH,
 * --dir DIR, --seed N, --results FD, --cpu S, --memory MIB, --nofile N,
 * --build NAME (what the probe is; plain), --peak (its own peak memory, on
 * standard error); with --workload also --units N, and --size NAME=COUNT for
 * each size. Returns main's status: 0 when the test was run, whatever came
 * of it; 2 when it could not be. `workload` is NULL where nothing is timed. */
int judge_main(int argc, char **argv, const struct judge_test *tests,
    size_t count, const struct judge_workload *workload);

/*
 * The test has failed, for this reason: one sentence or two that a beginner
 * understands. Does not return. What judge_scene() said last is put in
 * front of it, what judge_values() said goes beside it.
 */
_Noreturn void judge_fail(enum verdict verdict, const char *cause, ...)
    __attribute__((format(printf, 2, 3)));

/* What is being tried right now, for the sentence of a failure: "Asked for
 * 8 bytes while read() gave 1, then 3". NULL or "": nothing to say. */
void judge_scene(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* What was expected and what was seen, both as a person reads them (the
 * bytes: text_show). */
void judge_values(const char *expected, const char *seen);

/* judge_fail(VERDICT_WRONG_ANSWER, …) with both values, unless they are
 * equal. `what` is the subject: "io_read_full() returned". */
void judge_equal_int(const char *what, int64_t expected, int64_t seen);
void judge_equal_bytes(const char *what, const void *expected,
    size_t expected_length, const void *seen, size_t seen_length);

/* "EIO" for EIO; "0" for 0; "error 1234" for one without a name here. */
const char *judge_errno(int error);

/* The test cannot be run on this machine: it counts as "could not check".
 * Does not return. */
_Noreturn void judge_skip(const char *reason);

/* Random numbers from the seed of the run and the name of the test
 * (splitmix64, Steele et al. 2014): the same again with the same seed. */
uint64_t judge_random(void);
uint64_t judge_random_below(uint64_t limit);

/* `length` random bytes of the 256, newlines and NULs among them; the
 * caller frees them. */
char *judge_random_bytes(size_t length);

/* A name in the test's own folder, which is the probe's working directory
 * and is removed afterwards. Valid until the next call. */
const char *judge_path(const char *name);

#endif
