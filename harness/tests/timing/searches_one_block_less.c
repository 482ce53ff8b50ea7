/* expect: wrong answer: While it was timed: .*The count of all primes is */
/* Does not search the last block, whose primes are but a few of many. */
/* lab: 10: par_primes */

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    return reference_par_primes(
        from, to - PAR_BLOCK, block, arg, threads, all);
}
