#include "pairs.h"
#include "chance.h"
#include "stats.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Whole duels on a machine that is made up: the submission takes exactly
 * `ratio` times what the reference takes, and the machine multiplies each
 * run's time by whatever its noise says.
 */
enum { LIMIT_PERCENT = 150, MOST_PAIRS = 60, DUELS = 20000 };

/*
 * Of so many duels at most this many may end in a verdict whose chance is
 * 0.001 (or 0.01). 20 and 200 are to be expected at the very most; that
 * more than these came by chance has a probability below 0.0001.
 */
enum { MOST_FALSE_SLOWER = 40, MOST_FALSE_WITHIN = 255 };

static const double limit = LIMIT_PERCENT / 100.0;

/* --- Noise --- */

struct noise {
    const char *name;
    /* What the run number `run` of a duel, the first or second of its pair,
     * is multiplied by. */
    double (*factor)(struct chance *chance, unsigned run, int turn);
};

/* So that hardly two times are the same. */
static double
jitter(struct chance *chance)
{
    return 1 + chance_share(chance) / 1000;
}

static double
quiet(struct chance *chance, unsigned run, int turn)
{
    (void)run, (void)turn;
    return jitter(chance);
}

/* No mean, no variance: one run in a hundred takes 10,000 times as long. */
static double
pareto(struct chance *chance, unsigned run, int turn)
{
    (void)run, (void)turn;
    return pow(chance_share(chance), -2);
}

/* As wild in both directions. */
static double
cauchy(struct chance *chance, unsigned run, int turn)
{
    double x = tan(3.14159265358979 * (chance_share(chance) - 0.5));

    (void)run, (void)turn;
    return exp(fmax(fmin(x, 300), -300));
}

/* Every run takes 60 % more than the one before it: more than the limit. */
static double
drift(struct chance *chance, unsigned run, int turn)
{
    (void)turn;
    return pow(1.6, run) * jitter(chance);
}

/* Somebody's job slows down whatever comes second in a pair. */
static double
ramp(struct chance *chance, unsigned run, int turn)
{
    (void)run;
    return (turn == 0 ? 1 : 2) * jitter(chance);
}

static double
every_second(struct chance *chance, unsigned run, int turn)
{
    (void)turn;
    return (run % 2 == 0 ? 1 : 3) * jitter(chance);
}

/* Slow, fast, fast, slow. */
static double
period_of_four(struct chance *chance, unsigned run, int turn)
{
    (void)turn;
    return (run % 4 == 0 || run % 4 == 3 ? 3 : 1) * jitter(chance);
}

static double
long_bursts(struct chance *chance, unsigned run, int turn)
{
    (void)turn;
    return (run / 7 % 2 == 0 ? 1 : 5) * jitter(chance);
}

static const struct noise noises[] = {
    {"quiet", quiet},
    {"heavy tails (Pareto)", pareto},
    {"heavy tails (Cauchy)", cauchy},
    {"drift", drift},
    {"a ramp in each pair", ramp},
    {"every second run slow", every_second},
    {"slow, fast, fast, slow", period_of_four},
    {"bursts of seven runs", long_bursts},
};

enum { NOISES = sizeof noises / sizeof noises[0] };

/* --- Orders: does the submission go first, when it did `before`? --- */

static bool
drawn(struct pairs *pairs, bool before)
{
    (void)before;
    return pairs_submission_first(pairs);
}

static bool
always_reference_first(struct pairs *pairs, bool before)
{
    (void)pairs, (void)before;
    return false;
}

static bool
drawn_and_turned_round(struct pairs *pairs, bool before)
{
    return pairs->n % 2 == 0 ? pairs_submission_first(pairs) : !before;
}

/* --- Duels --- */

static enum speed
fight(uint64_t seed, double ratio, const struct noise *noise,
    bool (*order)(struct pairs *, bool))
{
    struct pairs pairs = pairs_new(limit, seed);
    struct chance chance = {~seed};
    bool first = false;

    while (pairs.n < MOST_PAIRS && pairs_decide(&pairs) == SPEED_UNSURE) {
        first = order(&pairs, first);
        double one = noise->factor(&chance, 2 * pairs.n, 0);
        double two = noise->factor(&chance, 2 * pairs.n + 1, 1);
        pairs_add(&pairs, ratio * (first ? one / two : two / one));
    }
    return pairs_decide(&pairs);
}

struct verdicts {
    int counts[SPEED_COUNT];
};

static struct verdicts
fight_all(double ratio, const struct noise *noise,
    bool (*order)(struct pairs *, bool))
{
    struct verdicts verdicts = {{0}};

    for (uint64_t seed = 1; seed <= DUELS; seed++) {
        /* Far from each other, so that no two duels share a coin. */
        uint64_t own = seed * UINT64_C(0xda942042e4dd58b5);
        verdicts.counts[fight(own, ratio, noise, order)]++;
    }
    printf("%s, %.2fx, seeds 1 to %d: %d slower, %d within, %d unsure\n",
        noise->name, ratio, DUELS, verdicts.counts[SPEED_SLOWER],
        verdicts.counts[SPEED_WITHIN], verdicts.counts[SPEED_UNSURE]);
    return verdicts;
}

static const struct noise *
find_noise(double (*factor)(struct chance *, unsigned, int))
{
    const struct noise *noise = noises;

    while (noise->factor != factor)
        noise++;
    return noise;
}

START_TEST(a_program_as_fast_as_the_reference_is_not_called_slower)
{
    struct verdicts seen = fight_all(1, &noises[_i], drawn);

    ck_assert_int_le(seen.counts[SPEED_SLOWER], MOST_FALSE_SLOWER);
}
END_TEST

/* The worst case: the median ratio is the limit itself. */
START_TEST(a_program_at_the_limit_is_called_nothing_more_often_than_allowed)
{
    struct verdicts seen = fight_all(limit, &noises[_i], drawn);

    ck_assert_int_le(seen.counts[SPEED_SLOWER], MOST_FALSE_SLOWER);
    ck_assert_int_le(seen.counts[SPEED_WITHIN], MOST_FALSE_WITHIN);
}
END_TEST

START_TEST(a_program_of_twice_the_limit_is_never_called_within_it)
{
    struct verdicts seen = fight_all(2 * limit, &noises[_i], drawn);

    ck_assert_int_le(seen.counts[SPEED_WITHIN], MOST_FALSE_WITHIN);
}
END_TEST

START_TEST(on_a_quiet_machine_all_is_told_as_soon_as_can_be)
{
    const struct noise *noise = find_noise(quiet);

    ck_assert_int_eq(fight_all(1, noise, drawn).counts[SPEED_WITHIN], DUELS);
    ck_assert_int_eq(fight_all(2, noise, drawn).counts[SPEED_SLOWER], DUELS);
}
END_TEST

/* --- What is simulated can go wrong --- */

START_TEST(with_the_reference_always_first_a_machine_can_make_anyone_slower)
{
    struct verdicts seen =
        fight_all(1, find_noise(every_second), always_reference_first);

    ck_assert_int_eq(seen.counts[SPEED_SLOWER], DUELS);
    seen = fight_all(1, find_noise(drift), always_reference_first);
    ck_assert_int_eq(seen.counts[SPEED_SLOWER], DUELS);
}
END_TEST

/* One coin for two pairs is too few: 12 pairs are 6 coins. */
START_TEST(with_an_order_that_is_turned_round_noise_can_go_along_with_it)
{
    struct verdicts seen =
        fight_all(limit, find_noise(period_of_four), drawn_and_turned_round);

    ck_assert_int_gt(seen.counts[SPEED_SLOWER], 10 * MOST_FALSE_SLOWER);
}
END_TEST

/* --- The rule, without any simulation --- */

/* The chance that a fair coin for each pair ever makes `alpha` of it, in at
 * most `most` pairs: backwards from the last one. */
static double
chance_ever(double alpha, unsigned most)
{
    double *chances = malloc((most + 2) * sizeof *chances);

    ck_assert_ptr_nonnull(chances);
    for (unsigned x = 0; x <= most + 1; x++)
        chances[x] = 0;
    for (unsigned n = most + 1; n-- > 0;) {
        for (unsigned x = 0; x <= n; x++)
            chances[x] = stats_sign_wealth(n, x) >= 1 / alpha
                             ? 1
                             : (chances[x] + chances[x + 1]) / 2;
    }
    double ever = chances[0];
    free(chances);
    return ever;
}

START_TEST(the_chance_of_a_false_verdict_is_what_is_promised)
{
    double slower = chance_ever(PAIRS_ALPHA_SLOWER, 1000);
    double within = chance_ever(PAIRS_ALPHA_WITHIN, 1000);

    printf("at the limit: slower %.6f, within %.6f\n", slower, within);
    ck_assert(slower > 0.0005 && slower <= 0.001);
    ck_assert(within > 0.005 && within <= 0.01);
}
END_TEST

static enum speed
after(unsigned count, double ratio)
{
    struct pairs pairs = pairs_new(1.5, 1);

    while (pairs.n < count)
        pairs_add(&pairs, ratio);
    return pairs_decide(&pairs);
}

START_TEST(nine_pairs_are_within_and_twelve_are_slower_at_the_earliest)
{
    ck_assert_int_eq(after(0, 1), SPEED_UNSURE);
    ck_assert_int_eq(after(8, 1), SPEED_UNSURE);
    ck_assert_int_eq(after(9, 1), SPEED_WITHIN);
    ck_assert_int_eq(after(11, 2), SPEED_UNSURE);
    ck_assert_int_eq(after(12, 2), SPEED_SLOWER);
}
END_TEST

START_TEST(a_pair_just_at_the_limit_speaks_for_neither)
{
    struct pairs pairs = pairs_new(1.5, 1);

    pairs_add(&pairs, 1.5);
    ck_assert_uint_eq(pairs.n, 1);
    ck_assert_uint_eq(pairs.above, 0);
    ck_assert_uint_eq(pairs.below, 0);
    ck_assert_int_eq(after(1000, 1.5), SPEED_UNSURE);
}
END_TEST

START_TEST(the_first_answer_stays_whatever_comes_after_it)
{
    struct pairs pairs = pairs_new(1.5, 1);

    while (pairs.n < 9)
        pairs_add(&pairs, 1);
    ck_assert_int_eq(pairs_decide(&pairs), SPEED_WITHIN);
    while (pairs.n < 200)
        pairs_add(&pairs, 3);
    ck_assert_int_eq(pairs_decide(&pairs), SPEED_WITHIN);
    ck_assert_uint_eq(pairs.above, 191);
}
END_TEST

START_TEST(the_coin_is_fair_and_its_own_for_each_pair_and_seed)
{
    struct pairs pairs = pairs_new(1.5, 7), other = pairs_new(1.5, 8);
    int first = 0, same_again = 0, same_there = 0;
    bool before = false;

    for (int i = 0; i < 10000; i++) {
        bool now = pairs_submission_first(&pairs);
        first += now;
        same_again += now == before;
        same_there += now == pairs_submission_first(&other);
        before = now;
    }
    /* Half of them, give or take five standard deviations. */
    ck_assert_int_le(abs(first - 5000), 250);
    ck_assert_int_le(abs(same_again - 5000), 250);
    ck_assert_int_le(abs(same_there - 5000), 250);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pairs");
    TCase *rule = suite_section(suite, "the rule");
    TCase *duels = suite_section(suite, "duels on a machine made up");
    TCase *wrong = suite_section(suite, "orders that do not do");

    tcase_add_test(
        rule, nine_pairs_are_within_and_twelve_are_slower_at_the_earliest);
    tcase_add_test(rule, a_pair_just_at_the_limit_speaks_for_neither);
    tcase_add_test(rule, the_first_answer_stays_whatever_comes_after_it);
    tcase_add_test(rule, the_coin_is_fair_and_its_own_for_each_pair_and_seed);
    tcase_add_test(rule, the_chance_of_a_false_verdict_is_what_is_promised);
    tcase_add_loop_test(duels,
        a_program_as_fast_as_the_reference_is_not_called_slower, 0, NOISES);
    tcase_add_loop_test(duels,
        a_program_at_the_limit_is_called_nothing_more_often_than_allowed, 0,
        NOISES);
    tcase_add_loop_test(duels,
        a_program_of_twice_the_limit_is_never_called_within_it, 0, NOISES);
    tcase_add_test(duels, on_a_quiet_machine_all_is_told_as_soon_as_can_be);
    tcase_add_test(wrong,
        with_the_reference_always_first_a_machine_can_make_anyone_slower);
    tcase_add_test(
        wrong, with_an_order_that_is_turned_round_noise_can_go_along_with_it);
    return suite_run(suite);
}
