/*
 * Every byte, as it may look once 2.1 to 2.4 are solved, and 2.5 for a
 * plain file on a fine day.
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

/* 2.3 Copying */

int64_t
io_copy(int in, int out, size_t bufsize)
{
    if (bufsize == 0) {
        errno = EINVAL;
        return -1;
    }
    char *block = malloc(bufsize);
    if (block == NULL)
        return -1;

    int64_t copied = 0;
    ssize_t got;
    while ((got = read_some(in, block, bufsize)) > 0) {
        if (io_write_full(out, block, (size_t)got) == -1) {
            got = -1;
            break;
        }
        copied += got;
    }
    free(block); /* keeps errno, here and in POSIX from 2024 */
    return got == -1 ? -1 : copied;
}

/* 2.4 Lines */

struct io_lines {
    int fd;
    bool end;     /* a read returned 0 */
    size_t size;  /* of the block */
    size_t from;  /* first byte of the block that no line has used */
    size_t to;    /* one past the last byte that was read */
    char block[]; /* `size` bytes */
};

struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    if (bufsize == 0) {
        errno = EINVAL;
        return NULL;
    }
    struct io_lines *lines = malloc(sizeof *lines + bufsize);
    if (lines == NULL)
        return NULL;
    *lines = (struct io_lines){.fd = fd, .size = bufsize};
    return lines;
}

void
io_lines_free(struct io_lines *lines)
{
    free(lines);
}

/* Read the next block, once the last is used up. Returns what read()
 * does; a terminal can be read on after its end, a reader cannot. */
static ssize_t
next_block(struct io_lines *lines)
{
    if (lines->end)
        return 0;
    ssize_t got = read_some(lines->fd, lines->block, lines->size);
    if (got == -1)
        return -1;
    lines->end = got == 0;
    lines->from = 0;
    lines->to = (size_t)got;
    return got;
}

ssize_t
io_getline(struct io_lines *lines, char *dst, size_t cap)
{
    size_t length = 0; /* of the line so far */
    bool too_long = false;

    for (;;) {
        if (lines->from == lines->to) {
            ssize_t got = next_block(lines);
            if (got == -1)
                return -2;
            if (got == 0 && length == 0 && !too_long)
                return -1;
            if (got == 0)
                break; /* the last line, without a newline */
        }

        const char *start = lines->block + lines->from;
        size_t left = lines->to - lines->from;
        const char *newline = memchr(start, '\n', left);
        size_t piece = newline ? (size_t)(newline - start) : left;
        if (piece > cap - length)
            too_long = true; /* and stays so, to the newline */
        if (!too_long) {
            memcpy(dst + length, start, piece);
            length += piece;
        }
        lines->from += piece;
        if (newline) {
            lines->from++;
            break;
        }
    }
    return too_long ? -3 : (ssize_t)length;
}

/* 2.5 Saving a file: the five steps, for a plain file. No mode, no
 * link, and no tidying up after a failure yet. */

/* Put the path of `name` in the directory of `path` into `out`. */
static int
beside(const char *path, const char *name, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int keep = slash ? (int)(slash - path) + 1 : 0;
    int n = snprintf(out, PATH_MAX, "%.*s%s", keep, path, name);

    if (n < 0 || n >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int
io_save(const char *path, const void *b, size_t n)
{
    char temp[PATH_MAX], folder[PATH_MAX];

    if (beside(path, ".save", temp) == -1 ||
        beside(path, ".", folder) == -1)
        return -1;
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd == -1)
        return -1;
    if (io_write_full(fd, b, n) == -1 || fsync(fd) == -1) {
        close(fd);
        return -1;
    }
    if (close(fd) == -1 || rename(temp, path) == -1)
        return -1;
    int dir = open(folder, O_RDONLY);
    if (dir == -1)
        return -1;
    if (fsync(dir) == -1) {
        close(dir);
        return -1;
    }
    return close(dir);
}
