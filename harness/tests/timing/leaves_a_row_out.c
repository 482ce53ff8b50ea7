/* expect: wrong answer: While it was timed: .*Row 63 of the picture is not */
/* Draws every picture but for its last row. */
/* lab: 10: par_rows */

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    return reference_par_rows(rows - 1, row, arg, threads);
}
