#include "judge/visit.h"
#include "text.h"
#include "warn.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * How many at once? A server with 16 desks, at each of which a call
 * takes 20 ms, and a queue in front of them. 96 calls are made through
 * ever larger windows: how soon are all of them done, and how long does
 * one take?
 *
 * What is printed is a timeline (harness/timeline.h). The times are
 * those of the server's own log.
 */
enum { CALLS = 96, DESKS = 16, EACH_MS = 20, WINDOWS = 7 };

struct sweep {
    int window;
    double total_s;         /* first request to last answer */
    double each_s, queue_s; /* of one call, on average */
    double in_flight;       /* on average, over all of that time */
    double calls_per_second;
};

static struct origin *
new_server(void)
{
    struct origin *origin = origin_new(-1);

    origin_set_desks(origin, DESKS);
    for (int i = 0; i < CALLS; i++) {
        char *path = text_format("/call/%d", i + 1);
        struct origin_page *page = origin_page(origin, path);
        page->delay_ms = EACH_MS;
        page->end = ORIGIN_KEEPS;
        text_addf(&page->answer,
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
        free(path);
    }
    return origin;
}

/* From the server's log: what one call took, and what that means. */
static void
reckon(struct sweep *sweep, const struct origin *origin)
{
    double first_s = 1e9, last_s = 0, sum_s = 0;

    for (size_t i = 0; i < CALLS; i++) {
        const struct origin_page *page = origin_at(origin, i);
        double start_s = (double)page->arrived_ns / 1e9;
        double end_s = (double)page->finished_ns / 1e9;
        sum_s += end_s - start_s;
        first_s = start_s < first_s ? start_s : first_s;
        last_s = end_s > last_s ? end_s : last_s;
    }
    sweep->total_s = last_s - first_s;
    sweep->each_s = sum_s / CALLS;
    sweep->queue_s = sweep->each_s - EACH_MS / 1e3;
    if (sweep->queue_s < 0)
        sweep->queue_s = 0;
    sweep->in_flight = sum_s / sweep->total_s;
    sweep->calls_per_second = CALLS / sweep->total_s;
}

static void
make_calls(struct sweep *sweep, const char *probe)
{
    struct origin *origin = new_server();
    char *window = text_format("%d", sweep->window);
    const char *argv[6 + CALLS] = {probe, "gather", "-q", "-w", window};

    for (int i = 0; i < CALLS; i++)
        argv[5 + i] = visit_url(origin, origin_at(origin, (size_t)i));
    struct visit visit = visit_run(origin, argv);
    if (!visit.outcome.exited || visit.outcome.status != 0)
        die("%s gather failed", probe);
    reckon(sweep, origin);
    for (int i = 0; i < CALLS; i++)
        free((char *)argv[5 + i]);
    free(window);
    origin_free(origin);
}

static void
draw_totals(const struct sweep *sweeps)
{
    printf("chart\tAll %d calls, through a window of W\n", CALLS);
    for (int i = 0; i < WINDOWS; i++) {
        printf("lane\tW = %d\t%4.0f calls a second\n", sweeps[i].window,
            sweeps[i].calls_per_second);
        printf("wait\t0\t%.6f\n", sweeps[i].total_s);
    }
}

/* A call waits in the queue, and is worked on for as long as ever. */
static void
draw_calls(const struct sweep *sweeps)
{
    printf(
        "chart\tOne call of them, on average: in the queue, then at a "
        "desk\n");
    for (int i = 0; i < WINDOWS; i++) {
        const struct sweep *s = &sweeps[i];
        printf("lane\tW = %d\t%3.0f ms\n", s->window, s->each_s * 1e3);
        if (s->queue_s > 0)
            printf("wait\t0\t%.6f\n", s->queue_s);
        printf("work\t%.6f\t%.6f\n", s->queue_s, s->each_s);
    }
}

int
main(int argc, char **argv)
{
    struct sweep sweeps[WINDOWS];

    warn_program("experiment");
    if (argc != 3)
        die("usage: experiment STARTER REFERENCE");
    printf(
        "note\tA server with %d desks, at each of which a call takes "
        "%d ms, and a queue in front of them. With W = 1 it is the "
        "starter that calls, and then the reference.\n",
        DESKS, EACH_MS);
    for (int i = 0; i < WINDOWS; i++) {
        sweeps[i].window = 1 << i;
        make_calls(&sweeps[i], argv[i == 0 ? 1 : 2]);
    }
    draw_totals(sweeps);
    printf("note\tFrom W = %d on there is next to nothing to gain: all "
           "desks are "
           "taken.\n",
        DESKS);
    draw_calls(sweeps);
    const struct sweep *most = &sweeps[WINDOWS - 1];
    printf(
        "note\tCalls in flight = calls a second x seconds a call "
        "(Little). W = %d: %.0f x %.3f = %.1f; W = %d: %.0f x %.3f = "
        "%.1f, and in the end there are no more of them to keep the "
        "window full.\n",
        sweeps[2].window, sweeps[2].calls_per_second, sweeps[2].each_s,
        sweeps[2].in_flight, most->window, most->calls_per_second,
        most->each_s, most->in_flight);
    return 0;
}
