/*
 * Every byte, as it may look once 2.1 to 2.2 are solved. The rest is
 * the starter.
 */

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sleep until fd is ready for `events`, or has an error to report. */
static int
wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    while (poll(&p, 1, -1) == -1) {
        if (errno != EINTR)
            return -1;
    }
    return 0;
}

/* Returns 1 if the call that set errno may be made again, else 0. */
static int
try_again(int fd, short events)
{
    if (errno == EINTR)
        return 1;
    return errno == EAGAIN && wait_for(fd, events) == 0;
}

/* One read that went through: up to n bytes, 0 at the end, or -1. */
static ssize_t
read_some(int fd, void *b, size_t n)
{
    ssize_t got;

    do
        got = read(fd, b, n);
    while (got == -1 && try_again(fd, POLLIN));
    return got;
}

static ssize_t
write_some(int fd, const void *b, size_t n)
{
    ssize_t put;

    do
        put = write(fd, b, n);
    while (put == -1 && try_again(fd, POLLOUT));
    return put;
}

/* 2.1 Reading until you have it all */

ssize_t
io_read_full(int fd, void *b, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = read_some(fd, (char *)b + done, n - done);
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* 2.2 Writing until it is all gone */

int
io_write_full(int fd, const void *b, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t put = write_some(fd, (const char *)b + done, n - done);
        if (put == -1)
            return -1;
        done += (size_t)put;
    }
    return 0;
}

/* TODO 2.3 Copying
 * Repeat until the end. bufsize = 0 is EINVAL; and who frees the buffer
 * when a read or a write fails? */
int64_t
io_copy(int in, int out, size_t bufsize)
{
    char *block = malloc(bufsize);

    if (block == NULL)
        return -1;
    ssize_t got = read(in, block, bufsize);
    if (got > 0 && write(out, block, (size_t)got) == -1)
        got = -1;
    free(block);
    return got;
}

struct io_lines {
    int fd;
    size_t size;  /* of the block */
    size_t from;  /* first byte of the block that no line has used */
    size_t to;    /* one past the last byte that was read */
    char block[]; /* needs `size` bytes after the struct */
};

/* TODO 2.4 Lines
 * A block is a piece of the text, cut anywhere: its last line may go on
 * in the next block, and may be longer than a block. Read again when
 * the block is used up; bufsize = 0 is EINVAL. */
struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    struct io_lines *lines = malloc(sizeof *lines + bufsize);

    if (lines == NULL)
        return NULL;
    lines->fd = fd;
    lines->size = bufsize;
    lines->from = 0;
    lines->to = 0;
    return lines;
}

ssize_t
io_getline(struct io_lines *lines, char *dst, size_t cap)
{
    if (lines->to == 0) {
        ssize_t got = read(lines->fd, lines->block, lines->size);
        if (got == -1)
            return -2;
        lines->to = (size_t)got;
    }
    if (lines->from == lines->to)
        return -1;

    char *start = lines->block + lines->from;
    char *newline = memchr(start, '\n', lines->to - lines->from);
    if (newline == NULL)
        newline = lines->block + lines->to;
    size_t length = (size_t)(newline - start);
    lines->from += length;
    if (lines->from < lines->to)
        lines->from++;
    if (length > cap)
        return -3;
    memcpy(dst, start, length);
    return (ssize_t)length;
}

void
io_lines_free(struct io_lines *lines)
{
    free(lines);
}

/* TODO 2.5 Saving a file
 * O_TRUNC throws the old text away before the new one is safe. Write a
 * new file beside it, sync it, rename it, sync the directory. */
int
io_save(const char *path, const void *b, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (fd == -1)
        return -1;
    if (write(fd, b, n) == -1) {
        close(fd);
        return -1;
    }
    return close(fd);
}
