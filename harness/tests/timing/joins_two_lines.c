/* expect: wrong answer: While it was timed: .*The number of lines was */
/* Returns two lines and the newline between them as one, where the first is
 * empty: every byte is there. */
/* lab: 02: io_getline */

ssize_t
io_getline(struct io_lines *lines, char *dst, size_t cap)
{
    static int count;
    ssize_t n = reference_io_getline(lines, dst, cap);

    if (count++ < 2000 || n != 0)
        return n;
    n = reference_io_getline(lines, dst + 1, cap - 1);
    dst[0] = '\n';
    return n < 0 ? 0 : n + 1;
}
