#include "calibrate.h"

#include "duel.h"
#include "stats.h"
#include "text.h"
#include "warn.h"

#include <math.h>
#include <stdlib.h>

enum { BEST_OF = 5, MEAN_OF = 10 };

static const double gate = 1.2; /* of the peers */

/* What the slowed one does, of WORKLOAD_UNITS. */
static const int units[CALIBRATE_FACTORS] = {4, 5, 6, 8};

double
calibrate_factor(int row)
{
    return (double)units[row] / WORKLOAD_UNITS;
}

static double
best(const double *times, int count)
{
    double least = times[0];

    for (int i = 1; i < count; i++)
        least = times[i] < least ? times[i] : least;
    return least;
}

static double
sum(const double *times, int count)
{
    double all = 0;

    for (int i = 0; i < count; i++)
        all += times[i];
    return all;
}

static void
count_trial(struct calibrate_row *row, const struct timing *timing)
{
    int five = timing->pairs < BEST_OF ? timing->pairs : BEST_OF;
    int ten = timing->pairs < MEAN_OF ? timing->pairs : MEAN_OF;

    row->within += timing->speed == SPEED_WITHIN;
    row->unsure += timing->speed == SPEED_UNSURE;
    row->slower += timing->speed == SPEED_SLOWER;
    if (timing->pairs == 0)
        return;
    row->best +=
        best(timing->submission, five) > gate * best(timing->reference, five);
    row->mean +=
        sum(timing->submission, ten) > gate * sum(timing->reference, ten);
}

int
calibrate_run(struct calibrate_row *row, const char *reference,
    const char *dir, uint64_t seed)
{
    double *seconds = text_zeroed((size_t)row->trials, sizeof *seconds);
    int result = 0, i = 0;

    for (; i < row->trials && result == 0; i++) {
        struct timing timing;
        struct result failure;
        struct duel_request request = duel_default(row->lab);
        request.dir = dir;
        request.reference = request.program = reference;
        request.units = (int)lround(row->factor * WORKLOAD_UNITS);
        request.seed = seed + (uint64_t)i * DUEL_MOST_PAIRS;
        request.least = MEAN_OF;
        if (row->pairs > 0)
            request.pairs = row->pairs;
        if (row->budget_s > 0)
            request.budget_s = row->budget_s;
        result = duel_run(&request, &timing, &failure);
        if (result == 0 && failure.state != STATE_PASS) {
            warn("%s", failure.cause);
            result = 1;
        }
        count_trial(row, &timing);
        seconds[i] = timing.decided_s;
        if (row->progress != NULL)
            row->progress(row, i + 1);
        record_timing_free(&timing);
        record_result_free(&failure);
    }
    row->median_s = i > 0 ? stats_median(seconds, (size_t)i) : 0;
    free(seconds);
    return result;
}

void
calibrate_print_head(FILE *out, bool tsv)
{
    if (tsv)
        fputs("lab\tload\tfactor\ttrials\twithin\tunsure\tslower\tmedian_s\t"
              "best5_failed\tmean10_failed\n",
            out);
    else
        fprintf(out,
            "The reference, slowed, beside itself: verdicts; and how\n"
            "often two other ways, with a gate of %.2fx, would have\n"
            "failed it.\n\n"
            "%-20s %6s  %6s %9s %6s %7s  %8s %8s\n"
            "%-20s %6s  %6s %9s %6s %7s  %8s %8s\n",
            gate, "", "slowed", "", "too noisy", "", "median", "best of",
            "mean of", "lab", "by", "within", "to say", "slower", "time", "5",
            "10");
}

void
calibrate_print(FILE *out, const struct calibrate_row *row, int load, bool tsv)
{
    if (tsv)
        fprintf(out, "%s\t%d\t%.2f\t%d\t%d\t%d\t%d\t%.2f\t%d\t%d\n",
            row->lab->stem, load, row->factor, row->trials, row->within,
            row->unsure, row->slower, row->median_s, row->best, row->mean);
    else
        fprintf(out, "%-20s  %.2fx  %6d %9d %6d %5.1f s  %8d %8d\n",
            row->lab->stem, row->factor, row->within, row->unsure, row->slower,
            row->median_s, row->best, row->mean);
    fflush(out);
}
