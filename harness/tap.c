#include "tap.h"

#include "text.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERDICT,
    CAUSE,
    EXPECTED,
    SEEN,
    OUTPUT,
    SECONDS,
    BOUND,
    BOUND_BY,
    KEYS
};

static const char *const keys[KEYS] = {
    [VERDICT] = "verdict",
    [CAUSE] = "cause",
    [EXPECTED] = "expected",
    [SEEN] = "seen",
    [OUTPUT] = "output",
    [SECONDS] = "seconds",
    [BOUND] = "bound",
    [BOUND_BY] = "bound_by",
};

/* What the stream told so far. */
struct stream {
    const char *name; /* of the test that must be reported */
    bool version, plan, test, block, closed;
    bool passed;
    char *skip; /* the reason, where the test was not run */
    char *values[KEYS];
    char *wrong; /* what is wrong with the stream, or NULL */
};

static char message[240];

/* Cleaned, because it ends up on a person's terminal. */
static char *
clean(const char *bytes, size_t length)
{
    struct text text = {0};

    text_add_clean(&text, bytes, length);
    char *copy = text_copy(text_string(&text));
    text_free(&text);
    return copy;
}

static bool
starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void
read_plan(struct stream *stream, const char *line)
{
    if (stream->plan)
        stream->wrong = text_copy("it has two plans");
    else if (strcmp(line, "1..1") != 0)
        stream->wrong = text_format("it plans %s, not 1..1", line);
    stream->plan = true;
}

/* The directive behind the name: only "SKIP reason" has a meaning here. */
static void
read_directive(struct stream *stream, const char *directive)
{
    if (!stream->passed || !starts(directive, "SKIP "))
        stream->wrong = text_format("it has a directive # %s", directive);
    else
        stream->skip = clean(directive + 5, strlen(directive + 5));
}

static void
read_test(struct stream *stream, const char *line)
{
    stream->passed = starts(line, "ok 1 - ");
    const char *name = strstr(line, " - ") + 3;
    const char *hash = strstr(name, " # ");
    size_t length = hash != NULL ? (size_t)(hash - name) : strlen(name);

    if (stream->test)
        stream->wrong = text_copy("it holds 2 of 1 tests");
    else if (length != strlen(stream->name) || !starts(name, stream->name))
        stream->wrong = text_format("it reports another test: %s", name);
    else if (hash != NULL)
        read_directive(stream, hash + 3);
    stream->test = true;
}

/* A line outside the block. */
static void
read_line(struct stream *stream, const char *line)
{
    if (starts(line, "Bail out!"))
        stream->wrong = text_format("its judge gave up: %s", line);
    else if (line[0] == '\0' || line[0] == '#')
        return;
    else if (!stream->version && strcmp(line, "TAP version 13") != 0)
        stream->wrong = text_copy("it does not begin with TAP version 13");
    else if (!stream->version)
        stream->version = true;
    else if (starts(line, "1.."))
        read_plan(stream, line);
    else if (!stream->plan)
        stream->wrong = text_copy("it has no plan");
    else if (starts(line, "ok 1 - ") || starts(line, "not ok 1 - "))
        read_test(stream, line);
    else if (strcmp(line, "  ---") == 0 && stream->test && !stream->closed)
        stream->block = true;
    else
        stream->wrong = text_format("it has a strange line: %s", line);
}

static void
read_value(struct stream *stream, int key, const char *value)
{
    json_error_t error;

    json_t *json = json_loadb(
        value, strlen(value), JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!json_is_string(json))
        stream->wrong = text_format("its %s is not a string", keys[key]);
    else if (stream->values[key] != NULL)
        stream->wrong = text_format("it has two lines of %s", keys[key]);
    else
        stream->values[key] =
            clean(json_string_value(json), json_string_length(json));
    json_decref(json);
}

/* A line inside the block. */
static void
read_block(struct stream *stream, const char *line)
{
    if (strcmp(line, "  ...") == 0) {
        stream->block = false;
        stream->closed = true;
        return;
    }
    const char *colon = strstr(line, ": ");
    if (!starts(line, "  ") || line[2] == ' ' || colon == NULL) {
        stream->wrong = text_format("it has a strange line: %s", line);
        return;
    }
    size_t length = (size_t)(colon - line) - 2;
    for (int key = 0; key < KEYS; key++) {
        if (strlen(keys[key]) == length &&
            strncmp(line + 2, keys[key], length) == 0)
            read_value(stream, key, colon + 2);
    }
}

static void
read_lines(struct stream *stream, const char *bytes, size_t length)
{
    const char *end = bytes + length;

    if (memchr(bytes, '\0', length) != NULL)
        stream->wrong = text_copy("it holds a NUL byte");
    while (bytes < end && stream->wrong == NULL) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        if (newline == NULL) {
            stream->wrong = text_copy("it ends inside a line");
            return;
        }
        char *line = strndup(bytes, (size_t)(newline - bytes));
        if (stream->block)
            read_block(stream, line);
        else
            read_line(stream, line);
        free(line);
        bytes = newline + 1;
    }
}

/* Only these can be true of one failed test. */
static bool
is_failure(enum verdict verdict)
{
    return verdict != VERDICT_ACCEPTED && verdict != VERDICT_COULD_NOT_CHECK &&
           verdict != VERDICT_NOT_STARTED;
}

/* Seconds, 0 where they are not told; -1: it is no such number. Neither a
 * sign nor an exponent is known here, nor "inf" and "nan". */
static double
seconds(const char *value)
{
    char *end;

    if (value == NULL)
        return 0;
    double read = strtod(value, &end);
    bool plain = isdigit((unsigned char)value[0]) && *end == '\0' &&
                 strspn(value, "0123456789.") == strlen(value);
    return plain && isfinite(read) ? read : -1;
}

static void
judge_seconds(struct stream *stream)
{
    static const int numbers[] = {SECONDS, BOUND};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *value = stream->values[numbers[i]];
        if (stream->wrong == NULL && seconds(value) < 0)
            stream->wrong = text_format(
                "its %s is no number: %s", keys[numbers[i]], value);
    }
    if (stream->wrong == NULL &&
        (stream->values[BOUND] == NULL) != (stream->values[BOUND_BY] == NULL))
        stream->wrong = text_copy("it has one of bound and bound_by alone");
}

/* What is missing at the end, or contradicts itself. */
static void
judge_whole(struct stream *stream, enum verdict *verdict)
{
    const char *word = stream->values[VERDICT];

    *verdict = VERDICT_ACCEPTED;
    if (!stream->version)
        stream->wrong = text_copy("it is empty");
    else if (!stream->plan)
        stream->wrong = text_copy("it has no plan");
    else if (!stream->test)
        stream->wrong = text_copy("it holds 0 of 1 tests");
    else if (stream->block)
        stream->wrong = text_copy("it ends inside a block");
    else if (word != NULL && !terms_read_verdict(word, verdict))
        stream->wrong = text_format("it has an unknown verdict: %s", word);
    else if (!stream->passed && word == NULL)
        stream->wrong = text_copy("its test fails without a verdict");
    else if (!stream->passed && stream->values[CAUSE] == NULL)
        stream->wrong = text_copy("its test fails without a cause");
    else if (stream->passed == is_failure(*verdict))
        stream->wrong = text_format(
            "its test is %sok and \"%s\"", stream->passed ? "" : "not ", word);
    else
        judge_seconds(stream);
}

static void
replace(char **string, char **by)
{
    free(*string);
    *string = *by;
    *by = NULL;
}

static void
fill(struct result *result, struct stream *stream, enum verdict verdict)
{
    result->state = stream->skip != NULL ? STATE_COULD_NOT_CHECK
                    : stream->passed     ? STATE_PASS
                                         : STATE_FAIL;
    result->verdict = stream->passed ? VERDICT_ACCEPTED : verdict;
    replace(
        &result->cause, stream->skip ? &stream->skip : &stream->values[CAUSE]);
    replace(&result->expected, &stream->values[EXPECTED]);
    replace(&result->seen, &stream->values[SEEN]);
    replace(&result->output, &stream->values[OUTPUT]);
    replace(&result->bound_by, &stream->values[BOUND_BY]);
    result->timed_s = seconds(stream->values[SECONDS]);
    result->bound_s = seconds(stream->values[BOUND]);
}

/* `wrong` quotes the stream, which may be anything and of any length. */
static const char *
complain(const char *wrong)
{
    struct text text = {0};

    size_t length = strnlen(wrong, sizeof message / 4 - 1);
    text_add_clean(&text, wrong, text_utf8_end(wrong, length));
    snprintf(message, sizeof message, "%s", text_string(&text));
    text_free(&text);
    return message;
}

const char *
tap_read(struct result *result, const char *bytes, size_t length)
{
    struct stream stream = {.name = result->name};
    enum verdict verdict = VERDICT_ACCEPTED;
    const char *wrong = NULL;

    if (length > 0)
        read_lines(&stream, bytes, length);
    if (stream.wrong == NULL)
        judge_whole(&stream, &verdict);
    if (stream.wrong == NULL)
        fill(result, &stream, verdict);
    else
        wrong = complain(stream.wrong);
    for (int key = 0; key < KEYS; key++)
        free(stream.values[key]);
    free(stream.skip);
    free(stream.wrong);
    return wrong;
}
