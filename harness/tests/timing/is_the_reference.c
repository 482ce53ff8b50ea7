/* expect: not slower */
/* No trick at all: the reference, behind a function of its own. */
/* lab: 02: io_copy */

int64_t
io_copy(int in, int out, size_t bufsize)
{
    return reference_io_copy(in, out, bufsize);
}
