#include "duel.h"

#include "clock.h"
#include "interrupt.h"
#include "jobs.h"
#include "judging.h"
#include "machine.h"
#include "pairs.h"
#include "stats.h"
#include "tree.h"
#include "warn.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/*
 * Theory of operation
 *
 * One run at a time, each a judge with its probe (judging.h), alone among
 * our own processes. Who goes first in a pair is drawn (pairs.h). A run that
 * fails ends the duel. So a pair has two right answers and two times, and
 * adds one sign to the count.
 */
enum side { REFERENCE, SUBMISSION };

enum { LEAST_PAIRS = 9 }; /* that can be enough for a verdict (pairs.h) */

struct duel {
    const struct duel_request *request;
    struct timing *timing;
    struct result *failure;
    struct pairs pairs;
    double *ratios;
    double *bounds, *bound_ratios, *bound_references;
    char **bounded_by;
    struct machine_moment start;
};

/* That a program may have at a time. */
static int
cores(void)
{
    double quota = fmax(machine_quota(), 1);
    int allowed = machine_cores();

    return quota < allowed ? (int)quota : allowed;
}

struct timing
duel_timing(const struct lab *lab)
{
    return (struct timing){.timed = lab->speed.limit_percent > 0,
        .limit = lab->speed.limit_percent / 100.0,
        .none = lab->speed.none_percent / 100.0,
        .team = lab->speed.team,
        .cores = cores(),
        .busy = -1,
        .steal = -1};
}

/* It seldom takes so long. */
struct duel_request
duel_default(const struct lab *lab)
{
    return (struct duel_request){
        .lab = lab, .units = WORKLOAD_UNITS, .pairs = 60, .budget_s = 20};
}

static void
run_ended(struct job *job)
{
    judging_read(job->owner, job);
}

/* One run of one of them. Returns -1 when a signal was caught. */
static int
run_once(const struct duel *duel, enum side side, uint64_t seed,
    struct result *result)
{
    const struct duel_request *request = duel->request;
    struct jobs jobs = {.most = 1};
    char *folder = text_format("%s/timed", request->dir);
    struct job *job = judging_workload(request->lab,
        side == REFERENCE ? request->reference : request->program, folder,
        seed, side == REFERENCE ? WORKLOAD_UNITS : request->units);

    *result = (struct result){.name = text_copy("workload")};
    job->owner = result;
    job->ended = run_ended;
    jobs_add(&jobs, job);
    int failed = jobs_run(&jobs);
    tree_remove(folder);
    free(folder);
    return failed;
}

/* The run of one side did not pass: the duel is over. */
static void
give_up(struct duel *duel, enum side side, struct result *run)
{
    struct result *failure = duel->failure;
    char *cause = run->cause;

    *failure = *run;
    *run = (struct result){0};
    if (side == SUBMISSION) {
        failure->cause = text_format("While it was timed: %s", cause);
    } else {
        failure->state = STATE_COULD_NOT_CHECK;
        failure->verdict = VERDICT_JUDGE_ERROR;
        failure->cause = text_format(
            "The reference itself failed while it was timed: %s", cause);
    }
    free(cause);
}

/* Time that passes while the machine is suspended is on one of these clocks
 * alone. */
static double
suspended_s(void)
{
    struct timespec with, without;

    clock_gettime(CLOCK_BOOTTIME, &with);
    clock_gettime(CLOCK_MONOTONIC, &without);
    return (double)(with.tv_sec - without.tv_sec) +
           (double)(with.tv_nsec - without.tv_nsec) / 1e9;
}

static void
count_pair(struct duel *duel, struct result runs[2])
{
    struct timing *timing = duel->timing;
    double ratio = runs[SUBMISSION].timed_s / runs[REFERENCE].timed_s;
    int i = timing->pairs++;

    duel->ratios[i] = ratio;
    timing->reference[i] = runs[REFERENCE].timed_s;
    timing->submission[i] = runs[SUBMISSION].timed_s;
    pairs_add(&duel->pairs, ratio);
    duel->bounds[i] = runs[REFERENCE].bound_s;
    duel->bound_ratios[i] =
        runs[SUBMISSION].timed_s / runs[SUBMISSION].bound_s;
    duel->bound_references[i] =
        runs[REFERENCE].timed_s / runs[REFERENCE].bound_s;
    duel->bounded_by[i] = text_copy(runs[REFERENCE].bound_by);
}

/* Both, in the order that is drawn. Returns 0 when it may go on, 1 when the
 * duel is over, -1 when a signal was caught. */
static int
run_pair(struct duel *duel, int number, bool counts)
{
    struct result runs[2] = {{0}, {0}};
    uint64_t seed = duel->request->seed + (uint64_t)number;
    double suspended = suspended_s();
    int result = 0;

    enum side first =
        pairs_submission_first(&duel->pairs) ? SUBMISSION : REFERENCE;
    for (int turn = 0; turn < 2 && result == 0; turn++) {
        enum side side = turn == 0 ? first : !first;
        result = run_once(duel, side, seed, &runs[side]);
        if (result == 0 && runs[side].state != STATE_PASS) {
            give_up(duel, side, &runs[side]);
            result = 1;
        }
    }
    bool usable = runs[REFERENCE].timed_s > 0 &&
                  runs[SUBMISSION].timed_s > 0 &&
                  fabs(suspended_s() - suspended) < 0.001;
    if (result == 0 && counts && usable)
        count_pair(duel, runs);
    else if (result == 0 && counts)
        duel->timing->discarded++;
    record_result_free(&runs[REFERENCE]);
    record_result_free(&runs[SUBMISSION]);
    return result;
}

static double
median_of(const double *values, int count)
{
    double *copy = text_zeroed((size_t)count, sizeof *copy);

    for (int i = 0; i < count; i++)
        copy[i] = values[i];
    double median = stats_median(copy, (size_t)count);
    free(copy);
    return isfinite(median) ? median : 0;
}

/* Why it cannot be said, in a sentence. */
static char *
reason(const struct timing *timing)
{
    if (timing->cores < timing->team)
        return text_format(
            "This machine lets a program have %d of the %d processors that "
            "the team of this lab works on at once: wall time cannot tell.",
            timing->cores, timing->team);
    if (timing->discarded > timing->pairs)
        return text_format("The clock stood still, or jumped, in %d of %d "
                           "pairs of runs.",
            timing->discarded, timing->pairs + timing->discarded);
    if (timing->steal >= 0.1)
        return text_format("Other machines took %.0f %% of the processors' "
                           "time from this one (steal).",
            100 * timing->steal);
    if (timing->pairs < LEAST_PAIRS)
        return text_format("There %s only %d pair%s of runs; it takes %d at "
                           "least to be sure.",
            timing->pairs == 1 ? "was" : "were", timing->pairs,
            timing->pairs == 1 ? "" : "s", LEAST_PAIRS);
    return text_format("The pairs of runs differ too much from each other, or "
                       "the ratio is too near to the limit, to say after %d "
                       "of them.",
        timing->pairs);
}

static double
seconds_so_far(const struct duel *duel)
{
    return clock_now_s() - duel->start.at_s;
}

/* The words are of the pair whose limit is the median, or next to it, since
 * they may hold numbers. */
static void
sum_up_bound(struct duel *duel)
{
    struct timing *timing = duel->timing;
    double median = median_of(duel->bounds, timing->pairs);
    int nearest = 0;

    for (int i = 1; i < timing->pairs; i++) {
        if (fabs(duel->bounds[i] - median) <
            fabs(duel->bounds[nearest] - median))
            nearest = i;
    }
    if (median <= 0 || duel->bounded_by[nearest] == NULL)
        return;
    timing->bound_by = text_copy(duel->bounded_by[nearest]);
    timing->bound_s = duel->bounds[nearest];
    timing->bound_ratio = median_of(duel->bound_ratios, timing->pairs);
    timing->bound_reference = median_of(duel->bound_references, timing->pairs);
}

static void
sum_up(struct duel *duel)
{
    struct timing *timing = duel->timing;
    struct machine_use use = machine_since(&duel->start);

    timing->seconds = seconds_so_far(duel);
    if (pairs_decide(&duel->pairs) == SPEED_UNSURE)
        timing->decided_s = timing->seconds;
    timing->busy = use.busy;
    timing->steal = use.steal;
    timing->load = machine_load();
    if (timing->pairs > 0) {
        size_t n = (size_t)timing->pairs;
        timing->ratio = stats_median(duel->ratios, n);
        stats_median_interval(
            duel->ratios, n, 0.95, &timing->low, &timing->high);
    }
    if (timing->pairs > 0)
        sum_up_bound(duel);
    timing->speed = timing->cores < timing->team ? SPEED_UNSURE
                                                 : pairs_decide(&duel->pairs);
    if (timing->speed == SPEED_UNSURE)
        timing->why = reason(timing);
}

/* Is another pair wanted, after so many? */
static bool
goes_on(struct duel *duel, int number)
{
    const struct duel_request *request = duel->request;
    bool decided = pairs_decide(&duel->pairs) != SPEED_UNSURE;

    if (decided && duel->timing->decided_s == 0)
        duel->timing->decided_s = seconds_so_far(duel);
    return number == 0 ||
           ((!decided || number < request->least) && number < request->pairs &&
               seconds_so_far(duel) < request->budget_s);
}

static int
fight(struct duel *duel)
{
    const struct duel_request *request = duel->request;
    int result = run_pair(duel, 0, false); /* to warm up */

    for (int number = 1; result == 0 && goes_on(duel, number - 1); number++) {
        result = run_pair(duel, number, true);
        if (result == 0 && request->progress != NULL)
            request->progress(request->lab, duel->timing->pairs);
    }
    if (result == 0)
        sum_up(duel);
    else
        duel->timing->pairs = 0; /* what failed has no time */
    return result < 0 ? -1 : 0;
}

int
duel_run(const struct duel_request *request, struct timing *timing,
    struct result *failure)
{
    size_t most = (size_t)request->pairs;
    struct duel duel = {.request = request,
        .timing = timing,
        .failure = failure,
        .pairs = pairs_new(request->lab->speed.limit_percent / 100.0,
            request->seed ^ 0x6475656c),
        .start = machine_now(),
        .ratios = text_zeroed(most, sizeof(double)),
        .bounds = text_zeroed(most, sizeof(double)),
        .bound_ratios = text_zeroed(most, sizeof(double)),
        .bound_references = text_zeroed(most, sizeof(double)),
        .bounded_by = text_zeroed(most, sizeof(char *))};

    *timing = duel_timing(request->lab);
    timing->seed = request->seed;
    timing->reference = text_zeroed(most, sizeof(double));
    timing->submission = text_zeroed(most, sizeof(double));
    *failure = (struct result){.state = STATE_PASS};
    int result = fight(&duel);
    free(duel.ratios);
    free(duel.bounds);
    free(duel.bound_ratios);
    free(duel.bound_references);
    for (size_t i = 0; i < most; i++)
        free(duel.bounded_by[i]);
    free(duel.bounded_by);
    return result;
}
