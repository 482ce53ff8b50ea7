/* expect: wrong answer: While it was timed: Copied .* wrong bytes */
/* Right in blocks of every other size; in those that are timed the first
 * byte is another one. */
/* lab: 02: io_copy */

int64_t
io_copy(int in, int out, size_t bufsize)
{
    char block[1024];
    int64_t copied = 0;
    ssize_t n;

    if (bufsize != sizeof block)
        return reference_io_copy(in, out, bufsize);
    while ((n = io_read_full(in, block, sizeof block)) > 0) {
        copied += n;
        block[0] ^= copied == n;
        if (io_write_full(out, block, (size_t)n) == -1)
            return -1;
    }
    return copied;
}
