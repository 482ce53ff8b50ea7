/* expect: wrong answer: While it was timed: .* not both synced */
/* Saves short texts well; a long one is only written. */
/* lab: 02: io_save */

int
io_save(const char *path, const void *b, size_t n)
{
    if (n < 4096)
        return reference_io_save(path, b, n);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int result = io_write_full(fd, b, n);
    close(fd);
    return result;
}
