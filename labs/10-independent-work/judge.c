#include "compute.h"
#include "par.h"
#include "judge/ask.h"
#include "judge/bound_team.h"
#include "judge/items.h"
#include "judge/judge.h"
#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The judge of lab 10.
 *
 * Items are functions that are handed in: the probe's tell us of each
 * call, and return values that were drawn here. So a result proves that
 * its items were called, each once; what it has to be is worked out
 * below, one item after the other. Whether a team is at work, and
 * whether it is balanced, the gates of judge/items.h prove: they let
 * items wait until only such a program can have moved on.
 *
 *   what is asked for, and how its answer is checked: rows, blocks of
 *   numbers, blocks of draws
 *   10.1 to 10.5, test by test
 *   the table, and what is timed
 */

enum { MOST_TEAM = 8, GATED = 64, FEW = 20 };
enum { MANY_BLOCKS = 300, MANY_ROWS = 600 };

static struct answer answer; /* of the last call */

static const int teams[] = {2, 4, 8};
static const size_t sizes[] = {0, 1, 2, 3, 7, 31, 64, 97, 300};

enum { TEAMS = sizeof teams / sizeof teams[0] };
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* Which call is to be refused its memory. */
struct refusal {
    const char *which, *faults;
};

/* What befalls the items; NULL: nothing. */
typedef void weather(struct items *items);

static void
hold_first(struct items *items)
{
    items_hold(items, 0);
}

static void
hold_in_the_middle(struct items *items)
{
    items_hold(items, GATED / 2);
}

/* Is a result as the probe left it before the call? */
static bool
is_untouched(const unsigned char *result, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (result[i] != 0xA5)
            return false;
    }
    return true;
}

/* The memory that a function took and did not give back. */
static void
check_memory(const char *function)
{
    if (answer.allocations_left != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s() returned and left %" PRId64 " block%s of memory that "
            "it had allocated. All of it is to be freed, on every way "
            "out.",
            function, answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s");
}

/* It was refused with this errno, and left the result alone. */
static void
check_refused(const char *function, int error, bool has_result)
{
    char what[64];

    snprintf(what, sizeof what, "%s() returned", function);
    judge_equal_int(what, -1, answer_int(&answer));
    if (answer.error != error) {
        judge_values(judge_errno(error), judge_errno(answer.error));
        judge_fail(VERDICT_WRONG_ANSWER,
            "errno is not what par.h says for this failure.");
    }
    if (has_result) {
        size_t length;
        const unsigned char *result = answer_bytes(&answer, &length);
        if (!is_untouched(result, length))
            judge_fail(VERDICT_WRONG_ANSWER,
                "%s() failed, and wrote a result all the same.",
                function);
    }
    check_memory(function);
}

/* Rows ------------------------------------------------------------- */

/* Ask for `rows` rows, which `items` are; frees those. */
static void
ask_rows(struct items *items, int64_t rows, int threads)
{
    struct ask ask = ask_new("par_rows");

    items_hand_in(items, &ask);
    ask_int(&ask, rows);
    ask_int(&ask, threads);
    ask_send(&ask, &answer);
}

static void
do_rows(size_t rows, int threads, weather *befall)
{
    struct items *items = items_new("row", rows, threads);
    size_t length;

    if (befall != NULL)
        befall(items);
    judge_scene("With %zu row%s and %d thread%s", rows,
        rows == 1 ? "" : "s", threads, threads == 1 ? "" : "s");
    ask_rows(items, (int64_t)rows, threads);
    items_finish(items);
    judge_equal_int("par_rows() returned", 0, answer_int(&answer));
    const uint64_t *pixels = answer_bytes(&answer, &length);
    for (size_t i = 0; i < rows; i++) {
        if (memcmp(&pixels[i], items_values(items, i), 8) != 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "Row %zu was called without the `arg` that belongs to "
                "it.",
                i);
    }
    check_memory("par_rows");
    items_free(items);
}

/* Blocks of numbers ------------------------------------------------ */

struct range {
    uint64_t from, to;
};

static size_t
count_blocks(uint64_t total, uint64_t size)
{
    return (size_t)(total / size + (total % size != 0));
}

static struct range
range_of(struct range all, size_t block)
{
    struct range part = {all.from + block * PAR_BLOCK, all.to};

    if (all.to - part.from > PAR_BLOCK)
        part.to = part.from + PAR_BLOCK;
    return part;
}

static uint64_t
draw_between(uint64_t least, uint64_t most)
{
    return least + judge_random_below(most - least + 1);
}

/* So many primes in `part`, if there is room: as the numbers of primes
 * might be, at random places. What means nothing is random, too. */
static void
invent(uint64_t found[ITEMS_VALUES], struct range part, uint64_t count)
{
    uint64_t from = part.from > 2 ? part.from : 2;

    found[0] = part.to > from ? count : 0;
    if (found[0] == 0)
        return;
    found[1] = draw_between(from, part.to - 1);
    found[2] =
        count > 1 ? draw_between(found[1], part.to - 1) : found[1];
    uint64_t width = found[2] - found[1];
    if (count > width + 1)
        found[0] = count = width + 1;
    if (count > 1)
        found[3] = count == 2
                       ? width
                       : draw_between(width / (count - 1), width);
}

/* Few blocks have many, so that the gaps across borders are large. */
static uint64_t
draw_count(void)
{
    static const uint64_t counts[] = {0, 0, 1, 1, 2, 3, 40};

    return counts[judge_random_below(sizeof counts / sizeof counts[0])];
}

static struct items *
new_blocks(struct range all, int threads, uint64_t (*draw)(void))
{
    size_t blocks = count_blocks(all.to - all.from, PAR_BLOCK);
    struct items *items = items_new("block", blocks, threads);

    for (size_t b = 0; b < blocks; b++)
        invent(items_values(items, b), range_of(all, b), draw());
    return items;
}

/* What is true of all blocks together, found the slow way. */
static struct par_found
put_together(struct items *items, size_t blocks)
{
    struct par_found all = {0, 0, 0, 0};

    for (size_t b = 0; b < blocks; b++) {
        const uint64_t *found = items_values(items, b);
        if (found[0] > 0 && all.count > 0 &&
            found[1] - all.last > all.gap)
            all.gap = found[1] - all.last;
        if (found[0] > 0 && all.count == 0)
            all.first = found[1];
        if (found[0] > 1 && found[3] > all.gap)
            all.gap = found[3];
        if (found[0] > 0)
            all.last = found[2];
        all.count += found[0];
    }
    return all;
}

static void
equal_number(const char *what, uint64_t expected, uint64_t seen)
{
    char left[32], right[32];

    if (expected == seen)
        return;
    snprintf(left, sizeof left, "%" PRIu64, expected);
    snprintf(right, sizeof right, "%" PRIu64, seen);
    judge_values(left, right);
    judge_fail(VERDICT_WRONG_ANSWER, "%s %s, and %s was right.", what,
        right, left);
}

static void
check_found(struct par_found expected)
{
    struct par_found seen;
    size_t length;

    memcpy(&seen, answer_bytes(&answer, &length), sizeof seen);
    equal_number(
        "The count of all primes is", expected.count, seen.count);
    equal_number(
        "The first prime of all is", expected.first, seen.first);
    equal_number("The last prime of all is", expected.last, seen.last);
    equal_number("The largest gap is", expected.gap, seen.gap);
}

static void
check_borders(struct items *items, struct range all, size_t blocks)
{
    char left[64], right[64];

    for (size_t b = 0; b < blocks; b++) {
        struct range part = range_of(all, b);
        const uint64_t *asked = items_asked(items, b);
        if (asked[0] == part.from && asked[1] == part.to)
            continue;
        snprintf(left, sizeof left, "%" PRIu64 " to %" PRIu64,
            part.from, part.to);
        snprintf(right, sizeof right, "%" PRIu64 " to %" PRIu64,
            asked[0], asked[1]);
        judge_values(left, right);
        judge_fail(VERDICT_WRONG_ANSWER,
            "Block %zu was asked for with other borders (from, and one "
            "past the last).",
            b);
    }
}

/* The program may crash of it: the scene is set before it is asked. */
static void
refuse_memory(struct ask *ask, const struct refusal *refusal)
{
    if (refusal == NULL)
        return;
    ask->faults = refusal->faults;
    judge_scene("If the %s call of malloc() or its like returns NULL",
        refusal->which);
}

static void
tell_range(struct range all, int threads)
{
    judge_scene("With from = %" PRIu64 ", to = %" PRIu64
                " and %d thread%s",
        all.from, all.to, threads, threads == 1 ? "" : "s");
}

static void
ask_primes(struct items *items, struct range all, int threads,
    const struct refusal *refusal)
{
    struct ask ask = ask_new("par_primes");

    tell_range(all, threads);
    refuse_memory(&ask, refusal);
    items_hand_in(items, &ask);
    ask_int(&ask, (int64_t)all.from);
    ask_int(&ask, (int64_t)all.to);
    ask_int(&ask, threads);
    ask_send(&ask, &answer);
}

static void
check_primes(struct items *items, struct range all)
{
    size_t blocks = count_blocks(all.to - all.from, PAR_BLOCK);

    items_finish(items);
    check_borders(items, all, blocks);
    judge_equal_int("par_primes() returned", 0, answer_int(&answer));
    check_found(put_together(items, blocks));
    check_memory("par_primes");
}

static void
do_primes(struct range all, int threads, weather *befall)
{
    struct items *items = new_blocks(all, threads, draw_count);

    if (befall != NULL)
        befall(items);
    ask_primes(items, all, threads, NULL);
    check_primes(items, all);
    items_free(items);
}

/* A range of so many blocks, the last of which is a short one. */
static struct range
blocks_from(uint64_t from, size_t blocks)
{
    struct range all = {from, from + blocks * PAR_BLOCK};

    if (blocks > 0)
        all.to -= judge_random_below(PAR_BLOCK);
    return all;
}

/* Blocks of draws -------------------------------------------------- */

static double
result_of(struct items *items, size_t block)
{
    double result;

    memcpy(&result, items_values(items, block), sizeof result);
    return result;
}

/* Pairs that nearly cancel, each smaller than the one before, and a bit
 * of everything between: whoever adds them in another order, or in
 * groups, rounds at other places, and other bits are left. */
static struct items *
new_draws(uint64_t draws, int threads)
{
    size_t blocks = count_blocks(draws, PAR_DRAWS);
    struct items *items = items_new("block", blocks, threads);

    for (size_t b = 0; b < blocks; b++) {
        double large = (double)(UINT64_C(1) << (60 - 4 * (b / 2 % 10)));
        double small = (double)judge_random_below(UINT64_C(1) << 52);
        double result = small / 0x1p20 + (b % 2 == 0 ? large : -large);
        memcpy(items_values(items, b), &result, sizeof result);
    }
    return items;
}

static uint64_t
draws_of_block(uint64_t draws, size_t block)
{
    uint64_t left = draws - block * PAR_DRAWS;

    return left < PAR_DRAWS ? left : PAR_DRAWS;
}

static void
check_asked(struct items *items, uint64_t draws, size_t blocks)
{
    for (size_t b = 0; b < blocks; b++)
        equal_number("The number of draws asked of a block is",
            draws_of_block(draws, b), items_asked(items, b)[1]);
}

static double
add_up(struct items *items, size_t blocks)
{
    double sum = 0;

    for (size_t b = 0; b < blocks; b++)
        sum += result_of(items, b);
    return sum;
}

static void
check_sum(double expected)
{
    double seen;
    char left[40], right[40];
    size_t length;

    memcpy(&seen, answer_bytes(&answer, &length), sizeof seen);
    if (memcmp(&expected, &seen, sizeof seen) == 0)
        return;
    snprintf(left, sizeof left, "%.17g", expected);
    snprintf(right, sizeof right, "%.17g", seen);
    judge_values(left, right);
    judge_fail(VERDICT_WRONG_ANSWER,
        "*sum has other bits than 0.0 + block 0 + block 1 + … added in "
        "this order.");
}

static void
ask_draws(struct items *items, uint64_t draws, int threads,
    const struct refusal *refusal)
{
    struct ask ask = ask_new("par_draws");

    judge_scene("With %" PRIu64 " draws and %d thread%s", draws,
        threads, threads == 1 ? "" : "s");
    refuse_memory(&ask, refusal);
    items_hand_in(items, &ask);
    ask_int(&ask, (int64_t)draws);
    ask_int(&ask, threads);
    ask_send(&ask, &answer);
}

static void
check_draws(struct items *items, uint64_t draws)
{
    size_t blocks = count_blocks(draws, PAR_DRAWS);

    items_finish(items);
    check_asked(items, draws, blocks);
    judge_equal_int("par_draws() returned", 0, answer_int(&answer));
    check_sum(add_up(items, blocks));
    check_memory("par_draws");
}

static void
do_draws(size_t blocks, int threads, weather *befall)
{
    uint64_t draws = blocks * PAR_DRAWS;

    if (draws > 0)
        draws -= judge_random_below(PAR_DRAWS);
    struct items *items = new_draws(draws, threads);
    if (befall != NULL)
        befall(items);
    ask_draws(items, draws, threads, NULL);
    check_draws(items, draws);
    items_free(items);
}

/* 10.1 Every item once --------------------------------------------- */

START_TEST(every_row_is_done_once)
{
    for (int threads = 1; threads <= MOST_TEAM; threads++) {
        for (size_t i = 0; i < SIZES; i++)
            do_rows(sizes[i], threads, NULL);
    }
    do_rows(300, PAR_MOST_THREADS, NULL);
}
END_TEST

START_TEST(no_more_threads_are_at_work_than_asked_for)
{
    for (int threads = 1; threads <= 5; threads++)
        do_rows(FEW, threads, items_gather);
}
END_TEST

/* Nothing may be called: the items handed in are none. */
static void
refuse_rows(int64_t rows, int threads)
{
    struct items *items = items_new("row", 0, 1);

    judge_scene("With %" PRId64 " rows and %d threads", rows, threads);
    ask_rows(items, rows, threads);
    check_refused("par_rows", EINVAL, false);
    items_free(items);
}

START_TEST(what_makes_no_sense_is_refused)
{
    refuse_rows(-1, 2);
    refuse_rows(INT64_MIN, 2);
    refuse_rows(8, 0);
    refuse_rows(8, -1);
    refuse_rows(8, PAR_MOST_THREADS + 1);
    refuse_rows(0, 0);
}
END_TEST

START_TEST(rows_keep_to_their_own_memory)
{
    for (size_t rows = 0; rows < 40; rows += 13)
        do_rows(rows, 3, NULL);
}
END_TEST

/* 10.2 A combination across borders -------------------------------- */

START_TEST(every_block_is_asked_for_once)
{
    for (int threads = 1; threads <= MOST_TEAM; threads++) {
        for (size_t i = 0; i < SIZES; i++)
            do_primes(blocks_from(1000, sizes[i]), threads, NULL);
    }
}
END_TEST

START_TEST(what_the_blocks_found_is_put_together)
{
    for (int round = 0; round < 100; round++)
        do_primes(blocks_from(judge_random_below(100000),
                      1 + judge_random_below(12)),
            1 + (int)judge_random_below(MOST_TEAM), NULL);
}
END_TEST

static uint64_t
draw_hardly_any(void)
{
    return judge_random_below(4) == 0;
}

static uint64_t
draw_none(void)
{
    return 0;
}

START_TEST(a_gap_may_span_empty_blocks)
{
    struct range all = {4096, 4096 * 30};

    for (int round = 0; round < 40; round++) {
        struct items *items = new_blocks(
            all, 3, round == 0 ? draw_none : draw_hardly_any);
        ask_primes(items, all, 3, NULL);
        check_primes(items, all);
        items_free(items);
    }
}
END_TEST

START_TEST(blocks_may_end_in_any_order)
{
    for (int threads = 1; threads <= 5; threads++)
        do_primes(blocks_from(2, FEW), threads, items_gather);
}
END_TEST

START_TEST(numbers_may_be_as_large_as_they_get)
{
    static const uint64_t widths[] = {0, 1, 4095, 4096, 4097, 100000};

    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct range highest = {UINT64_MAX - widths[i], UINT64_MAX};
        do_primes(highest, 3, NULL);
        do_primes(blocks_from(UINT32_MAX - widths[i], 5), 3, NULL);
        do_primes(blocks_from(INT64_MAX - widths[i], 5), 3, NULL);
    }
}
END_TEST

static void
refuse_primes(uint64_t from, uint64_t to, int threads)
{
    struct items *items = items_new("block", 0, 1);

    ask_primes(items, (struct range){from, to}, threads, NULL);
    check_refused("par_primes", EINVAL, true);
    items_free(items);
}

START_TEST(a_range_that_makes_no_sense_is_refused)
{
    refuse_primes(1, 0, 2);
    refuse_primes(UINT64_MAX, 0, 2);
    refuse_primes(10000, 9999, 2);
    refuse_primes(0, 10000, 0);
    refuse_primes(0, 10000, -2);
    refuse_primes(0, 10000, PAR_MOST_THREADS + 1);
}
END_TEST

static const struct refusal without_memory[] = {
    {"first", "malloc: ENOMEM; calloc: ENOMEM; realloc: ENOMEM"},
    {"second",
        "malloc: ok ENOMEM; calloc: ok ENOMEM; realloc: ok ENOMEM"},
    {"third", "malloc: ok ok ENOMEM; calloc: ok ok ENOMEM"},
};

enum { TRIES = sizeof without_memory / sizeof without_memory[0] };

/* Was it refused for want of memory? If so, properly. */
static bool
was_refused(const char *function)
{
    struct wire_reader results = answer.results;

    if (answer_int(&answer) == 0) {
        answer.results = results;
        return false;
    }
    answer.results = results;
    check_refused(function, ENOMEM, true);
    return true;
}

START_TEST(no_memory_for_the_blocks_is_reported)
{
    struct range all = {0, 10 * PAR_BLOCK};

    for (int i = 0; i < TRIES; i++) {
        struct items *items = new_blocks(all, 3, draw_count);
        ask_primes(items, all, 3, &without_memory[i]);
        if (!was_refused("par_primes"))
            check_primes(items, all);
        items_free(items);
    }
}
END_TEST

START_TEST(blocks_keep_to_their_own_memory)
{
    for (size_t blocks = 0; blocks < 40; blocks += 13)
        do_primes(blocks_from(77, blocks), 3, NULL);
    do_primes((struct range){UINT64_MAX - 5000, UINT64_MAX}, 3, NULL);
}
END_TEST

/* 10.3 Numbered draws ---------------------------------------------- */

START_TEST(each_block_has_a_stream_of_its_own)
{
    for (int threads = 1; threads <= MOST_TEAM; threads++) {
        for (size_t i = 0; i < SIZES; i++)
            do_draws(sizes[i], threads, NULL);
    }
}
END_TEST

/* Of so many blocks, one sum in ten has the right bits by accident: of
 * seven larger teams it is no sum at all. */
START_TEST(the_sum_has_the_same_bits_for_any_team)
{
    for (int threads = 1; threads <= MOST_TEAM; threads++)
        do_draws(MANY_BLOCKS, threads, items_gather);
}
END_TEST

static void
refuse_draws(uint64_t draws, int threads)
{
    struct items *items = items_new("block", 0, 1);

    ask_draws(items, draws, threads, NULL);
    check_refused("par_draws", EINVAL, true);
    items_free(items);
}

START_TEST(a_team_that_cannot_be_is_refused)
{
    refuse_draws(PAR_DRAWS, 0);
    refuse_draws(PAR_DRAWS, -8);
    refuse_draws(PAR_DRAWS, PAR_MOST_THREADS + 1);
}
END_TEST

START_TEST(no_memory_for_the_results_is_reported)
{
    uint64_t draws = 10 * PAR_DRAWS;

    for (int i = 0; i < TRIES; i++) {
        struct items *items = new_draws(draws, 3);
        ask_draws(items, draws, 3, &without_memory[i]);
        if (!was_refused("par_draws"))
            check_draws(items, draws);
        items_free(items);
    }
}
END_TEST

START_TEST(draws_keep_to_their_own_memory)
{
    for (size_t blocks = 0; blocks < 40; blocks += 13)
        do_draws(blocks, 3, NULL);
}
END_TEST

/* 10.4 Proof: parallel --------------------------------------------- */

START_TEST(two_four_and_eight_rows_are_done_at_once)
{
    for (int i = 0; i < TEAMS; i++)
        do_rows(GATED, teams[i], items_gate);
}
END_TEST

/* More than 64 a thread: gcc's library shares out no such taskloop. */
START_TEST(many_rows_are_shared_out_too)
{
    for (int threads = 2; threads <= 4; threads += 2)
        do_rows(MANY_ROWS, threads, items_gate);
}
END_TEST

START_TEST(two_four_and_eight_blocks_are_searched_at_once)
{
    for (int i = 0; i < TEAMS; i++)
        do_primes(blocks_from(0, GATED), teams[i], items_gate);
}
END_TEST

START_TEST(two_four_and_eight_streams_are_drawn_from_at_once)
{
    for (int i = 0; i < TEAMS; i++)
        do_draws(GATED, teams[i], items_gate);
}
END_TEST

/* 10.5 Proof: balanced and without races --------------------------- */

START_TEST(a_long_row_holds_up_no_other)
{
    for (int i = 0; i < TEAMS; i++) {
        do_rows(GATED, teams[i], hold_first);
        do_rows(GATED, teams[i], hold_in_the_middle);
    }
}
END_TEST

START_TEST(a_long_search_holds_up_no_other)
{
    for (int i = 0; i < TEAMS; i++) {
        do_primes(blocks_from(0, GATED), teams[i], hold_first);
        do_primes(blocks_from(0, GATED), teams[i], hold_in_the_middle);
    }
}
END_TEST

START_TEST(a_long_draw_holds_up_no_other)
{
    for (int i = 0; i < TEAMS; i++) {
        do_draws(GATED, teams[i], hold_first);
        do_draws(GATED, teams[i], hold_in_the_middle);
    }
}
END_TEST

/* The gate sees to it that all take part, by turns. What came of it is
 * not looked at: a race is to be called a race. */

START_TEST(rows_are_done_without_a_race)
{
    for (int threads = 2; threads <= 4; threads += 2) {
        struct items *items = items_new("row", GATED, threads);
        judge_scene("%d rows, %d threads", GATED, threads);
        items_gather(items);
        ask_rows(items, GATED, threads);
        items_free(items);
    }
}
END_TEST

START_TEST(blocks_are_searched_without_a_race)
{
    for (int threads = 2; threads <= 4; threads += 2) {
        struct range all = blocks_from(2, GATED);
        struct items *items = new_blocks(all, threads, draw_count);
        items_gather(items);
        ask_primes(items, all, threads, NULL);
        items_free(items);
    }
}
END_TEST

START_TEST(draws_are_added_without_a_race)
{
    for (int threads = 2; threads <= 4; threads += 2) {
        struct items *items = new_draws(GATED * PAR_DRAWS, threads);
        items_gather(items);
        ask_draws(items, GATED * PAR_DRAWS, threads, NULL);
        items_free(items);
    }
}
END_TEST

/* What is timed ---------------------------------------------------- */

/* A unit: a picture, primes and draws, as compute.h has them; each of
 * them other ones than in any other run. */
struct unit {
    struct picture picture;
    struct range numbers;
    uint64_t draws;
    struct points points;
    struct answer answer;
};

static struct unit *work_units;

/* The upper half of the set, or every other time, turned round, its
 * lower half: so the costly rows come first, or last. Half of the rows
 * is never half of the work. */
static void
draw_picture(struct picture *picture, bool turned)
{
    int width = (int)judge_size("columns");
    int height = (int)judge_size("rows");
    double left = -1.7 + (double)draw_between(0, 1u << 30) / 0x1p36;
    double top = (double)draw_between(0, 1u << 30) / 0x1p36;
    double down = 0.95 / height;

    if (turned)
        top -= 0.95;
    picture->width = width;
    picture->height = height;
    picture->plane = (struct plane){left, top, 2.2 / width, down};
    picture->grey = text_zeroed((size_t)width * (size_t)height, 1);
}

/* A weight of so many bits that each addition rounds: the last bits of
 * the sum tell the order. */
static struct points
draw_points(void)
{
    uint64_t salt = judge_random();
    double weight = 1 + (double)(judge_random() >> 11) / 0x1p53;

    return (struct points){salt, weight};
}

static void
prepare_work(int units)
{
    work_units = text_zeroed((size_t)units, sizeof *work_units);
    for (int i = 0; i < units; i++) {
        struct unit *unit = &work_units[i];
        draw_picture(&unit->picture, i % 2 == 1);
        unit->numbers = blocks_from(draw_between(2, 4 * PAR_BLOCK),
            (size_t)judge_size("blocks"));
        unit->draws = (uint64_t)judge_size("streams") * PAR_DRAWS -
                      judge_random_below(PAR_DRAWS);
        unit->points = draw_points();
    }
}

static void
work_unit(struct unit *unit)
{
    struct ask ask = ask_new("work");

    ask_int(&ask, judge_size("team"));
    ask_int(&ask, unit->picture.width);
    ask_int(&ask, unit->picture.height);
    ask_bytes(&ask, &unit->picture.plane, sizeof unit->picture.plane);
    ask_int(&ask, (int64_t)unit->numbers.from);
    ask_int(&ask, (int64_t)unit->numbers.to);
    ask_int(&ask, (int64_t)unit->draws);
    ask_bytes(&ask, &unit->points, sizeof unit->points);
    ask_send(&ask, &unit->answer);
}

static void
work(int units)
{
    for (int i = 0; i < units; i++)
        work_unit(&work_units[i]);
}

static void
check_picture(struct picture *picture)
{
    size_t length, width = (size_t)picture->width;
    const unsigned char *seen = answer_bytes(&answer, &length);

    judge_equal_int("The points of the picture are",
        (int64_t)width * picture->height, (int64_t)length);
    for (int row = 0; row < picture->height; row++) {
        size_t start = (size_t)row * width;
        picture_row(picture, row);
        if (memcmp(&picture->grey[start], &seen[start], width) != 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "Row %d of the picture is not what row(arg, %d) draws.",
                row, row);
    }
}

/* What the items took goes with each answer. The probe says so itself:
 * it is good enough to be shown. */
static void
add_bound(struct bound_team *bound)
{
    double all_s = (double)answer_int(&answer) / 1e9;
    double longest_s = (double)answer_int(&answer) / 1e9;

    bound_team_add(bound, all_s, longest_s);
}

/* The items themselves are the oracle, called one after the other; all
 * numbers together are one block. */
static void
check_unit(struct unit *unit, struct bound_team *bound)
{
    struct par_found found;
    double sum = 0;

    answer = unit->answer;
    judge_equal_int("par_rows() returned", 0, answer_int(&answer));
    check_picture(&unit->picture);
    add_bound(bound);
    prime_block(NULL, unit->numbers.from, unit->numbers.to, &found);
    judge_equal_int("par_primes() returned", 0, answer_int(&answer));
    check_found(found);
    add_bound(bound);
    for (uint64_t b = 0; b * PAR_DRAWS < unit->draws; b++)
        sum +=
            pi_block(&unit->points, b, draws_of_block(unit->draws, b));
    judge_equal_int("par_draws() returned", 0, answer_int(&answer));
    check_sum(sum);
    add_bound(bound);
}

static void
check_work(int units)
{
    struct bound_team bound = {
        .team = (int)judge_size("team"), .cores = machine_cores()};
    struct text words = {0};

    for (int i = 0; i < units; i++) {
        judge_scene("Picture, primes and draws number %d", i + 1);
        check_unit(&work_units[i], &bound);
    }
    bound_team_words(&bound, &words);
    judge_bound(bound.seconds, "%s", text_string(&words));
    text_free(&words);
}

static const struct judge_workload workload = {
    prepare_work, work, check_work};

/* The table -------------------------------------------------------- */

/* clang-format off */
#define RIGHT(section, name) {section, PART_ANSWERS, BUILD_PLAIN, &name}
#define ROUGH(section, name) {section, PART_WEATHER, BUILD_PLAIN, &name}
#define CLEAN(section, name) \
    {section, PART_WEATHER, BUILD_SANITIZED, &name}
#define PROOF(section, name) {section, PART_PROOF, BUILD_PLAIN, &name}
#define RACES(section, name) {section, PART_PROOF, BUILD_RACES, &name}
/* clang-format on */

static const char once[] = "10.1 Every item once";
static const char borders[] = "10.2 A combination across borders";
static const char draws[] = "10.3 Numbered draws";
static const char parallel[] = "10.4 Proof: parallel";
static const char balanced[] = "10.5 Proof: balanced and without races";

static const struct judge_test tests[] = {
    RIGHT(once, every_row_is_done_once),
    RIGHT(once, no_more_threads_are_at_work_than_asked_for),
    ROUGH(once, what_makes_no_sense_is_refused),
    CLEAN(once, rows_keep_to_their_own_memory),
    RIGHT(borders, every_block_is_asked_for_once),
    RIGHT(borders, what_the_blocks_found_is_put_together),
    RIGHT(borders, a_gap_may_span_empty_blocks),
    ROUGH(borders, blocks_may_end_in_any_order),
    ROUGH(borders, numbers_may_be_as_large_as_they_get),
    ROUGH(borders, a_range_that_makes_no_sense_is_refused),
    ROUGH(borders, no_memory_for_the_blocks_is_reported),
    CLEAN(borders, blocks_keep_to_their_own_memory),
    RIGHT(draws, each_block_has_a_stream_of_its_own),
    RIGHT(draws, the_sum_has_the_same_bits_for_any_team),
    ROUGH(draws, a_team_that_cannot_be_is_refused),
    ROUGH(draws, no_memory_for_the_results_is_reported),
    CLEAN(draws, draws_keep_to_their_own_memory),
    PROOF(parallel, two_four_and_eight_rows_are_done_at_once),
    PROOF(parallel, many_rows_are_shared_out_too),
    PROOF(parallel, two_four_and_eight_blocks_are_searched_at_once),
    PROOF(parallel, two_four_and_eight_streams_are_drawn_from_at_once),
    PROOF(balanced, a_long_row_holds_up_no_other),
    PROOF(balanced, a_long_search_holds_up_no_other),
    PROOF(balanced, a_long_draw_holds_up_no_other),
    RACES(balanced, rows_are_done_without_a_race),
    RACES(balanced, blocks_are_searched_without_a_race),
    RACES(balanced, draws_are_added_without_a_race),
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
