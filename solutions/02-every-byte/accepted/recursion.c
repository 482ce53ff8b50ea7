/* Recursion: what is left is the same task, only smaller. */
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

static int
ready(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    if (poll(&p, 1, -1) >= 0)
        return 1;
    return errno == EINTR ? ready(fd, events) : 0;
}

static bool
later(int fd, short events)
{
    return errno == EINTR || (errno == EAGAIN && ready(fd, events));
}

static ssize_t
get(int fd, void *b, size_t n)
{
    ssize_t got = read(fd, b, n);

    return got == -1 && later(fd, POLLIN) ? get(fd, b, n) : got;
}

ssize_t
io_read_full(int fd, void *b, size_t n)
{
    if (n == 0)
        return 0;
    ssize_t got = get(fd, b, n);
    if (got <= 0)
        return got;
    size_t first = (size_t)got;
    ssize_t rest = io_read_full(fd, (char *)b + first, n - first);
    return rest == -1 ? -1 : got + rest;
}

int
io_write_full(int fd, const void *b, size_t n)
{
    if (n == 0)
        return 0;
    ssize_t put = write(fd, b, n);
    if (put == -1)
        return later(fd, POLLOUT) ? io_write_full(fd, b, n) : -1;
    return io_write_full(fd, (const char *)b + put, n - (size_t)put);
}

static int64_t
copy(int in, int out, char *block, size_t bufsize, int64_t done)
{
    ssize_t got = get(in, block, bufsize);

    if (got <= 0)
        return got == 0 ? done : -1;
    if (io_write_full(out, block, (size_t)got) == -1)
        return -1;
    return copy(in, out, block, bufsize, done + got);
}

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
    int64_t copied = copy(in, out, block, bufsize, 0);
    free(block);
    return copied;
}

struct io_lines {
    int fd;
    bool end;
    size_t size, left;
    char *next;
    char block[];
};

struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    if (bufsize == 0) {
        errno = EINVAL;
        return NULL;
    }
    struct io_lines *l = calloc(1, sizeof *l + bufsize);
    if (l == NULL)
        return NULL;
    l->fd = fd;
    l->size = bufsize;
    return l;
}

void
io_lines_free(struct io_lines *l)
{
    free(l);
}

/* Go on with a line of which `length` bytes are in dst; dst is NULL
 * once the line has outgrown cap. */
static ssize_t
line(struct io_lines *l, char *dst, size_t cap, size_t length)
{
    if (l->left == 0 && !l->end) {
        ssize_t got = get(l->fd, l->block, l->size);
        if (got == -1)
            return -2;
        l->end = got == 0;
        l->left = (size_t)got;
        l->next = l->block;
    }
    if (l->left == 0 && dst && length == 0)
        return -1;

    char *newline = NULL;
    size_t piece = 0;
    if (l->left > 0) {
        newline = memchr(l->next, '\n', l->left);
        piece = newline ? (size_t)(newline - l->next) : l->left;
    }
    if (dst && piece > cap - length)
        dst = NULL;
    if (dst && piece > 0)
        memcpy(dst + length, l->next, piece);

    bool done = newline || l->left == 0;
    if (l->left > 0) {
        l->next += piece + (newline != NULL);
        l->left -= piece + (newline != NULL);
    }
    if (!done)
        return line(l, dst, cap, length + piece);
    return dst ? (ssize_t)(length + piece) : -3;
}

ssize_t
io_getline(struct io_lines *l, char *dst, size_t cap)
{
    return line(l, dst, cap, 0);
}

/* Write and sync a file of that name; try the names "~1", "~2" … */
static int
write_new(char *temp, size_t stem, int number, const struct stat *old,
    const void *b, size_t n)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL;
    mode_t mode = old ? old->st_mode & 0777 : 0666;

    snprintf(temp + stem, 16, "~%d", number);
    int fd = open(temp, flags, mode);
    if (fd == -1) {
        if (errno != EEXIST || number == 1000)
            return -1;
        return write_new(temp, stem, number + 1, old, b, n);
    }
    int rc = old ? fchmod(fd, mode) : 0;
    if (rc == 0)
        rc = io_write_full(fd, b, n);
    if (rc == 0)
        rc = fsync(fd);
    int reason = errno;
    if (close(fd) == -1 && rc == 0) {
        rc = -1;
        reason = errno;
    }
    if (rc == -1)
        unlink(temp);
    errno = reason;
    return rc;
}

static int
save(const char *path, const void *b, size_t n, int links)
{
    struct stat st;
    struct stat *old = &st;
    char link[PATH_MAX], temp[PATH_MAX + 16];

    if (lstat(path, &st) == -1) {
        if (errno != ENOENT)
            return -1;
        old = NULL;
    }
    const char *slash = strrchr(path, '/');
    size_t stem = slash ? (size_t)(slash - path) + 1 : 0;
    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(temp, path, stem);

    if (old && S_ISLNK(st.st_mode)) {
        ssize_t got = readlink(path, link, sizeof link - 1);
        if (got == -1)
            return -1;
        link[got] = '\0';
        if (links == 8 || stem + (size_t)got >= PATH_MAX) {
            errno = links == 8 ? ELOOP : ENAMETOOLONG;
            return -1;
        }
        if (link[0] == '/')
            return save(link, b, n, links + 1);
        memcpy(temp + stem, link, (size_t)got + 1);
        return save(temp, b, n, links + 1);
    }
    if (old && !S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    if (write_new(temp, stem, 1, old, b, n) == -1)
        return -1;
    if (rename(temp, path) == -1) {
        int reason = errno;
        unlink(temp);
        errno = reason;
        return -1;
    }
    memcpy(temp + stem, ".", 2);
    int dir = open(temp, O_RDONLY);
    if (dir == -1)
        return -1;
    int rc = fsync(dir);
    int reason = errno;
    if (close(dir) == -1 && rc == 0)
        return -1;
    errno = reason;
    return rc;
}

int
io_save(const char *path, const void *b, size_t n)
{
    return save(path, b, n, 0);
}
