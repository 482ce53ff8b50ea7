#include "compute.h"
#include "par.h"
#include "probe/items.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Items that the judge hands in ------------------------------------ */

struct work {
    struct items *items;
    uint64_t *pixels;
    uint64_t from;
};

static void
item_row(void *arg, int64_t row)
{
    struct work *work = arg;
    const uint64_t *values =
        items_do(work->items, (uint64_t)row, (uint64_t)row, 0);

    if (values != NULL)
        work->pixels[row] = values[0];
}

static void
item_block(
    void *arg, uint64_t from, uint64_t to, struct par_found *found)
{
    struct work *work = arg;
    uint64_t number = (from - work->from) / PAR_BLOCK;
    const uint64_t *values = items_enter(work->items, number, from, to);

    if (values == NULL)
        return;
    struct par_found mine = {
        values[0], values[1], values[2], values[3]};
    *found = mine;
    items_wait(work->items, number);
    items_leave(
        work->items, number, memcmp(found, &mine, sizeof mine) == 0);
}

static double
item_draw(void *arg, uint64_t stream, uint64_t draws)
{
    struct work *work = arg;
    const uint64_t *values =
        items_do(work->items, stream, stream, draws);
    double sum = 0;

    if (values != NULL)
        memcpy(&sum, values, sizeof sum);
    return sum;
}

static void
call_rows(struct call *call)
{
    struct work work = {.items = items_take(call)};
    int64_t rows = call_int(call);
    int threads = (int)call_int(call);
    size_t bytes = rows > 0 ? (size_t)rows * sizeof *work.pixels : 0;

    work.pixels = call_buffer(call, bytes);
    call_return(call, par_rows(rows, item_row, &work, threads));
    call_return_bytes(call, work.pixels, bytes);
    items_release(work.items);
}

static void
call_primes(struct call *call)
{
    struct work work = {.items = items_take(call)};
    struct par_found *all = call_buffer(call, sizeof *all);

    work.from = (uint64_t)call_int(call);
    uint64_t to = (uint64_t)call_int(call);
    int threads = (int)call_int(call);
    call_return(call,
        par_primes(work.from, to, item_block, &work, threads, all));
    call_return_bytes(call, all, sizeof *all);
    items_release(work.items);
}

static void
call_draws(struct call *call)
{
    struct work work = {.items = items_take(call)};
    double *sum = call_buffer(call, sizeof *sum);
    uint64_t draws = (uint64_t)call_int(call);
    int threads = (int)call_int(call);

    call_return(call, par_draws(draws, item_draw, &work, threads, sum));
    call_return_bytes(call, sum, sizeof *sum);
    items_release(work.items);
}

/* Work to be timed ------------------------------------------------- */

/* An item's argument, and what the items of a call took: each of its
 * own thread's processor time, since others may be at work in between.
 * It says what no team can be faster than (judge.c); it is shown, and
 * nobody is judged by it. */
struct timed {
    void *arg;
    _Atomic int64_t all_ns, longest_ns;
};

static int64_t
own_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void
took(struct timed *timed, int64_t ns)
{
    int64_t longest = timed->longest_ns;

    timed->all_ns += ns;
    while (ns > longest && !atomic_compare_exchange_weak(
                               &timed->longest_ns, &longest, ns))
        ;
}

static void
timed_row(void *arg, int64_t row)
{
    struct timed *timed = arg;
    int64_t start_ns = own_ns();

    picture_row(timed->arg, row);
    took(timed, own_ns() - start_ns);
}

static void
timed_block(
    void *arg, uint64_t from, uint64_t to, struct par_found *found)
{
    int64_t start_ns = own_ns();

    prime_block(NULL, from, to, found);
    took(arg, own_ns() - start_ns);
}

static double
timed_draw(void *arg, uint64_t stream, uint64_t draws)
{
    struct timed *timed = arg;
    int64_t start_ns = own_ns();
    double sum = pi_block(timed->arg, stream, draws);

    took(timed, own_ns() - start_ns);
    return sum;
}

static void
return_timed(struct call *call, const struct timed *timed,
    const void *result, size_t length)
{
    call_return_bytes(call, result, length);
    call_return(call, timed->all_ns);
    call_return(call, timed->longest_ns);
}

static void
work_on_picture(struct call *call, int threads)
{
    struct picture picture;
    struct timed timed = {.arg = &picture};
    size_t length;

    picture.width = (int)call_int(call);
    picture.height = (int)call_int(call);
    memcpy(&picture.plane, call_bytes(call, &length),
        sizeof picture.plane);
    size_t bytes = (size_t)picture.width * (size_t)picture.height;
    picture.grey = call_buffer(call, bytes);
    call_return(
        call, par_rows(picture.height, timed_row, &timed, threads));
    return_timed(call, &timed, picture.grey, bytes);
}

static void
work_on_primes(struct call *call, int threads)
{
    struct timed timed = {.arg = NULL};
    struct par_found *all = call_buffer(call, sizeof *all);
    uint64_t from = (uint64_t)call_int(call);
    uint64_t to = (uint64_t)call_int(call);

    call_return(
        call, par_primes(from, to, timed_block, &timed, threads, all));
    return_timed(call, &timed, all, sizeof *all);
}

static void
work_on_draws(struct call *call, int threads)
{
    double *sum = call_buffer(call, sizeof *sum);
    uint64_t draws = (uint64_t)call_int(call);
    struct points points;
    struct timed timed = {.arg = &points};
    size_t length;

    memcpy(&points, call_bytes(call, &length), sizeof points);
    call_return(
        call, par_draws(draws, timed_draw, &timed, threads, sum));
    return_timed(call, &timed, sum, sizeof *sum);
}

/* A picture, primes and draws, by one team after the other. */
static void
call_work(struct call *call)
{
    int threads = (int)call_int(call);

    work_on_picture(call, threads);
    work_on_primes(call, threads);
    work_on_draws(call, threads);
}

/* Commands for people ---------------------------------------------- */

/* Argument `i`, or `otherwise` when there is none. */
static uint64_t
number(int argc, char **argv, int i, uint64_t otherwise)
{
    return i < argc ? strtoull(argv[i], NULL, 10) : otherwise;
}

static int
fail(const char *what)
{
    perror(what);
    return 1;
}

/* From -1.6 to 1.6 from below to above: the costly rows lie in the
 * middle. */
static int
run_mandel(int argc, char **argv)
{
    struct picture picture = {.width = (int)number(argc, argv, 1, 600),
        .height = (int)number(argc, argv, 2, 600)};
    int threads = (int)number(argc, argv, 3, 2);
    size_t bytes = (size_t)picture.width * (size_t)picture.height;
    double step = 3.2 / picture.height;

    picture.plane = (struct plane){
        -0.7 - picture.width / 2 * step, 1.6, step, -step};
    picture.grey = malloc(bytes);
    if (picture.grey == NULL ||
        par_rows(picture.height, picture_row, &picture, threads) == -1)
        return fail(argv[0]);
    printf("P5 %d %d 255\n", picture.width, picture.height);
    fwrite(picture.grey, 1, bytes, stdout);
    free(picture.grey);
    return 0;
}

static int
run_primes(int argc, char **argv)
{
    uint64_t from = number(argc, argv, 1, 0);
    uint64_t to = number(argc, argv, 2, from);
    int threads = (int)number(argc, argv, 3, 2);
    struct par_found all;

    if (par_primes(from, to, prime_block, NULL, threads, &all) == -1)
        return fail(argv[0]);
    printf("%" PRIu64 " primes, %" PRIu64 " to %" PRIu64
           ", largest gap %" PRIu64 "\n",
        all.count, all.first, all.last, all.gap);
    return 0;
}

static int
run_pi(int argc, char **argv)
{
    uint64_t draws = number(argc, argv, 1, 1000000);
    struct points points = {0, 1};
    int threads = (int)number(argc, argv, 2, 2);
    double sum;

    if (par_draws(draws, pi_block, &points, threads, &sum) == -1)
        return fail(argv[0]);
    printf("%.10f\n", 4 * sum / (double)draws);
    return 0;
}

static const struct probe_entry table[] = {
    {"par_rows", call_rows, NULL, NULL},
    {"par_primes", call_primes, NULL, NULL},
    {"par_draws", call_draws, NULL, NULL},
    {"work", call_work, NULL, NULL},
    {"mandel", NULL, "WIDTH HEIGHT [THREADS] > PICTURE.pgm",
        run_mandel},
    {"primes", NULL, "FROM TO [THREADS]", run_primes},
    {"pi", NULL, "DRAWS [THREADS]", run_pi},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
