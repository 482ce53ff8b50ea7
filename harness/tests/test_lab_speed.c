#include "lab_yaml.h"

/* The key `speed`, which stands before the sections. */

#define SIZES \
    "  workload:\n" \
    "    - {name: lines, count: 4000}\n" \
    "    - {name: saves, count: 3}\n"
#define SPEED \
    "speed:\n" \
    "  limit_percent: 150\n" \
    "  none_percent: 300\n" \
    "  team: 2\n" SIZES

/* Write lab.yaml with this in front of its sections. */
static void
write_speed(const char *speed)
{
    char to[4096];

    snprintf(to, sizeof to, "%ssections:\n", speed);
    write_spoiled("sections:\n", to);
}

/* The good one, with `from`, which stands in it once, turned into `to`. */
static void
write_spoiled_speed(const char *from, const char *to)
{
    static const char speed[] = SPEED;
    char spoiled[4096];

    const char *at = strstr(speed, from);
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(strstr(at + 1, from));
    snprintf(spoiled, sizeof spoiled, "%.*s%s%s", (int)(at - speed), speed, to,
        at + strlen(from));
    write_speed(spoiled);
}

START_TEST(limit_team_and_sizes_are_read)
{
    write_speed(SPEED);

    struct catalogue *catalogue = lab_catalogue();

    const struct lab_speed *speed = &catalogue->labs[0].speed;
    ck_assert_int_eq(speed->limit_percent, 150);
    ck_assert_int_eq(speed->none_percent, 300);
    ck_assert_int_eq(speed->team, 2);
    ck_assert_uint_eq(speed->size_count, 2);
    ck_assert_str_eq(speed->sizes[0].name, "lines");
    ck_assert_int_eq(speed->sizes[0].count, 4000);
    ck_assert_str_eq(speed->sizes[1].name, "saves");
    ck_assert_int_eq(speed->sizes[1].count, 3);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_lab_without_the_key_is_not_timed)
{
    write_yaml("02-every-byte", good);

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_int_eq(catalogue->labs[0].speed.limit_percent, 0);
    ck_assert_uint_eq(catalogue->labs[0].speed.size_count, 0);
    lab_catalogue_free(catalogue);
}
END_TEST

/* A list of `count` sizes, in the place of the good one's. */
static void
write_sizes(int count)
{
    char sizes[2048] = "  workload:\n";
    size_t length = strlen(sizes);

    for (int i = 0; i < count; i++)
        length += (size_t)snprintf(sizes + length, sizeof sizes - length,
            "    - {name: n%d, count: 1}\n", i);
    write_spoiled_speed(SIZES, sizes);
}

START_TEST(there_may_be_32_sizes)
{
    write_sizes(32);

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_uint_eq(catalogue->labs[0].speed.size_count, 32);
    ck_assert_str_eq(catalogue->labs[0].speed.sizes[31].name, "n31");
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(sizes_beyond_32_are_too_many)
{
    write_sizes(33);

    dies_saying(FILE_SAYS "17: workload: expected a list of 1 to 32 sizes, "
                          "found a list of 33\n");
}
END_TEST

static const struct {
    const char *from, *to, *message;
} mistakes[] = {
    {"  limit_percent: 150\n", "",
        "13: limit_percent: missing; expected a whole number from 101 to "
        "10000\n"},
    {"  none_percent: 300\n", "",
        "13: none_percent: missing; expected a whole number from 102 to "
        "100000\n"},
    {"  team: 2\n", "",
        "13: team: missing; expected a whole number from 1 to 64\n"},
    {SIZES, "", "13: workload: missing; expected a list of 1 to 32 sizes\n"},
    {"name: lines, ", "", "17: name: missing; expected one line of text\n"},
    {", count: 4000", "",
        "17: count: missing; expected a whole number from 1 to 1000000000\n"},
    {"team: 2", "teams: 2",
        "15: speed: unknown key \"teams\"; known are limit_percent, "
        "none_percent, team, workload\n"},
    {"limit_percent: 150", "limit_percent: 100",
        "13: limit_percent: expected a whole number from 101 to 10000, found "
        "\"100\"\n"},
    {"limit_percent: 150", "limit_percent: 10001",
        "13: limit_percent: expected a whole number from 101 to 10000, found "
        "\"10001\"\n"},
    {"limit_percent: 150", "limit_percent: 1.5",
        "13: limit_percent: expected a whole number from 101 to 10000, found "
        "\"1.5\"\n"},
    {"none_percent: 300", "none_percent: 100001",
        "14: none_percent: expected a whole number from 102 to 100000, found "
        "\"100001\"\n"},
    {"none_percent: 300", "none_percent: 150",
        "14: none_percent: expected more than limit_percent, found \"150\"\n"},
    {"none_percent: 300", "none_percent: 149",
        "14: none_percent: expected more than limit_percent, found \"149\"\n"},
    {"team: 2", "team: 0",
        "15: team: expected a whole number from 1 to 64, found \"0\"\n"},
    {"team: 2", "team: 65",
        "15: team: expected a whole number from 1 to 64, found \"65\"\n"},
    {SIZES, "  workload: []\n",
        "16: workload: expected a list of 1 to 32 sizes, found a list of 0\n"},
    {SIZES, "  workload: 4000\n",
        "16: workload: expected a list of 1 to 32 sizes, found \"4000\"\n"},
    {"count: 4000", "count: 0",
        "17: count: expected a whole number from 1 to 1000000000, found "
        "\"0\"\n"},
    {"count: 4000", "count: 1000000001",
        "17: count: expected a whole number from 1 to 1000000000, found "
        "\"1000000001\"\n"},
    {"name: saves", "name: lines", "18: name: lines is listed twice\n"},
    {"name: saves", "name: all-saves",
        "18: name: expected a name of letters, digits and _, found "
        "\"all-saves\"\n"},
    {"name: saves", "name: 2nd",
        "18: name: expected a name of letters, digits and _, found "
        "\"2nd\"\n"},
};

START_TEST(each_mistake_is_named)
{
    char message[512];

    write_spoiled_speed(mistakes[_i].from, mistakes[_i].to);

    snprintf(message, sizeof message, FILE_SAYS "%s", mistakes[_i].message);
    dies_saying(message);
}
END_TEST

START_TEST(speed_that_is_no_mapping_is_refused)
{
    write_speed("speed: fast\n");

    dies_saying(FILE_SAYS "12: speed: expected a mapping of limit_percent, "
                          "none_percent, team, workload, found \"fast\"\n");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("speed in lab.yaml");
    TCase *tcase = add_case(suite, "speed");

    tcase_add_test(tcase, limit_team_and_sizes_are_read);
    tcase_add_test(tcase, a_lab_without_the_key_is_not_timed);
    tcase_add_test(tcase, there_may_be_32_sizes);
    tcase_add_test(tcase, sizes_beyond_32_are_too_many);
    tcase_add_loop_test(tcase, each_mistake_is_named, 0,
        (int)(sizeof mistakes / sizeof mistakes[0]));
    tcase_add_test(tcase, speed_that_is_no_mapping_is_refused);
    return run(suite);
}
