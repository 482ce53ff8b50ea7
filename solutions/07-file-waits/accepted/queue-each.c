/*
 * File waits, where each thread has a queue and a lock of its own, and
 * helps itself from the others' when it is empty. A sync counts the
 * writes that it waits for, and is given out by the last of them. An
 * eventfd tells. The log gathers bytes, not records: it has two blocks,
 * one that fills while the other is on its way, and CRC-32.
 *
 * A semaphore counts what is in all queues together, so that whoever
 * got past it finds one. Locks: of a queue; of the desk (results, and
 * what has been submitted per file); the second is never taken while
 * the first is held.
 */

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum kind { READ, WRITE, SYNC, LOAD, LEAVE };

struct op {
    struct op *next;          /* in its queue, or among the results */
    struct op *older, *newer; /* of all that are not done */
    enum kind kind;
    bool queued;      /* nobody has begun it */
    size_t waits_for; /* a sync: writes before it */
    int fd;
    char *to;
    size_t length;
    off_t offset;
    char *path;
    struct af_done done;
};

/* Results, and a counter that is 0 while there are none. */
struct tray {
    struct op *first, **end;
    int fd;
};

struct queue {
    pthread_mutex_t lock;
    struct op *first, **end;
};

struct worker {
    struct af_pool *pool;
    struct queue queue;
    pthread_t thread;
};

struct af_pool {
    pthread_mutex_t lock;
    struct tray tray;
    struct op *oldest, *newest; /* submitted and not done */
    int with_us;
    sem_t queued;
    int capacity, threads, next;
    const struct af_disk *disk;
    struct worker workers[64];
};

static const struct af_disk real = {pread, pwrite, fdatasync};

static int
tray_open(struct tray *tray)
{
    tray->end = &tray->first;
    tray->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return tray->fd == -1 ? -1 : 0;
}

static void
tray_add(struct tray *tray, struct op *op)
{
    uint64_t one = 1;

    op->next = NULL;
    if (tray->first == NULL) {
        while (
            write(tray->fd, &one, sizeof one) == -1 && errno == EINTR)
            ;
    }
    *tray->end = op;
    tray->end = &op->next;
}

static int
tray_take(struct tray *tray, struct af_done *done, int most)
{
    uint64_t count;
    int n = 0;

    while (n < most && tray->first != NULL) {
        struct op *op = tray->first;
        done[n++] = op->done;
        tray->first = op->next;
        free(op->path);
        free(op);
        if (tray->first != NULL)
            continue;
        tray->end = &tray->first;
        while (read(tray->fd, &count, sizeof count) == -1 &&
               errno == EINTR)
            ;
    }
    return n;
}

static void
tray_close(struct tray *tray)
{
    struct af_done done;

    while (tray_take(tray, &done, 1) == 1)
        free(done.bytes);
    close(tray->fd);
}

static void
enqueue(struct af_pool *pool, struct op *op)
{
    /* Whose queue it is matters little: others take from it. */
    size_t i =
        (size_t)__atomic_fetch_add(&pool->next, 1, __ATOMIC_RELAXED);
    struct queue *queue =
        &pool->workers[i % (size_t)pool->threads].queue;

    pthread_mutex_lock(&queue->lock);
    op->next = NULL;
    *queue->end = op;
    queue->end = &op->next;
    pthread_mutex_unlock(&queue->lock);
    sem_post(&pool->queued);
}

static struct op *
dequeue(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    struct op *op = queue->first;
    if (op != NULL) {
        queue->first = op->next;
        if (queue->first == NULL)
            queue->end = &queue->first;
    }
    pthread_mutex_unlock(&queue->lock);
    return op;
}

static ssize_t
transfer(const struct af_disk *disk, struct op *op)
{
    size_t moved = 0;

    while (moved < op->length) {
        char *at = op->to + moved;
        size_t left = op->length - moved;
        off_t offset = op->offset + (off_t)moved;
        ssize_t n = op->kind == READ
                        ? disk->pread(op->fd, at, left, offset)
                        : disk->pwrite(op->fd, at, left, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0 && op->kind == READ)
            break;
        if (n == 0) {
            errno = ENOSPC;
            return -1;
        }
        moved += (size_t)n;
    }
    return (ssize_t)moved;
}

static ssize_t
slurp(struct op *op)
{
    int fd;
    size_t have = 0;
    ssize_t n = -1;
    int error;

    while ((fd = open(op->path, O_RDONLY)) == -1 && errno == EINTR)
        ;
    if (fd == -1)
        return -1;
    for (;;) {
        char *more = realloc(op->done.bytes, have + 4096);
        if (more == NULL) {
            n = -1;
            break;
        }
        op->done.bytes = more;
        while (
            (n = read(fd, more + have, 4096)) == -1 && errno == EINTR)
            ;
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    error = errno;
    close(fd);
    if (n == 0)
        return (ssize_t)have;
    free(op->done.bytes);
    op->done.bytes = NULL;
    errno = error;
    return -1;
}

static void
perform(const struct af_disk *disk, struct op *op)
{
    ssize_t result = -1;

    switch (op->kind) {
    case READ:
    case WRITE:
        result = transfer(disk, op);
        break;
    case SYNC:
        while ((result = disk->sync(op->fd)) == -1 && errno == EINTR)
            ;
        break;
    case LOAD:
        result = slurp(op);
        break;
    case LEAVE:
        break;
    }
    op->done.error = result == -1 ? errno : 0;
    op->done.result = result;
}

/* It is no more among those that are not done. What may begin now is
 * returned, one after the other by `next`. With the pool's lock. */
static struct op *
forget(struct af_pool *pool, struct op *op)
{
    struct op *ready = NULL;

    if (op->older != NULL)
        op->older->newer = op->newer;
    else
        pool->oldest = op->newer;
    if (op->newer != NULL)
        op->newer->older = op->older;
    else
        pool->newest = op->older;
    if (op->kind != WRITE)
        return NULL;
    for (struct op *o = op->newer; o != NULL; o = o->newer) {
        if (o->kind == SYNC && o->fd == op->fd && --o->waits_for == 0 &&
            o->queued) {
            o->next = ready;
            ready = o;
        }
    }
    return ready;
}

static void
enqueue_all(struct af_pool *pool, struct op *op)
{
    while (op != NULL) {
        struct op *next = op->next;
        enqueue(pool, op);
        op = next;
    }
}

static void *
live(void *arg)
{
    struct worker *me = arg;
    struct af_pool *pool = me->pool;

    for (;;) {
        struct op *op = NULL;

        while (sem_wait(&pool->queued) == -1)
            ;
        for (int i = (int)(me - pool->workers); op == NULL; i++)
            op = dequeue(&pool->workers[i % pool->threads].queue);
        pthread_mutex_lock(&pool->lock);
        bool mine = op->queued;
        op->queued = false;
        pthread_mutex_unlock(&pool->lock);
        if (op->kind == LEAVE) {
            free(op);
            return NULL;
        }
        if (!mine) { /* cancelled, and told already */
            free(op);
            continue;
        }
        perform(pool->disk, op);
        pthread_mutex_lock(&pool->lock);
        struct op *ready = forget(pool, op);
        tray_add(&pool->tray, op);
        pthread_mutex_unlock(&pool->lock);
        enqueue_all(pool, ready);
    }
}

static void
stop(struct af_pool *pool, int threads)
{
    for (int i = 0; i < threads; i++) {
        struct op *op = calloc(1, sizeof *op);
        while (op == NULL)
            op = calloc(1, sizeof *op);
        op->kind = LEAVE;
        enqueue(pool, op);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    for (int i = 0; i < pool->threads; i++)
        pthread_mutex_destroy(&pool->workers[i].queue.lock);
    sem_destroy(&pool->queued);
    pthread_mutex_destroy(&pool->lock);
    tray_close(&pool->tray);
    free(pool);
}

struct af_pool *
af_open(int threads, int capacity, const struct af_disk *disk)
{
    struct af_pool *pool;

    errno = EINVAL;
    if (threads < 1 || threads > 64 || capacity < 1)
        return NULL;
    pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    if (tray_open(&pool->tray) == -1) {
        free(pool);
        return NULL;
    }
    pool->threads = threads;
    pool->capacity = capacity;
    pool->disk = disk == NULL ? &real : disk;
    pthread_mutex_init(&pool->lock, NULL);
    sem_init(&pool->queued, 0, 0);
    for (int i = 0; i < threads; i++) {
        struct worker *worker = &pool->workers[i];
        worker->pool = pool;
        worker->queue.end = &worker->queue.first;
        pthread_mutex_init(&worker->queue.lock, NULL);
    }
    for (int i = 0; i < threads; i++) {
        struct worker *worker = &pool->workers[i];
        int error = pthread_create(&worker->thread, NULL, live, worker);
        if (error != 0) {
            stop(pool, i);
            errno = error;
            return NULL;
        }
    }
    return pool;
}

int
af_fd(struct af_pool *pool)
{
    return pool->tray.fd;
}

static int
submit(struct af_pool *pool, struct op op)
{
    struct op *copy;
    bool now = true;

    if (pool->with_us == pool->capacity) {
        free(op.path);
        errno = EAGAIN;
        return -1;
    }
    copy = malloc(sizeof *copy);
    if (copy == NULL) {
        free(op.path);
        errno = ENOMEM;
        return -1;
    }
    *copy = op;
    copy->queued = true;
    pool->with_us++;
    pthread_mutex_lock(&pool->lock);
    copy->older = pool->newest;
    if (pool->newest != NULL)
        pool->newest->newer = copy;
    else
        pool->oldest = copy;
    pool->newest = copy;
    if (op.kind == SYNC) {
        for (struct op *o = pool->oldest; o != copy; o = o->newer)
            copy->waits_for += o->kind == WRITE && o->fd == op.fd;
        now = copy->waits_for == 0;
    }
    pthread_mutex_unlock(&pool->lock);
    if (now)
        enqueue(pool, copy);
    return 0;
}

int
af_read(struct af_pool *pool, int fd, void *to, size_t length,
    off_t offset, uint64_t tag)
{
    return submit(pool, (struct op){.kind = READ,
                            .fd = fd,
                            .to = to,
                            .length = length,
                            .offset = offset,
                            .done = {.tag = tag}});
}

int
af_write(struct af_pool *pool, int fd, const void *from, size_t length,
    off_t offset, uint64_t tag)
{
    return submit(pool, (struct op){.kind = WRITE,
                            .fd = fd,
                            .to = (char *)(uintptr_t)from,
                            .length = length,
                            .offset = offset,
                            .done = {.tag = tag}});
}

int
af_sync(struct af_pool *pool, int fd, uint64_t tag)
{
    return submit(pool,
        (struct op){.kind = SYNC, .fd = fd, .done = {.tag = tag}});
}

int
af_load(struct af_pool *pool, const char *path, uint64_t tag)
{
    struct op op = {.kind = LOAD, .done = {.tag = tag}};

    if (pool->with_us == pool->capacity) {
        errno = EAGAIN;
        return -1;
    }
    op.path = strdup(path);
    return op.path == NULL ? -1 : submit(pool, op);
}

/* The queue keeps the husk of what was cancelled; a copy is told. One
 * that is in no queue yet (a sync that waits) has no husk. */
int
af_cancel(struct af_pool *pool, uint64_t tag)
{
    struct op *told = malloc(sizeof *told);
    struct op *ready = NULL;
    struct op *op;
    bool begun = false;

    if (told == NULL)
        return -1;
    pthread_mutex_lock(&pool->lock);
    for (op = pool->oldest; op != NULL; op = op->newer) {
        if (op->done.tag != tag)
            continue;
        if (op->queued)
            break;
        begun = true;
    }
    if (op != NULL) {
        *told = (struct op){.done = op->done, .path = op->path};
        told->done.result = -1;
        told->done.error = ECANCELED;
        op->path = NULL;
        op->queued = false;
        ready = forget(pool, op);
        tray_add(&pool->tray, told);
        bool husk = op->kind != SYNC || op->waits_for == 0;
        pthread_mutex_unlock(&pool->lock);
        if (!husk)
            free(op);
        enqueue_all(pool, ready);
        return 0;
    }
    for (op = pool->tray.first; op != NULL; op = op->next)
        begun = begun || op->done.tag == tag;
    pthread_mutex_unlock(&pool->lock);
    free(told);
    errno = begun ? EBUSY : ENOENT;
    return -1;
}

int
af_reap(struct af_pool *pool, struct af_done *done, int most)
{
    int n;

    pthread_mutex_lock(&pool->lock);
    n = tray_take(&pool->tray, done, most);
    pthread_mutex_unlock(&pool->lock);
    pool->with_us -= n;
    return n;
}

/* Syncs may be waiting outside the queues: nobody is sent home before
 * all is done. */
void
af_close(struct af_pool *pool)
{
    struct af_done done;

    for (;;) {
        pthread_mutex_lock(&pool->lock);
        bool idle = pool->oldest == NULL;
        while (tray_take(&pool->tray, &done, 1) == 1)
            free(done.bytes);
        pthread_mutex_unlock(&pool->lock);
        if (idle)
            break;
        struct pollfd ready = {pool->tray.fd, POLLIN, 0};
        poll(&ready, 1, -1);
    }
    stop(pool, pool->threads);
}

/* The log ---------------------------------------------------------- */

struct block {
    unsigned char *bytes;
    size_t length, room;
    struct op *first, **end; /* the records in it */
};

struct wal {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct tray tray;
    struct block blocks[2];
    int filling; /* the number of the block that fills */
    bool closing;
    int error;
    off_t at;
    uint32_t crc; /* of all before; the owner's */
    int fd;
    const struct af_disk *disk;
    pthread_t thread;
};

/* In front of a record: length, its complement (so that zeros are no
 * record), and the CRC of all records up to the end of this one. */
enum { HEAD = 12 };

static uint32_t
crc32(uint32_t crc, const unsigned char *bytes, size_t length)
{
    static uint32_t table[256];

    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++)
                c = (c >> 1) ^ (c & 1 ? 0xedb88320u : 0);
            table[i] = c;
        }
    }
    crc = ~crc;
    for (size_t i = 0; i < length; i++)
        crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 255];
    return ~crc;
}

static void
put32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t
get32(const unsigned char *from)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value |= (uint32_t)from[i] << 8 * i;
    return value;
}

static int64_t
walk(int fd, const struct af_disk *disk, off_t *end, uint32_t *crc,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg)
{
    unsigned char *bytes = malloc(HEAD + WAL_MOST);
    int64_t n = 0;

    if (bytes == NULL)
        return -1;
    *end = 0;
    *crc = 0;
    for (;; n++) {
        struct op op = {.kind = READ,
            .fd = fd,
            .to = (char *)bytes,
            .length = HEAD,
            .offset = *end};
        ssize_t got = transfer(disk, &op);
        if (got == -1)
            goto fail;
        uint32_t length = get32(bytes);
        if (got < HEAD || length > WAL_MOST ||
            get32(bytes + 4) != ~length)
            break;
        op.to += HEAD;
        op.offset += HEAD;
        op.length = length;
        got = transfer(disk, &op);
        if (got == -1)
            goto fail;
        if (got < (ssize_t)length)
            break;
        uint32_t sum = crc32(*crc, bytes, 8);
        sum = crc32(sum, bytes + HEAD, length);
        if (sum != get32(bytes + 8))
            break;
        if (record != NULL)
            record(bytes + HEAD, length, arg);
        *crc = sum;
        *end += HEAD + (off_t)length;
    }
    free(bytes);
    return n;

fail:;
    int error = errno;
    free(bytes);
    errno = error;
    return -1;
}

static void *
carry(void *arg)
{
    struct wal *log = arg;

    pthread_mutex_lock(&log->lock);
    for (;;) {
        struct block *block = &log->blocks[log->filling];
        if (block->first == NULL && log->closing)
            break;
        if (block->first == NULL) {
            pthread_cond_wait(&log->more, &log->lock);
            continue;
        }
        log->filling = 1 - log->filling;
        int error = log->error;
        if (error == 0) {
            pthread_mutex_unlock(&log->lock);
            struct op op = {.kind = WRITE,
                .fd = log->fd,
                .to = (char *)block->bytes,
                .length = block->length,
                .offset = log->at};
            perform(log->disk, &op);
            error = op.done.error;
            log->at += (off_t)block->length;
            op.kind = SYNC;
            if (error == 0)
                perform(log->disk, &op);
            error = op.done.error;
            pthread_mutex_lock(&log->lock);
            log->error = error;
        }
        while (block->first != NULL) {
            struct op *op = block->first;
            block->first = op->next;
            op->done.error = error;
            op->done.result = error != 0 ? -1 : op->done.result;
            tray_add(&log->tray, op);
        }
        block->end = &block->first;
        block->length = 0;
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

struct wal *
wal_open(int fd, const struct af_disk *disk)
{
    struct wal *log = calloc(1, sizeof *log);
    int error;

    if (log == NULL)
        return NULL;
    log->fd = fd;
    log->disk = disk == NULL ? &real : disk;
    log->blocks[0].end = &log->blocks[0].first;
    log->blocks[1].end = &log->blocks[1].first;
    if (tray_open(&log->tray) == -1) {
        error = errno;
        goto no_tray;
    }
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->more, NULL);
    if (walk(fd, log->disk, &log->at, &log->crc, NULL, NULL) == -1 ||
        ftruncate(fd, log->at) == -1) {
        error = errno;
        goto no_thread;
    }
    error = pthread_create(&log->thread, NULL, carry, log);
    if (error == 0)
        return log;

no_thread:
    tray_close(&log->tray);
    pthread_cond_destroy(&log->more);
    pthread_mutex_destroy(&log->lock);
no_tray:
    free(log);
    errno = error;
    return NULL;
}

int
wal_fd(struct wal *log)
{
    return log->tray.fd;
}

static int
make_room(struct block *block, size_t more)
{
    size_t room = block->room < 4096 ? 4096 : block->room;

    while (room - block->length < more)
        room *= 2;
    if (room == block->room)
        return 0;
    unsigned char *bytes = realloc(block->bytes, room);
    if (bytes == NULL)
        return -1;
    block->bytes = bytes;
    block->room = room;
    return 0;
}

int
wal_append(
    struct wal *log, const void *bytes, size_t length, uint64_t tag)
{
    unsigned char head[HEAD];
    uint32_t sum;

    if (length > WAL_MOST) {
        errno = EMSGSIZE;
        return -1;
    }
    put32(head, (uint32_t)length);
    put32(head + 4, ~(uint32_t)length);
    sum = crc32(log->crc, head, 8);
    sum = crc32(sum, bytes, length);
    put32(head + 8, sum);
    struct op *op = calloc(1, sizeof *op);
    if (op == NULL)
        return -1;
    op->done.tag = tag;
    op->done.result = (int64_t)length;

    pthread_mutex_lock(&log->lock);
    struct block *block = &log->blocks[log->filling];
    if (make_room(block, HEAD + length) == -1) {
        pthread_mutex_unlock(&log->lock);
        free(op);
        errno = ENOMEM;
        return -1;
    }
    memcpy(block->bytes + block->length, head, HEAD);
    block->length += HEAD;
    if (length > 0)
        memcpy(block->bytes + block->length, bytes, length);
    block->length += length;
    *block->end = op;
    block->end = &op->next;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
    log->crc = sum;
    return 0;
}

int
wal_reap(struct wal *log, struct af_done *done, int most)
{
    pthread_mutex_lock(&log->lock);
    int n = tray_take(&log->tray, done, most);
    pthread_mutex_unlock(&log->lock);
    return n;
}

void
wal_close(struct wal *log)
{
    pthread_mutex_lock(&log->lock);
    log->closing = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    tray_close(&log->tray);
    pthread_cond_destroy(&log->more);
    pthread_mutex_destroy(&log->lock);
    free(log->blocks[0].bytes);
    free(log->blocks[1].bytes);
    free(log);
}

int64_t
wal_replay(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg)
{
    uint32_t crc;
    off_t end;

    return walk(
        fd, disk == NULL ? &real : disk, &end, &crc, record, arg);
}
