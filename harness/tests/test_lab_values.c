#include "lab_yaml.h"

/* Values of the wrong kind. */

START_TEST(a_text_where_a_list_belongs_is_refused)
{
    write_spoiled("[read, write, poll]", "read");

    dies_saying(
        FILE_SAYS "7: calls: expected a list of calls, found \"read\"\n");
}
END_TEST

START_TEST(a_list_where_a_text_belongs_is_refused)
{
    write_spoiled("Every byte", "[Every, byte]");

    dies_saying(
        FILE_SAYS "1: title: expected one line of text, found a list of 2\n");
}
END_TEST

START_TEST(a_mapping_where_a_number_belongs_is_refused)
{
    write_spoiled("points: 50", "points: {right: 50}");

    dies_saying(FILE_SAYS "4: points: expected a whole number from 0 to "
                          "1000, found a mapping\n");
}
END_TEST

START_TEST(a_text_where_a_mapping_belongs_is_refused)
{
    write_yaml("02-every-byte", "limits: none\n");

    dies_saying(FILE_SAYS "1: limits: expected a mapping of cpu_s, "
                          "memory_mib, nofile, found \"none\"\n");
}
END_TEST

START_TEST(points_that_are_no_number_are_shown)
{
    write_spoiled("points: 50", "points: many");

    dies_saying(FILE_SAYS "4: points: expected a whole number from 0 to "
                          "1000, found \"many\"\n");
}
END_TEST

static const char *const bad_numbers[] = {
    "1001", "-1", "1.5", "0x10", "050", "+5", "99999999999999999999", "5 5"};

START_TEST(points_out_of_range_or_not_whole_are_shown)
{
    char to[64], message[256];

    snprintf(to, sizeof to, "points: %s", bad_numbers[_i]);
    write_spoiled("points: 50", to);

    snprintf(message, sizeof message,
        FILE_SAYS "4: points: expected a whole number from 0 to 1000, found "
                  "\"%s\"\n",
        bad_numbers[_i]);
    dies_saying(message);
}
END_TEST

START_TEST(a_limit_of_zero_is_out_of_range)
{
    write_spoiled("cpu_s: 2", "cpu_s: 0");

    dies_saying(FILE_SAYS
        "9: cpu_s: expected a whole number from 1 to 600, found \"0\"\n");
}
END_TEST

START_TEST(solved_is_true_or_false_and_nothing_else)
{
    write_spoiled("solved: true", "solved: yes");

    dies_saying(
        FILE_SAYS "5: solved: expected true or false, found \"yes\"\n");
}
END_TEST

START_TEST(a_key_without_a_value_is_refused)
{
    write_spoiled("file: io.c", "file:");

    dies_saying(
        FILE_SAYS "2: file: expected one line of text, found nothing\n");
}
END_TEST

START_TEST(an_empty_text_is_refused)
{
    write_spoiled("Every byte", "\"\"");

    dies_saying(FILE_SAYS "1: title: expected one line of text, found \"\"\n");
}
END_TEST

START_TEST(a_hint_of_blanks_only_is_refused)
{
    write_spoiled("[one, two, three]", "[one, \"  \", three]");

    dies_saying(FILE_SAYS "19: hint: expected text, found \"  \"\n");
}
END_TEST

START_TEST(a_title_of_two_lines_is_refused_in_one_line)
{
    write_spoiled("Every byte", "\"Every\\nbyte\"");

    dies_saying(FILE_SAYS
        "1: title: expected one line of text, found \"Every\\nbyte\"\n");
}
END_TEST

START_TEST(a_control_byte_never_reaches_the_terminal)
{
    write_spoiled("[one, two, three]", "[one, \"\\e[2J\", three]");

    dies_saying(FILE_SAYS "19: hint: expected text, found \"\\x1b[2J\"\n");
}
END_TEST

/* What only a lab demands. */

#define A_FILE "a file name of letters, digits and _ that ends in "

START_TEST(the_learner_s_file_ends_in_c)
{
    write_spoiled("io.c", "io.cpp");

    dies_saying(FILE_SAYS "2: file: expected " A_FILE
                          ".c, like io.c, found \"io.cpp\"\n");
}
END_TEST

START_TEST(the_learner_s_file_stays_in_the_lab_s_folder)
{
    write_spoiled("io.c", "../io.c");

    dies_saying(FILE_SAYS "2: file: expected " A_FILE
                          ".c, like io.c, found \"../io.c\"\n");
}
END_TEST

START_TEST(the_learner_s_file_is_not_one_of_the_lab_s_own)
{
    write_spoiled("io.c", "probe.c");

    dies_saying(FILE_SAYS "2: file: expected a name other than starter.c, "
                          "probe.c and judge.c, which are the lab's own, "
                          "found \"probe.c\"\n");
}
END_TEST

START_TEST(the_header_ends_in_h)
{
    write_spoiled("io.h", "io.c.txt");

    dies_saying(FILE_SAYS "3: header: expected " A_FILE
                          ".h, like io.h, found \"io.c.txt\"\n");
}
END_TEST

START_TEST(a_function_s_name_is_a_c_name)
{
    write_spoiled("[io_read_full,", "[io-read-full,");

    dies_saying(FILE_SAYS "6: function: expected a C name of letters, digits "
                          "and _, found \"io-read-full\"\n");
}
END_TEST

START_TEST(a_call_s_name_does_not_begin_with_a_digit)
{
    write_spoiled("poll]", "2poll]");

    dies_saying(FILE_SAYS "7: call: expected a C name of letters, digits and "
                          "_, or how some begin and *, found \"2poll\"\n");
}
END_TEST

START_TEST(a_call_listed_twice_is_named)
{
    write_spoiled("poll]", "read]");

    dies_saying(FILE_SAYS "7: call: read is listed twice\n");
}
END_TEST

START_TEST(a_lab_without_functions_is_refused)
{
    write_spoiled("[io_read_full, io_write_full]", "[]");

    dies_saying(FILE_SAYS "6: functions: expected a list of 1 or more "
                          "functions, found a list of 0\n");
}
END_TEST

START_TEST(two_hints_are_too_few)
{
    write_spoiled("      - Ask again for the rest.\n", "");

    dies_saying(FILE_SAYS "15: hints: expected a list of exactly 3 hints, "
                          "found a list of 2\n");
}
END_TEST

START_TEST(four_hints_are_too_many)
{
    write_spoiled("[one, two, three]", "[one, two, three, four]");

    dies_saying(FILE_SAYS "19: hints: expected a list of exactly 3 hints, "
                          "found a list of 4\n");
}
END_TEST

static const char *const bad_titles[] = {"Reading", "2.1", "2.x Reading",
    "3.1 Reading", "02.1 Reading", "2.0 Reading", "2.01 Reading",
    "2.1  Reading", "2.1: Reading", "21 Reading"};

START_TEST(a_section_s_title_begins_with_its_number)
{
    char to[64], message[256];

    snprintf(to, sizeof to, "\"%s\"", bad_titles[_i]);
    write_spoiled("\"2.1 Reading\"", to);

    snprintf(message, sizeof message,
        FILE_SAYS "13: title: expected a number 2.1, 2.2, ..., a blank and a "
                  "title, like \"2.1 Reading\", found \"%s\"\n",
        bad_titles[_i]);
    dies_saying(message);
}
END_TEST

START_TEST(two_sections_of_one_title_name_both_lines)
{
    write_spoiled("2.2 Writing", "2.1 Reading");

    dies_saying(FILE_SAYS "18: title: 2.1 is the section on line 13 already; "
                          "give this one another number\n");
}
END_TEST

START_TEST(two_sections_of_one_number_name_both_lines)
{
    write_spoiled("2.2 Writing", "2.1 Writing");

    dies_saying(FILE_SAYS "18: title: 2.1 is the section on line 13 already; "
                          "give this one another number\n");
}
END_TEST

static void
add_kinds(Suite *suite)
{
    TCase *tcase = add_case(suite, "kinds of values");

    tcase_add_test(tcase, a_text_where_a_list_belongs_is_refused);
    tcase_add_test(tcase, a_list_where_a_text_belongs_is_refused);
    tcase_add_test(tcase, a_mapping_where_a_number_belongs_is_refused);
    tcase_add_test(tcase, a_text_where_a_mapping_belongs_is_refused);
    tcase_add_test(tcase, points_that_are_no_number_are_shown);
    tcase_add_loop_test(tcase, points_out_of_range_or_not_whole_are_shown, 0,
        (int)(sizeof bad_numbers / sizeof bad_numbers[0]));
    tcase_add_test(tcase, a_limit_of_zero_is_out_of_range);
    tcase_add_test(tcase, solved_is_true_or_false_and_nothing_else);
    tcase_add_test(tcase, a_key_without_a_value_is_refused);
    tcase_add_test(tcase, an_empty_text_is_refused);
    tcase_add_test(tcase, a_hint_of_blanks_only_is_refused);
    tcase_add_test(tcase, a_title_of_two_lines_is_refused_in_one_line);
    tcase_add_test(tcase, a_control_byte_never_reaches_the_terminal);
}

static void
add_rules(Suite *suite)
{
    TCase *tcase = add_case(suite, "what a lab demands");

    tcase_add_test(tcase, the_learner_s_file_ends_in_c);
    tcase_add_test(tcase, the_learner_s_file_stays_in_the_lab_s_folder);
    tcase_add_test(tcase, the_learner_s_file_is_not_one_of_the_lab_s_own);
    tcase_add_test(tcase, the_header_ends_in_h);
    tcase_add_test(tcase, a_function_s_name_is_a_c_name);
    tcase_add_test(tcase, a_call_s_name_does_not_begin_with_a_digit);
    tcase_add_test(tcase, a_call_listed_twice_is_named);
    tcase_add_test(tcase, a_lab_without_functions_is_refused);
    tcase_add_test(tcase, two_hints_are_too_few);
    tcase_add_test(tcase, four_hints_are_too_many);
    tcase_add_loop_test(tcase, a_section_s_title_begins_with_its_number, 0,
        (int)(sizeof bad_titles / sizeof bad_titles[0]));
    tcase_add_test(tcase, two_sections_of_one_title_name_both_lines);
    tcase_add_test(tcase, two_sections_of_one_number_name_both_lines);
}

int
main(void)
{
    Suite *suite = suite_create("values in lab.yaml");

    add_kinds(suite);
    add_rules(suite);
    return run(suite);
}
