#ifndef TERMS_H
#define TERMS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The words of a record, shared by the harness and its judges. Their
 * printed forms are part of every report format; change none of them.
 */

/* What is true of a submission, or of one failed test. */
enum verdict {
    VERDICT_ACCEPTED,
    VERDICT_WRONG_ANSWER,
    VERDICT_NOT_CONCURRENT,
    VERDICT_NOT_PARALLEL,
    VERDICT_UNBALANCED,
    VERDICT_BUSY_WAITING,
    VERDICT_DATA_RACE,
    VERDICT_RUN_TIME_ERROR,
    VERDICT_TIME_LIMIT,
    VERDICT_MEMORY_LIMIT,
    VERDICT_CONTRACT_ERROR,
    VERDICT_COMPILE_ERROR,
    VERDICT_COULD_NOT_CHECK,
    VERDICT_NOT_STARTED,
    VERDICT_JUDGE_ERROR,
    VERDICT_COUNT
};

/* How one test ended. */
enum state { STATE_PASS, STATE_FAIL, STATE_COULD_NOT_CHECK, STATE_COUNT };

/* Which share of a lab's points a test belongs to. */
enum part {
    PART_ANSWERS,
    PART_WEATHER,
    PART_PROOF,
    PART_SPEED, /* of the duel; no test belongs to it */
    PART_COUNT
};

/* How many equal units of work a timed run does (judge/judge.h). */
enum { WORKLOAD_UNITS = 4 };

/* What a duel (duel.h) came to. */
enum speed {
    SPEED_NONE, /* it was not timed */
    SPEED_WITHIN,
    SPEED_SLOWER,
    SPEED_UNSURE,
    SPEED_COUNT
};

/* Which program a test judges: as the learner would build it; with Address-
 * Sanitizer and UBSan; with _FORTIFY_SOURCE; with ThreadSanitizer. What the
 * last one's tests cannot find out for want of tools blocks no acceptance. */
enum build {
    BUILD_PLAIN,
    BUILD_SANITIZED,
    BUILD_FORTIFIED,
    BUILD_RACES,
    BUILD_COUNT
};

/* "accepted", "wrong answer", …; "pass", "fail", "could not check";
 * "right answers", "rough weather", "proof", "speed"; "plain", "sanitized",
 * "fortified", "races"; "not timed", "within", "slower", "too noisy to
 * say". */
const char *terms_verdict(enum verdict verdict);
const char *terms_state(enum state state);
const char *terms_part(enum part part);
const char *terms_build(enum build build);
const char *terms_speed(enum speed speed);

/* The other way round. Return false for an unknown word; such is "speed",
 * since no test has that part. */
bool terms_read_verdict(const char *word, enum verdict *verdict);
bool terms_read_part(const char *word, enum part *part);
bool terms_read_build(const char *word, enum build *build);

#endif
