/* State machines: one transfer for all, and a save in eleven stages. */
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

enum outcome { MOVED, ENDED, AGAIN, REFUSED, FAILED };

static enum outcome
outcome_of(ssize_t moved)
{
    if (moved > 0)
        return MOVED;
    if (moved == 0)
        return ENDED;
    switch (errno) {
    case EINTR:
        return AGAIN;
    case EAGAIN:
        return REFUSED;
    default:
        return FAILED;
    }
}

static int
wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    for (;;) {
        if (poll(&p, 1, -1) >= 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* Read into `in`, or where that is NULL write from `from`: all n bytes,
 * or with `any` what one call moves. The number moved, or -1. */
static ssize_t
transfer(int fd, char *in, const char *from, size_t n, bool any)
{
    short events = in ? POLLIN : POLLOUT;
    size_t done = 0;

    while (done < n) {
        ssize_t k = in ? read(fd, in + done, n - done)
                       : write(fd, from + done, n - done);
        switch (outcome_of(k)) {
        case MOVED:
            done += (size_t)k;
            if (any)
                return k;
            break;
        case ENDED:
            return (ssize_t)done;
        case AGAIN:
            break;
        case REFUSED:
            if (wait_for(fd, events) == -1)
                return -1;
            break;
        case FAILED:
            return -1;
        }
    }
    return (ssize_t)done;
}

ssize_t
io_read_full(int fd, void *b, size_t n)
{
    return transfer(fd, b, NULL, n, false);
}

int
io_write_full(int fd, const void *b, size_t n)
{
    return transfer(fd, NULL, b, n, false) == -1 ? -1 : 0;
}

int64_t
io_copy(int in, int out, size_t bufsize)
{
    enum { READING, WRITING, DONE } state = READING;
    int64_t copied = 0;
    ssize_t got = 0;

    if (bufsize == 0) {
        errno = EINVAL;
        return -1;
    }
    char *block = malloc(bufsize);
    if (block == NULL)
        return -1;
    while (state != DONE) {
        if (state == READING) {
            got = transfer(in, block, NULL, bufsize, true);
            state = got > 0 ? WRITING : DONE;
            continue;
        }
        copied += got;
        state = READING;
        if (io_write_full(out, block, (size_t)got) == -1) {
            got = -1;
            state = DONE;
        }
    }
    free(block);
    return got == -1 ? -1 : copied;
}

struct io_lines {
    int fd;
    size_t size, at, filled;
    bool end;
    char *block;
};

struct io_lines *
io_lines_new(int fd, size_t bufsize)
{
    if (bufsize == 0) {
        errno = EINVAL;
        return NULL;
    }
    struct io_lines *l = calloc(1, sizeof *l);
    char *block = malloc(bufsize);
    if (l == NULL || block == NULL) {
        free(l);
        free(block);
        return NULL;
    }
    l->fd = fd;
    l->size = bufsize;
    l->block = block;
    return l;
}

void
io_lines_free(struct io_lines *l)
{
    if (l == NULL)
        return;
    free(l->block);
    free(l);
}

ssize_t
io_getline(struct io_lines *l, char *dst, size_t cap)
{
    enum { BEGINNING, INSIDE, SKIPPING } state = BEGINNING;
    size_t length = 0;

    for (;;) {
        if (l->at == l->filled) {
            ssize_t got = 0;
            if (!l->end)
                got = transfer(l->fd, l->block, NULL, l->size, true);
            if (got == -1)
                return -2;
            l->at = 0;
            l->filled = (size_t)got;
            l->end = got == 0;
        }
        bool end = l->at == l->filled;
        char c = end ? '\n' : l->block[l->at++];
        switch (state) {
        case BEGINNING:
            if (end)
                return -1;
            state = INSIDE;
            /* fallthrough */
        case INSIDE:
            if (c == '\n')
                return (ssize_t)length;
            if (length < cap)
                dst[length++] = c;
            else
                state = SKIPPING;
            break;
        case SKIPPING:
            if (c == '\n')
                return -3;
        }
    }
}

enum stage {
    LOOK,
    FOLLOW,
    CREATE,
    PERMIT,
    WRITE,
    SYNC,
    CLOSE,
    RENAME,
    OPEN_FOLDER,
    SYNC_FOLDER,
    CLOSE_FOLDER,
    SAVED
};

struct saving {
    char target[PATH_MAX];
    char other[PATH_MAX]; /* the temporary file, then "folder/." */
    const void *text;
    size_t length;
    bool there;
    mode_t mode;
    int links, names, fd;
    bool made; /* the temporary file is there */
};

/* Put the directory of the target and `name` into `other`. */
static int
beside(struct saving *s, const char *name)
{
    char *slash = strrchr(s->target, '/');
    size_t folder = slash ? (size_t)(slash - s->target) + 1 : 0;

    if (name[0] == '/')
        folder = 0;
    if (folder + strlen(name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(s->other, s->target, folder);
    strcpy(s->other + folder, name);
    return 0;
}

/* Returns the next stage, or LOOK on failure. */
static enum stage
look(struct saving *s)
{
    struct stat st;

    s->there = lstat(s->target, &st) == 0;
    if (!s->there)
        return errno == ENOENT ? CREATE : LOOK;
    s->mode = st.st_mode & 0777;
    if (S_ISREG(st.st_mode))
        return CREATE;
    if (S_ISLNK(st.st_mode) && s->links++ < 8)
        return FOLLOW;
    errno = S_ISLNK(st.st_mode) ? ELOOP : EINVAL;
    return LOOK;
}

static int
follow(struct saving *s)
{
    char link[PATH_MAX];
    ssize_t n = readlink(s->target, link, sizeof link - 1);

    if (n == -1)
        return -1;
    link[n] = '\0';
    if (beside(s, link) == -1)
        return -1;
    strcpy(s->target, s->other);
    return 0;
}

/* Returns 1 when the name was taken. */
static int
create(struct saving *s)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    char name[32];

    snprintf(name, sizeof name, ".new.%d", s->names);
    if (beside(s, name) == -1)
        return -1;
    s->fd = open(s->other, flags, s->there ? s->mode : 0666);
    if (s->fd == -1)
        return errno == EEXIST && s->names++ < 99 ? 1 : -1;
    s->made = true;
    return 0;
}

static int
shut(struct saving *s)
{
    int fd = s->fd;

    s->fd = -1;
    return close(fd);
}

static int
run(struct saving *s, enum stage *stage)
{
    int rc = 0;

    switch (*stage) {
    case LOOK:
        *stage = look(s);
        return *stage == LOOK ? -1 : 0;
    case FOLLOW:
        rc = follow(s);
        *stage = LOOK;
        return rc;
    case CREATE:
        rc = create(s);
        if (rc == 1)
            return 0;
        break;
    case PERMIT:
        rc = s->there ? fchmod(s->fd, s->mode) : 0;
        break;
    case WRITE:
        rc = io_write_full(s->fd, s->text, s->length);
        break;
    case SYNC:
    case SYNC_FOLDER:
        rc = fsync(s->fd);
        break;
    case CLOSE:
    case CLOSE_FOLDER:
        rc = shut(s);
        break;
    case RENAME:
        rc = rename(s->other, s->target);
        s->made = rc == -1;
        break;
    case OPEN_FOLDER:
        rc = beside(s, ".");
        if (rc == 0)
            s->fd = open(s->other, O_RDONLY | O_CLOEXEC);
        rc = s->fd == -1 ? -1 : 0;
        break;
    case SAVED:
        return 0;
    }
    *stage = (enum stage)(*stage + 1);
    return rc;
}

int
io_save(const char *path, const void *b, size_t n)
{
    struct saving s = {.text = b, .length = n, .fd = -1};
    enum stage stage = LOOK;

    if (strlen(path) >= sizeof s.target) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(s.target, path);
    while (stage != SAVED) {
        if (run(&s, &stage) == -1) {
            int reason = errno;
            if (s.fd != -1)
                close(s.fd);
            if (s.made)
                unlink(s.other);
            errno = reason;
            return -1;
        }
    }
    return 0;
}
