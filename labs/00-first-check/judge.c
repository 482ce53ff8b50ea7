#include "first.h"
#include "judge/ask.h"
#include "judge/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const returned = "first_byte() returned";

static struct answer answer;

/* Both ends of a pipe, ours for writing, one for the program. */
struct line {
    int ours, theirs;
};

static struct line
open_line(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    return (struct line){.ours = ends[1], .theirs = ends[0]};
}

/* Ask for a byte while `events` happen in virtual time. */
static int
ask_first_byte(struct line line, int timeout_ms, const char *faults,
    const struct event *events, size_t count)
{
    struct ask ask = ask_new("first_byte");

    ask.faults = faults;
    ask.virtual_time = true;
    ask.events = events;
    ask.event_count = count;
    ask_fd(&ask, line.theirs);
    ask_int(&ask, timeout_ms);
    ask_send(&ask, &answer);
    return (int)answer_int(&answer);
}

START_TEST(every_byte_comes_back_as_itself)
{
    for (int value = 0; value < 256; value++) {
        struct line line = open_line();
        unsigned char byte = (unsigned char)value;

        judge_scene("The byte %d was there", value);
        ck_assert_int_eq(write(line.ours, &byte, 1), 1);
        judge_equal_int(
            returned, value, ask_first_byte(line, 1000, NULL, NULL, 0));
        close(line.ours);
    }
}
END_TEST

START_TEST(the_end_of_the_input_is_no_byte)
{
    struct line line = open_line();

    judge_scene("The input had ended");
    close(line.ours);
    judge_equal_int(
        returned, FIRST_END, ask_first_byte(line, 1000, NULL, NULL, 0));
}
END_TEST

START_TEST(it_takes_one_byte_and_leaves_the_rest)
{
    struct line line = open_line();
    int kept = fcntl(line.theirs, F_DUPFD_CLOEXEC, 0);
    char rest[8];

    judge_scene("The bytes \"abc\" were there");
    ck_assert_int_eq(write(line.ours, "abc", 3), 3);
    close(line.ours);
    judge_equal_int(
        returned, 'a', ask_first_byte(line, 1000, NULL, NULL, 0));
    fcntl(kept, F_SETFL,
        O_NONBLOCK); /* the program may hold an end too */
    ssize_t n = read(kept, rest, sizeof rest);
    close(kept);
    judge_equal_bytes("What was left for the next reader held", "bc", 2,
        rest, n > 0 ? (size_t)n : 0);
}
END_TEST

START_TEST(a_signal_does_not_end_the_wait)
{
    struct line line = open_line();
    const struct event events[] = {
        {.at_ms = 10, .kind = EVENT_SIGNAL},
        {50, EVENT_SEND, line.ours, "x", 1},
    };

    judge_scene("A signal came after 10 ms, and the byte after 50");
    judge_equal_int(
        returned, 'x', ask_first_byte(line, 1000, NULL, events, 2));
    close(line.ours);
}
END_TEST

START_TEST(after_a_signal_it_waits_only_for_what_is_left)
{
    struct line line = open_line();
    const struct event events[] = {
        {.at_ms = 60, .kind = EVENT_SIGNAL},
        {.at_ms = 90, .kind = EVENT_SIGNAL},
    };

    judge_scene("With 100 ms to wait, signals came after 60 and 90");
    judge_equal_int(
        returned, -1, ask_first_byte(line, 100, NULL, events, 2));
    judge_equal_int(
        "It gave up after this many milliseconds:", 100, answer.now_ms);
    close(line.ours);
}
END_TEST

START_TEST(a_false_alarm_is_no_failure)
{
    struct line line = open_line();

    judge_scene(
        "poll() said that a byte was there, and read() then said "
        "EAGAIN, twice");
    ck_assert_int_eq(write(line.ours, "y", 1), 1);
    judge_equal_int(returned, 'y',
        ask_first_byte(line, 1000, "read: EAGAIN EAGAIN", NULL, 0));
    close(line.ours);
}
END_TEST

START_TEST(an_error_is_handed_on)
{
    struct line line = open_line();

    judge_scene("read() failed with EIO");
    ck_assert_int_eq(write(line.ours, "z", 1), 1);
    judge_equal_int(
        returned, -1, ask_first_byte(line, 1000, "read: EIO", NULL, 0));
    judge_equal_int("errno was", EIO, answer.error);
    close(line.ours);
}
END_TEST

START_TEST(it_sleeps_until_the_very_deadline)
{
    const int ten_days_ms = 10 * 24 * 3600 * 1000;
    struct line line = open_line();

    judge_scene("No byte came in ten days (of a clock that the judge "
                "turns)");
    judge_equal_int(
        returned, -1, ask_first_byte(line, ten_days_ms, NULL, NULL, 0));
    judge_equal_int("errno was", ETIMEDOUT, answer.error);
    judge_equal_int("It gave up after this many milliseconds:",
        ten_days_ms, answer.now_ms);
    close(line.ours);
}
END_TEST

START_TEST(it_keeps_to_its_own_memory)
{
    struct line line = open_line();
    const struct event events[] = {
        {20, EVENT_SEND, line.ours, "abcd", 4}};

    judge_scene(NULL);
    judge_equal_int(
        returned, 'a', ask_first_byte(line, -1, NULL, events, 1));
    close(line.ours);
}
END_TEST

static const struct judge_test tests[] = {
    {"0.1 Right answers", PART_ANSWERS, BUILD_PLAIN,
        &every_byte_comes_back_as_itself},
    {"0.1 Right answers", PART_ANSWERS, BUILD_PLAIN,
        &the_end_of_the_input_is_no_byte},
    {"0.1 Right answers", PART_ANSWERS, BUILD_PLAIN,
        &it_takes_one_byte_and_leaves_the_rest},
    {"0.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &a_signal_does_not_end_the_wait},
    {"0.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &after_a_signal_it_waits_only_for_what_is_left},
    {"0.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &a_false_alarm_is_no_failure},
    {"0.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &an_error_is_handed_on},
    {"0.3 Proof", PART_PROOF, BUILD_PLAIN,
        &it_sleeps_until_the_very_deadline},
    {"0.3 Proof", PART_PROOF, BUILD_SANITIZED,
        &it_keeps_to_its_own_memory},
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], NULL);
}
