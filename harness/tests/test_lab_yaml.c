#include "lab_yaml.h"

/* What is not YAML, or no file at all. */

START_TEST(a_file_that_cannot_be_read_is_named_with_the_reason)
{
    ck_assert_int_eq(mkdir("labs/02-every-byte", 0755), 0);
    ck_assert_int_eq(mkfifo("labs/02-every-byte/lab.yaml", 0644), 0);

    dies_saying("lab: labs/02-every-byte/lab.yaml: not a regular file\n");
}
END_TEST

START_TEST(an_error_of_the_system_is_passed_on)
{
    ck_assert_int_eq(mkdir("labs/02-every-byte", 0755), 0);
    ck_assert_int_eq(symlink("lab.yaml", "labs/02-every-byte/lab.yaml"), 0);

    dies_saying("lab: labs/02-every-byte/lab.yaml: Too many levels of "
                "symbolic links\n");
}
END_TEST

START_TEST(a_file_that_is_far_too_large_is_not_read)
{
    write_yaml("02-every-byte", good);
    ck_assert_int_eq(truncate("labs/02-every-byte/lab.yaml", 1 << 20), 0);

    dies_saying(
        "lab: labs/02-every-byte/lab.yaml: larger than 262144 bytes\n");
}
END_TEST

START_TEST(an_empty_file_lists_the_keys_it_should_have)
{
    write_yaml("02-every-byte", "");

    dies_saying(
        FILE_SAYS "1: expected a mapping of " ALL_KEYS ", found nothing\n");
}
END_TEST

START_TEST(a_file_of_comments_only_is_empty)
{
    write_yaml("02-every-byte", "# later\n");

    dies_saying(
        FILE_SAYS "1: expected a mapping of " ALL_KEYS ", found nothing\n");
}
END_TEST

START_TEST(a_file_that_is_a_list_is_refused)
{
    write_yaml("02-every-byte", "# not this\n- title\n- file\n");

    dies_saying(FILE_SAYS "2: expected a mapping of " ALL_KEYS
                          ", found a list of 2\n");
}
END_TEST

START_TEST(a_tab_in_the_yaml_is_named_with_its_line)
{
    write_spoiled("  cpu_s", "\tcpu_s");

    dies_saying(FILE_SAYS "9: a tab indents this line; use spaces\n");
}
END_TEST

START_TEST(a_tab_that_continues_a_text_is_named_with_its_line)
{
    write_spoiled("Every byte", "Every\n\tbyte");

    dies_saying(FILE_SAYS "2: a tab indents this line; use spaces\n");
}
END_TEST

START_TEST(a_key_indented_too_far_is_explained)
{
    write_spoiled("  memory_mib", "    memory_mib");

    dies_saying(FILE_SAYS "10: not YAML: a \": \" that cannot stand here; "
                          "indent the line as "
                          "the ones around it, or put a text with \": \" "
                          "in it into quotes\n");
}
END_TEST

START_TEST(a_key_indented_too_little_is_explained)
{
    write_spoiled("  memory_mib", " memory_mib");

    dies_saying(FILE_SAYS
        "10: not YAML: expected a key; indent the line as the ones around "
        "it\n");
}
END_TEST

START_TEST(a_line_without_a_colon_is_named)
{
    write_spoiled("points: 50", "points 50");

    dies_saying(
        FILE_SAYS "4: not YAML: expected \"key: value\", found no \":\"\n");
}
END_TEST

START_TEST(a_quote_that_never_closes_is_named_where_it_opens)
{
    write_spoiled("\"2.2 Writing\"", "\"2.2 Writing");

    dies_saying(
        FILE_SAYS "18: not YAML: a quote opens here and never closes\n");
}
END_TEST

START_TEST(a_bracket_that_never_closes_is_named_where_it_opens)
{
    write_spoiled("poll]", "poll");

    dies_saying(FILE_SAYS "7: not YAML: a list that opens with \"[\" "
                          "needs \",\" between its "
                          "items and \"]\" at its end\n");
}
END_TEST

START_TEST(a_text_that_begins_with_a_sign_of_yaml_is_explained)
{
    write_spoiled("Every byte", "@every byte");

    dies_saying(FILE_SAYS "1: not YAML: a text cannot begin with this sign; "
                          "put it into quotes\n");
}
END_TEST

START_TEST(an_alias_without_an_anchor_is_explained)
{
    write_spoiled("Every byte", "*nowhere");

    dies_saying(FILE_SAYS
        "1: not YAML: an alias (*name) without its anchor (&name)\n");
}
END_TEST

START_TEST(bytes_that_are_not_utf_8_are_named_with_their_line)
{
    write_spoiled("header: io.h", "header: \xff.h");

    dies_saying(
        FILE_SAYS "3: not plain UTF-8 text (invalid leading UTF-8 octet)\n");
}
END_TEST

START_TEST(a_second_document_in_the_file_is_refused)
{
    write_spoiled("solved: true\n", "---\nsolved: true\n");

    dies_saying(
        FILE_SAYS "5: a second document begins; expected one a file\n");
}
END_TEST

/* Keys. */

START_TEST(an_unknown_key_is_named_and_the_known_ones_listed)
{
    write_spoiled("points:", "point:");

    dies_saying(
        FILE_SAYS "4: unknown key \"point\"; known are " ALL_KEYS "\n");
}
END_TEST

START_TEST(an_unknown_limit_lists_the_known_limits)
{
    write_spoiled("nofile:", "files:");

    dies_saying(FILE_SAYS "11: limits: unknown key \"files\"; known are "
                          "cpu_s, memory_mib, nofile\n");
}
END_TEST

START_TEST(a_missing_key_names_the_line_of_its_mapping)
{
    write_spoiled("    hints: [one, two, three]\n", "");

    dies_saying(
        FILE_SAYS "18: hints: missing; expected a list of exactly 3 hints\n");
}
END_TEST

START_TEST(a_missing_key_of_the_file_names_its_first_line)
{
    write_spoiled("points: 50\n", "");

    dies_saying(FILE_SAYS
        "1: points: missing; expected a whole number from 0 to 1000\n");
}
END_TEST

START_TEST(a_key_given_twice_names_both_lines)
{
    write_spoiled("solved: true", "points: 40");

    dies_saying(FILE_SAYS "5: points: given twice; the first is on line 4\n");
}
END_TEST

static void
add_syntax(Suite *suite)
{
    TCase *tcase = add_case(suite, "not YAML, or no file");

    tcase_add_test(tcase, a_file_that_cannot_be_read_is_named_with_the_reason);
    tcase_add_test(tcase, an_error_of_the_system_is_passed_on);
    tcase_add_test(tcase, a_file_that_is_far_too_large_is_not_read);
    tcase_add_test(tcase, an_empty_file_lists_the_keys_it_should_have);
    tcase_add_test(tcase, a_file_of_comments_only_is_empty);
    tcase_add_test(tcase, a_file_that_is_a_list_is_refused);
    tcase_add_test(tcase, a_tab_in_the_yaml_is_named_with_its_line);
    tcase_add_test(tcase, a_tab_that_continues_a_text_is_named_with_its_line);
    tcase_add_test(tcase, a_key_indented_too_far_is_explained);
    tcase_add_test(tcase, a_key_indented_too_little_is_explained);
    tcase_add_test(tcase, a_line_without_a_colon_is_named);
    tcase_add_test(tcase, a_quote_that_never_closes_is_named_where_it_opens);
    tcase_add_test(tcase, a_bracket_that_never_closes_is_named_where_it_opens);
    tcase_add_test(tcase, a_text_that_begins_with_a_sign_of_yaml_is_explained);
    tcase_add_test(tcase, an_alias_without_an_anchor_is_explained);
    tcase_add_test(tcase, bytes_that_are_not_utf_8_are_named_with_their_line);
    tcase_add_test(tcase, a_second_document_in_the_file_is_refused);
}

static void
add_keys(Suite *suite)
{
    TCase *tcase = add_case(suite, "keys");

    tcase_add_test(tcase, an_unknown_key_is_named_and_the_known_ones_listed);
    tcase_add_test(tcase, an_unknown_limit_lists_the_known_limits);
    tcase_add_test(tcase, a_missing_key_names_the_line_of_its_mapping);
    tcase_add_test(tcase, a_missing_key_of_the_file_names_its_first_line);
    tcase_add_test(tcase, a_key_given_twice_names_both_lines);
}

int
main(void)
{
    Suite *suite = suite_create("lab.yaml as YAML");

    add_syntax(suite);
    add_keys(suite);
    return run(suite);
}
