#include "judge/ask.h"
#include "judge/judge.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The judge of lab 02.
 *
 * What is read comes out of pipes that were filled before the call, what
 * is written goes into pipes and sockets whose other end is here, what is
 * saved is looked at in the folder. The weather (short reads and writes,
 * signals, refusals, failures) is a fault script; weather() puts it into
 * words, so that a failure tells what was tried.
 *
 * Whether a program waits for more than it needs is seen in virtual time:
 * what it should not wait for comes hours later, on a clock that turns
 * only once the program is asleep. A program that did wait shows in
 * answer.now_ms, or in the order of the bytes.
 *
 *   in words, inputs and weather
 *   2.1 to 2.5: for each section its asking, its checks, its tests
 *   the table, and what is timed
 */

static struct answer answer;     /* of the last call */
static struct text received;     /* what came out of it */
static const char *lesson = "";  /* what a wrong answer is to teach */
static const int hour_ms = 3600000;

/* In words ---------------------------------------------------------- */

/* The one word of a fault script, as the predicate of its call. */
static void
tell_action(struct text *story, const char *call, const char *word,
    int number)
{
    bool reads = strcmp(call, "read") == 0;

    if (strcmp(word, "EINTR") == 0)
        text_addf(story, " was interrupted (EINTR)");
    else if (strcmp(word, "EAGAIN") == 0)
        text_addf(story, " had no%s yet (EAGAIN)",
            reads ? "thing" : " room");
    else if (reads || strcmp(call, "write") == 0)
        text_addf(story, " failed (%s)", word);
    else
        text_addf(story, " failed (%s) at call %d", word, number);
}

/* "read: 1 3 EINTR" as "read() gave 1, 3, then was interrupted (EINTR)" */
static void
tell_call(struct text *story, char *part)
{
    char *rest, *word;
    const char *call = strtok_r(part, " :", &rest);
    bool counting = false, first = true;
    int number = 0;

    text_addf(story, "%s%s()", story->length > 0 ? "; " : "", call);
    while ((word = strtok_r(NULL, " :", &rest)) != NULL) {
        number++;
        if (strcmp(word, "ok") == 0)
            continue;
        bool counts = isdigit((unsigned char)word[0]);
        if (!first)
            text_addf(story, counting && counts ? "," : ", then");
        if (!counts)
            tell_action(story, call, word, number);
        else if (counting)
            text_addf(story, " %s", word);
        else
            text_addf(story, " %s %s", call[0] == 'r' ? "gave" : "took",
                word);
        counting = counts;
        first = false;
    }
    if (first)
        text_addf(story, " did all of it");
}

/* A fault script in words; valid until the next call. */
static const char *
weather(const char *faults)
{
    static struct text story;
    char *copy = text_copy(faults != NULL ? faults : "");
    char *rest;

    story.length = 0;
    for (char *part = strtok_r(copy, ";", &rest); part != NULL;
         part = strtok_r(NULL, ";", &rest))
        tell_call(&story, part);
    free(copy);
    if (story.length == 0)
        return "every call did all it was asked for";
    return text_string(&story);
}

/* Bytes as a person reads them; valid until the call after the next. */
static const char *
shown(const void *bytes, size_t length)
{
    static struct text texts[2];
    static int next;
    struct text *text = &texts[next = 1 - next];

    text->length = 0;
    text_show(text, bytes, length, 48);
    return text->bytes;
}

static _Noreturn void
fail(const char *cause)
{
    judge_fail(VERDICT_WRONG_ANSWER, "%s", cause);
}

/* Inputs ------------------------------------------------------------- */

/* The shape with a random letter for each 'x' and a zero byte for each
 * '0'. Valid for the whole test. */
static const char *
from_shape(const char *shape)
{
    char *bytes = text_copy(shape);

    for (char *at = bytes; *shape != '\0'; at++, shape++) {
        if (*shape == 'x')
            *at = (char)('a' + judge_random_below(26));
        else if (*shape == '0')
            *at = '\0';
    }
    return bytes;
}

/* Letters with a zero byte, a newline or a 0xff here and there. */
static char *
draw(size_t length)
{
    char *bytes = text_zeroed(length + 1, 1);

    for (size_t i = 0; i < length; i++) {
        uint64_t pick = judge_random_below(34);
        bytes[i] = pick < 26 ? (char)('a' + pick) : "\0\n\xff "[pick % 4];
    }
    return bytes;
}

/* The two ends of a pipe: one ours, one for the program. */
struct line {
    int ours, theirs;
};

/* A pipe that holds these bytes, at most 64 KiB, with room for more. */
static struct line
filled_line(const char *bytes, size_t length)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0 ||
        write(ends[1], bytes, length) != (ssize_t)length)
        die("fill a pipe with %zu bytes:", length);
    return (struct line){.ours = ends[1], .theirs = ends[0]};
}

/* A pipe that holds these bytes and then ends. */
static int
filled_pipe(const char *bytes, size_t length)
{
    struct line line = filled_line(bytes, length);

    close(line.ours);
    return line.theirs;
}

/* All 341 schedules of up to four actions, the short ones first: 0 is no
 * action, 1 to 4 are one, and so on. */
enum { SCHEDULES = 341, SHORT_SCHEDULES = 85 };

/* Schedule `i` for a call, as a fault script: "read: 1 3 EINTR". Valid
 * until the call after the next. */
static const char *
schedule(const char *call, int i)
{
    static const char *const actions[] = {"1", "2", "3", "EINTR"};
    static char scripts[2][64];
    static int next;
    char *script = scripts[next = 1 - next];
    int length = 0, n = snprintf(script, 64, "%s:", call);

    for (int count = 1; i >= count; count *= 4, length++)
        i -= count;
    for (; length > 0; length--, i /= 4)
        n += snprintf(script + n, 64 - (size_t)n, " %s", actions[i % 4]);
    return script;
}

/* A script put together; valid until the next call. */
static const char *__attribute__((format(printf, 1, 2)))
script(const char *format, ...)
{
    static char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return line;
}

/* Up to two interrupted waits, for the end of a script. */
enum { INTERRUPTIONS = 3 };

static const char *const interrupted[INTERRUPTIONS] = {
    "", "; poll: EINTR", "; poll: EINTR EINTR"};

/* How often a word is in a script, from `part` on. */
static int
count_in(const char *faults, const char *part, const char *word)
{
    int count = 0;

    for (const char *at = faults ? strstr(faults, part) : NULL;
         at && (at = strstr(at, word)); at += strlen(word))
        count++;
    return count;
}

/* What is asked of every call ------------------------------------------ */

/* The program gave up although nothing had failed. */
static void
check_not_given_up(const char *function, bool gave_up, const char *faults)
{
    bool waits = answer.calls[WRAPPED_poll] > 0;

    if (!gave_up)
        return;
    if (answer.error == EINTR && waits && count_in(faults, "poll", "EI"))
        fail("A signal interrupted poll() (EINTR), and you took that for "
             "a failure. It only means: call poll() again.");
    if (answer.error == EINTR)
        fail("You gave up. A signal in between (EINTR) is not a failure: "
             "make the call again.");
    if (answer.error == EAGAIN)
        fail("You gave up. EAGAIN is not a failure, it says \"not now\": "
             "wait in poll(), then make the call again.");
    judge_fail(VERDICT_WRONG_ANSWER,
        "%s() reported a failure (errno %s), but no call had failed.",
        function, judge_errno(answer.error));
}

/* No wait without a refusal, no descriptor of the caller's closed, no
 * memory kept. */
static void
check_manners(const char *function, const char *faults)
{
    int refusals = count_in(faults, "", "EAGAIN");
    int64_t polls = answer.calls[WRAPPED_poll] -
                    count_in(faults, "poll", "EINTR");

    if (polls > refusals + 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "poll() was called %lld times, and EAGAIN came %d times. Call "
            "it only after an EAGAIN, and with no time limit (-1).",
            (long long)polls, refusals);
    if (answer.calls[WRAPPED_close] > 0)
        fail("You closed a descriptor that the caller handed in. It stays "
             "the caller's.");
    if (answer.allocations_left > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s() is over, and %lld block%s of memory that it took %s "
            "not been freed.",
            function, (long long)answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s",
            answer.allocations_left == 1 ? "has" : "have");
}

/* The bytes are those that were expected; else `what` is wrong. */
static void
check_bytes(const char *what, const char *expected, size_t length,
    const char *seen, size_t seen_length)
{
    size_t at = 0;

    while (at < length && at < seen_length && expected[at] == seen[at])
        at++;
    if (at == length && at == seen_length)
        return;
    judge_values(shown(expected, length), shown(seen, seen_length));
    if (at == seen_length)
        judge_fail(VERDICT_WRONG_ANSWER, "%s only the first %zu of %zu "
            "bytes. %s", what, at, length, lesson);
    if (at == length)
        judge_fail(VERDICT_WRONG_ANSWER, "%s %zu bytes too many. %s",
            what, seen_length - length, lesson);
    judge_fail(VERDICT_WRONG_ANSWER, "%s wrong bytes from byte %zu on "
        "(the first is byte 0). %s", what, at, lesson);
}

/* The call failed as it had to: -1, and the errno of what failed. */
static void
check_failure(const char *function, int64_t failure, int error,
    int64_t seen)
{
    if (seen != failure)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s() returned %lld instead of %lld. %s", function,
            (long long)seen, (long long)failure, lesson);
    if (answer.error != error)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s() returned %lld, as it must, but errno was %s and not %s: "
            "keep what the call that failed has set.",
            function, (long long)failure, judge_errno(answer.error),
            judge_errno(error));
}

/* After a failure no further call of that kind is made. */
static void
check_stopped(const char *call, int64_t calls, const char *faults)
{
    int64_t actions = 0;
    size_t end = strcspn(faults, ";");

    for (size_t i = 0; i < end; i++)
        actions += faults[i] == ' ';
    if (calls > actions)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s() had failed for good, and you called it again.", call);
}

/* 2.1 Reading until you have it all ------------------------------------- */

/* Ask for n bytes of what a descriptor gives. */
static int64_t
ask_read(int fd, size_t n, const char *faults)
{
    struct ask ask = ask_new("io_read_full");

    ask.faults = faults;
    ask_fd(&ask, fd);
    ask_int(&ask, (int64_t)n);
    ask_send(&ask, &answer);
    return answer_int(&answer);
}

/* The last answer was the first `length` of these bytes. */
static void
check_read(int64_t got, const char *bytes, size_t length,
    const char *faults)
{
    size_t room;
    const char *seen = answer_bytes(&answer, &room);

    check_not_given_up("io_read_full", got == -1, faults);
    if (got != (int64_t)length)
        judge_fail(VERDICT_WRONG_ANSWER,
            "io_read_full() returned %lld, and %zu was right. %s",
            (long long)got, length, lesson);
    check_bytes("The buffer holds", bytes, length, seen, length);
    check_manners("io_read_full", faults);
}

/* Read n of `length` bytes and see that the rest was left alone. */
static void
try_read(const char *bytes, size_t length, size_t n, const char *faults)
{
    int fd = filled_pipe(bytes, length);
    int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    size_t all = n < length ? n : length;
    int left = 0;

    judge_scene("Asked for %zu bytes where %zu were to come, while %s", n,
        length, weather(faults));
    check_read(ask_read(fd, n, faults), bytes, all, faults);
    if (ioctl(kept, FIONREAD, &left) != 0)
        die("look into a pipe:");
    close(kept);
    if ((size_t)left != length - all)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%zu bytes more than asked for are gone from the pipe. They "
            "belong to whoever reads next.",
            length - all - (size_t)left);
}

START_TEST(what_comes_in_one_piece_is_returned)
{
    static const size_t sizes[] = {1, 2, 100, 4096};

    lesson = "All the bytes came in one read.";
    for (int i = 0; i < 4; i++)
        try_read(draw(sizes[i]), sizes[i], sizes[i], NULL);
}
END_TEST

START_TEST(the_end_stops_the_read)
{
    static const size_t sizes[] = {0, 1, 7, 19};
    const char *bytes = draw(40);

    lesson = "A read that returned 0 is the end: return what you have.";
    for (int i = 0; i < 4; i++)
        try_read(bytes, sizes[i], 30, NULL);

    judge_scene("Asked for 30 bytes while read() gave 7, then returned 0, "
                "and would have given more after that (as a terminal does)");
    int64_t got = ask_read(filled_pipe(bytes, 40), 30, "read: 7 0");
    check_read(got, bytes, 7, NULL);
}
END_TEST

START_TEST(reading_survives_every_delivery)
{
    const char *bytes = draw(15);

    lesson = "A read may give less than it was asked for. Go on, behind "
             "what has come, until you have it all or a read returned 0.";
    for (int i = 0; i < SCHEDULES; i++) {
        try_read(bytes, 15, 13, schedule("read", i));
        try_read(bytes, 5, 13, schedule("read", i));
    }
}
END_TEST

static const char *const refusals[] = {"EAGAIN", "1 EAGAIN 2 EAGAIN",
    "EAGAIN EAGAIN 3 EINTR EAGAIN", "2 EAGAIN EAGAIN EAGAIN EAGAIN"};

/* Nine bytes on a non-blocking pipe, three an hour, and a signal. */
static void
read_from_a_slow_sender(void)
{
    const char *bytes = draw(9);
    struct line line = filled_line("", 0);
    const struct event events[] = {
        {hour_ms, EVENT_SEND, line.ours, bytes, 3},
        {hour_ms * 3 / 2, EVENT_SIGNAL, -1, NULL, 0},
        {hour_ms * 2, EVENT_SEND, line.ours, bytes + 3, 3},
        {hour_ms * 3, EVENT_SEND, line.ours, bytes + 6, 3},
    };
    struct ask ask = ask_new("io_read_full");

    judge_scene("Asked for 9 bytes of a non-blocking pipe, where 3 came "
                "every hour (of a clock that the judge turns)");
    fcntl(line.theirs, F_SETFL, O_NONBLOCK);
    ask_fd(&ask, line.theirs);
    ask_int(&ask, 9);
    ask.virtual_time = true;
    ask.events = events;
    ask.event_count = 4;
    ask_send(&ask, &answer);
    const char *faults = "EAGAIN EAGAIN EAGAIN; poll: EINTR";
    check_read(answer_int(&answer), bytes, 9, faults);
    close(line.ours);
}

START_TEST(a_refused_read_waits_in_poll)
{
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < INTERRUPTIONS; k++)
            try_read(draw(10), 10, 10,
                script("read: %s%s", refusals[i], interrupted[k]));
    }
    read_from_a_slow_sender();
}
END_TEST

START_TEST(a_failed_read_is_reported)
{
    static const char *const scripts[] = {"read: EIO", "read: 1 EIO",
        "read: 3 EIO", "read: 3 EINTR 3 EIO", "read: 3 1 EAGAIN EIO"};

    lesson = "A read that fails makes all of it fail, however much had "
             "come before.";
    for (int i = 0; i < 5; i++) {
        judge_scene("Asked for 10 bytes while %s", weather(scripts[i]));
        int64_t got = ask_read(filled_pipe(draw(10), 10), 10, scripts[i]);
        check_failure("io_read_full", -1, EIO, got);
        check_stopped("read", answer.calls[WRAPPED_read], scripts[i]);
        check_manners("io_read_full", scripts[i]);
    }
    judge_scene("Asked for 0 bytes, where read() would have failed (EIO)");
    int64_t got = ask_read(filled_pipe("", 0), 0, "read: EIO EIO EIO");
    judge_equal_int("io_read_full() returned", 0, got);
    judge_equal_int("The number of reads was", 0,
        answer.calls[WRAPPED_read]);
}
END_TEST

START_TEST(a_read_that_has_it_all_asks_no_more)
{
    for (size_t n = 1; n < 5000; n = 3 * n + 1) {
        const char *bytes = draw(n);
        struct line line = filled_line(bytes, n);
        const struct event events[] = {
            {.at_ms = hour_ms, .kind = EVENT_CLOSE, .fd = line.ours}};
        struct ask ask = ask_new("io_read_full");

        judge_scene("Asked for %zu bytes, which were all there, of a pipe "
                    "that stayed open", n);
        ask_fd(&ask, line.theirs);
        ask_int(&ask, (int64_t)n);
        ask.virtual_time = true;
        ask.events = events;
        ask.event_count = 1;
        ask_send(&ask, &answer);
        check_read(answer_int(&answer), bytes, n, NULL);
        if (answer.now_ms != 0)
            fail("You had them all, and called read() once more. It slept "
                 "until the sender hung up, an hour later.");
        close(line.ours);
    }
}
END_TEST

/* 2.2 Writing until it is all gone -------------------------------------- */

static int64_t
ask_write(int fd, const char *bytes, size_t length, const char *faults)
{
    struct ask ask = ask_new("io_write_full");

    ask.faults = faults;
    ask_fd(&ask, fd);
    ask_bytes(&ask, bytes, length);
    ask_send(&ask, &answer);
    return answer_int(&answer);
}

/* Write into a pipe and collect in `received` what comes out. */
static int64_t
ask_write_pipe(const char *bytes, size_t length, const char *faults)
{
    struct ask ask = ask_new("io_write_full");

    judge_scene("Wrote %zu bytes while %s", length, weather(faults));
    ask.faults = faults;
    ask_output(&ask, &received);
    ask_bytes(&ask, bytes, length);
    ask_send(&ask, &answer);
    return answer_int(&answer);
}

/* All of it was written. */
static void
check_written(int64_t result, const char *bytes, size_t length,
    const char *faults)
{
    check_not_given_up("io_write_full", result == -1, faults);
    judge_equal_int("io_write_full() returned", 0, result);
    check_bytes("The reader got", bytes, length, text_string(&received),
        received.length);
    check_manners("io_write_full", faults);
}

static void
try_write(const char *bytes, size_t length, const char *faults)
{
    int64_t result = ask_write_pipe(bytes, length, faults);

    check_written(result, bytes, length, faults);
}

START_TEST(what_is_written_arrives)
{
    static const size_t sizes[] = {0, 1, 2, 100, 4096};

    for (int i = 0; i < 5; i++)
        try_write(draw(sizes[i]), sizes[i], NULL);
}
END_TEST

START_TEST(writing_survives_every_delivery)
{
    const char *bytes = draw(13);

    lesson = "A write tells how many bytes it took. Send the rest, from "
             "there on.";
    for (int i = 0; i < SCHEDULES; i++)
        try_write(bytes, 13, schedule("write", i));
}
END_TEST

START_TEST(a_refused_write_waits_in_poll)
{
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < INTERRUPTIONS; k++)
            try_write(draw(10), 10,
                script("write: %s%s", refusals[i], interrupted[k]));
    }
}
END_TEST

START_TEST(a_failed_write_is_reported)
{
    static const char *const scripts[] = {"write: EIO", "write: 1 EIO",
        "write: 3 ENOSPC", "write: 3 EINTR 3 EIO", "write: 3 1 EAGAIN EIO"};
    const char *bytes = draw(10);

    lesson = "A write that fails makes all of it fail, however much had "
             "gone before.";
    for (int i = 0; i < 5; i++) {
        int error = i == 2 ? ENOSPC : EIO;
        int64_t result = ask_write_pipe(bytes, 10, scripts[i]);
        check_failure("io_write_full", -1, error, result);
        check_stopped("write", answer.calls[WRAPPED_write], scripts[i]);
        check_manners("io_write_full", scripts[i]);
    }
    judge_scene("Wrote to /dev/full, a disk that is always full");
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    check_failure(
        "io_write_full", -1, ENOSPC, ask_write(full, bytes, 10, NULL));

    judge_scene("Wrote to a pipe whose reader had gone");
    struct line line = filled_line("", 0);
    close(line.theirs);
    check_failure("io_write_full", -1, EPIPE,
        ask_write(line.ours, bytes, 10, NULL));

    try_write("", 0, "write: EIO EIO EIO");
    judge_equal_int("The number of writes was", 0,
        answer.calls[WRAPPED_write]);
}
END_TEST

START_TEST(a_socket_that_drains_in_steps_gets_it_all)
{
    enum { TOTAL = 5 << 20, STEP = 64 << 10 };
    char *bytes = text_zeroed(TOTAL, 1);
    char *block = judge_random_bytes(STEP);
    struct ask ask = ask_new("io_write_full");
    int ends[2];

    judge_scene("Wrote 5 MiB to a non-blocking socket that was emptied in "
                "steps");
    for (size_t at = 0; at < TOTAL; at += STEP) {
        block[at / STEP]++;
        memcpy(bytes + at, block, STEP);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
            ends) != 0)
        die("open a socket:");
    received.length = 0;
    ask_fd(&ask, ends[0]);
    ask.pumps[ask.pump_count++] = (struct pump){.fd = ends[1],
        .receives = true,
        .step = STEP,
        .when_asleep = true,
        .into = &received};
    ask_bytes(&ask, bytes, TOTAL);
    ask_send(&ask, &answer);
    lesson = "The socket took what it had room for; the rest was never "
             "sent.";
    int64_t result = answer_int(&answer);
    check_not_given_up("io_write_full", result == -1, NULL);
    judge_equal_int("io_write_full() returned", 0, result);
    check_bytes("The reader got", bytes, TOTAL, text_string(&received),
        received.length);
    free(block);
    free(bytes);
}
END_TEST

/* 2.3 Copying ----------------------------------------------------------- */

static int64_t
ask_copy(int in, size_t bufsize, const char *faults)
{
    struct ask ask = ask_new("io_copy");

    ask.faults = faults;
    ask_fd(&ask, in);
    ask_output(&ask, &received);
    ask_int(&ask, (int64_t)bufsize);
    ask_send(&ask, &answer);
    return answer_int(&answer);
}

static void
try_copy(const char *bytes, size_t length, size_t bufsize,
    const char *faults)
{
    judge_scene("Copied %zu bytes in blocks of %zu, while %s", length,
        bufsize, weather(faults));
    int64_t copied = ask_copy(filled_pipe(bytes, length), bufsize, faults);
    check_not_given_up("io_copy", copied == -1, faults);
    check_bytes("The copy holds", bytes, length, text_string(&received),
        received.length);
    judge_equal_int("io_copy() returned", (int64_t)length, copied);
    check_manners("io_copy", faults);
}

START_TEST(a_copy_is_the_same_text)
{
    static const size_t sizes[] = {0, 1, 99, 100};

    for (int i = 0; i < 4; i++)
        try_copy(draw(sizes[i]), sizes[i], 100, NULL);
}
END_TEST

START_TEST(copying_survives_every_delivery)
{
    static const size_t blocks[] = {1, 4, 7, 16};
    const char *bytes = draw(23);

    lesson = "Repeat until a read returned 0, and write all of what each "
             "read gave.";
    for (int i = 0; i < SCHEDULES; i++) {
        const char *faults = script("%s; %s", schedule("read", i),
            schedule("write", SCHEDULES - 1 - i));
        for (int k = 0; k < 4; k++)
            try_copy(bytes, 23, blocks[k], faults);
    }
}
END_TEST

START_TEST(copying_waits_in_poll_on_both_sides)
{
    for (int k = 0; k < INTERRUPTIONS; k++)
        try_copy(draw(60), 60, 10,
            script("read: EAGAIN 3 EAGAIN EAGAIN; "
                   "write: 2 EAGAIN 1 EAGAIN EAGAIN%s",
                interrupted[k]));
}
END_TEST

/* A copy of 60 bytes in blocks of 4 that must fail. */
static void
fail_copy(const char *call, const char *actions, int error)
{
    const char *bytes = draw(60);
    const char *faults = script("%s: %s", call, actions);
    bool reads = strcmp(call, "read") == 0;

    judge_scene(
        "Copied 60 bytes in blocks of 4, while %s", weather(faults));
    int64_t copied = ask_copy(filled_pipe(bytes, 60), 4, faults);
    check_failure("io_copy", -1, error, copied);
    check_stopped(call,
        answer.calls[reads ? WRAPPED_read : WRAPPED_write], faults);
    if (received.length > 60)
        received.length = 61; /* too many: shown as such */
    check_bytes("The copy holds", bytes,
        received.length > 60 ? 60 : received.length,
        text_string(&received), received.length);
    check_manners("io_copy", faults);
}

/* The k-th time that the program asks for memory there is none. */
static const char *
no_memory(int k)
{
    static char line[200];
    char ok[64] = "";

    for (int i = 1; i < k; i++)
        strcat(ok, "ok ");
    snprintf(line, sizeof line,
        "malloc: %sENOMEM; calloc: %sENOMEM; realloc: %sENOMEM", ok, ok,
        ok);
    return line;
}

static int64_t
times_memory_was_asked_for(void)
{
    return answer.calls[WRAPPED_malloc] + answer.calls[WRAPPED_calloc] +
           answer.calls[WRAPPED_realloc];
}

START_TEST(a_copy_that_fails_says_so)
{
    static const char *const before[] = {"", "1 ", "3 3 ", "3 EINTR "};

    lesson = "A copy that could not read or write everything has failed.";
    for (int i = 0; i < 4; i++) {
        char actions[32];
        snprintf(actions, sizeof actions, "%sEIO", before[i]);
        fail_copy("read", actions, EIO);
        snprintf(actions, sizeof actions, "%sENOSPC", before[i]);
        fail_copy("write", actions, ENOSPC);
    }

    judge_scene("Copied with a bufsize of 0");
    lesson = "No buffer can have no bytes.";
    check_failure("io_copy", -1, EINVAL,
        ask_copy(filled_pipe("abc", 3), 0, NULL));
    judge_equal_int("The number of reads and writes was", 0,
        answer.calls[WRAPPED_read] + answer.calls[WRAPPED_write]);

    judge_scene("Copied when there was no memory (malloc() returned NULL)");
    lesson = "Without a buffer nothing can be copied.";
    int64_t copied = ask_copy(filled_pipe("abc", 3), 4000, no_memory(1));
    if (times_memory_was_asked_for() > 0)
        check_failure("io_copy", -1, ENOMEM, copied);
}
END_TEST

static void
check_count(const char *calls, int64_t count, size_t length,
    size_t bufsize)
{
    size_t blocks = (length + bufsize - 1) / bufsize;

    if (count > (int64_t)blocks + 2)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%zu bytes in blocks of %zu need %zu %s, and one or two more "
            "to find the end; you made %lld. Each is a call into the "
            "kernel.",
            length, bufsize, blocks, calls, (long long)count);
}

START_TEST(copying_takes_no_more_calls_than_blocks)
{
    for (size_t bufsize = 1; bufsize < 4000; bufsize = 3 * bufsize + 1) {
        for (size_t extra = 0; extra < 3; extra++) {
            size_t length = 7 * bufsize - 1 + extra;
            try_copy(draw(length), length, bufsize, NULL);
            judge_scene("");
            check_count(
                "reads", answer.calls[WRAPPED_read], length, bufsize);
            check_count(
                "writes", answer.calls[WRAPPED_write], length, bufsize);
        }
    }
}
END_TEST

/* Every hour the judge puts a '|' behind what has come out by then, and
 * sends the next block: the program has passed on nothing too late when
 * each block is followed by its '|'. */
START_TEST(each_block_is_passed_on_before_the_next)
{
    enum { BLOCK = 8, BLOCKS = 20 };
    struct event events[2 * BLOCKS];
    struct line in = filled_line("", 0);
    struct ask ask = ask_new("io_copy");
    struct text expected = {0};
    const char *bytes = from_shape("xxxxxxxx");

    judge_scene("A block of 8 bytes came every hour, into a copy with a "
                "bufsize of 8 (a '|' is where the next one was sent)");
    fcntl(in.theirs, F_SETFL, O_NONBLOCK);
    ask_fd(&ask, in.theirs);
    ask_output(&ask, &received);
    int mark = fcntl(ask.fds[1], F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < BLOCKS; i++) {
        events[2 * i] =
            (struct event){i * hour_ms, EVENT_SEND, mark, "|", 1};
        events[2 * i + 1] =
            (struct event){i * hour_ms, EVENT_SEND, in.ours, bytes, BLOCK};
        text_addf(&expected, "|%s", bytes);
    }
    events[2 * BLOCKS - 1].kind = EVENT_CLOSE;
    expected.length -= BLOCK;
    ask_int(&ask, BLOCK);
    ask.virtual_time = true;
    ask.events = events;
    ask.event_count = 2 * BLOCKS;
    ask_send(&ask, &answer);
    lesson = "A whole block had come, and you waited for more before you "
             "passed it on.";
    int64_t copied = answer_int(&answer);
    check_not_given_up("io_copy", copied == -1, NULL);
    check_bytes("The copy got", expected.bytes, expected.length,
        text_string(&received), received.length);
    judge_equal_int("io_copy() returned", BLOCK * (BLOCKS - 1), copied);
    close(mark);
    text_free(&expected);
}
END_TEST

/* 2.4 Lines ------------------------------------------------------------- */

struct lines {
    const char *text;
    size_t length, bufsize, cap;
    const char *faults;
};

/* A call that asks for up to `most` lines. */
static struct ask
lines_ask(const struct lines *lines, int fd, int64_t most)
{
    struct ask ask = ask_new("io_getline");

    ask.faults = lines->faults;
    ask_fd(&ask, fd);
    ask_int(&ask, (int64_t)lines->bufsize);
    ask_int(&ask, (int64_t)lines->cap);
    ask_int(&ask, most);
    return ask;
}

/* There must be a reader; its lines follow. */
static void
check_reader(const char *faults)
{
    int64_t made = answer_int(&answer);

    check_not_given_up("io_lines_new", made == 0, faults);
}

/* The next of the answer's lines. */
struct got {
    int64_t result;
    const char *bytes;
    size_t length;
};

static struct got
next_got(void)
{
    struct got got = {.result = answer_int(&answer)};

    answer.error = (int)answer_int(&answer);
    got.bytes = answer_bytes(&answer, &got.length);
    return got;
}

/* Line `number` was io_getline()'s answer, as far as it fits. */
static void
check_line(const struct lines *lines, int number, const char *line,
    size_t length)
{
    struct got got = next_got();

    if (length > lines->cap && got.result == -3)
        return;
    if (length <= lines->cap && got.result == (int64_t)length &&
        memcmp(line, got.bytes, length) == 0)
        return;
    check_not_given_up("io_getline", got.result == -2, lines->faults);
    judge_values(length > lines->cap ? "-3" : shown(line, length),
        got.result >= 0 ? shown(got.bytes, got.length)
                        : script("%lld", (long long)got.result));
    if (got.result == -1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "io_getline() said that the text had ended (-1), and line %d "
            "was still to come. %s",
            number, lesson);
    if (got.result == -3)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Line %d has %zu byte%s and fits; io_getline() said that it "
            "is too long (-3). %s",
            number, length, length == 1 ? "" : "s", lesson);
    if (length > lines->cap)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Line %d has %zu bytes, which is too long (-3); io_getline() "
            "returned %lld. %s",
            number, length, (long long)got.result, lesson);
    judge_fail(VERDICT_WRONG_ANSWER,
        "Line %d is %s, and io_getline() returned %lld: %s. %s", number,
        shown(line, length), (long long)got.result,
        shown(got.bytes, got.length), lesson);
}

/* The oracle: cut at each newline. Returns how many lines there are. */
static int
count_lines(const char *text, size_t length)
{
    int count = length > 0 && text[length - 1] != '\n';

    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

/* The first `count` of the answer's lines are those of the text. */
static void
check_lines(const struct lines *lines, int count)
{
    size_t from = 0;

    for (int number = 1; number <= count; number++) {
        size_t to = from;
        while (to < lines->length && lines->text[to] != '\n')
            to++;
        check_line(lines, number, lines->text + from, to - from);
        from = to + 1;
    }
}

static void
say_lines(const struct lines *lines)
{
    judge_scene("The text %s was read in blocks of %zu, with room for %zu "
                "bytes in dst, while %s",
        shown(lines->text, lines->length), lines->bufsize, lines->cap,
        weather(lines->faults));
}

/* Read all lines, and then the end, twice. */
static void
try_lines(const struct lines *lines)
{
    int count = count_lines(lines->text, lines->length);
    int fd = filled_pipe(lines->text, lines->length);
    struct ask ask = lines_ask(lines, fd, count + 2);

    say_lines(lines);
    ask_send(&ask, &answer);
    check_reader(lines->faults);
    check_lines(lines, count);
    for (int i = 0; i < 2; i++) {
        struct got end = next_got();
        check_not_given_up("io_getline", end.result == -2, lines->faults);
        if (end.result != -1)
            judge_fail(VERDICT_WRONG_ANSWER,
                "All %d lines had been returned, and io_getline() "
                "returned %lld instead of -1, the end. %s",
                count, (long long)end.result, lesson);
    }
    check_manners("io_lines_free", lines->faults);
}

START_TEST(lines_come_one_by_one)
{
    static const char *const shapes[] = {"", "\n", "x", "x\n",
        "xxx\nxxx\nxxxxx\n", "xxx\n\n\nxxxx", "\n\n", "\r\n\r\n", "xxxx"};

    lesson = "What the block holds behind a line is the beginning of the "
             "next ones: keep it.";
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        try_lines(&(struct lines){
            from_shape(shapes[i]), strlen(shapes[i]), 100, 50, NULL});
}
END_TEST

START_TEST(a_zero_byte_is_part_of_the_line)
{
    static const char *const shapes[] = {
        "0\n", "x0x\n0\n00x", "xx0xx\nxxx\n"};

    lesson = "A zero byte is a byte like any other; only '\\n' ends a "
             "line.";
    for (size_t i = 0; i < 3; i++)
        try_lines(&(struct lines){
            from_shape(shapes[i]), strlen(shapes[i]), 100, 50, NULL});
}
END_TEST

START_TEST(a_line_of_exactly_cap_bytes_fits)
{
    const char *shape = "xxxxxxxxx\nxxxxxxxx\nx\n\nxxxxxx";

    lesson = "A line of exactly as many bytes as dst has room for fits: "
             "no zero byte is added.";
    for (size_t cap = 1; cap < 10; cap++)
        try_lines(&(struct lines){
            from_shape(shape), strlen(shape), 64, cap, NULL});
}
END_TEST

START_TEST(lines_survive_every_delivery)
{
    const char *text = from_shape("xxx\n\nxxxxx0x\n xxxx\n");

    for (int i = 0; i < SCHEDULES; i++) {
        const char *faults = schedule("read", i);
        try_lines(&(struct lines){text, 19, 5, 20, faults});
        try_lines(&(struct lines){text, 18, 64, 20, faults});
    }
}
END_TEST

START_TEST(a_line_cut_anywhere_is_put_together)
{
    const char *text = from_shape("xxx\n\nxxxxx0x\n xxxx\nxxxx");

    lesson = "The end of a block is not the end of a line: the line may "
             "go on in the next block.";
    for (size_t bufsize = 1; bufsize < 26; bufsize++) {
        for (size_t length = 0; length <= 23; length++)
            try_lines(&(struct lines){text, length, bufsize, 20, NULL});
    }
    for (int k = 1; k <= 23; k++)
        try_lines(
            &(struct lines){text, 23, 64, 20, script("read: %d", k)});
}
END_TEST

START_TEST(a_line_too_long_is_skipped_to_its_end)
{
    const char *text = from_shape("xxxxxxxxx\nxxxxxxxx\nx\n\n"
                                  "xxxxxxxxxxxxxxxxxxxx\nxx\nxxxxxxx");

    lesson = "A line that is too long is skipped as a whole; the call "
             "after it returns the next line.";
    for (size_t bufsize = 1; bufsize < 30; bufsize++) {
        for (size_t cap = 0; cap < 22; cap++)
            try_lines(&(struct lines){text, 53, bufsize, cap, NULL});
    }
}
END_TEST

START_TEST(lines_wait_in_poll)
{
    const char *text = from_shape("xxx\n\nxxxxx\nxxxx");

    for (int k = 0; k < INTERRUPTIONS; k++)
        try_lines(&(struct lines){text, 15, 4, 20,
            script("read: EAGAIN 3 EAGAIN EAGAIN 1%s", interrupted[k])});
}
END_TEST

/* No reader can be made: NULL, for this reason. */
static void
fail_reader(size_t bufsize, const char *faults, int error)
{
    struct lines lines = {"abc", 3, bufsize, 20, faults};
    struct ask ask = lines_ask(&lines, filled_pipe("abc", 3), 0);

    ask_send(&ask, &answer);
    if (answer_int(&answer) != 0)
        fail("io_lines_new() returned a reader instead of NULL.");
    judge_equal_int("errno was", error, answer.error);
    check_manners("io_lines_new", NULL);
}

/* Two lines, and then a read that fails. */
static void
fail_lines(const char *shape, const char *faults)
{
    struct lines lines = {
        from_shape(shape), strlen(shape), 64, 20, faults};
    int fd = filled_pipe(lines.text, lines.length);
    struct ask ask = lines_ask(&lines, fd, 4);

    say_lines(&lines);
    ask_send(&ask, &answer);
    check_reader(faults);
    check_lines(&lines, 2);
    struct got got = next_got();
    check_failure("io_getline", -2, EIO, got.result);
    check_stopped("read", answer.calls[WRAPPED_read], faults);
    check_manners("io_lines_free", faults);
}

START_TEST(a_failure_comes_after_the_lines_before_it)
{
    lesson = "read() had failed (EIO). That is not the end of the text, "
             "and half a line is no line.";
    fail_lines("xxx\nxxx\n", "read: 8 EIO");
    fail_lines("xxx\nxxx\nxxx", "read: 11 EIO");
    fail_lines("xxx\nxxx\nxxx", "read: 6 EINTR 5 EAGAIN EIO");

    judge_scene("io_lines_new() was called, and no line was asked for");
    struct lines lines = {"abc", 3, 8, 20, NULL};
    struct ask ask = lines_ask(&lines, filled_pipe("abc", 3), 0);
    ask_send(&ask, &answer);
    check_reader(NULL);
    check_manners("io_lines_free", NULL);
    judge_equal_int("The number of reads was", 0,
        answer.calls[WRAPPED_read]);
    int64_t blocks = times_memory_was_asked_for();

    judge_scene("io_lines_new() was called with a bufsize of 0");
    fail_reader(0, NULL, EINVAL);
    judge_scene("io_lines_new() was called when there was no memory");
    for (int k = 1; k <= blocks && k < 8; k++)
        fail_reader(8, no_memory(k), ENOMEM);
}
END_TEST

START_TEST(lines_take_no_more_reads_than_blocks)
{
    char *text = draw(4002);

    for (size_t i = 20; i < 4002; i += 20)
        text[i] = '\n';
    for (size_t bufsize = 1; bufsize < 4100; bufsize = 3 * bufsize + 1) {
        for (size_t length = 4000; length <= 4002; length++) {
            try_lines(&(struct lines){text, length, bufsize, 100, NULL});
            judge_scene("");
            check_count(
                "reads", answer.calls[WRAPPED_read], length, bufsize);
        }
    }
}
END_TEST

/* Some lines are there, the rest comes an hour later. */
static void
lines_before_the_rest(const char *text, size_t there, int count,
    int64_t expected_ms)
{
    struct lines lines = {text, strlen(text), 64, 20, NULL};
    struct line line = filled_line(text, there);
    const struct event events[] = {
        {hour_ms, EVENT_SEND, line.ours, text + there,
            lines.length - there},
        {.at_ms = 2 * hour_ms, .kind = EVENT_CLOSE, .fd = line.ours}};
    struct ask ask = lines_ask(&lines, line.theirs, count);

    judge_scene("%s was there, %s came an hour later, and %d lines were "
                "asked for",
        shown(text, there), shown(text + there, lines.length - there),
        count);
    ask.virtual_time = true;
    ask.events = events;
    ask.event_count = 2;
    ask_send(&ask, &answer);
    check_reader(NULL);
    check_lines(&lines, count);
    if (answer.now_ms != expected_ms)
        fail("The lines were there, and you read on before you returned "
             "them: the program slept until more came.");
    close(line.ours);
}

START_TEST(a_line_that_is_there_is_not_kept_waiting)
{
    const char *text = from_shape("xxx\nxxx\nxxxxx\n");

    lines_before_the_rest(text, 4, 1, 0);
    lines_before_the_rest(text, 8, 2, 0);
    lines_before_the_rest(text, 10, 2, 0);
    lines_before_the_rest(text, 10, 3, hour_ms);
}
END_TEST

START_TEST(no_byte_outside_the_buffers_is_touched)
{
    const char *text = from_shape("xxxxxxxxx\nx\n\nxxxxxxxxxxxx\nxxxxxxx");
    static const size_t sizes[] = {0, 1, 13};

    for (int i = 0; i < 3; i++) {
        try_read(text, 33, sizes[i], "read: 2");
        try_write(text, sizes[i], "write: 2");
    }
    for (size_t bufsize = 1; bufsize <= 20; bufsize++) {
        try_copy(text, 33, bufsize, "read: ok 1; write: 1 ok 2");
        for (size_t cap = 0; cap <= 22; cap++)
            try_lines(
                &(struct lines){text, 33, bufsize, cap, "read: ok 1"});
    }
}
END_TEST
