#include "suite.h"
#include "text.h"
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

static struct timeline timeline;

/* Everything that is wrong with it; "" for nothing. */
static const char *
read_tsv(const char *tsv)
{
    static char said[200];
    char *complaint = timeline_read(&timeline, tsv);

    snprintf(said, sizeof said, "%s", complaint != NULL ? complaint : "");
    free(complaint);
    return said;
}

/* As it is drawn in 50 columns, without colour. */
static void
draws(const char *tsv, bool utf8, const char *expected)
{
    char *drawn = NULL;
    size_t size;
    FILE *out = open_memstream(&drawn, &size);
    struct timeline_style style = {50, utf8, false};

    ck_assert_str_eq(read_tsv(tsv), "");
    timeline_draw(out, &timeline, &style);
    fclose(out);
    ck_assert_str_eq(drawn, expected);
    free(drawn);
    timeline_free(&timeline);
}

/* Reading. */

START_TEST(lines_become_charts_lanes_and_spans)
{
    ck_assert_str_eq(read_tsv("note\tOn top\n"
                              "chart\tOne\n"
                              "lane\ta\n"
                              "wait\t0\t0.5\n"
                              "work\t0.5\t1.25\tlabel\n"
                              "lane\tb\twords of it\n"
                              "note\tBelow\n"
                              "chart\tTwo"),
        "");
    ck_assert_uint_eq(timeline.chart_count, 3);
    ck_assert_ptr_null(timeline.charts[0].title);
    ck_assert_str_eq(timeline.charts[0].notes[0], "On top");
    const struct timeline_chart *one = &timeline.charts[1];
    ck_assert_str_eq(one->title, "One");
    ck_assert_uint_eq(one->lane_count, 2);
    ck_assert_str_eq(one->lanes[0].name, "a");
    ck_assert_ptr_null(one->lanes[0].words);
    ck_assert_uint_eq(one->lanes[0].span_count, 2);
    const struct timeline_span *span = &one->lanes[0].spans[1];
    ck_assert(span->works && !one->lanes[0].spans[0].works);
    ck_assert_double_eq(span->start_s, 0.5);
    ck_assert_double_eq(span->end_s, 1.25);
    ck_assert_str_eq(span->label, "label");
    ck_assert_str_eq(one->lanes[1].words, "words of it");
    ck_assert_str_eq(one->notes[0], "Below");
    ck_assert_str_eq(timeline.charts[2].title, "Two");
    timeline_free(&timeline);
}
END_TEST

static const struct {
    const char *tsv, *complaint;
} broken[] = {
    {"chart\tA\nhello\n", "line 2: no line of a timeline: hello"},
    {"\n", "line 1: no line of a timeline: "},
    {"chart\n", "line 1: no line of a timeline: chart"},
    {"lane\ta\n", "line 1: a lane before the first chart: lane"},
    {"note\tx\nlane\ta\n", "line 2: a lane before the first chart: lane"},
    {"chart\tA\nlane\n", "line 2: a lane without a name: lane"},
    {"chart\tA\nwait\t0\t1\n", "line 2: a span before the first lane: wait"},
    {"chart\tA\nlane\ta\nwork\t1\n",
        "line 3: a span wants a start and an end, in seconds: work"},
    {"chart\tA\nlane\ta\nwork\t2\t1\n",
        "line 3: a span wants a start and an end, in seconds: work"},
    {"chart\tA\nlane\ta\nwork\t-1\t1\n",
        "line 3: a span wants a start and an end, in seconds: work"},
    {"chart\tA\nlane\ta\nwork\t0\tnan\n",
        "line 3: a span wants a start and an end, in seconds: work"},
    {"chart\tA\nlane\ta\nwork\t0\t1 s\n",
        "line 3: a span wants a start and an end, in seconds: work"},
    {"note\n", "line 1: a note without words: note"},
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    ck_assert_str_eq(read_tsv(broken[_i].tsv), broken[_i].complaint);
    timeline_free(&timeline);
}
END_TEST

/* Drawing. */

START_TEST(waiting_is_hollow_and_working_solid_on_one_axis)
{
    draws("chart\tOne\n"
          "lane\tfirst\n"
          "wait\t0\t1\n"
          "work\t1\t2\n"
          "lane\tsecond\n"
          "wait\t2\t4\n"
          "chart\tTwo\n"
          "lane\tthird\n"
          "work\t3\t4\n"
          "note\tA note.\n",
        true,
        "One\n"
        "  first   ░░░░░░███████               works 50 %\n"
        "  second               ░░░░░░░░░░░░░  waits 2.00 s\n"
        "          |            |           |\n"
        "          0            2           4 s\n"
        "\n"
        "Two\n"
        "  third                      ███████  works 1.00 s\n"
        "          |            |           |\n"
        "          0            2           4 s\n"
        "  A note.\n"
        "\n"
        "  ░ waits   █ works\n");
}
END_TEST

START_TEST(without_utf8_it_is_ascii)
{
    draws("chart\tOne\nlane\ta\twords\nwait\t0\t1\nwork\t1\t2\n", false,
        "One\n"
        "  a  ...................###################  words\n"
        "     |                  |                 |\n"
        "     0                  1                 2 s\n"
        "\n"
        "  . waits   # works\n");
}
END_TEST

/* Of a hundredth of the axis each: work is seen before waiting. */
START_TEST(nothing_is_too_short_to_be_seen)
{
    draws("chart\tOne\n"
          "lane\ta\t-\n"
          "wait\t0\t50\n"
          "work\t50\t51\n"
          "wait\t51\t80\n"
          "wait\t99\t100\n"
          "lane\tb\t-\n"
          "work\t10\t11\n"
          "wait\t11\t12\n",
        false,
        "One\n"
        "  a  .....................#............       .  -\n"
        "  b      #                                       -\n"
        "     |                    |                   |\n"
        "     0                    50                  100 s\n"
        "\n"
        "  . waits   # works\n");
}
END_TEST

START_TEST(a_label_is_shown_where_there_is_room)
{
    draws("chart\tOne\n"
          "lane\ta\t-\n"
          "work\t0\t10\t1\n"
          "work\t10\t12\ttoo long\n"
          "wait\t12\t40\tlong\n",
        false,
        "One\n"
        "  a  ####1########...........long..............  -\n"
        "     |         |          |         |         |\n"
        "     0         10         20        30        40 s\n"
        "\n"
        "  . waits   # works\n");
}
END_TEST

START_TEST(long_names_and_words_are_cut)
{
    draws("chart\tOne\n"
          "lane\tthe näme of a lane that is too long\t"
          "and words that do not want to end at all\n"
          "work\t0\t1\n",
        true,
        "One\n"
        "  the näme of a la  ██████████  and words that do not wa\n"
        "                    |        |\n"
        "                    0        1 s\n"
        "\n"
        "  ░ waits   █ works\n");
}
END_TEST

START_TEST(notes_alone_have_no_axis)
{
    draws("note\tNothing happened.\nchart\tOne\n", true,
        "  Nothing happened.\n\nOne\n\n");
    draws("", true, "");
}
END_TEST

START_TEST(colour_is_around_the_blocks_alone)
{
    char *drawn = NULL;
    size_t size;
    FILE *out = open_memstream(&drawn, &size);
    struct timeline_style style = {50, true, true};

    ck_assert_str_eq(
        read_tsv("chart\tOne\nlane\ta\nwork\t0\t1\nwait\t1\t2\n"), "");
    timeline_draw(out, &timeline, &style);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(drawn, "\033[32m█\033[0m"));
    ck_assert_ptr_nonnull(strstr(drawn, "\033[33m░\033[0m"));
    ck_assert_int_eq(strncmp(drawn, "One\n  a  \033", 10), 0);
    free(drawn);
    timeline_free(&timeline);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("timeline");
    TCase *reading = suite_section(suite, "reading");
    tcase_add_test(reading, lines_become_charts_lanes_and_spans);
    tcase_add_loop_test(reading, what_is_wrong_is_said_with_its_line, 0,
        (int)(sizeof broken / sizeof broken[0]));

    TCase *drawing = suite_section(suite, "drawing");
    tcase_add_test(drawing, waiting_is_hollow_and_working_solid_on_one_axis);
    tcase_add_test(drawing, without_utf8_it_is_ascii);
    tcase_add_test(drawing, nothing_is_too_short_to_be_seen);
    tcase_add_test(drawing, a_label_is_shown_where_there_is_room);
    tcase_add_test(drawing, long_names_and_words_are_cut);
    tcase_add_test(drawing, notes_alone_have_no_axis);
    tcase_add_test(drawing, colour_is_around_the_blocks_alone);
    return suite_run(suite);
}
