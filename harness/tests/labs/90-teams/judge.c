#include "team.h"
#include "judge/ask.h"
#include "judge/judge.h"

#include <errno.h>

static struct answer answer;

static void
check_sum(size_t count)
{
    struct ask ask = ask_new("team_sum");
    int values[20000];
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i] = (int)judge_random_below(1000);
    ask_bytes(&ask, values, count * sizeof values[0]);
    ask_send(&ask, &answer);
    judge_equal_int("team_sum() returned", sum, answer_int(&answer));
}

START_TEST(a_sum_is_right)
{
    check_sum(0);
    check_sum(20000);
}
END_TEST

START_TEST(no_byte_beside_the_values_is_used)
{
    check_sum(1000);
}
END_TEST

START_TEST(no_two_threads_write_one_sum)
{
    check_sum(1000);
}
END_TEST

START_TEST(a_descriptor_past_the_set_is_refused)
{
    struct ask ask = ask_new("team_watch");

    ask_input(&ask, "x", 1);
    ask_int(&ask, 1100);
    ask_send(&ask, &answer);
    judge_equal_int("team_watch(1100) returned", -1, answer_int(&answer));
    judge_equal_int("errno was", EINVAL, answer.error);
}
END_TEST

static const struct judge_test tests[] = {
    {"90.1 Sums", PART_ANSWERS, BUILD_PLAIN, &a_sum_is_right},
    {"90.1 Sums", PART_WEATHER, BUILD_SANITIZED,
        &no_byte_beside_the_values_is_used},
    {"90.2 Large numbers", PART_WEATHER, BUILD_FORTIFIED,
        &a_descriptor_past_the_set_is_refused},
    {"90.3 Proof", PART_PROOF, BUILD_RACES, &no_two_threads_write_one_sum},
};

int
main(int argc, char **argv)
{
    return judge_main(argc, argv, tests, sizeof tests / sizeof tests[0], NULL);
}
