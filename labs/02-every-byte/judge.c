#include "judge/ask.h"
#include "judge/judge.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The judge of lab 02.
 *
 * What is read comes out of pipes that were filled before the call,
 * what is written goes into pipes and sockets whose other end is here,
 * what is saved is looked at in the folder. The weather (short reads
 * and writes, signals, refusals, failures) is a fault script; weather()
 * puts it into words, so that a failure tells what was tried.
 *
 * Whether a program waits for more than it needs is seen in virtual
 * time: what it should not wait for comes hours later, on a clock that
 * turns only once the program is asleep. A program that did wait shows
 * in answer.now_ms, or in the order of the bytes.
 *
 *   in words, inputs and weather
 *   2.1 to 2.5: for each section its asking, its checks, its tests
 *   the table, and what is timed
 */

static struct answer answer;    /* of the last call */
static struct text received;    /* what came out of it */
static const char *lesson = ""; /* what a wrong answer is to teach */
static const int hour_ms = 3600000;

/* In words --------------------------------------------------------- */

/* One word of a fault script, as the predicate of its call. */
static void
tell_action(struct text *story, const char *call, const char *word)
{
    bool reads = strcmp(call, "read") == 0;

    if (isdigit((unsigned char)word[0]))
        text_addf(story, " %s %s", reads ? "gave" : "took", word);
    else if (strcmp(word, "EINTR") == 0)
        text_addf(story, " was interrupted (EINTR)");
    else if (strcmp(word, "EAGAIN") == 0)
        text_addf(
            story, " had no%s yet (EAGAIN)", reads ? "thing" : " room");
    else
        text_addf(story, " failed (%s)", word);
}

/* "read: 1 3 EINTR" as "read() gave 1, 3, then was interrupted
 * (EINTR)", "fsync: ok EIO" as "fsync() number 2 failed (EIO)". */
static void
tell_call(struct text *story, char *part)
{
    char *rest, *word;
    const char *call = strtok_r(part, " :", &rest);
    bool counting = false, first = true;

    for (int number = 1; (word = strtok_r(NULL, " :", &rest));
         number++) {
        if (strcmp(word, "ok") == 0)
            continue;
        bool counts = isdigit((unsigned char)word[0]);
        if (first)
            text_addf(story, "%s%s()",
                story->length > 0 ? "; " : " while ", call);
        else if (!counting || !counts)
            text_addf(story, ", then");
        if (number > 1 && first)
            text_addf(story, " number %d", number);
        if (counting && counts)
            text_addf(story, ", %s", word);
        else
            tell_action(story, call, word);
        counting = counts;
        first = false;
    }
}

/* A fault script in words, " while read() gave 1" or so; "" for a fine
 * day. Valid until the next call. */
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
    return story.length > 0 ? story.bytes : "";
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

/* What makes one byte, line or block several. */
static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* A wrong answer, and why. */
static _Noreturn void __attribute__((format(printf, 1, 2)))
wrong(const char *format, ...)
{
    va_list args;
    char *cause;

    va_start(args, format);
    if (vasprintf(&cause, format, args) < 0)
        die("format a cause:");
    va_end(args);
    judge_fail(VERDICT_WRONG_ANSWER, "%s", cause);
}

/* Inputs ----------------------------------------------------------- */

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
        uint64_t pick = judge_random_below(56);
        bytes[i] = (char)('a' + pick % 26);
        if (pick >= 52)
            bytes[i] = "\0\n\xff "[pick % 4];
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

/* All 341 schedules of up to four actions, the short ones first: 0
 * is no action, 1 to 4 are one, and so on. */
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
        n +=
            snprintf(script + n, 64 - (size_t)n, " %s", actions[i % 4]);
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

/* What is asked of every call -------------------------------------- */

/* The program gave up although nothing had failed. */
static void
check_not_given_up(
    const char *function, bool gave_up, const char *faults)
{
    bool waits = answer.calls[WRAPPED_poll] > 0;

    if (!gave_up)
        return;
    if (answer.error == EINTR && waits &&
        count_in(faults, "poll", "EI"))
        wrong("A signal interrupted poll() (EINTR), and you took that "
              "for a failure. It only means: call poll() again.");
    if (answer.error == EINTR)
        wrong("You gave up. A signal in between (EINTR) is not a "
              "failure: make the call again.");
    if (answer.error == EAGAIN)
        wrong("You gave up. EAGAIN is not a failure, it says \"not "
              "now\": wait in poll(), then make the call again.");
    wrong("%s() reported a failure (errno %s), although the judge had "
          "made no call fail.",
        function, judge_errno(answer.error));
}

/* No wait without a refusal, no descriptor of the caller's closed, no
 * memory kept. */
static void
check_manners(const char *function, const char *faults)
{
    int refusals = count_in(faults, "", "EAGAIN");
    int64_t polls =
        answer.calls[WRAPPED_poll] - count_in(faults, "poll", "EINTR");

    if (polls > refusals + 1)
        wrong("poll() was called %lld times, where %d would have done. "
              "Call it only after an EAGAIN, and with no time limit "
              "(-1).",
            (long long)polls, refusals + 1);
    if (answer.calls[WRAPPED_close] > 0)
        wrong("You closed a descriptor that the caller handed in. It "
              "stays the caller's.");
    if (answer.allocations_left > 0)
        wrong("%s() is over, and %lld block%s of memory that it took "
              "%s not been freed.",
            function, (long long)answer.allocations_left,
            plural((size_t)answer.allocations_left),
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
    size_t from = at > 32 ? at - 8 : 0;
    judge_values(shown(expected + from, length - from),
        shown(seen + from, seen_length - from));
    if (at == seen_length)
        wrong("%s only the first %zu of %zu byte%s. %s", what, at,
            length, plural(length), lesson);
    if (at == length)
        wrong("%s %zu byte%s too many.", what, seen_length - length,
            plural(seen_length - length));
    wrong("%s wrong bytes from byte %zu on, counted from 0. %s", what,
        at, lesson);
}

/* The call failed as it had to: -1, and the errno of what failed. */
static void
check_failure(
    const char *function, int64_t failure, int error, int64_t seen)
{
    if (seen != failure)
        wrong("%s() returned %lld instead of %lld. %s", function,
            (long long)seen, (long long)failure, lesson);
    if (answer.error == error)
        return;
    if (error == EINVAL || error == ELOOP)
        wrong("%s() returned %lld, as it must, but errno was %s, and "
              "io.h asks for %s.",
            function, (long long)failure, judge_errno(answer.error),
            judge_errno(error));
    wrong("%s() returned %lld, as it must, but errno was %s and not "
          "%s: keep what the call that failed has set. Any later call "
          "may change it, even one that succeeds.",
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
        wrong(
            "%s() had failed for good, and you called it again.", call);
}

/* Run `k` of the same with an interrupted poll() each, the first with
 * none: it takes no more reads, or writes, than the first. */
static void
check_sat_down_again(int k, enum wrapped call, const char *name)
{
    static int64_t calm[WRAPPED_COUNT];

    if (k == 0)
        calm[call] = answer.calls[call];
    if (answer.calls[call] > calm[call])
        wrong("A signal interrupted poll() (EINTR), which does not say "
              "\"ready\", and you called %s() all the same. Call "
              "poll() again first.",
            name);
}

/* A lesson for a text that went in pieces, if it did. */
static void
teach_of_pieces(const char *faults, const char *words)
{
    lesson = strpbrk(faults, "123") != NULL ? words : "";
}

/* 2.1 Reading until you have it all -------------------------------- */

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
check_read(
    int64_t got, const char *bytes, size_t length, const char *faults)
{
    size_t room;
    const char *seen = answer_bytes(&answer, &room);

    check_not_given_up("io_read_full", got == -1, faults);
    if (got != (int64_t)length)
        wrong("io_read_full() returned %lld, and %zu was right. %s",
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

    judge_scene("Asked for %zu byte%s where %zu %s to come%s", n,
        plural(n), length, length == 1 ? "was" : "were",
        weather(faults));
    check_read(ask_read(fd, n, faults), bytes, all, faults);
    if (ioctl(kept, FIONREAD, &left) != 0)
        die("look into a pipe:");
    close(kept);
    if ((size_t)left != length - all)
        wrong("More than what was asked for is gone from the pipe: "
              "%zu byte%s. That belongs to whoever reads next.",
            length - all - (size_t)left,
            plural(length - all - (size_t)left));
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

    judge_scene(
        "Asked for 30 bytes while read() gave 7, then returned 0, and "
        "would have given more after that (as a terminal does)");
    int64_t got = ask_read(filled_pipe(bytes, 40), 30, "read: 7 0");
    check_read(got, bytes, 7, NULL);
}
END_TEST

START_TEST(reading_survives_every_delivery)
{
    const char *bytes = draw(15);

    for (int i = 0; i < SCHEDULES; i++) {
        teach_of_pieces(schedule("read", i),
            "A read may give less than it was asked for. Go on, behind "
            "what has come, until you have it all or a read returned "
            "0.");
        try_read(bytes, 15, 13, schedule("read", i));
        try_read(bytes, 5, 13, schedule("read", i));
    }
}
END_TEST

static const char *const refusals[] = {"EAGAIN", "1 EAGAIN 2 EAGAIN",
    "EAGAIN EAGAIN 3 EINTR EAGAIN", "2 EAGAIN EAGAIN EAGAIN EAGAIN"};

/* Let this happen meanwhile, in virtual time. */
static void
add_events(struct ask *ask, const struct event *events, size_t count)
{
    ask->virtual_time = true;
    ask->events = events;
    ask->event_count = count;
}

/* Nine bytes on a non-blocking pipe, three an hour, and a signal. */
static void
read_from_a_slow_sender(void)
{
    const char *bytes = draw(9);
    const char *faults = "EAGAIN EAGAIN EAGAIN; poll: EINTR";
    struct line line = filled_line("", 0);
    const struct event events[] = {
        {hour_ms, EVENT_SEND, line.ours, bytes, 3},
        {hour_ms * 3 / 2, EVENT_SIGNAL, -1, NULL, 0},
        {hour_ms * 2, EVENT_SEND, line.ours, bytes + 3, 3},
        {hour_ms * 3, EVENT_SEND, line.ours, bytes + 6, 3},
    };
    struct ask ask = ask_new("io_read_full");

    judge_scene("Asked for 9 bytes of a non-blocking pipe, where 3 "
                "came every hour (of a clock that the judge turns)");
    fcntl(line.theirs, F_SETFL, O_NONBLOCK);
    ask_fd(&ask, line.theirs);
    ask_int(&ask, 9);
    add_events(&ask, events, 4);
    ask_send(&ask, &answer);
    check_read(answer_int(&answer), bytes, 9, faults);
    close(line.ours);
}

START_TEST(a_refused_read_waits_in_poll)
{
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < INTERRUPTIONS; k++) {
            try_read(draw(10), 10, 10,
                script("read: %s%s", refusals[i], interrupted[k]));
            check_sat_down_again(k, WRAPPED_read, "read");
        }
    }
    read_from_a_slow_sender();
}
END_TEST

/* A refusal, and then a wait for its end that fails with ENOMEM. */
#define FAILED_WAIT "EAGAIN; poll: EINTR ENOMEM"

static const char wait_lesson[] =
    "A poll() that fails with anything but EINTR is a failure too.";

START_TEST(a_failed_read_is_reported)
{
    static const char *const scripts[] = {"read: EIO", "read: 1 EIO",
        "read: 3 EIO", "read: 3 EINTR 3 EIO", "read: 3 1 EAGAIN EIO",
        ("read: 3 " FAILED_WAIT)};

    lesson = "A read that fails makes all of it fail, however much had "
             "come before.";
    for (int i = 0; i < 6; i++) {
        judge_scene("Asked for 10 bytes%s", weather(scripts[i]));
        int64_t got =
            ask_read(filled_pipe(draw(10), 10), 10, scripts[i]);
        lesson = i < 5 ? lesson : wait_lesson;
        check_failure("io_read_full", -1, i < 5 ? EIO : ENOMEM, got);
        check_stopped("read", answer.calls[WRAPPED_read], scripts[i]);
        check_manners("io_read_full", scripts[i]);
    }
    judge_scene(
        "Asked for 0 bytes, where read() would have failed (EIO)");
    int64_t got = ask_read(filled_pipe("", 0), 0, "read: EIO EIO EIO");
    judge_equal_int("io_read_full() returned", 0, got);
    judge_equal_int(
        "The number of reads was", 0, answer.calls[WRAPPED_read]);
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

        judge_scene("Asked for %zu bytes, which were all there, of a "
                    "pipe that stayed open",
            n);
        ask_fd(&ask, line.theirs);
        ask_int(&ask, (int64_t)n);
        add_events(&ask, events, 1);
        ask_send(&ask, &answer);
        check_read(answer_int(&answer), bytes, n, NULL);
        if (answer.now_ms != 0)
            wrong("You had them all, and called read() once more. It "
                  "slept until the sender hung up, an hour later.");
        close(line.ours);
    }
}
END_TEST

/* 2.2 Writing until it is all gone --------------------------------- */

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

    judge_scene(
        "Wrote %zu byte%s%s", length, plural(length), weather(faults));
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

    for (int i = 0; i < SCHEDULES; i++) {
        teach_of_pieces(schedule("write", i),
            "A write tells how many bytes it took. Send the rest, from "
            "there on.");
        try_write(bytes, 13, schedule("write", i));
    }
}
END_TEST

START_TEST(a_refused_write_waits_in_poll)
{
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < INTERRUPTIONS; k++) {
            try_write(draw(10), 10,
                script("write: %s%s", refusals[i], interrupted[k]));
            check_sat_down_again(k, WRAPPED_write, "write");
        }
    }
}
END_TEST

START_TEST(a_failed_write_is_reported)
{
    static const char *const scripts[] = {"write: EIO", "write: 1 EIO",
        "write: 3 ENOSPC", "write: 3 EINTR 3 EIO",
        "write: 3 1 EAGAIN EIO", ("write: 3 " FAILED_WAIT)};
    static const int errors[] = {EIO, EIO, ENOSPC, EIO, EIO, ENOMEM};
    const char *bytes = draw(10);

    lesson = "A write that fails makes all of it fail, however much "
             "had gone before.";
    for (int i = 0; i < 6; i++) {
        int64_t result = ask_write_pipe(bytes, 10, scripts[i]);
        lesson = i < 5 ? lesson : wait_lesson;
        check_failure("io_write_full", -1, errors[i], result);
        check_stopped("write", answer.calls[WRAPPED_write], scripts[i]);
        check_manners("io_write_full", scripts[i]);
    }
    lesson = "";
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
    judge_equal_int(
        "The number of writes was", 0, answer.calls[WRAPPED_write]);
}
END_TEST

START_TEST(a_socket_that_drains_in_steps_gets_it_all)
{
    enum { TOTAL = 5 << 20, STEP = 64 << 10 };
    char *bytes = text_zeroed(TOTAL, 1);
    char *block = judge_random_bytes(STEP);
    struct ask ask = ask_new("io_write_full");
    int ends[2];

    judge_scene("Wrote 5 MiB to a non-blocking socket that was emptied "
                "in steps");
    for (size_t at = 0; at < TOTAL; at += STEP) {
        block[at / STEP]++;
        memcpy(bytes + at, block, STEP);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
            0, ends) != 0)
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

/* 2.3 Copying ------------------------------------------------------ */

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
    judge_scene("Copied %zu byte%s in blocks of %zu%s", length,
        plural(length), bufsize, weather(faults));
    int64_t copied =
        ask_copy(filled_pipe(bytes, length), bufsize, faults);
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

    lesson = "Repeat until a read returned 0, and write all of what "
             "each read gave.";
    for (int i = 0; i < SCHEDULES; i++) {
        const char *faults = script("%s; %s", schedule("read", i),
            schedule("write", i * 7 % SCHEDULES));
        for (int k = 0; k < 4; k++)
            try_copy(bytes, 23, blocks[k], faults);
    }
}
END_TEST

START_TEST(copying_waits_in_poll_on_both_sides)
{
    for (int k = 0; k < INTERRUPTIONS; k++) {
        try_copy(draw(60), 60, 10,
            script("read: EAGAIN 3 EAGAIN EAGAIN; write: 2 EAGAIN 1 "
                   "EAGAIN EAGAIN%s",
                interrupted[k]));
        check_sat_down_again(k, WRAPPED_read, "read");
        check_sat_down_again(k, WRAPPED_write, "write");
    }
}
END_TEST

/* A copy of 60 bytes in blocks of 4 that must fail. */
static void
fail_copy(const char *call, const char *actions, int error)
{
    const char *bytes = draw(60);
    const char *faults = script("%s: %s", call, actions);
    bool reads = strcmp(call, "read") == 0;

    judge_scene("Copied 60 bytes in blocks of 4%s", weather(faults));
    int64_t copied = ask_copy(filled_pipe(bytes, 60), 4, faults);
    lesson = error == ENOMEM
                 ? wait_lesson
                 : "A copy that could not read or write everything has "
                   "failed.";
    check_failure("io_copy", -1, error, copied);
    lesson = "";
    check_stopped(call,
        answer.calls[reads ? WRAPPED_read : WRAPPED_write], faults);
    size_t came = received.length < 60 ? received.length : 60;
    check_bytes("The copy holds", bytes, came, text_string(&received),
        received.length);
    check_manners("io_copy", faults);
}

/* Which calls ask for memory. */
enum { ALLOCATORS = 3 };

static const struct {
    enum wrapped call;
    const char *name;
} allocators[ALLOCATORS] = {{WRAPPED_malloc, "malloc"},
    {WRAPPED_calloc, "calloc"}, {WRAPPED_realloc, "realloc"}};

START_TEST(a_copy_that_fails_says_so)
{
    static const char *const before[] = {"", "1 ", "3 3 ", "3 EINTR "};

    for (int i = 0; i < 4; i++) {
        char actions[32];
        snprintf(actions, sizeof actions, "%sEIO", before[i]);
        fail_copy("read", actions, EIO);
        snprintf(actions, sizeof actions, "%sENOSPC", before[i]);
        fail_copy("write", actions, ENOSPC);
    }
    fail_copy("read", "3 " FAILED_WAIT, ENOMEM);
    fail_copy("write", "3 " FAILED_WAIT, ENOMEM);

    judge_scene("Copied with a bufsize of 0");
    lesson = "No buffer can have no bytes.";
    check_failure("io_copy", -1, EINVAL,
        ask_copy(filled_pipe("abc", 3), 0, NULL));
    judge_equal_int("The number of reads and writes was", 0,
        answer.calls[WRAPPED_read] + answer.calls[WRAPPED_write]);

    lesson = "Without a buffer nothing can be copied.";
    for (int i = 0; i < ALLOCATORS; i++) {
        const char *faults = script("%s: ENOMEM", allocators[i].name);
        judge_scene("Copied%s", weather(faults));
        int64_t copied = ask_copy(filled_pipe("abc", 3), 4000, faults);
        if (answer.calls[allocators[i].call] > 0)
            check_failure("io_copy", -1, ENOMEM, copied);
    }
}
END_TEST

static void
check_count(
    const char *call, int64_t count, size_t length, size_t bufsize)
{
    size_t blocks = (length + bufsize - 1) / bufsize;

    if (count > (int64_t)blocks + 2)
        wrong("%zu bytes in blocks of %zu need %zu %s%s, and one or "
              "two more to find the end; you made %lld. Each is a call "
              "into the kernel.",
            length, bufsize, blocks, call, plural(blocks),
            (long long)count);
}

START_TEST(copying_takes_no_more_calls_than_blocks)
{
    for (size_t bufsize = 1; bufsize < 4000;
         bufsize = 3 * bufsize + 1) {
        for (size_t extra = 0; extra < 3; extra++) {
            size_t length = 7 * bufsize - 1 + extra;
            try_copy(draw(length), length, bufsize, NULL);
            judge_scene(NULL);
            check_count(
                "read", answer.calls[WRAPPED_read], length, bufsize);
            check_count(
                "write", answer.calls[WRAPPED_write], length, bufsize);
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

    judge_scene(
        "A block of 8 bytes came every hour, into a copy with a "
        "bufsize of 8 (a '|' is where the next one was sent)");
    fcntl(in.theirs, F_SETFL, O_NONBLOCK);
    ask_fd(&ask, in.theirs);
    ask_output(&ask, &received);
    int mark = fcntl(ask.fds[1], F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < BLOCKS; i++) {
        events[2 * i] =
            (struct event){i * hour_ms, EVENT_SEND, mark, "|", 1};
        events[2 * i + 1] = (struct event){
            i * hour_ms, EVENT_SEND, in.ours, bytes, BLOCK};
        text_addf(&expected, "|%s", bytes);
    }
    events[2 * BLOCKS - 1].kind = EVENT_CLOSE;
    expected.length -= BLOCK;
    ask_int(&ask, BLOCK);
    add_events(&ask, events, 2 * BLOCKS);
    ask_send(&ask, &answer);
    lesson = "A whole block had come, and you waited for more before "
             "you passed it on.";
    int64_t copied = answer_int(&answer);
    check_not_given_up("io_copy", copied == -1, NULL);
    check_bytes("The copy got", expected.bytes, expected.length,
        text_string(&received), received.length);
    judge_equal_int("io_copy() returned", BLOCK * (BLOCKS - 1), copied);
    close(mark);
    text_free(&expected);
}
END_TEST

/* 2.4 Lines -------------------------------------------------------- */

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
    if (got.result == -2 && answer.error == EIO)
        wrong("io_getline() returned -2 (errno EIO), and line %d had "
              "come whole before read() failed: return it first.",
            number);
    check_not_given_up("io_getline", got.result == -2, lines->faults);
    judge_values(length > lines->cap ? "-3" : shown(line, length),
        got.result >= 0 ? shown(got.bytes, got.length)
                        : script("%lld", (long long)got.result));
    if (got.result == -1)
        wrong("io_getline() said that the text had ended (-1), and "
              "line %d was still to come. %s",
            number, lesson);
    if (got.result == -3)
        wrong("Line %d has %zu byte%s and fits; io_getline() said that "
              "it is too long (-3). %s",
            number, length, plural(length), lesson);
    if (length > lines->cap)
        wrong("Line %d has %zu byte%s, which is too long (-3); "
              "io_getline() returned %lld.",
            number, length, plural(length), (long long)got.result);
    wrong("Line %d is %s, and io_getline() returned %lld: %s. %s",
        number, shown(line, length), (long long)got.result,
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
    judge_scene("The text %s was read in blocks of %zu, with room for "
                "%zu byte%s in dst%s",
        shown(lines->text, lines->length), lines->bufsize, lines->cap,
        plural(lines->cap), weather(lines->faults));
}

/* Read all lines from fd, and then the end, so many times. */
static void
try_lines_from(int fd, const struct lines *lines, int ends)
{
    int count = count_lines(lines->text, lines->length);
    struct ask ask = lines_ask(lines, fd, count + ends);

    ask_send(&ask, &answer);
    check_reader(lines->faults);
    check_lines(lines, count);
    for (int i = 0; i < ends; i++) {
        struct got end = next_got();
        check_not_given_up(
            "io_getline", end.result == -2, lines->faults);
        if (end.result != -1 && i > 0)
            wrong("io_getline() had returned -1, the end, and then "
                  "%lld. The end stays the end: once a read returned "
                  "0, make no other.",
                (long long)end.result);
        if (end.result != -1)
            wrong("%s, and io_getline() returned %lld instead of -1, "
                  "the end.",
                count == 0   ? "There was no line"
                : count == 1 ? "The only line had been returned"
                             : "All lines had been returned",
                (long long)end.result);
    }
    check_manners("io_lines_free", lines->faults);
}

static void
try_lines_to(const struct lines *lines, int ends)
{
    say_lines(lines);
    try_lines_from(
        filled_pipe(lines->text, lines->length), lines, ends);
}

/* The end is asked for twice: it stays the end. */
static void
try_lines(const struct lines *lines)
{
    try_lines_to(lines, 2);
}

START_TEST(lines_come_one_by_one)
{
    static const char *const shapes[] = {"", "\n", "x", "x\n",
        "xxx\nxxx\nxxxxx\n", "xxx\n\n\nxxxx", "\n\n", "\r\n\r\n",
        "xxxx"};

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t length = strlen(shapes[i]);
        lesson = count_lines(shapes[i], length) < 2
                     ? ""
                     : "What the block holds behind a line is the "
                       "beginning of the next ones: keep it.";
        try_lines(&(struct lines){
            from_shape(shapes[i]), length, 100, 50, NULL});
    }
}
END_TEST

START_TEST(a_zero_byte_is_part_of_the_line)
{
    static const char *const shapes[] = {
        "0\n", "x0x\n0\n00x", "xx0xx\nxxx\n"};

    lesson =
        "A zero byte is a byte like any other; only '\\n' ends a line.";
    for (size_t i = 0; i < 3; i++)
        try_lines(&(struct lines){
            from_shape(shapes[i]), strlen(shapes[i]), 100, 50, NULL});
}
END_TEST

START_TEST(a_line_of_exactly_cap_bytes_fits)
{
    const char *shape = "xxxxxxxxx\nxxxxxxxx\nx\n\nxxxxxx";

    lesson = "A line of exactly as many bytes as dst has room for "
             "fits: no zero byte is added.";
    for (size_t cap = 1; cap < 10; cap++)
        try_lines(&(struct lines){
            from_shape(shape), strlen(shape), 64, cap, NULL});
}
END_TEST

/* A read that returns 0 after so many bytes, whole lines, of a text
 * that goes on after that: its end all the same. */
static void
end_after(const char *text, size_t length)
{
    const char *faults =
        length > 0 ? script("read: %zu 0", length) : "read: 0";
    struct lines lines = {text, length, 64, 20, faults};

    judge_scene("%s%s, read() returned 0, and would have given more "
                "after that (as a terminal does)",
        length > 0 ? "After " : "At once",
        length > 0 ? shown(text, length) : "");
    try_lines_from(filled_pipe(text, strlen(text)), &lines, 3);
}

START_TEST(lines_survive_every_delivery)
{
    const char *text = from_shape("xxx\n\nxxxxx0x\n xxxx\n");

    for (int i = 0; i < SCHEDULES; i++) {
        const char *faults = schedule("read", i);
        try_lines(&(struct lines){text, 19, 5, 20, faults});
        try_lines(&(struct lines){text, 18, 64, 20, faults});
    }
    for (size_t length = 0; length <= 8; length += 4)
        end_after(from_shape("xxx\nxxx\nxxx\nxxx\n"), length);
}
END_TEST

START_TEST(a_line_cut_anywhere_is_put_together)
{
    const char *text = from_shape("xxx\n\nxxxxx0x\n xxxx\nxxxx");

    static const char cut[] = "The end of a block is not the end of a "
                              "line: the line may go on in the next "
                              "block.";
    for (size_t bufsize = 1; bufsize < 26; bufsize++) {
        for (size_t length = 0; length <= 23; length++) {
            lesson = bufsize < length ? cut : "";
            try_lines(&(struct lines){text, length, bufsize, 20, NULL});
        }
    }
    lesson = cut;
    for (int k = 1; k <= 23; k++)
        try_lines(
            &(struct lines){text, 23, 64, 20, script("read: %d", k)});
}
END_TEST

START_TEST(a_line_too_long_is_skipped_to_its_end)
{
    const char *text = from_shape(
        "xxxxxxxxx\nxxxxxxxx\nx\n\nxxxxxxxxxxxxxxxxxxxx\nxx\nxxxxxxx");

    lesson = "A line that is too long is skipped as a whole; the call "
             "after it returns the next line.";
    for (size_t bufsize = 29; bufsize > 0; bufsize--) {
        for (size_t cap = 22; cap-- > 0;)
            try_lines(&(struct lines){text, 53, bufsize, cap, NULL});
    }
}
END_TEST

START_TEST(lines_wait_in_poll)
{
    const char *text = from_shape("xxx\n\nxxxxx\nxxxx");

    for (int k = 0; k < INTERRUPTIONS; k++) {
        try_lines(&(struct lines){text, 15, 4, 20,
            script(
                "read: EAGAIN 3 EAGAIN EAGAIN 1%s", interrupted[k])});
        check_sat_down_again(k, WRAPPED_read, "read");
    }
}
END_TEST

/* No reader can be made: NULL, for this reason. */
static void
fail_reader(size_t bufsize, const char *faults, int error)
{
    struct lines lines = {"abc", 3, bufsize, 20, faults};
    struct ask ask = lines_ask(&lines, filled_pipe("abc", 3), 0);

    judge_scene("io_lines_new() was called with a bufsize of %zu%s",
        bufsize, weather(faults));
    ask_send(&ask, &answer);
    if (answer_int(&answer) != 0)
        wrong("It returned a reader instead of NULL.");
    if (answer.error != error)
        wrong("It returned NULL, as it must, but errno was %s and not "
              "%s.",
            judge_errno(answer.error), judge_errno(error));
    check_manners("io_lines_new", NULL);
}

/* Two lines, and then a read that fails. */
static void
fail_lines(const char *shape, const char *faults, int error)
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
    check_failure("io_getline", -2, error, got.result);
    check_stopped("read", answer.calls[WRAPPED_read], faults);
    check_manners("io_lines_free", faults);
}

START_TEST(a_failure_comes_after_the_lines_before_it)
{
    lesson = "read() had failed (EIO). That is not the end of the "
             "text, and half a line is no line.";
    fail_lines("xxx\nxxx\n", "read: 8 EIO", EIO);
    fail_lines("xxx\nxxx\nxxx", "read: 11 EIO", EIO);
    fail_lines("xxx\nxxx\nxxx", "read: 6 EINTR 5 EAGAIN EIO", EIO);
    lesson = wait_lesson;
    fail_lines("xxx\nxxx\nxxx", "read: 6 2 " FAILED_WAIT, ENOMEM);

    judge_scene("io_lines_new() was called, and no line was asked for");
    struct lines lines = {"abc", 3, 8, 20, NULL};
    struct ask ask = lines_ask(&lines, filled_pipe("abc", 3), 0);
    ask_send(&ask, &answer);
    check_reader(NULL);
    check_manners("io_lines_free", NULL);
    judge_equal_int(
        "The number of reads was", 0, answer.calls[WRAPPED_read]);
    int64_t calls[ALLOCATORS];
    for (int i = 0; i < ALLOCATORS; i++)
        calls[i] = answer.calls[allocators[i].call];

    fail_reader(0, NULL, EINVAL);
    for (int i = 0; i < ALLOCATORS; i++) {
        for (int64_t k = 1; k <= calls[i] && k < 8; k++)
            fail_reader(8,
                script("%s:%.*s ENOMEM", allocators[i].name,
                    (int)(3 * (k - 1)), " ok ok ok ok ok ok ok"),
                ENOMEM);
    }
}
END_TEST

START_TEST(lines_take_no_more_reads_than_blocks)
{
    char *text = draw(4002);

    for (size_t i = 20; i < 4002; i += 20)
        text[i] = '\n';
    for (size_t bufsize = 1; bufsize < 4100;
         bufsize = 3 * bufsize + 1) {
        for (size_t length = 4000; length <= 4002; length++) {
            try_lines_to(
                &(struct lines){text, length, bufsize, 100, NULL}, 1);
            judge_scene(NULL);
            check_count(
                "read", answer.calls[WRAPPED_read], length, bufsize);
        }
    }
}
END_TEST

/* Some lines are there, the rest comes an hour later. */
static void
lines_before_the_rest(
    const char *text, size_t there, int count, int64_t expected_ms)
{
    struct lines lines = {text, strlen(text), 64, 20, NULL};
    struct line line = filled_line(text, there);
    const struct event events[] = {
        {hour_ms, EVENT_SEND, line.ours, text + there,
            lines.length - there},
        {.at_ms = 2 * hour_ms, .kind = EVENT_CLOSE, .fd = line.ours}};
    struct ask ask = lines_ask(&lines, line.theirs, count);

    judge_scene(
        "%s was there, %s came an hour later; asked for %d line%s",
        shown(text, there), shown(text + there, lines.length - there),
        count, plural((size_t)count));
    add_events(&ask, events, 2);
    ask_send(&ask, &answer);
    check_reader(NULL);
    check_lines(&lines, count);
    if (answer.now_ms != expected_ms)
        wrong("The lines were there, and you read on before you "
              "returned them: the program slept until more came.");
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
    const char *text =
        from_shape("xxxxxxxxx\nx\n\nxxxxxxxxxxxx\nxxxxxxx");
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

/* 2.5 Saving a file ------------------------------------------------ */

enum { OLD_LENGTH = 31, NEW_LENGTH = 12, MOST_STEPS = 200 };

static const char *old_text, *new_text; /* the old one is longer */

/* Go to the program's folder, so that both mean the same by a name,
 * start it with this umask, and draw two texts. */
static void
prepare_to_save(mode_t mask)
{
    umask(mask);
    if (chdir(judge_path(".")) != 0)
        die("go to %s:", judge_path("."));
    old_text = draw(OLD_LENGTH);
    new_text = draw(NEW_LENGTH);
    ask_probe();
}

static void
put_file(const char *path, const char *text, size_t length, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length ||
        fchmod(fd, mode) != 0 || close(fd) != 0)
        die("put a file at %s:", path);
}

static void
put_old(const char *path, mode_t mode)
{
    put_file(path, old_text, OLD_LENGTH, mode);
}

/* The folder holds nothing else than what `names` has, each between two
 * spaces: " f d ". */
static void
check_folder(const char *folder, const char *names)
{
    DIR *entries = opendir(folder);

    if (entries == NULL)
        die("open %s:", folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char word[300];
        const char *name = entry->d_name;
        snprintf(word, sizeof word, " %s ", name);
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            strstr(names, word) != NULL)
            continue;
        wrong("The save is over and has left the file %s behind.",
            shown(name, strlen(name)));
    }
    closedir(entries);
}

/* The file holds this text and no other; `what` says which that is. */
static void
check_file(
    const char *path, const char *what, const char *text, size_t length)
{
    static struct text seen;

    seen.length = 0;
    if (text_read_file(&seen, path, 1 << 20) != 0) {
        judge_values(shown(text, length), "no file");
        wrong("The file should have %s, and is no longer there. %s",
            what, lesson);
    }
    if (seen.length == length && memcmp(seen.bytes, text, length) == 0)
        return;
    judge_values(
        shown(text, length), shown(text_string(&seen), seen.length));
    wrong("The file should have %s, which is not what it holds. %s",
        what, lesson);
}

static void
check_mode(const char *path, mode_t mode)
{
    struct stat status;
    char seen[16];

    if (lstat(path, &status) != 0)
        die("look at %s:", path);
    if ((status.st_mode & 07777) == mode)
        return;
    snprintf(seen, sizeof seen, "%04o", status.st_mode & 07777);
    judge_values(script("%04o", mode), seen);
    wrong("The file should have the mode %04o; after the save it has "
          "%04o. %s",
        mode, status.st_mode & 07777, lesson);
}

/* Save, and see that nothing of it is left in the program. */
static int64_t
save(const char *path, const char *text, size_t length,
    const char *faults)
{
    struct ask ask = ask_new("io_save");
    int before = ask_open_descriptors();

    ask.faults = faults;
    ask.log_files = true;
    ask_string(&ask, path);
    ask_bytes(&ask, text, length);
    ask_send(&ask, &answer);
    int64_t result = answer_int(&answer);
    int after = ask_open_descriptors();
    if (after > before)
        wrong("io_save() is over and has left %d descriptor%s open. "
              "After some sixty saves none would be free for the next.",
            after - before, plural((size_t)(after - before)));
    if (after < before)
        wrong("io_save() closed a descriptor that it had not opened.");
    if (answer.allocations_left > 0)
        wrong("io_save() is over and has not freed all the memory that "
              "it took.");
    return result;
}

/* Save the new text and find it there. */
static void
save_well(const char *path, const char *faults)
{
    int64_t result = save(path, new_text, NEW_LENGTH, faults);

    check_not_given_up("io_save", result == -1, faults);
    judge_equal_int("io_save() returned", 0, result);
    check_file(path, "the new text", new_text, NEW_LENGTH);
}

START_TEST(a_saved_text_is_read_back)
{
    prepare_to_save(022);
    static const char *const paths[] = {
        "f", "./f", "d/f", "d/./../d/f"};
    mkdir("d", 0700);
    char *whole = text_copy(judge_path("f"));

    for (int i = 0; i < 5; i++) {
        const char *path = i < 4 ? paths[i] : whole;
        judge_scene(
            "Saved a new file as \"%s\"", i < 4 ? path : "/…/f");
        unlink(path);
        save_well(path, NULL);
        judge_scene("Saved \"%s\", over a longer text", path);
        put_old(path, 0644);
        save_well(path, NULL);
    }
    judge_scene("Saved a text of no bytes");
    judge_equal_int("io_save() returned", 0, save("f", "", 0, NULL));
    check_file("f", "no bytes", "", 0);
    check_folder(".", " f d ");
    check_folder("d", " f ");

    judge_scene("Saved in a folder that is not there");
    lesson = "Nothing can be saved there.";
    check_failure(
        "io_save", -1, ENOENT, save("e/f", new_text, NEW_LENGTH, NULL));
    free(whole);
}
END_TEST

START_TEST(the_mode_of_the_file_is_kept)
{
    static const mode_t modes[] = {0644, 0600, 0755, 0666, 0777, 0640};

    prepare_to_save(027);
    judge_scene("Saved a new file, with a umask of 027");
    save_well("f", NULL);
    lesson = "A new file gets 0666 less the umask.";
    check_mode("f", 0640);
    for (int i = 0; i < 6; i++) {
        judge_scene(
            "Saved a file of mode %04o, with a umask of 027", modes[i]);
        put_old("f", modes[i]);
        lesson = "";
        save_well("f", NULL);
        lesson = "Who may read a file is not changed by saving it.";
        check_mode("f", modes[i]);
        check_folder(".", " f ");
    }
}
END_TEST

static void
put_link(const char *to, const char *path)
{
    if (symlink(to, path) != 0)
        die("put a link at %s:", path);
}

static uint64_t
inode_of(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

/* Save through a link, which must stay one, to a file in "d". */
static void
save_through(const char *link, int links, const char *file)
{
    struct stat status;
    char text[4096] = "";
    char over[32];

    if (readlink(link, text, sizeof text - 1) < 0)
        die("look at the link %s:", link);
    snprintf(over, sizeof over, "over %d links ", links);
    judge_scene("\"%s\" is a symbolic link, whose text is \"%s\" and "
                "which leads %sto \"%s\"",
        link, text[0] == '/' ? "/…/d/h" : text, links > 1 ? over : "",
        file);
    int64_t result = save(link, new_text, NEW_LENGTH, NULL);
    check_not_given_up("io_save", result == -1, NULL);
    if (lstat(link, &status) != 0 || !S_ISLNK(status.st_mode))
        wrong("The save has replaced the link itself by a file, and "
              "the file that it led to is as before.");
    check_file(file, "the new text", new_text, NEW_LENGTH);
    for (size_t i = 0; i < answer.step_count; i++) {
        const struct crash_step *step = &answer.steps[i];
        if (step->op == CRASH_RENAME && step->dir != inode_of("d"))
            wrong(
                "The temporary file was not in the folder of the file "
                "itself, and a rename() works within one disk only.");
    }
}

START_TEST(a_link_stays_and_its_file_is_saved)
{
    prepare_to_save(022);
    mkdir("d", 0700);
    mkdir("e", 0700);
    put_old("d/f", 0644);
    put_link("f", "d/1");
    put_link("../d/1", "e/2");
    put_link("e/2", "3");
    put_link("g", "d/new");
    put_link(judge_path("d/h"), "e/whole");
    save_through("d/1", 1, "d/f");
    put_old("d/f", 0644);
    save_through("3", 3, "d/f");
    save_through("d/new", 1, "d/g");
    save_through("e/whole", 1, "d/h");

    put_old("d/f", 0644);
    for (int i = 3; i < 8; i++)
        put_link(script("%d", i), (char[]){(char)('1' + i), '\0'});
    save_through("8", 8, "d/f");
    check_folder(".", " d e 3 4 5 6 7 8 ");
    check_folder("d", " f g h 1 new ");
    check_folder("e", " 2 whole ");

    judge_scene("The path was a symbolic link that leads to itself");
    lesson = "There is no file at its end.";
    put_link("loop", "loop");
    check_failure("io_save", -1, ELOOP, save("loop", "a", 1, NULL));
}
END_TEST

/* How many files lie beside "f", and the name of one of them. */
static int
count_leftovers(char name[300])
{
    DIR *entries = opendir(".");
    int count = 0;

    if (entries == NULL)
        die("open the folder:");
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        const char *found = entry->d_name;
        if (strcmp(found, "f") == 0 || strcmp(found, ".") == 0 ||
            strcmp(found, "..") == 0)
            continue;
        snprintf(name, 300, "%s", found);
        count++;
    }
    closedir(entries);
    return count;
}

/* fchmod(), write() and unlink() are made to fail: what stays behind is
 * the temporary file just as open() made it. */
START_TEST(the_temporary_file_allows_no_more)
{
    static const mode_t modes[] = {
        0600, 0640, 0400, 0444, 0604, 01644, 04755};
    char name[300];
    struct stat status;

    prepare_to_save(0);
    for (int i = 0; i < 7; i++) {
        judge_scene("Saved over a file of mode %04o, and looked at the "
                    "temporary file just after open() had made it",
            modes[i]);
        put_old("f", modes[i]);
        save("f", new_text, NEW_LENGTH,
            "fchmod: EIO; write: EIO; unlink: EIO EIO EIO EIO");
        lesson = "A temporary file is needed, which rename() puts in "
                 "its place.";
        check_file("f", "the old text", old_text, OLD_LENGTH);
        if (count_leftovers(name) == 0)
            wrong("There was none. Make one with O_CREAT | O_EXCL in "
                  "the folder of the file.");
        if (lstat(name, &status) != 0 || unlink(name) != 0)
            die("look at %s:", name);
        mode_t mode = status.st_mode & 0777;
        if (mode & ~modes[i])
            wrong("It has the mode %04o, so that while you save, "
                  "others may read what only some are meant to. Hand "
                  "the mode of the old file to open().",
                mode);
        judge_scene("Saved over a file of mode %04o", modes[i]);
        lesson = "";
        save_well("f", NULL);
        lesson = "Of the mode, the nine bits of 0777 are kept, and no "
                 "others.";
        check_mode("f", modes[i] & 0777);
    }
}
END_TEST

/* Up to three actions: each save syncs, and a slow disk takes its
 * time. */
START_TEST(saving_survives_every_delivery)
{
    prepare_to_save(022);
    put_old("f", 0644);
    for (int i = 0; i < SHORT_SCHEDULES; i++) {
        new_text = draw(NEW_LENGTH);
        teach_of_pieces(schedule("write", i),
            "A write may take less than it was given, in a file too.");
        judge_scene("Saved %d bytes%s", NEW_LENGTH,
            weather(schedule("write", i)));
        save_well("f", schedule("write", i));
        check_folder(".", " f ");
    }
}
END_TEST

/* The last save put its file in the place of "f". */
static bool
was_renamed(void)
{
    for (size_t i = 0; i < answer.step_count; i++) {
        const struct crash_step *step = &answer.steps[i];
        if (step->op == CRASH_RENAME && strcmp(step->to_name, "f") == 0)
            return true;
    }
    return false;
}

/* A save that must fail with this error. What was there before must be
 * there still, unless the new file was in its place already. */
static void
fail_save(bool over_old, const char *faults, int error)
{
    unlink("f");
    if (over_old)
        put_old("f", 0640);
    judge_scene("Saved %s%s",
        over_old ? "over an old file" : "a new file", weather(faults));
    int64_t result = save("f", new_text, NEW_LENGTH, faults);
    const char *taught = lesson;
    if (answer.error == EBADF && count_in(faults, "close", "E") > 0)
        wrong("You called close() again after it had failed. It closes "
              "all the same: the descriptor was gone (EBADF), or "
              "somebody else's by then.");
    check_failure("io_save", -1, error, result);
    check_folder(".", " f ");
    lesson = "";
    if (was_renamed())
        check_file("f", "the new text", new_text, NEW_LENGTH);
    else if (over_old)
        check_file("f", "the old text", old_text, OLD_LENGTH);
    else if (access("f", F_OK) == 0)
        wrong("There was no file, the save has failed, and now there "
              "is one.");
    lesson = taught;
}

/* As often as a good save makes this call, let it fail once there.
 * Returns how often that is. */
static int64_t
fail_each(enum wrapped call, const char *name, const char *error_name,
    int error)
{
    int64_t count = 0;

    for (int over_old = 0; over_old < 2; over_old++) {
        char before[200] = "";
        unlink("f");
        if (over_old)
            put_old("f", 0640);
        judge_scene(
            "Saved %s", over_old ? "over an old file" : "a file");
        const char *taught = lesson;
        lesson = "";
        save_well("f", NULL);
        lesson = taught;
        count = answer.calls[call];
        for (int64_t k = 0; k < count && k < 20; k++) {
            fail_save(over_old,
                script("%s:%s %s", name, before, error_name), error);
            strcat(before, " ok");
        }
    }
    return count;
}

static const char eintr_lesson[] =
    "Only read, write and poll are tried again after EINTR.";

START_TEST(a_full_disk_leaves_the_old_file)
{
    static const char *const before[] = {
        "", "3 ", "3 3 ", "3 3 3 ", "1 EINTR 3 "};

    prepare_to_save(022);
    lesson = "The text is not saved as long as not all of it is on the "
             "disk.";
    for (int i = 0; i < 5; i++) {
        fail_save(true, script("write: %sENOSPC", before[i]), ENOSPC);
        fail_save(false, script("write: %sENOSPC", before[i]), ENOSPC);
    }
    lesson = "What could not be opened cannot be synced.";
    fail_each(WRAPPED_open, "open", "EMFILE", EMFILE);
    fail_each(WRAPPED_open, "open", "ENOSPC", ENOSPC);
    lesson = eintr_lesson;
    fail_each(WRAPPED_open, "open", "EINTR", EINTR);
    fail_each(WRAPPED_fchmod, "fchmod", "EINTR", EINTR);
    fail_each(WRAPPED_rename, "rename", "EINTR", EINTR);
    lesson = "The new file would not have had the mode of the old one.";
    fail_each(WRAPPED_fchmod, "fchmod", "EACCES", EACCES);
    lesson = "The new text did not get its place.";
    fail_each(WRAPPED_rename, "rename", "EIO", EIO);
}
END_TEST

/* A program that calls a failed sync again is told so. */
static void
fail_syncs_twice(enum wrapped call, const char *name)
{
    judge_scene("Saved a file");
    save_well("f", NULL);
    int64_t count = answer.calls[call];
    const char *faults = script("%s: EIO", name);
    judge_scene("Saved a file%s", weather(faults));
    if (save("f", new_text, NEW_LENGTH, faults) == 0 &&
        answer.calls[call] > count)
        wrong("You called %s() again, and returned 0. The second one "
              "may say yes although the bytes are lost: give up at the "
              "first.",
            name);
}

START_TEST(a_failed_sync_or_close_is_reported)
{
    prepare_to_save(022);
    lesson = "The bytes may not have reached the disk, and nobody else "
             "will ever hear of it.";
    fail_syncs_twice(WRAPPED_fsync, "fsync");
    fail_syncs_twice(WRAPPED_fdatasync, "fdatasync");
    if (fail_each(WRAPPED_fsync, "fsync", "EIO", EIO) +
            fail_each(WRAPPED_fdatasync, "fdatasync", "EIO", EIO) ==
        0)
        wrong("A text was saved without any fsync() or fdatasync().");
    fail_each(WRAPPED_close, "close", "EIO", EIO);
    lesson = eintr_lesson;
    fail_each(WRAPPED_fsync, "fsync", "EINTR", EINTR);
    fail_each(WRAPPED_fdatasync, "fdatasync", "EINTR", EINTR);
    fail_each(WRAPPED_close, "close", "EINTR", EINTR);
}
END_TEST

/* Stop a save of a long text after its last write, and see to it that
 * what a crash there would leave behind stays. */
static void
crash_once(void)
{
    char name[300];
    char *text = draw(100);

    judge_scene("Saved while fsync() failed");
    if (count_leftovers(name) > 0)
        judge_scene(
            "Saved while the file %s was left by an earlier crash",
            shown(name, strlen(name)));
    int64_t result = save("f", text, 100,
        "fsync: EIO; fdatasync: EIO; unlink: EIO EIO EIO EIO");
    if (result == -1 && answer.error == EEXIST)
        wrong("You gave up, since a file of that name was there "
              "(EEXIST), and so you would for ever: try another name.");
    free(text);
}

/* Other programs have taken the first names that it tries. */
static void
save_among_others(int taken)
{
    char actions[200] = "";

    save_well("f", NULL);
    for (size_t i = 0; i < answer.step_count; i++) {
        const struct crash_step *step = &answer.steps[i];
        if (step->op == CRASH_OPEN && step->created)
            break;
        if (step->op == CRASH_OPEN)
            strcat(actions, strlen(actions) < 50 ? " ok" : "");
    }
    for (int i = 0; i < taken; i++)
        strcat(actions, " EEXIST");
    judge_scene("The first %d name%s that you tried for the temporary "
                "file %s taken (open() failed with EEXIST)",
        taken, plural((size_t)taken), taken == 1 ? "was" : "were");
    put_old("f", 0644);
    const char *faults = script("open:%s", actions);
    if (save("f", new_text, NEW_LENGTH, faults) != 0)
        wrong("You gave up (errno %s). Try more names, at least 8 of "
              "them.",
            judge_errno(answer.error));
    check_file("f", "the new text", new_text, NEW_LENGTH);
}

START_TEST(what_an_earlier_crash_left_is_no_obstacle)
{
    char name[300];

    prepare_to_save(022);
    put_old("f", 0644);
    for (int crashes = 1; crashes < 8; crashes++)
        crash_once();
    int count = count_leftovers(name);
    judge_scene("Saved after earlier saves had been stopped");
    lesson = "What an earlier one had left behind shines through: make "
             "the temporary file with O_EXCL.";
    save_well("f", NULL);
    if (count_leftovers(name) != count)
        wrong("You took a file for your own that was there before: "
              "make the temporary file with O_CREAT | O_EXCL.");
    lesson = "";
    for (int taken = 1; taken < 8; taken++)
        save_among_others(taken);
}
END_TEST

/* What the path leads to is no file: it is refused, and stays. */
static void
refuse(const char *path, const char *file, const char *what)
{
    struct stat before, after;

    judge_scene("The path leads to %s", what);
    if (lstat(file, &before) != 0)
        die("look at %s:", file);
    int64_t result = save(path, new_text, NEW_LENGTH, NULL);
    if (lstat(file, &after) != 0 || after.st_ino != before.st_ino ||
        after.st_mode != before.st_mode)
        wrong("After the save there is no longer %s, but a file in its "
              "place.",
            what);
    check_failure("io_save", -1, EINVAL, result);
    check_folder(".", " pipe folder socket to-pipe to-folder ");
}

START_TEST(what_is_no_file_is_refused)
{
    prepare_to_save(022);
    lesson = "Only a regular file can be replaced.";
    if (mkfifo("pipe", 0600) != 0 || mkdir("folder", 0700) != 0 ||
        mknod("socket", S_IFSOCK | 0600, 0) != 0)
        die("put a pipe, a folder and a socket there:");
    put_link("pipe", "to-pipe");
    put_link("folder", "to-folder");
    int held = open("pipe", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    char byte;

    refuse("pipe", "pipe", "a pipe");
    refuse("folder", "folder", "a folder");
    refuse("socket", "socket", "a socket");
    refuse("to-pipe", "to-pipe", "a link to a pipe");
    refuse("to-pipe", "pipe", "a pipe");
    refuse("to-folder", "folder", "a folder");
    if (read(held, &byte, 1) > 0)
        wrong("The text was written into the pipe.");
    close(held);

    judge_scene("The path leads over 9 symbolic links, to \"0\"");
    lesson = "Eight are followed, more is a failure.";
    put_old("0", 0644);
    for (char i = '0'; i < '9'; i++)
        put_link((char[]){i, '\0'}, (char[]){(char)(i + 1), '\0'});
    check_failure("io_save", -1, ELOOP, save("9", "a", 1, NULL));
    check_file("0", "the old text", old_text, OLD_LENGTH);
}
END_TEST

START_TEST(saving_leaks_nothing)
{
    prepare_to_save(022);
    for (int i = 0; i < 70; i++) {
        judge_scene("Save number %d", i + 1);
        save_well(i % 2 ? "f" : "g", i % 5 ? NULL : "write: 5 EINTR");
        check_folder(".", " f g ");
    }
}
END_TEST

/* Paths and names as long as they may be, in a sanitized build. */
/* A name as long as the file system takes it: on most, 255 letters. */
static void
fill_name(char *name, size_t room)
{
    memset(name, 'n', room);
    while (--room > 0) {
        name[room] = '\0';
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0) {
            close(fd);
            unlink(name);
            return;
        }
    }
    ck_abort_msg("no file can be made");
}

START_TEST(a_long_path_is_a_path_like_any_other)
{
    char path[2000], name[256];

    prepare_to_save(022);
    fill_name(name, sizeof name);
    judge_scene(
        "Saved a file whose name has %zu letters", strlen(name));
    save_well(name, NULL);
    save_well(name, "write: 3 EINTR 2");
    unlink(name);

    for (size_t i = 0; i + 2 < sizeof path; i += 2)
        memcpy(path + i, "./", 3);
    path[sizeof path - 2] = 'f';
    path[sizeof path - 1] = '\0';
    judge_scene("Saved a path of 1,999 letters");
    save_well(path, NULL);
    put_link(path, "f2");
    judge_scene("Saved through a link of 1,999 letters");
    save_well("f2", NULL);
    check_folder(".", " f f2 ");
}
END_TEST

/* What is tried with the log of a save. */
struct crash {
    bool over_old;
    bool only_returned; /* looks only at what io_save() had promised */
    size_t done;        /* the state that is wrong */
    bool returned;
    const char *seen;
};

static bool
same(const void *bytes, size_t length, const char *text, size_t size)
{
    return bytes && length == size && memcmp(bytes, text, size) == 0;
}

/* Old or new, whole; once io_save() has returned 0, new. */
static int
check_state(size_t done, int returned, const void *bytes, size_t length,
    void *arg)
{
    struct crash *crash = arg;
    bool is_new = same(bytes, length, new_text, NEW_LENGTH);
    bool is_old = crash->over_old
                      ? same(bytes, length, old_text, OLD_LENGTH)
                      : bytes == NULL;

    if (is_new || (crash->only_returned ? !returned : is_old))
        return 0;
    crash->done = done;
    crash->returned = returned;
    crash->seen = bytes == NULL ? "no file"
                  : length == 0 ? "an empty file"
                  : same(bytes, length, old_text, OLD_LENGTH)
                      ? "the old text"
                      : shown(bytes, length);
    return 1;
}

/* The log of the save, and "returned 0" behind it. The caller frees
 * it. */
static struct crash_step *
steps_with_return(void)
{
    size_t count = answer.step_count, total = 0;
    struct crash_step *steps = text_zeroed(count + 1, sizeof *steps);

    for (size_t i = 0; i < count; i++) {
        steps[i] = answer.steps[i];
        total += steps[i].length;
        if (steps[i].offset > 4096 || total > 65536 ||
            count > MOST_STEPS)
            wrong("A save of %d bytes took %zu file operations and "
                  "wrote far more than that.",
                NEW_LENGTH, count);
    }
    steps[count].op = CRASH_RETURN;
    return steps;
}

/* In words, what the program had done when the power went. */
static _Noreturn void
fail_after_crash(
    const struct crash *crash, const struct crash_step *steps)
{
    char *words = crash->done > 0 ? crash_words(&steps[crash->done - 1])
                                  : text_copy("nothing at all");
    const char *advice =
        crash->only_returned
            ? "The name is on the disk only once the folder was "
              "synced: open() it, fsync(), close()."
            : "Leave the old file alone until the new text, in another "
              "file, is on the disk (fsync); then rename().";

    judge_values(crash->over_old ? crash->returned
                                       ? "the new text"
                                       : "the old text or the new one"
                                 : "no file or the new text",
        crash->seen);
    if (crash->returned)
        wrong("io_save() had returned 0 when the power went, and after "
              "that there was %s. %s",
            crash->seen, advice);
    wrong("The power may go after operation %zu (%s), and then leave "
          "%s. %s",
        crash->done, words, crash->seen, advice);
}

/* Save to "f" in `folder`, and crash after each operation. */
static void
crash_everywhere(const char *folder, bool over_old, bool only_returned,
    const char *faults)
{
    struct crash crash = {
        .over_old = over_old, .only_returned = only_returned};
    char path[64];

    snprintf(path, sizeof path, "%s/f", folder);
    unlink(path);
    if (over_old)
        put_old(path, 0644);
    struct crash_file old = {
        inode_of(path), inode_of(folder), "f", old_text, OLD_LENGTH};
    judge_scene("Saved %s as \"%s\"%s",
        over_old ? "over an old file" : "a new file",
        path + (folder[0] == '.' ? 2 : 0), weather(faults));
    save_well(path, faults);
    struct crash_step *steps = steps_with_return();
    if (crash_replay(&old, over_old, steps, answer.step_count + 1,
            inode_of(folder), "f", check_state, &crash) != 0)
        fail_after_crash(&crash, steps);
    free(steps);
}

static void
crash_all(bool only_returned)
{
    static const char *const faults[] = {
        NULL, "write: 3 3 3", "write: 1 EINTR 5"};

    prepare_to_save(022);
    mkdir("d", 0700);
    for (int over_old = 1; over_old >= 0; over_old--) {
        for (int i = 0; i < 3; i++) {
            crash_everywhere(".", over_old, only_returned, faults[i]);
            crash_everywhere("d", over_old, only_returned, faults[i]);
        }
    }
}

START_TEST(no_crash_leaves_half_a_text)
{
    crash_all(false);
}
END_TEST

START_TEST(a_text_saved_survives_every_crash)
{
    crash_all(true);
}
END_TEST

/* What is timed ---------------------------------------------------- */

/*
 * A unit copies one text, reads the lines of another, and saves some
 * files, each under a name of its own. What is read and written are
 * files in memory, which hold everything and have room for everything:
 * so the judge has nothing to move meanwhile, and the program waits for
 * nothing but the disk below its saves. All bytes are drawn.
 */
enum { LINE_CAP = 80 };

struct unit {
    char *bytes, *text, *saved; /* to be copied, read, saved */
    size_t text_length;
    int from, to;           /* of the copy: files in memory */
    int text_from, text_to; /* of the lines */
    struct answer copy, lines, *saves;
};

static struct {
    size_t bytes, block;
    int64_t lines;
    int saves;
    size_t save_bytes;
} sizes;

static struct unit *todo;

/* A file in memory, to be read from its beginning. */
static int
memory_file(const char *bytes, size_t length)
{
    int fd = memfd_create("timed", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length ||
        lseek(fd, 0, SEEK_SET) != 0)
        die("put %zu bytes into a file in memory:", length);
    return fd;
}

/* Eight bytes at a time, all of them with these bits set; the last ones
 * may lie up to 7 bytes behind `length`. */
static void
draw_into(char *bytes, size_t length, uint64_t set)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t eight = judge_random() | set;
        memcpy(bytes + i, &eight, 8);
    }
}

static char *
draw_many(size_t length)
{
    char *bytes = text_zeroed(length + 8, 1);

    draw_into(bytes, length, 0);
    return bytes;
}

/* Lines of 0 to LINE_CAP - 1 bytes. */
static void
draw_text(struct unit *unit)
{
    const uint64_t no_newline = 0x2020202020202020;
    char *at = text_zeroed((size_t)sizes.lines * LINE_CAP + 8, 1);

    unit->text = at;
    for (int64_t i = 0; i < sizes.lines; i++) {
        size_t length = judge_random_below(LINE_CAP);
        draw_into(at, length, no_newline);
        at += length;
        *at++ = '\n';
    }
    unit->text_length = (size_t)(at - unit->text);
}

static void
prepare_units(int units)
{
    sizes.bytes = (size_t)judge_size("copy_kib") << 10;
    sizes.block = (size_t)judge_size("block");
    sizes.lines = judge_size("lines");
    sizes.saves = (int)judge_size("saves");
    sizes.save_bytes = (size_t)judge_size("save_bytes");
    umask(022);
    todo = text_zeroed((size_t)units, sizeof *todo);
    for (struct unit *unit = todo; unit < todo + units; unit++) {
        unit->bytes = draw_many(sizes.bytes);
        draw_text(unit);
        unit->saved = draw_many((size_t)sizes.saves * sizes.save_bytes);
        unit->saves =
            text_zeroed((size_t)sizes.saves, sizeof *unit->saves);
        unit->from = memory_file(unit->bytes, sizes.bytes);
        unit->to = memory_file("", 0);
        unit->text_from = memory_file(unit->text, unit->text_length);
        unit->text_to = memory_file("", 0);
    }
}

/* The name of a file that is saved; valid until the next call. */
static const char *
save_name(const struct unit *unit, int number)
{
    return script("saved-%d-%d", (int)(unit - todo), number);
}

static void
work_unit(struct unit *unit)
{
    struct ask copy = ask_new("io_copy");
    struct ask lines = ask_new("io_getline:all");

    ask_fd(&copy, unit->from);
    ask_fd(&copy, dup(unit->to));
    ask_int(&copy, (int64_t)sizes.block);
    ask_send(&copy, &unit->copy);

    ask_fd(&lines, unit->text_from);
    ask_fd(&lines, dup(unit->text_to));
    ask_int(&lines, (int64_t)sizes.block);
    ask_int(&lines, LINE_CAP);
    ask_send(&lines, &unit->lines);

    for (int i = 0; i < sizes.saves; i++) {
        struct ask save = ask_new("io_save");
        ask_string(&save, save_name(unit, i));
        ask_bytes(&save, unit->saved + (size_t)i * sizes.save_bytes,
            sizes.save_bytes);
        ask_send(&save, &unit->saves[i]);
    }
}

static void
work_units(int units)
{
    for (int i = 0; i < units; i++)
        work_unit(&todo[i]);
}

/* It becomes the answer that the checks look at. */
static void
look_at(struct answer *kept)
{
    answer_free(&answer);
    answer = *kept;
    *kept = (struct answer){0};
}

static void
check_memory(
    int fd, const char *what, const char *expected, size_t length)
{
    struct stat status;
    const char *seen = "";

    if (fstat(fd, &status) != 0)
        die("look at a file in memory:");
    size_t size = (size_t)status.st_size;
    if (size > 0)
        seen = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (seen == MAP_FAILED)
        die("map %zu bytes:", size);
    if (size != length || memcmp(expected, seen, length) != 0)
        check_bytes(what, expected, length, seen, size);
    if (size > 0)
        munmap((void *)seen, size);
}

/*
 * What no program can do without, in the time that it took this one:
 * of each kind of call as many as are needed, each as long as one took
 * on average. That was measured inside the program, which could lie: so
 * it is shown, and nothing is judged by it.
 */
static struct {
    int64_t moves, syncs;
    double moves_s, syncs_s, rest_s;
} least;

static double
least_s(int64_t needed, int64_t made, int64_t ns)
{
    if (made <= 0 || ns <= 0)
        return 0;
    return (double)(needed < made ? needed : made) * (double)ns /
           (double)made / 1e9;
}

/* So many calls of a kind by the last answer. */
static double
calls_s(enum wrapped call, int64_t needed)
{
    return least_s(needed, answer.calls[call], answer.call_ns[call]);
}

/* All of a text went through reads, or writes, of one block each. */
static void
need_moves(const char *name, enum wrapped call, size_t length)
{
    int64_t blocks =
        (int64_t)((length + sizes.block - 1) / sizes.block);

    if (answer.calls[call] < blocks)
        wrong("%s() was called %lld times, and with at most %zu bytes "
              "at a time it takes %lld.",
            name, (long long)answer.calls[call], sizes.block,
            (long long)blocks);
    least.moves += blocks;
    least.moves_s += calls_s(call, blocks);
}

/* A file made, filled, synced, closed and renamed; its folder opened,
 * synced and closed. */
static void
need_save(void)
{
    const int64_t *calls = answer.calls, *ns = answer.call_ns;

    if (calls[WRAPPED_fsync] + calls[WRAPPED_fdatasync] < 2)
        wrong("The text and its folder were not both synced: after a "
              "crash there may be no such file.");
    least.syncs += 2;
    least.syncs_s +=
        least_s(2, calls[WRAPPED_fsync] + calls[WRAPPED_fdatasync],
            ns[WRAPPED_fsync] + ns[WRAPPED_fdatasync]);
    least.rest_s +=
        calls_s(WRAPPED_open, 2) + calls_s(WRAPPED_write, 1) +
        calls_s(WRAPPED_close, 2) + calls_s(WRAPPED_rename, 1);
}

static void
say_bound(void)
{
    judge_bound(least.moves_s + least.syncs_s + least.rest_s,
        "%lld syncs of %.2f ms and %lld reads and writes of %.1f µs",
        (long long)least.syncs,
        1e3 * least.syncs_s / (double)least.syncs,
        (long long)least.moves,
        1e6 * least.moves_s / (double)least.moves);
}

static void
check_freed(const char *function)
{
    if (answer.allocations_left > 0)
        wrong("%s() is over and has not freed all the memory that it "
              "took.",
            function);
}

static void
check_copy(struct unit *unit)
{
    judge_scene(
        "Copied %zu bytes in blocks of %zu", sizes.bytes, sizes.block);
    look_at(&unit->copy);
    int64_t copied = answer_int(&answer);
    check_not_given_up("io_copy", copied == -1, NULL);
    judge_equal_int("io_copy() returned", (int64_t)sizes.bytes, copied);
    check_memory(unit->to, "The copy holds", unit->bytes, sizes.bytes);
    check_freed("io_copy");
    need_moves("read", WRAPPED_read, sizes.bytes);
    need_moves("write", WRAPPED_write, sizes.bytes);
}

static void
check_text(struct unit *unit)
{
    judge_scene("Read %lld lines in blocks of %zu",
        (long long)sizes.lines, sizes.block);
    look_at(&unit->lines);
    check_reader(NULL);
    int64_t lines = answer_int(&answer), last = answer_int(&answer);
    answer.error = (int)answer_int(&answer);
    check_not_given_up("io_getline", last == -2, NULL);
    check_memory(unit->text_to,
        "The lines, each with its newline, hold", unit->text,
        unit->text_length);
    judge_equal_int("The number of lines was", sizes.lines, lines);
    judge_equal_int("io_getline() then returned", -1, last);
    check_freed("io_lines_free");
    need_moves("read", WRAPPED_read, unit->text_length);
}

static void
check_saves(struct unit *unit)
{
    for (int i = 0; i < sizes.saves; i++) {
        const char *name = save_name(unit, i);
        judge_scene(
            "Saved %zu bytes as \"%s\"", sizes.save_bytes, name);
        look_at(&unit->saves[i]);
        int64_t result = answer_int(&answer);
        check_not_given_up("io_save", result == -1, NULL);
        judge_equal_int("io_save() returned", 0, result);
        check_file(judge_path(name), "the text that was saved",
            unit->saved + (size_t)i * sizes.save_bytes,
            sizes.save_bytes);
        check_freed("io_save");
        need_save();
    }
}

static void
check_units(int units)
{
    for (struct unit *unit = todo; unit < todo + units; unit++) {
        check_copy(unit);
        check_text(unit);
        check_saves(unit);
    }
    judge_scene(NULL);
    say_bound();
}

static const struct judge_workload workload = {
    prepare_units, work_units, check_units};

/* The table -------------------------------------------------------- */

/* clang-format off */
#define RIGHT(section, name) {section, PART_ANSWERS, BUILD_PLAIN, &name}
#define ROUGH(section, name) {section, PART_WEATHER, BUILD_PLAIN, &name}
#define CLEAN(section, name) \
    {section, PART_WEATHER, BUILD_SANITIZED, &name}
#define PROOF(section, name) {section, PART_PROOF, BUILD_PLAIN, &name}
/* clang-format on */

static const char reading[] = "2.1 Reading until you have it all";
static const char writing[] = "2.2 Writing until it is all gone";
static const char copying[] = "2.3 Copying";
static const char lines[] = "2.4 Lines";
static const char saving[] = "2.5 Saving a file";

static const struct judge_test tests[] = {
    RIGHT(reading, what_comes_in_one_piece_is_returned),
    RIGHT(reading, the_end_stops_the_read),
    ROUGH(reading, reading_survives_every_delivery),
    ROUGH(reading, a_refused_read_waits_in_poll),
    ROUGH(reading, a_failed_read_is_reported),
    PROOF(reading, a_read_that_has_it_all_asks_no_more),
    RIGHT(writing, what_is_written_arrives),
    ROUGH(writing, writing_survives_every_delivery),
    ROUGH(writing, a_refused_write_waits_in_poll),
    ROUGH(writing, a_failed_write_is_reported),
    PROOF(writing, a_socket_that_drains_in_steps_gets_it_all),
    RIGHT(copying, a_copy_is_the_same_text),
    ROUGH(copying, copying_survives_every_delivery),
    ROUGH(copying, copying_waits_in_poll_on_both_sides),
    ROUGH(copying, a_copy_that_fails_says_so),
    PROOF(copying, copying_takes_no_more_calls_than_blocks),
    PROOF(copying, each_block_is_passed_on_before_the_next),
    RIGHT(lines, lines_come_one_by_one),
    RIGHT(lines, a_zero_byte_is_part_of_the_line),
    RIGHT(lines, a_line_of_exactly_cap_bytes_fits),
    ROUGH(lines, lines_survive_every_delivery),
    ROUGH(lines, a_line_cut_anywhere_is_put_together),
    ROUGH(lines, a_line_too_long_is_skipped_to_its_end),
    ROUGH(lines, lines_wait_in_poll),
    ROUGH(lines, a_failure_comes_after_the_lines_before_it),
    CLEAN(lines, no_byte_outside_the_buffers_is_touched),
    PROOF(lines, lines_take_no_more_reads_than_blocks),
    PROOF(lines, a_line_that_is_there_is_not_kept_waiting),
    RIGHT(saving, a_saved_text_is_read_back),
    RIGHT(saving, the_mode_of_the_file_is_kept),
    RIGHT(saving, a_link_stays_and_its_file_is_saved),
    ROUGH(saving, the_temporary_file_allows_no_more),
    ROUGH(saving, saving_survives_every_delivery),
    ROUGH(saving, a_full_disk_leaves_the_old_file),
    ROUGH(saving, a_failed_sync_or_close_is_reported),
    ROUGH(saving, what_an_earlier_crash_left_is_no_obstacle),
    ROUGH(saving, what_is_no_file_is_refused),
    ROUGH(saving, saving_leaks_nothing),
    CLEAN(saving, a_long_path_is_a_path_like_any_other),
    PROOF(saving, no_crash_leaves_half_a_text),
    PROOF(saving, a_text_saved_survives_every_crash),
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
