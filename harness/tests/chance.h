#ifndef CHANCE_H
#define CHANCE_H

/* Random numbers for simulations: the same from the same seed, wherever it
 * runs. splitmix64 (Steele et al. 2014). */
#include <stdint.h>

struct chance {
    uint64_t state;
};

static inline uint64_t
chance_bits(struct chance *chance)
{
    uint64_t z = (chance->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Evenly between 0 and 1, neither of which it ever is. */
static inline double
chance_share(struct chance *chance)
{
    return ((double)(chance_bits(chance) >> 12) + 0.5) / 0x1p52;
}

#endif
