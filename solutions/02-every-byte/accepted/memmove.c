/* Lines gather in a buffer that grows; memmove brings the rest to its
 * front. Saving is a ladder of functions, each owning one thing. */

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

/* Call it when a read or write returned -1: true means "once more". */
static bool
once_more(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    switch (errno) {
    case EINTR:
        return true;
    case EAGAIN:
        while (poll(&p, 1, -1) < 1) {
            if (errno != EINTR)
                return false;
        }
        return true;
    default:
        return false;
    }
}

ssize_t
io_read_full(int fd, void *b, size_t n)
{
    size_t left = n;

    while (left > 0) {
        ssize_t got = read(fd, (char *)b + (n - left), left);
        if (got == 0)
            break;
        if (got > 0)
            left -= (size_t)got;
        else if (!once_more(fd, POLLIN))
            return -1;
    }
    return (ssize_t)(n - left);
}

int
io_write_full(int fd, const void *b, size_t n)
{
    const char *p = b;

    for (size_t left = n; left > 0;) {
        ssize_t put = write(fd, p, left);
        if (put == -1) {
            if (!once_more(fd, POLLOUT))
                return -1;
            continue;
        }
        p += put;
        left -= (size_t)put;
    }
    return 0;
}

int64_t
io_copy(int in, int out, size_t bufsize)
{
    char *block;
    int64_t copied = 0;

    if (bufsize == 0)
        return errno = EINVAL, -1;
    if ((block = malloc(bufsize)) == NULL)
        return -1;
    for (;;) {
        ssize_t got = read(in, block, bufsize);
        if (got == -1 && once_more(in, POLLIN))
            continue;
        if (got > 0 && io_write_full(out, block, (size_t)got) == 0) {
            copied += got;
            continue;
        }
        free(block);
        return got == 0 ? copied : -1;
    }
}

struct io_lines {
    int fd;
    bool end;
    size_t bufsize;
    char *text;  /* what was read and not used, from its front */
    size_t used; /* bytes in it */
    size_t room; /* its size */
};

struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    if (bufsize == 0)
        return errno = EINVAL, NULL;
    struct io_lines *l = malloc(sizeof *l);
    if (l == NULL)
        return NULL;
    *l = (struct io_lines){.fd = fd, .bufsize = bufsize};
    l->text = malloc(bufsize);
    l->room = bufsize;
    if (l->text == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

void
io_lines_free(struct io_lines *l)
{
    if (l)
        free(l->text);
    free(l);
}

/* Append one block to the text. Returns what read() does. */
static ssize_t
append(struct io_lines *l)
{
    if (l->room - l->used < l->bufsize) {
        size_t room = 2 * l->used + l->bufsize;
        char *text = malloc(room);
        if (text == NULL)
            return -1;
        memcpy(text, l->text, l->used);
        free(l->text);
        l->text = text;
        l->room = room;
    }
    ssize_t got;
    do
        got = read(l->fd, l->text + l->used, l->bufsize);
    while (got == -1 && once_more(l->fd, POLLIN));
    if (got > 0)
        l->used += (size_t)got;
    return got;
}

/* Take n bytes from the front of the text. */
static void
drop(struct io_lines *l, size_t n)
{
    l->used -= n;
    memmove(l->text, l->text + n, l->used);
}

ssize_t
io_getline(struct io_lines *l, char *dst, size_t cap)
{
    size_t seen = 0; /* bytes without a newline */
    bool too_long = false;
    char *newline;

    while (!(newline = memchr(l->text + seen, '\n', l->used - seen))) {
        seen = l->used;
        if (seen > cap) {
            too_long = true;
            drop(l, seen);
            seen = 0;
        }
        ssize_t got = l->end ? 0 : append(l);
        if (got == -1)
            return -2;
        if (got == 0) {
            l->end = true;
            break;
        }
    }
    size_t length = newline ? (size_t)(newline - l->text) : l->used;
    if (!newline && length == 0 && !too_long)
        return -1;
    too_long = too_long || length > cap;
    if (!too_long)
        memcpy(dst, l->text, length);
    drop(l, length + (newline != NULL));
    return too_long ? -3 : (ssize_t)length;
}

/* "folder/" of path and `name`, on the heap. */
static char *
join(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    size_t length = strlen(name) + 1;
    char *joined = malloc(folder + length);

    if (joined) {
        memcpy(joined, path, folder);
        memcpy(joined + folder, name, length);
    }
    return joined;
}

/* The text is on the disk when this returned 0. Closes fd. */
static int
put_and_close(int fd, const void *b, size_t n, int mode)
{
    int reason = 0;

    if (mode != -1 && fchmod(fd, (mode_t)mode) == -1)
        reason = errno;
    else if (io_write_full(fd, b, n) == -1 || fsync(fd) == -1)
        reason = errno;
    if (close(fd) == -1 && reason == 0)
        reason = errno;
    errno = reason;
    return reason ? -1 : 0;
}

/* Make `path` anew through `temp`; its mode, or -1 for a new one. */
static int
replace(const char *path, char *temp, const void *b, size_t n, int mode)
{
    char *last = strchr(temp, '\0') - 1; /* counts from '0' up to '~' */
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    int fd;

    do
        fd = open(temp, flags, mode == -1 ? 0666 : mode);
    while (fd == -1 && errno == EEXIST && ++*last <= '~');
    if (fd == -1)
        return -1;
    if (put_and_close(fd, b, n, mode) == 0 && rename(temp, path) == 0)
        return 0;
    int reason = errno;
    unlink(temp);
    errno = reason;
    return -1;
}

static int
replace_and_sync(const char *target, const void *b, size_t n, int mode)
{
    char name[40];
    snprintf(name, sizeof name, "save.%ld.0", (long)getpid());
    char *temp = join(target, name);
    char *folder = join(target, ".");
    int rc = -1;
    int dir = temp && folder ? open(folder, O_RDONLY) : -1;

    if (dir != -1) {
        rc = replace(target, temp, b, n, mode);
        if (rc == 0)
            rc = fsync(dir);
        int reason = errno;
        if (close(dir) == -1 && rc == 0)
            rc = -1;
        else
            errno = reason;
    }
    free(temp);
    free(folder);
    return rc;
}

static int
save(const char *path, const void *b, size_t n, int links)
{
    struct stat st;
    char link[PATH_MAX];

    if (lstat(path, &st) == -1)
        return errno == ENOENT ? replace_and_sync(path, b, n, -1) : -1;
    if (S_ISREG(st.st_mode))
        return replace_and_sync(path, b, n, (int)(st.st_mode & 0777));
    if (!S_ISLNK(st.st_mode))
        return errno = EINVAL, -1;
    if (links == 0)
        return errno = ELOOP, -1;
    ssize_t got = readlink(path, link, sizeof link - 1);
    if (got == -1)
        return -1;
    link[got] = '\0';
    char *next = join(link[0] == '/' ? "" : path, link);
    int rc = next ? save(next, b, n, links - 1) : -1;
    free(next);
    return rc;
}

int
io_save(const char *path, const void *b, size_t n)
{
    return save(path, b, n, 8);
}
