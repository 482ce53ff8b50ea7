#include "text.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A growing text. */

START_TEST(an_untouched_text_is_the_empty_string)
{
    struct text text = {0};

    ck_assert_str_eq(text_string(&text), "");
    text_free(&text);
}
END_TEST

START_TEST(bytes_are_kept_with_their_nuls_and_a_nul_behind_them)
{
    struct text text = {0};

    text_add(&text, "a\0b", 3);
    text_add(&text, NULL, 0);
    text_addf(&text, "%d%s", 42, "!");

    ck_assert_uint_eq(text.length, 6);
    ck_assert_mem_eq(text.bytes, "a\0b42!", 7);
    text_free(&text);
    ck_assert_ptr_null(text.bytes);
    ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(a_text_grows_to_a_million_bytes)
{
    struct text text = {0};

    for (int i = 0; i < 100000; i++)
        text_addf(&text, "%010d", i);

    ck_assert_uint_eq(text.length, 1000000);
    ck_assert_str_eq(text.bytes + 999990, "0000099999");
    text_free(&text);
}
END_TEST

START_TEST(a_formatted_string_and_a_copy_are_new_strings)
{
    char *string = text_format("%s-%d", "a", 1);
    char *copy = text_copy(string);

    ck_assert_str_eq(string, "a-1");
    ck_assert_str_eq(copy, "a-1");
    ck_assert_ptr_ne(copy, string);
    ck_assert_ptr_null(text_copy(NULL));
    free(string);
    free(copy);
}
END_TEST

START_TEST(memory_comes_zeroed_and_none_of_it_can_be_asked_for)
{
    int *numbers = text_zeroed(3, sizeof *numbers);
    void *nothing = text_zeroed(0, 8);

    ck_assert_int_eq(numbers[0] | numbers[1] | numbers[2], 0);
    ck_assert_ptr_nonnull(nothing);
    free(numbers);
    free(nothing);
}
END_TEST

/* Text for people. */

static void
shows(const void *bytes, size_t length, size_t most, const char *expected)
{
    struct text text = {0};

    text_show(&text, bytes, length, most);

    ck_assert_str_eq(text_string(&text), expected);
    text_free(&text);
}

START_TEST(printable_ascii_is_shown_as_it_is)
{
    shows("a ~!", 4, 100, "\"a ~!\"");
    shows("", 0, 100, "\"\"");
}
END_TEST

START_TEST(every_other_byte_is_shown_as_an_escape)
{
    shows("\n\t\r\"\\", 5, 100, "\"\\n\\t\\r\\\"\\\\\"");
    shows("\a\b\v\f", 4, 100, "\"\\a\\b\\v\\f\"");
    shows("\0\x1b\x7f\x80\xff", 5, 100, "\"\\0\\x1b\\x7f\\x80\\xff\"");
}
END_TEST

START_TEST(what_is_too_long_to_show_says_how_long_it_is)
{
    shows("abcdef", 6, 3, "\"abc\"... (6 bytes)");
    shows("abc", 3, 3, "\"abc\"");
    shows("abc", 3, 0, "\"\"... (3 bytes)");
}
END_TEST

static void
cleans(const char *string, size_t length, const char *expected)
{
    struct text text = {0};

    text_add_clean(&text, string, length);

    ck_assert_str_eq(text_string(&text), expected);
    text_free(&text);
}

START_TEST(utf_8_and_newlines_are_clean)
{
    cleans("\xc3\xa9\n\xe2\x82\xac\t\xf0\x9f\x98\x80", 11,
        "\xc3\xa9\n\xe2\x82\xac\t\xf0\x9f\x98\x80");
}
END_TEST

START_TEST(control_bytes_are_escaped)
{
    cleans("\x1b[31m\r\x7f", 7, "\\x1b[31m\\x0d\\x7f");
    cleans("a\0b", 3, "a\\x00b");
}
END_TEST

START_TEST(the_8_bit_control_characters_are_escaped_too)
{
    cleans("\xc2\x9b"
           "31m",
        5, "\\xc2\\x9b31m");
    cleans("\xc2\xa0", 2, "\xc2\xa0");
}
END_TEST

START_TEST(broken_utf_8_is_escaped_byte_by_byte)
{
    cleans("a\xe2\x82", 3, "a\\xe2\\x82");
    cleans("\xff\xc3\xa9", 3, "\\xff\xc3\xa9");
}
END_TEST

/* UTF-8. */

static const struct {
    const char *bytes;
    size_t length, end;
} broken[] = {
    {"ab\x80", 3, 2},           /* a continuation byte alone */
    {"\xc0\xaf", 2, 0},         /* an overlong '/' in 2, 3 and 4 bytes */
    {"\xe0\x80\xaf", 3, 0},     /* */
    {"\xf0\x80\x80\xaf", 4, 0}, /* */
    {"\xc1\xbf", 2, 0},         /* the largest overlong forms */
    {"\xe0\x9f\xbf", 3, 0},     /* */
    {"\xf0\x8f\xbf\xbf", 4, 0}, /* */
    {"\xed\xa0\x80", 3, 0},     /* the first and the last surrogate */
    {"\xed\xbf\xbf", 3, 0},     /* */
    {"\xf4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
    {"\xf5\x80\x80\x80", 4, 0}, /* */
    {"a\xfe", 2, 1},            /* bytes that UTF-8 never uses */
    {"a\xff", 2, 1},            /* */
    {"a\xc3", 2, 1},            /* cut short */
    {"a\xe2\x82", 3, 1},        /* */
    {"a\xf0\x9f\x98", 4, 1},    /* */
    {"\xc3(", 2, 0},            /* no continuation where one is due */
    {"\xe2\x82(", 3, 0},        /* */
    {"\xf0\x9f\x98(", 4, 0},    /* */
};

START_TEST(broken_utf_8_ends_where_its_first_broken_character_begins)
{
    /* Exactly as long as it says, for the address sanitizer. */
    char *bytes = malloc(broken[_i].length);

    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, broken[_i].bytes, broken[_i].length);
    ck_assert_uint_eq(text_utf8_end(bytes, broken[_i].length), broken[_i].end);
    free(bytes);
}
END_TEST

/* Write `point` in `length` bytes, whether or not that is allowed. */
static void
encode(char *bytes, uint32_t point, int length)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (int i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    bytes[0] = (char)(lead[length] | point);
}

START_TEST(every_code_point_is_utf_8_in_its_shortest_form_only)
{
    static const uint32_t room[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    char bytes[4];

    for (int length = 1; length <= 4; length++) {
        for (uint32_t point = 0; point < room[length]; point++) {
            bool shortest = length == 1 || point >= room[length - 1];
            bool surrogate = point >= 0xd800 && point <= 0xdfff;
            bool valid = shortest && !surrogate && point <= 0x10ffff;
            encode(bytes, point, length);
            size_t end = text_utf8_end(bytes, (size_t)length);
            if (end != (valid ? (size_t)length : 0))
                ck_abort_msg("U+%04X in %d bytes: %zu", point, length, end);
        }
    }
}
END_TEST

static void
add_growing(Suite *suite)
{
    TCase *tcase = tcase_create("a growing text");

    tcase_add_test(tcase, an_untouched_text_is_the_empty_string);
    tcase_add_test(
        tcase, bytes_are_kept_with_their_nuls_and_a_nul_behind_them);
    tcase_add_test(tcase, a_text_grows_to_a_million_bytes);
    tcase_add_test(tcase, a_formatted_string_and_a_copy_are_new_strings);
    tcase_add_test(tcase, memory_comes_zeroed_and_none_of_it_can_be_asked_for);
    suite_add_tcase(suite, tcase);
}

START_TEST(numbers_in_order_read_as_a_person_says_them)
{
    ck_assert_str_eq(text_ordinal(1), "first");
    ck_assert_str_eq(text_ordinal(5), "fifth");
    ck_assert_str_eq(text_ordinal(10), "tenth");
    ck_assert_str_eq(text_ordinal(11), "11th");
    ck_assert_str_eq(text_ordinal(12), "12th");
    ck_assert_str_eq(text_ordinal(21), "21st");
    ck_assert_str_eq(text_ordinal(33), "33rd");
    ck_assert_str_eq(text_ordinal(42), "42nd");
    ck_assert_str_eq(text_ordinal(111), "111th");
}
END_TEST

static void
add_shown(Suite *suite)
{
    TCase *tcase = tcase_create("text for people");

    tcase_add_test(tcase, printable_ascii_is_shown_as_it_is);
    tcase_add_test(tcase, every_other_byte_is_shown_as_an_escape);
    tcase_add_test(tcase, what_is_too_long_to_show_says_how_long_it_is);
    tcase_add_test(tcase, utf_8_and_newlines_are_clean);
    tcase_add_test(tcase, control_bytes_are_escaped);
    tcase_add_test(tcase, the_8_bit_control_characters_are_escaped_too);
    tcase_add_test(tcase, broken_utf_8_is_escaped_byte_by_byte);
    tcase_add_test(tcase, numbers_in_order_read_as_a_person_says_them);
    suite_add_tcase(suite, tcase);
}

static void
add_utf8(Suite *suite)
{
    TCase *tcase = tcase_create("UTF-8");

    tcase_add_loop_test(tcase,
        broken_utf_8_ends_where_its_first_broken_character_begins, 0,
        (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(tcase, every_code_point_is_utf_8_in_its_shortest_form_only);
    suite_add_tcase(suite, tcase);
}

int
main(void)
{
    Suite *suite = suite_create("text");

    add_growing(suite);
    add_shown(suite);
    add_utf8(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
