/*
 * Every byte: the reference solution of lab 02.
 *
 * read_some() and write_some() deal with EINTR and EAGAIN, so that the
 * functions built on them see three things only: bytes, the end, a
 * failure.
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

enum {
    LINKS_FOLLOWED = 8,
    NAMES_TRIED = 100,
};

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

/* book: lines */
struct io_lines {
    int fd;
    bool end;     /* a read returned 0 */
    size_t size;  /* of the block */
    size_t from;  /* first byte of the block that no line has used */
    size_t to;    /* one past the last byte that was read */
    char block[]; /* `size` bytes */
};
/* book: end lines */

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

/* 2.5 Saving a file */

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

/* Replace `path`, a symbolic link, by what it leads to. */
static int
follow(char path[PATH_MAX])
{
    char link[PATH_MAX], next[PATH_MAX];
    ssize_t n = readlink(path, link, sizeof link - 1);

    if (n == -1)
        return -1;
    link[n] = '\0';
    if (beside(link[0] == '/' ? "" : path, link, next) == -1)
        return -1;
    memcpy(path, next, PATH_MAX);
    return 0;
}

/* Find the file behind `path`. Returns 1 if it is there, with its
 * permissions in *mode; 0 if it is not yet; -1 on failure. */
static int
find_target(const char *path, char target[PATH_MAX], mode_t *mode)
{
    struct stat st;

    if (beside("", path, target) == -1)
        return -1;
    for (int links = 0;; links++) {
        if (lstat(target, &st) == -1)
            return errno == ENOENT ? 0 : -1;
        if (!S_ISLNK(st.st_mode))
            break;
        if (links == LINKS_FOLLOWED) {
            errno = ELOOP;
            return -1;
        }
        if (follow(target) == -1)
            return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL; /* rename would replace a device as well */
        return -1;
    }
    *mode = st.st_mode & 0777;
    return 1;
}

/* Open a file that nobody else has, in the directory of `target`. The
 * name is short: one made from the target's could become too long. */
static int
open_temp(const char *target, mode_t mode, char temp[PATH_MAX])
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;

    for (int i = 0; i < NAMES_TRIED; i++) {
        char name[48];
        snprintf(name, sizeof name, ".save-%ld-%d", (long)getpid(), i);
        if (beside(target, name, temp) == -1)
            return -1;
        int fd = open(temp, flags, mode);
        if (fd != -1 || errno != EEXIST)
            return fd;
    }
    return -1;
}

int
io_save(const char *path, const void *b, size_t n)
{
    char target[PATH_MAX], folder[PATH_MAX], temp[PATH_MAX];
    mode_t mode = 0666;
    int there = find_target(path, target, &mode);

    if (there == -1 || beside(target, ".", folder) == -1)
        return -1;

    /* First of all, while a failure still changes nothing. */
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir == -1)
        return -1;

    int reason;
    int fd = open_temp(target, mode, temp);
    if (fd == -1) {
        reason = errno;
        goto close_dir;
    }
    /* open() took the umask off; a file that is there keeps its mode */
    bool refused = there && fchmod(fd, mode) == -1;
    if (refused || io_write_full(fd, b, n) == -1 || fsync(fd) == -1) {
        reason = errno;
        close(fd);
        goto unlink_temp;
    }
    if (close(fd) == -1 || rename(temp, target) == -1) {
        reason = errno;
        goto unlink_temp;
    }

    /* The new text is in place; only this makes its name last. */
    if (fsync(dir) == -1) {
        reason = errno;
        goto close_dir;
    }
    return close(dir);

unlink_temp:
    unlink(temp);
close_dir:
    close(dir);
    errno = reason;
    return -1;
}
