#include "clock.h"
#include "judge/visit.h"
#include "text.h"
#include "warn.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The passport office: 32 numbers, and each is served 25 ms after it
 * was drawn. Who waits for one after the other takes 0.8 s; who waits
 * for all at once takes 25 ms, alone. Then the same with 32 forms to
 * fill in, which take 25 ms of work each.
 *
 * What is printed is a timeline (harness/timeline.h). The waits are
 * those that the server saw, in its own log.
 */
enum { NUMBERS = 32, EACH_MS = 25, SLICES = 5, DRAWN = 4 };

static void
draw_number(const struct origin_page *page, int i)
{
    double start_s = (double)page->connected_ns / 1e9;
    double end_s = (double)page->finished_ns / 1e9;

    if (i % DRAWN != 0)
        return;
    printf("lane\tnumber %d\n", i + 1);
    printf("wait\t%.6f\t%.6f\n", start_s, end_s);
}

/* Fetch all pages with a probe and draw its lanes. Returns how long it
 * took, as the server saw it. */
static double
wait_in_queue(const char *probe)
{
    const char *argv[6 + NUMBERS] = {probe, "fetch", "-q", "-w", "32"};
    struct origin *origin = origin_new(-1);
    double first_s = 1e9, last_s = 0;

    for (int i = 0; i < NUMBERS; i++) {
        char *path = text_format("/number/%d", i + 1);
        struct origin_page *page = origin_page(origin, path);
        page->delay_ms = EACH_MS;
        text_addf(&page->answer,
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nnext\n");
        argv[5 + i] = visit_url(origin, page);
        free(path);
    }
    struct visit visit = visit_run(origin, argv);
    if (!visit.outcome.exited || visit.outcome.status != 0)
        die("%s fetch failed", probe);
    for (int i = 0; i < NUMBERS; i++) {
        const struct origin_page *page = origin_at(origin, (size_t)i);
        double start_s = (double)page->connected_ns / 1e9;
        double end_s = (double)page->finished_ns / 1e9;
        draw_number(page, i);
        first_s = start_s < first_s ? start_s : first_s;
        last_s = end_s > last_s ? end_s : last_s;
    }
    printf("note\tthreads: %d, most in flight: %d, total: %.2f s\n",
        visit.most_threads, origin_most_in_flight(origin),
        last_s - first_s);
    for (int i = 0; i < NUMBERS; i++)
        free((char *)argv[5 + i]);
    origin_free(origin);
    return last_s - first_s;
}

/* Work that nobody can do for you: so many steps of a generator. */
static volatile uint64_t sink;

static void
fill_in(long steps)
{
    uint64_t state = sink;

    for (long i = 0; i < steps; i++)
        state = state * UINT64_C(6364136223846793005) + 1;
    sink = state;
}

/* Steps that take EACH_MS / SLICES here, at best. */
static long
calibrate(void)
{
    const long steps = 2000000;
    double best_s = 1e9;

    for (int i = 0; i < 5; i++) {
        double start_s = clock_now_s();
        fill_in(steps);
        double took_s = clock_now_s() - start_s;
        best_s = took_s < best_s ? took_s : best_s;
    }
    return (long)((double)steps * EACH_MS / 1e3 / SLICES / best_s);
}

/* Fill in all forms, `at_once` slices of one before the next one's
 * turn. Returns how long it took. */
static double
fill_in_forms(long steps, int at_once)
{
    static double slices[NUMBERS][SLICES][2];
    double zero_s = clock_now_s();

    for (int done = 0; done < SLICES; done += at_once) {
        for (int i = 0; i < NUMBERS; i++) {
            for (int k = done; k < done + at_once; k++) {
                slices[i][k][0] = clock_now_s() - zero_s;
                fill_in(steps);
                slices[i][k][1] = clock_now_s() - zero_s;
            }
        }
    }
    double total_s = clock_now_s() - zero_s;
    for (int i = 0; i < NUMBERS; i += DRAWN) {
        printf("lane\tform %d\n", i + 1);
        for (int k = 0; k < SLICES; k++) {
            printf(
                "work\t%.6f\t%.6f\n", slices[i][k][0], slices[i][k][1]);
            if (k + 1 < SLICES && at_once < SLICES)
                printf("wait\t%.6f\t%.6f\n", slices[i][k][1],
                    slices[i][k + 1][0]);
        }
    }
    printf("note\tthreads: 1, total: %.2f s\n", total_s);
    return total_s;
}

int
main(int argc, char **argv)
{
    warn_program("experiment");
    if (argc != 3)
        die("usage: experiment STARTER REFERENCE");
    printf("note\tThe passport office: %d numbers, and each is served "
           "%d ms after it was drawn. Every fourth is shown.\n",
        NUMBERS, EACH_MS);
    printf("chart\tOne number after the other (the starter)\n");
    double serial_s = wait_in_queue(argv[1]);
    printf("chart\tAll numbers at once (the reference)\n");
    double select_s = wait_in_queue(argv[2]);
    printf("note\t%.2f s beside %.2f s: who waits for all at once "
           "waits for the longest, not for the sum.\n",
        select_s, serial_s);

    long steps = calibrate();
    printf("chart\t%d forms of %d ms of work, one after the other\n",
        NUMBERS, EACH_MS);
    serial_s = fill_in_forms(steps, SLICES);
    printf("chart\tThe same, a fifth of each in turn\n");
    double turns_s = fill_in_forms(steps, 1);
    printf("note\t%.2f s beside %.2f s: work that one person does in "
           "turns is not done any sooner.\n",
        turns_s, serial_s);
    return 0;
}
