/* expect: wrong answer: While it was timed: Saved .* The file should have */
/* Saves short texts well; of a long one not the last byte. */
/* lab: 02: io_save */

int
io_save(const char *path, const void *b, size_t n)
{
    return reference_io_save(path, b, n < 4096 ? n : n - 1);
}
