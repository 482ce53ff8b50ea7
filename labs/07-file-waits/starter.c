/*
 * File waits. files.h says what is promised; the chapter is
 * book/07-file-waits.md. What stands here gives the right results on a
 * fine day, and does every operation at once, in the thread that asks
 * for it: the loop stands still until the disk has answered. The names
 * and the lists can stay; whose hands do the work cannot.
 */

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* TODO 7.1 Work for somebody else
 * This is one that is done, and waits to be reaped. Make threads in
 * af_open(), and a second list, of what is to do: all that a thread
 * must know of it has to stand here. */
struct operation {
    struct operation *next;
    struct af_done done;
};

struct results {
    struct operation *first;
    struct operation *last;
    int bell[2]; /* a pipe: its reading end tells the loop */
};

struct af_pool {
    struct results results;
    const struct af_disk *disk;
    int capacity;
    int with_us; /* submitted, and not reaped */
};

struct wal {
    struct results results;
    const struct af_disk *disk;
    int fd;
    off_t end; /* where the next record goes */
};

static const struct af_disk system_disk = {pread, pwrite, fdatasync};

/* TODO 7.2 A descriptor that tells
 * A byte for each result. A pipe holds 65,536: what happens to the one
 * who writes the next? And when threads add results, and the loop takes
 * them: what if the byte and the result are seen apart? */
static void
results_add(struct results *results, struct operation *op)
{
    op->next = NULL;
    if (results->first == NULL)
        results->first = op;
    else
        results->last->next = op;
    results->last = op;
    if (write(results->bell[1], "!", 1) == -1)
        return;
}

static int
results_take(struct results *results, struct af_done *done, int most)
{
    int n = 0;
    char byte;

    while (n < most && results->first != NULL) {
        struct operation *op = results->first;
        if (read(results->bell[0], &byte, 1) == -1)
            break;
        results->first = op->next;
        done[n++] = op->done;
        free(op);
    }
    return n;
}

static void
results_free(struct results *results)
{
    while (results->first != NULL) {
        struct operation *op = results->first;
        results->first = op->next;
        free(op->done.bytes);
        free(op);
    }
    close(results->bell[0]);
    close(results->bell[1]);
}

struct af_pool *
af_open(int threads, int capacity, const struct af_disk *disk)
{
    if (threads < 1 || threads > 64 || capacity < 1) {
        errno = EINVAL;
        return NULL;
    }
    struct af_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pool->capacity = capacity;
    pool->disk = disk != NULL ? disk : &system_disk;
    if (pipe(pool->results.bell) == -1) {
        free(pool);
        return NULL;
    }
    return pool;
}

int
af_fd(struct af_pool *pool)
{
    return pool->results.bell[0];
}

/* The operation is begun, and there is room to remember it; or NULL. */
static struct operation *
begin(struct af_pool *pool, uint64_t tag)
{
    if (pool->with_us == pool->capacity) {
        errno = EAGAIN;
        return NULL;
    }
    struct operation *op = calloc(1, sizeof *op);
    if (op == NULL)
        return NULL;
    op->done.tag = tag;
    pool->with_us++;
    return op;
}

static int
finish(struct af_pool *pool, struct operation *op, int64_t result)
{
    op->done.result = result;
    op->done.error = result == -1 ? errno : 0;
    results_add(&pool->results, op);
    return 0;
}

/* TODO 7.3 The loop goes on
 * These four wait for the disk, and everybody waits for them. They
 * should only say what is to do. */
int
af_read(struct af_pool *pool, int fd, void *to, size_t length,
    off_t offset, uint64_t tag)
{
    struct operation *op = begin(pool, tag);

    if (op == NULL)
        return -1;
    return finish(pool, op, pool->disk->pread(fd, to, length, offset));
}

int
af_write(struct af_pool *pool, int fd, const void *from, size_t length,
    off_t offset, uint64_t tag)
{
    struct operation *op = begin(pool, tag);

    if (op == NULL)
        return -1;
    return finish(
        pool, op, pool->disk->pwrite(fd, from, length, offset));
}

/* TODO 7.4 In order, and on the disk
 * When threads do the work, a sync could begin before a write that was
 * submitted earlier is done. */
int
af_sync(struct af_pool *pool, int fd, uint64_t tag)
{
    struct operation *op = begin(pool, tag);

    if (op == NULL)
        return -1;
    return finish(pool, op, pool->disk->sync(fd));
}

int
af_load(struct af_pool *pool, const char *path, uint64_t tag)
{
    struct operation *op = begin(pool, tag);
    enum { ROOM = 64 << 10 };

    if (op == NULL)
        return -1;
    int fd = open(path, O_RDONLY);
    if (fd == -1)
        return finish(pool, op, -1);
    op->done.bytes = malloc(ROOM);
    ssize_t got =
        op->done.bytes != NULL ? read(fd, op->done.bytes, ROOM) : -1;
    close(fd);
    return finish(pool, op, got);
}

/* Nothing ever waits to be begun. */
int
af_cancel(struct af_pool *pool, uint64_t tag)
{
    struct operation *op = pool->results.first;

    while (op != NULL && op->done.tag != tag)
        op = op->next;
    errno = op != NULL ? EBUSY : ENOENT;
    return -1;
}

int
af_reap(struct af_pool *pool, struct af_done *done, int most)
{
    int n = results_take(&pool->results, done, most);

    pool->with_us -= n;
    return n;
}

void
af_close(struct af_pool *pool)
{
    results_free(&pool->results);
    free(pool);
}

/* A record is its length and its bytes. Is this one whole, though, or
 * does it end in what lay there before? */
static int64_t
scan(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg, off_t *end)
{
    unsigned char *bytes = malloc(WAL_MOST);
    uint32_t length;
    int64_t n = 0;

    if (bytes == NULL)
        return -1;
    *end = 0;
    while (disk->pread(fd, &length, sizeof length, *end) ==
               sizeof length &&
           length <= WAL_MOST &&
           disk->pread(fd, bytes, length,
               *end + (off_t)sizeof length) == (ssize_t)length) {
        if (record != NULL)
            record(bytes, length, arg);
        *end += (off_t)(sizeof length + length);
        n++;
    }
    free(bytes);
    return n;
}

struct wal *
wal_open(int fd, const struct af_disk *disk)
{
    struct wal *log = calloc(1, sizeof *log);

    if (log == NULL)
        return NULL;
    log->fd = fd;
    log->disk = disk != NULL ? disk : &system_disk;
    if (scan(fd, log->disk, NULL, NULL, &log->end) == -1 ||
        pipe(log->results.bell) == -1) {
        free(log);
        return NULL;
    }
    return log;
}

int
wal_fd(struct wal *log)
{
    return log->results.bell[0];
}

/* TODO 7.5 One sync for many
 * Each record is written, and then all wait for its sync, the caller
 * first of all. A thread could do it, for all that have gathered. */
int
wal_append(
    struct wal *log, const void *bytes, size_t length, uint64_t tag)
{
    if (length > WAL_MOST) {
        errno = EMSGSIZE;
        return -1;
    }
    uint32_t head = (uint32_t)length;
    unsigned char *whole = malloc(sizeof head + length);
    struct operation *op = calloc(1, sizeof *op);
    if (whole == NULL || op == NULL) {
        free(whole);
        free(op);
        return -1;
    }
    memcpy(whole, &head, sizeof head);
    if (length > 0)
        memcpy(whole + sizeof head, bytes, length);

    op->done.tag = tag;
    op->done.result = (int64_t)length;
    if (log->disk->pwrite(
            log->fd, whole, sizeof head + length, log->end) == -1 ||
        log->disk->sync(log->fd) == -1) {
        op->done.result = -1;
        op->done.error = errno;
    }
    log->end += (off_t)(sizeof head + length);
    free(whole);
    results_add(&log->results, op);
    return 0;
}

int
wal_reap(struct wal *log, struct af_done *done, int most)
{
    return results_take(&log->results, done, most);
}

void
wal_close(struct wal *log)
{
    results_free(&log->results);
    free(log);
}

int64_t
wal_replay(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg)
{
    off_t end;

    return scan(
        fd, disk != NULL ? disk : &system_disk, record, arg, &end);
}
