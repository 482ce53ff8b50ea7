#include "terms.h"

#include <string.h>

static const char *const verdicts[VERDICT_COUNT] = {
    [VERDICT_ACCEPTED] = "accepted",
    [VERDICT_WRONG_ANSWER] = "wrong answer",
    [VERDICT_NOT_CONCURRENT] = "not concurrent",
    [VERDICT_NOT_PARALLEL] = "not parallel",
    [VERDICT_UNBALANCED] = "unbalanced",
    [VERDICT_BUSY_WAITING] = "busy waiting",
    [VERDICT_DATA_RACE] = "data race",
    [VERDICT_RUN_TIME_ERROR] = "run-time error",
    [VERDICT_TIME_LIMIT] = "time limit exceeded",
    [VERDICT_MEMORY_LIMIT] = "memory limit exceeded",
    [VERDICT_CONTRACT_ERROR] = "contract error",
    [VERDICT_COMPILE_ERROR] = "compile error",
    [VERDICT_COULD_NOT_CHECK] = "could not check",
    [VERDICT_NOT_STARTED] = "not started",
    [VERDICT_JUDGE_ERROR] = "judge error",
};

static const char *const states[STATE_COUNT] = {
    [STATE_PASS] = "pass",
    [STATE_FAIL] = "fail",
    [STATE_COULD_NOT_CHECK] = "could not check",
};

static const char *const parts[PART_COUNT] = {
    [PART_ANSWERS] = "right answers",
    [PART_WEATHER] = "rough weather",
    [PART_PROOF] = "proof",
    [PART_SPEED] = "speed",
};

static const char *const builds[BUILD_COUNT] = {
    [BUILD_PLAIN] = "plain",
    [BUILD_SANITIZED] = "sanitized",
    [BUILD_FORTIFIED] = "fortified",
    [BUILD_RACES] = "races",
};

static const char *const speeds[SPEED_COUNT] = {
    [SPEED_NONE] = "not timed",
    [SPEED_WITHIN] = "within",
    [SPEED_SLOWER] = "slower",
    [SPEED_UNSURE] = "too noisy to say",
};

/* Where `word` stands in `words`, or -1. */
static int
find(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0)
            return (int)i;
    }
    return -1;
}

const char *
terms_verdict(enum verdict verdict)
{
    return verdicts[verdict];
}

const char *
terms_state(enum state state)
{
    return states[state];
}

const char *
terms_part(enum part part)
{
    return parts[part];
}

const char *
terms_build(enum build build)
{
    return builds[build];
}

const char *
terms_speed(enum speed speed)
{
    return speeds[speed];
}

bool
terms_read_verdict(const char *word, enum verdict *verdict)
{
    int i = find(word, verdicts, VERDICT_COUNT);

    if (i >= 0)
        *verdict = (enum verdict)i;
    return i >= 0;
}

bool
terms_read_part(const char *word, enum part *part)
{
    int i = find(word, parts, PART_SPEED);

    if (i >= 0)
        *part = (enum part)i;
    return i >= 0;
}

bool
terms_read_build(const char *word, enum build *build)
{
    int i = find(word, builds, BUILD_COUNT);

    if (i >= 0)
        *build = (enum build)i;
    return i >= 0;
}
