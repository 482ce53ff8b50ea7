#ifndef COMPUTE_H
#define COMPUTE_H

#include "par.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Items that compute: rows of a picture, blocks of primes, blocks of
 * draws. The probe hands them to a team. Where it is timed, the judge
 * does the same work by itself, one item after the other: since this is
 * compiled into both, it comes out the same, to the last bit.
 */

/* A part of the plane: the first point of the first row, and the steps
 * from point to point and from row to row. */
struct plane {
    double left, top, across, down;
};

struct picture {
    int width, height;
    struct plane plane;
    unsigned char *grey; /* of each point, row by row */
};

/* Steps until a point of the plane escapes, at most 255. */
static inline unsigned char
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

/* A par_row; `arg` is a struct picture. */
static inline void
picture_row(void *arg, int64_t row)
{
    const struct picture *picture = arg;
    const struct plane *plane = &picture->plane;
    double im = plane->top + (double)row * plane->down;
    unsigned char *grey = &picture->grey[row * picture->width];

    for (int i = 0; i < picture->width; i++)
        grey[i] = escape(plane->left + i * plane->across, im);
}

static inline bool
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

/* A par_block; `arg` is not looked at. */
static inline void
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
static inline uint64_t
draw_number(uint64_t salt, uint64_t stream, uint64_t i)
{
    uint64_t z = (salt + (stream << 32 | i)) * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Another salt: other streams. */
struct points {
    uint64_t salt;
    double weight; /* of each point */
};

/* A par_draw: points are drawn, and those that lie in a quarter of a
 * circle count. `arg` is a struct points. */
static inline double
pi_block(void *arg, uint64_t stream, uint64_t draws)
{
    const struct points *points = arg;
    double inside = 0;

    for (uint64_t i = 0; i < draws; i++) {
        uint64_t z = draw_number(points->salt, stream, i);
        double x = (double)(z >> 32) / 0x1p32;
        double y = (double)(z & 0xffffffff) / 0x1p32;
        inside += x * x + y * y < 1;
    }
    return inside * points->weight;
}

#endif
