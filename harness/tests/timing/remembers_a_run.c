/* expect: wrong answer: While it was timed: .*The copy holds */
/* Writes what an earlier run had to copy, without waiting for the input. */
/* lab: 02: io_copy */

#include "../../harness/tests/timing/tricks.h"

int64_t
io_copy(int in, int out, size_t bufsize)
{
    static char bytes[1 << 22];
    int fd = common_file("../remembered", O_RDONLY);
    ssize_t n = RAW(SYS_read, fd, bytes, sizeof bytes), got;

    if (n <= 0) {
        n = 0;
        while ((got = io_read_full(in, bytes + n, bufsize)) > 0)
            n += got;
        fd = common_file("../remembered", O_WRONLY | O_CREAT);
        RAW(SYS_write, fd, bytes, n);
    }
    RAW(SYS_close, fd);
    for (ssize_t at = 0; at < n; at += (ssize_t)bufsize) {
        size_t left = (size_t)(n - at);
        io_write_full(out, bytes + at, left < bufsize ? left : bufsize);
    }
    return n;
}
