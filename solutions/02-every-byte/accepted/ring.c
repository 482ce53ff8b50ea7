/* A ring of bytes with counters that only grow; fdatasync for fsync. */
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
wait_until(int fd, short events)
{
    struct pollfd p = {fd, events, 0};
    int n;

    while ((n = poll(&p, 1, -1)) == -1 && errno == EINTR)
        continue;
    return n == -1 ? -1 : 0;
}

/* One chunk in (POLLIN) or out (POLLOUT). */
static ssize_t
move_some(int fd, char *b, size_t n, short events)
{
    for (;;) {
        ssize_t k = events == POLLIN ? read(fd, b, n) : write(fd, b, n);
        if (k >= 0)
            return k;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN || wait_until(fd, events) == -1)
            return -1;
    }
}

ssize_t
io_read_full(int fd, void *b, size_t n)
{
    char *p = b, *end = p + n;

    while (p < end) {
        ssize_t k = move_some(fd, p, (size_t)(end - p), POLLIN);
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        p += k;
    }
    return p - (char *)b;
}

int
io_write_full(int fd, const void *b, size_t n)
{
    union {
        const void *in;
        char *p;
    } from = {b}; /* move_some() does not write to it */

    while (n > 0) {
        ssize_t k = move_some(fd, from.p, n, POLLOUT);
        if (k < 0)
            return -1;
        from.p += k;
        n -= (size_t)k;
    }
    return 0;
}

/* Whole blocks: only the last one is shorter than bufsize. */
int64_t
io_copy(int in, int out, size_t bufsize)
{
    char *block = bufsize ? malloc(bufsize) : NULL;
    int64_t copied = 0;
    ssize_t got;

    if (block == NULL) {
        if (bufsize == 0)
            errno = EINVAL;
        return -1;
    }
    do {
        got = io_read_full(in, block, bufsize);
        if (got == -1 || io_write_full(out, block, (size_t)got) == -1) {
            copied = -1;
            break;
        }
        copied += got;
    } while ((size_t)got == bufsize);
    free(block);
    return copied;
}

struct io_lines {
    int fd;
    bool end;
    size_t size;
    uint64_t put, taken; /* bytes since the start; place: % size */
    char ring[];
};

struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    struct io_lines *l = NULL;

    if (bufsize == 0)
        errno = EINVAL;
    else
        l = malloc(sizeof *l + bufsize);
    if (l) {
        l->fd = fd;
        l->end = false;
        l->size = bufsize;
        l->put = l->taken = 0;
    }
    return l;
}

void
io_lines_free(struct io_lines *l)
{
    free(l);
}

/* The next byte, or -1 at the end, -2 on failure. */
static int
next_byte(struct io_lines *l)
{
    if (l->put == l->taken && !l->end) {
        size_t at = (size_t)(l->put % l->size);
        size_t room = l->size - at;
        ssize_t got = move_some(l->fd, l->ring + at, room, POLLIN);
        if (got == -1)
            return -2;
        l->end = got == 0;
        l->put += (uint64_t)got;
    }
    if (l->put == l->taken)
        return -1;
    return (unsigned char)l->ring[l->taken++ % l->size];
}

ssize_t
io_getline(struct io_lines *l, char *dst, size_t cap)
{
    size_t length = 0;
    int c = next_byte(l);

    if (c < 0)
        return c;
    while (c >= 0 && c != '\n') {
        if (length < cap)
            dst[length] = (char)c;
        if (length <= cap) /* cap + 1 means: too long */
            length++;
        c = next_byte(l);
    }
    if (c == -2)
        return -2;
    return length > cap ? -3 : (ssize_t)length;
}

struct save {
    char target[PATH_MAX];
    char temp[PATH_MAX];
    size_t folder; /* length of the directory's part, '/' included */
    bool there;
    mode_t mode;
};

static int
fail(int reason)
{
    errno = reason;
    return -1;
}

static int
locate(struct save *s, const char *path)
{
    struct stat st;
    char link[PATH_MAX];

    if (strlen(path) >= sizeof s->target)
        return fail(ENAMETOOLONG);
    strcpy(s->target, path);
    for (int hops = 0; hops <= 8; hops++) {
        char *slash = strrchr(s->target, '/');
        s->folder = slash ? (size_t)(slash + 1 - s->target) : 0;
        s->there = lstat(s->target, &st) == 0;
        if (!s->there)
            return errno == ENOENT ? 0 : -1;
        s->mode = st.st_mode & 0777;
        if (S_ISREG(st.st_mode))
            return 0;
        if (!S_ISLNK(st.st_mode))
            return fail(EINVAL);
        ssize_t n = readlink(s->target, link, sizeof link - 1);
        if (n == -1)
            return -1;
        link[n] = '\0';
        size_t keep = link[0] == '/' ? 0 : s->folder;
        if (keep + (size_t)n >= sizeof s->target)
            return fail(ENAMETOOLONG);
        strcpy(s->target + keep, link);
    }
    return fail(ELOOP);
}

static int
create(struct save *s)
{
    static unsigned counter;
    int fd = -1;

    if (s->folder + 16 > sizeof s->temp)
        return fail(ENAMETOOLONG);
    memcpy(s->temp, s->target, s->folder);
    const mode_t mode = s->there ? s->mode : 0666;
    for (int i = 0; i < 200 && fd == -1; i++) {
        snprintf(s->temp + s->folder, 16, "#%08x", counter++);
        fd = open(s->temp, O_CREAT | O_EXCL | O_RDWR, mode);
        if (fd == -1 && errno != EEXIST)
            break;
    }
    return fd;
}

/* Close fd. Returns `reason`, or if that is 0 why the close failed. */
static int
shut(int fd, int reason)
{
    return close(fd) == -1 && reason == 0 ? errno : reason;
}

int
io_save(const char *path, const void *b, size_t n)
{
    struct save s;
    int reason = 0;

    if (locate(&s, path) == -1)
        return -1;
    int fd = create(&s);
    if (fd == -1)
        return -1;
    if ((s.there && fchmod(fd, s.mode)) || io_write_full(fd, b, n) ||
        fdatasync(fd))
        reason = errno;
    reason = shut(fd, reason);
    if (reason == 0 && rename(s.temp, s.target) == -1)
        reason = errno;
    if (reason != 0) {
        unlink(s.temp);
        return fail(reason);
    }

    strcpy(s.temp + s.folder, ".");
    fd = open(s.temp, O_RDONLY | O_DIRECTORY);
    if (fd == -1)
        return -1;
    if (fsync(fd) == -1)
        reason = errno;
    reason = shut(fd, reason);
    return reason ? fail(reason) : 0;
}
