/* expect: wrong answer: While it was timed: .*read() was called .* it takes */
/* Holds more than it may, in the copies that are timed. */
/* lab: 02: io_copy */

int64_t
io_copy(int in, int out, size_t bufsize)
{
    return reference_io_copy(in, out, bufsize == 1024 ? 65536 : bufsize);
}
