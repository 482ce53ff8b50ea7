/* expect: wrong answer: While it was timed */
/* Right in every test, and done after 20,000 lines in a timed run. */
/* lab: 02: io_getline */
/* by: check */

ssize_t
io_getline(struct io_lines *lines, char *dst, size_t cap)
{
    static int count;

    return count++ < 20000 ? reference_io_getline(lines, dst, cap) : -1;
}
