#include "par.h"
#include "probe/items.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Items that compute ----------------------------------------------- */

struct picture {
    int width, height;
    unsigned char *grey;
};

/* Steps until a point of the plane escapes, at most 255. */
static unsigned char
escape(double re, double im)
{
    double x = 0, y = 0;
    unsigned char steps = 0;

    while (steps < 255 && x * x + y * y < 4) {
        double next = x * x - y * y + re;
        y = 2 * x * y + im;
        x = next;
        steps++;
    }
    return steps;
}

/* From -1.6 to 1.6 from below to above: the costly rows lie in the
 * middle. */
static void
mandel_row(void *arg, int64_t row)
{
    struct picture *picture = arg;
    double step = 3.2 / picture->height;
    double im = 1.6 - (double)row * step;

    for (int i = 0; i < picture->width; i++)
        picture->grey[row * picture->width + i] =
            escape(-0.7 + (i - picture->width / 2) * step, im);
}

static bool
is_prime(uint64_t n)
{
    if (n < 4)
        return n > 1;
    if (n % 2 == 0)
        return false;
    for (uint64_t k = 3; k <= n / k; k += 2) {
        if (n % k == 0)
            return false;
    }
    return true;
}

static void
prime_block(
    void *arg, uint64_t from, uint64_t to, struct par_found *found)
{
    (void)arg;
    *found = (struct par_found){0, 0, 0, 0};
    for (uint64_t n = from; n < to; n++) {
        if (!is_prime(n))
            continue;
        if (found->count++ == 0)
            found->first = n;
        else if (n - found->last > found->gap)
            found->gap = n - found->last;
        found->last = n;
    }
}

/* Draw number `i` of a stream: nothing to remember from one draw to the
 * next (the finisher of splitmix64, Steele et al. 2014). */
static uint64_t
draw(uint64_t stream, uint64_t i)
{
    uint64_t z = (stream << 32 | i) * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* How many of the points drawn lie in a quarter of a circle. */
static double
pi_block(void *arg, uint64_t stream, uint64_t draws)
{
    double inside = 0;

    (void)arg;
    for (uint64_t i = 0; i < draws; i++) {
        uint64_t z = draw(stream, i);
        double x = (double)(z >> 32) / 0x1p32;
        double y = (double)(z & 0xffffffff) / 0x1p32;
        inside += x * x + y * y < 1;
    }
    return inside;
}

/* Work to be timed: a picture, primes, and draws. */
static void
call_work(struct call *call)
{
    struct picture picture = {.width = 200, .height = 200};
    int threads = (int)call_int(call);
    struct par_found found;
    double sum;
    size_t bytes = (size_t)picture.width * (size_t)picture.height;

    picture.grey = call_buffer(call, bytes);
    int failed =
        par_rows(picture.height, mandel_row, &picture, threads) |
        par_primes(100000000, 100000000 + 8 * PAR_BLOCK, prime_block,
            NULL, threads, &found) |
        par_draws(32 * PAR_DRAWS, pi_block, NULL, threads, &sum);
    call_return(call, failed);
    call_return(call, (int64_t)found.count);
    call_return(call, (int64_t)sum);
    call_return(call, picture.grey[bytes / 2 + 60]);
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

static int
run_mandel(int argc, char **argv)
{
    struct picture picture = {.width = (int)number(argc, argv, 1, 600),
        .height = (int)number(argc, argv, 2, 600)};
    int threads = (int)number(argc, argv, 3, 2);
    size_t bytes = (size_t)picture.width * (size_t)picture.height;

    picture.grey = malloc(bytes);
    if (picture.grey == NULL ||
        par_rows(picture.height, mandel_row, &picture, threads) == -1)
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
    int threads = (int)number(argc, argv, 2, 2);
    double sum;

    if (par_draws(draws, pi_block, NULL, threads, &sum) == -1)
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
