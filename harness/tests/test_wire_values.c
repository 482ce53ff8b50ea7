#include "probe/wire.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
put_values(struct text *payload)
{
    wire_put_int(payload, INT64_MIN);
    wire_put_bytes(payload, "a\0b", 3);
    wire_put_string(payload, "");
    wire_put_string(payload, "seven77");
    wire_put_int(payload, -1);
}

/* Read them; how many were right. */
static int
read_values(struct wire_reader *reader)
{
    size_t length;
    char string[5];
    int right = 0;

    right += wire_int(reader) == INT64_MIN;
    const char *bytes = wire_bytes(reader, &length);
    right += length == 3 && memcmp(bytes, "a\0b", 3) == 0;
    string[0] = '!';
    wire_string(reader, string, sizeof string);
    right += string[0] == '\0' && !reader->broken;
    wire_string(reader, string, sizeof string);
    right += strcmp(string, "seve") == 0;
    right += wire_int(reader) == -1;
    return right;
}

START_TEST(values_are_read_as_they_were_put)
{
    struct text payload = {0};

    put_values(&payload);
    struct wire_reader reader = wire_reader(&payload);
    ck_assert_int_eq(read_values(&reader), 5);
    ck_assert(!reader.broken);
    ck_assert_uint_eq(reader.left, 0);
    text_free(&payload);
}
END_TEST

START_TEST(a_payload_that_is_cut_anywhere_is_broken_from_there_on)
{
    static const size_t ends[] = {8, 19, 27, 42, 50};
    struct text payload = {0};
    size_t length = 1;

    put_values(&payload);
    ck_assert_uint_eq(payload.length, 50);
    for (size_t cut = 0; cut < 50; cut++) {
        /* Exactly as long as it says, for the address sanitizer. */
        struct text part = {malloc(cut > 0 ? cut : 1), cut, cut};
        memcpy(part.bytes, payload.bytes, cut);
        int whole = 0;
        while (ends[whole] <= cut)
            whole++;
        struct wire_reader reader = wire_reader(&part);
        ck_assert_int_eq(read_values(&reader), whole);
        ck_assert(reader.broken);
        ck_assert_int_eq(wire_int(&reader), 0);
        ck_assert_ptr_nonnull(wire_bytes(&reader, &length));
        ck_assert_uint_eq(length, 0);
        free(part.bytes);
    }
    text_free(&payload);
}
END_TEST

START_TEST(a_length_that_cannot_be_is_broken)
{
    static const int64_t lengths[] = {-1, INT64_MIN, INT64_MAX, 9, 1 << 20};
    struct text payload = {0};
    size_t length = 1;

    wire_put_int(&payload, lengths[_i]);
    wire_put_int(&payload, 7);
    struct wire_reader reader = wire_reader(&payload);
    ck_assert_ptr_nonnull(wire_bytes(&reader, &length));
    ck_assert_uint_eq(length, 0);
    ck_assert(reader.broken);
    ck_assert_int_eq(wire_int(&reader), 0);
    text_free(&payload);
}
END_TEST

START_TEST(an_empty_payload_is_broken_once_it_is_read)
{
    const struct text payload = {0};

    struct wire_reader reader = wire_reader(&payload);
    ck_assert(!reader.broken);
    ck_assert_int_eq(wire_int(&reader), 0);
    ck_assert(reader.broken);
}
END_TEST

/* Mostly small, so that lengths are right now and then. */
static int64_t
draw_value(unsigned *state)
{
    int64_t value = rand_r(state) % 24;

    return rand_r(state) % 8 == 0 ? value - 12 : value;
}

START_TEST(a_reader_stays_inside_whatever_arrives)
{
    unsigned seed = (unsigned)time(NULL);
    char string[16];
    size_t length;

    for (unsigned round = 0; round < 100000; round++) {
        unsigned state = seed + round;
        struct text part = {.length = (size_t)rand_r(&state) % 64};
        part.bytes = malloc(part.length > 0 ? part.length : 1);
        for (size_t i = 0; i + 8 <= part.length; i += 8)
            memcpy(part.bytes + i, &(int64_t){draw_value(&state)}, 8);
        memset(part.bytes + part.length / 8 * 8, 1, part.length % 8);
        struct wire_reader reader = wire_reader(&part);
        for (int i = 0; i < 12; i++) {
            int kind = rand_r(&state) % 3;
            if (kind == 0)
                wire_int(&reader);
            else if (kind == 1)
                wire_string(&reader, string, 1 + (size_t)i);
            else
                wire_bytes(&reader, &length);
            if (reader.at + reader.left != part.bytes + part.length)
                ck_abort_msg("seed %u", seed + round);
        }
        free(part.bytes);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("wire_values");
    TCase *values = suite_section(suite, "values");
    tcase_add_test(values, values_are_read_as_they_were_put);
    tcase_add_test(
        values, a_payload_that_is_cut_anywhere_is_broken_from_there_on);
    tcase_add_loop_test(values, a_length_that_cannot_be_is_broken, 0, 5);
    tcase_add_test(values, an_empty_payload_is_broken_once_it_is_read);
    tcase_add_test(values, a_reader_stays_inside_whatever_arrives);
    return suite_run(suite);
}
