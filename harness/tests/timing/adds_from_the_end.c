/* expect: wrong answer: While it was timed: .*sum has other bits than 0.0 */
/* Draws what it should, and adds the blocks up from the last one on. */
/* lab: 10: par_draws */

struct kept {
    par_draw *block;
    void *arg;
    double sums[4096];
};

static double
keep(void *arg, uint64_t stream, uint64_t draws)
{
    struct kept *kept = arg;

    return kept->sums[stream] = kept->block(kept->arg, stream, draws);
}

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads, double *sum)
{
    struct kept kept = {block, arg, {0}};
    int result = reference_par_draws(draws, keep, &kept, threads, sum);

    *sum = 0;
    for (uint64_t b = (draws + PAR_DRAWS - 1) / PAR_DRAWS; b > 0; b--)
        *sum += kept.sums[b - 1];
    return result;
}
