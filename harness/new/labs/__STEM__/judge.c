#include "__NAME__.h"
#include "judge/ask.h"
#include "judge/judge.h"

#include <errno.h>

static const char *const returned = "count_spaces() returned";

static struct answer answer;

/* What it returns for these bytes, in that weather (probe/faults.h). */
static int64_t
ask_spaces(const char *bytes, size_t length, const char *faults)
{
    struct ask ask = ask_new("count_spaces");

    ask.faults = faults;
    ask_input(&ask, bytes, length);
    ask_send(&ask, &answer);
    return answer_int(&answer);
}

START_TEST(every_space_is_counted)
{
    judge_scene("The input was empty");
    judge_equal_int(returned, 0, ask_spaces("", 0, NULL));
    judge_scene("The input was \"a b\\tc  d\\n\"");
    judge_equal_int(returned, 3, ask_spaces("a b\tc  d\n", 9, NULL));
}
END_TEST

START_TEST(a_long_input_is_read_to_its_end)
{
    char bytes[1000];
    int64_t spaces = 0;

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = judge_random_below(2) == 0 ? ' ' : 'x';
        spaces += bytes[i] == ' ';
    }
    judge_scene("The input was 1000 bytes long");
    judge_equal_int(
        returned, spaces, ask_spaces(bytes, sizeof bytes, NULL));
}
END_TEST

START_TEST(a_signal_loses_no_space)
{
    judge_scene("A signal came between \"a \" and \"b c\"");
    judge_equal_int(
        returned, 2, ask_spaces("a b c", 5, "read: 2 EINTR 3"));
}
END_TEST

START_TEST(an_error_is_handed_on)
{
    judge_scene("read() gave 2 bytes and then failed with EIO");
    judge_equal_int(
        returned, -1, ask_spaces("a b c", 5, "read: 2 EIO"));
    judge_equal_int("errno was", EIO, answer.error);
}
END_TEST

START_TEST(it_keeps_to_its_own_memory)
{
    static const char bytes[1000];

    judge_scene("The input was 1000 bytes long");
    judge_equal_int(returned, 0, ask_spaces(bytes, sizeof bytes, NULL));
}
END_TEST

static const struct judge_test tests[] = {
    {"__N__.1 Right answers", PART_ANSWERS, BUILD_PLAIN,
        &every_space_is_counted},
    {"__N__.1 Right answers", PART_ANSWERS, BUILD_PLAIN,
        &a_long_input_is_read_to_its_end},
    {"__N__.1 Right answers", PART_PROOF, BUILD_SANITIZED,
        &it_keeps_to_its_own_memory},
    {"__N__.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &a_signal_loses_no_space},
    {"__N__.2 Rough weather", PART_WEATHER, BUILD_PLAIN,
        &an_error_is_handed_on},
};

int
main(int argc, char **argv)
{
    /* NULL: not timed. CONTRIBUTING.md, step 6, says how it is. */
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], NULL);
}
