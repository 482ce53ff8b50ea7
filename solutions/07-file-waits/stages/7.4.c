/*
 * File waits, as the file may look after section 7.4. The log still
 * does all of its work in the loop.
 *
 * Theory of operation. A pool stands behind a desk: two lists, `todo`
 * and `done`, and threads. The owner puts operations at
 * the end of `todo`; a thread takes one, does it without the lock, and
 * moves it to the end of `done`, from where the owner takes it back.
 * What is in `todo` stays there until it is done, so that a sync sees
 * which writes are still before it.
 *
 * The lock of the desk guards all its fields; a thread holds it for as
 * long as it takes to change a list, and never at the disk. `changed`
 * is signalled for each that is added, and broadcast when something
 * that others may wait for has come about. The rest of a pool belongs
 * to its owner.
 */

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_THREADS = 64, BLOCK = 64 << 10 };

enum kind { READ, WRITE, SYNC, LOAD };
struct operation {
    struct operation *next;
    enum kind kind;
    bool begun; /* a thread is at it */
    int fd;
    void *to;
    const void *from;
    size_t length;
    off_t offset;
    struct af_done done;  /* the tag, and then what came of it */
    unsigned char copy[]; /* a path or a record, kept for later */
};

struct list {
    struct operation *first;
    struct operation *last;
};

struct desk {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list todo;
    size_t not_begun; /* of those in todo */
    struct list done;
    int bell[2]; /* a pipe: holds one byte while `done` has any */
    bool closing;
    pthread_t threads[MOST_THREADS]; /* the owner's, like the next */
    int thread_count;
};

struct af_pool {
    struct desk desk;
    const struct af_disk *disk;
    size_t capacity;
    size_t with_us; /* submitted and not reaped */
};

struct wal {
    struct desk desk;
    const struct af_disk *disk;
    int fd;
    off_t end; /* where the next record goes */
};

static const struct af_disk system_disk = {pread, pwrite, fdatasync};

/* --- Lists ------------------------------------------------------- */

static void
list_add(struct list *list, struct operation *op)
{
    op->next = NULL;
    if (list->first == NULL)
        list->first = op;
    else
        list->last->next = op;
    list->last = op;
}

static void
list_remove(struct list *list, struct operation *op)
{
    struct operation *before = NULL;

    for (struct operation *o = list->first; o != op; o = o->next)
        before = o;
    if (before == NULL)
        list->first = op->next;
    else
        before->next = op->next;
    if (list->last == op)
        list->last = before;
}

static struct operation *
list_find(const struct list *list, uint64_t tag)
{
    struct operation *op = list->first;

    while (op != NULL && op->done.tag != tag)
        op = op->next;
    return op;
}

/* --- The disk ---------------------------------------------------- */

static const struct af_disk *
disk_or_system(const struct af_disk *disk)
{
    return disk != NULL ? disk : &system_disk;
}

/* As many bytes as there are; fewer only at the end of the file. */
static ssize_t
read_all(const struct af_disk *disk, int fd, void *to, size_t length,
    off_t offset)
{
    size_t have = 0;

    while (have < length) {
        ssize_t got = disk->pread(
            fd, (char *)to + have, length - have, offset + (off_t)have);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static ssize_t
write_all(const struct af_disk *disk, int fd, const void *from,
    size_t length, off_t offset)
{
    size_t sent = 0;

    while (sent < length) {
        ssize_t took = disk->pwrite(fd, (const char *)from + sent,
            length - sent, offset + (off_t)sent);
        if (took == -1 && errno == EINTR)
            continue;
        if (took == 0)
            errno = EIO; /* it will not get on by asking again */
        if (took <= 0)
            return -1;
        sent += (size_t)took;
    }
    return (ssize_t)sent;
}

/* Any error but EINTR is the answer. What was to be synced may count
 * as clean afterwards: a second try could succeed without doing it. */
static int
sync_once(const struct af_disk *disk, int fd)
{
    int result;

    do {
        result = disk->sync(fd);
    } while (result == -1 && errno == EINTR);
    return result;
}

/* All of an open file, into memory that grows with it. */
static ssize_t
read_file(int fd, char **bytes)
{
    size_t room = 0;
    size_t have = 0;

    for (;;) {
        if (have == room) {
            room = room > 0 ? 2 * room : BLOCK;
            char *more = realloc(*bytes, room);
            if (more == NULL)
                return -1;
            *bytes = more;
        }
        ssize_t got = read(fd, *bytes + have, room - have);
        if (got == -1 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? (ssize_t)have : -1;
        have += (size_t)got;
    }
}

static ssize_t
load(const char *path, char **bytes)
{
    int fd;

    do {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (fd == -1 && errno == EINTR);
    if (fd == -1)
        return -1;

    ssize_t result = read_file(fd, bytes);
    int error = errno;
    close(fd);
    if (result == -1) {
        free(*bytes);
        *bytes = NULL;
    }
    errno = error;
    return result;
}

/* --- The desk ---------------------------------------------------- */
static void
tell(struct desk *desk, struct operation *op)
{
    if (desk->done.first == NULL) {
        while (write(desk->bell[1], "!", 1) == -1 && errno == EINTR)
            continue;
    }
    list_add(&desk->done, op);
}

static struct operation *
take_back(struct desk *desk)
{
    struct operation *op = desk->done.first;
    char byte;

    list_remove(&desk->done, op);
    if (desk->done.first == NULL) {
        while (read(desk->bell[0], &byte, 1) == -1 && errno == EINTR)
            continue;
    }
    return op;
}

/* Let all be done, send the threads home, free what nobody reaped. */
static void
desk_close(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    desk->closing = true;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
    for (int i = 0; i < desk->thread_count; i++)
        pthread_join(desk->threads[i], NULL);

    while (desk->done.first != NULL) {
        struct operation *op = take_back(desk);
        free(op->done.bytes);
        free(op);
    }
    close(desk->bell[0]);
    close(desk->bell[1]);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->lock);
}

/* Threads that run life(arg); `arg` must be ready for them. */
static int
desk_open(
    struct desk *desk, int threads, void *(*life)(void *), void *arg)
{
    if (pipe(desk->bell) == -1)
        return -1;
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    while (desk->thread_count < threads) {
        int error = pthread_create(
            &desk->threads[desk->thread_count], NULL, life, arg);
        if (error != 0) {
            desk_close(desk);
            errno = error;
            return -1;
        }
        desk->thread_count++;
    }
    return 0;
}

static void
desk_submit(struct desk *desk, struct operation *op)
{
    pthread_mutex_lock(&desk->lock);
    list_add(&desk->todo, op);
    desk->not_begun++;
    pthread_cond_signal(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

static int
desk_reap(struct desk *desk, struct af_done *done, int most)
{
    int n = 0;

    pthread_mutex_lock(&desk->lock);
    while (n < most && desk->done.first != NULL) {
        struct operation *op = take_back(desk);
        done[n++] = op->done;
        free(op);
    }
    pthread_mutex_unlock(&desk->lock);
    return n;
}

/* --- The pool ---------------------------------------------------- */

static void
perform(const struct af_disk *disk, struct operation *op)
{
    struct af_done *done = &op->done;

    if (op->kind == READ)
        done->result =
            read_all(disk, op->fd, op->to, op->length, op->offset);
    else if (op->kind == WRITE)
        done->result =
            write_all(disk, op->fd, op->from, op->length, op->offset);
    else if (op->kind == SYNC)
        done->result = sync_once(disk, op->fd);
    else
        done->result = load((const char *)op->copy, &done->bytes);
    done->error = done->result == -1 ? errno : 0;
}
/* Is a write to the same file still before this sync? */
static bool
must_wait(const struct desk *desk, const struct operation *sync)
{
    const struct operation *op = desk->todo.first;

    while (op != sync && (op->kind != WRITE || op->fd != sync->fd))
        op = op->next;
    return op != sync;
}

/* The first that nobody has begun and that may begin; or NULL. */
static struct operation *
next_one(const struct desk *desk)
{
    struct operation *op = desk->todo.first;

    while (op != NULL &&
           (op->begun || (op->kind == SYNC && must_wait(desk, op))))
        op = op->next;
    return op;
}
static void *
work(void *arg)
{
    struct af_pool *pool = arg;
    struct desk *desk = &pool->desk;
    struct operation *op;

    pthread_mutex_lock(&desk->lock);
    for (;;) {
        while ((op = next_one(desk)) == NULL &&
               !(desk->closing && desk->not_begun == 0))
            pthread_cond_wait(&desk->changed, &desk->lock);
        if (op == NULL)
            break;
        op->begun = true;
        desk->not_begun--;

        pthread_mutex_unlock(&desk->lock);
        perform(pool->disk, op);
        pthread_mutex_lock(&desk->lock);

        list_remove(&desk->todo, op);
        tell(desk, op);
        if (op->kind == WRITE || desk->closing)
            pthread_cond_broadcast(&desk->changed);
    }
    pthread_mutex_unlock(&desk->lock);
    return NULL;
}

struct af_pool *
af_open(int threads, int capacity, const struct af_disk *disk)
{
    if (threads < 1 || threads > MOST_THREADS || capacity < 1) {
        errno = EINVAL;
        return NULL;
    }
    struct af_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pool->disk = disk_or_system(disk);
    pool->capacity = (size_t)capacity;
    if (desk_open(&pool->desk, threads, work, pool) == -1) {
        int error = errno;
        free(pool);
        errno = error;
        return NULL;
    }
    return pool;
}

int
af_fd(struct af_pool *pool)
{
    return pool->desk.bell[0];
}

/* A copy of `op` that can be queued, with its tag and a path or
 * nothing behind it. */
static int
submit(struct af_pool *pool, struct operation op, const char *path,
    uint64_t tag)
{
    size_t more = path != NULL ? strlen(path) + 1 : 0;

    if (pool->with_us == pool->capacity) {
        errno = EAGAIN;
        return -1;
    }
    struct operation *copy = malloc(sizeof *copy + more);
    if (copy == NULL)
        return -1;
    *copy = op;
    copy->done.tag = tag;
    if (path != NULL)
        memcpy(copy->copy, path, more);
    pool->with_us++;
    desk_submit(&pool->desk, copy);
    return 0;
}

int
af_read(struct af_pool *pool, int fd, void *to, size_t length,
    off_t offset, uint64_t tag)
{
    struct operation op = {.kind = READ,
        .fd = fd,
        .to = to,
        .length = length,
        .offset = offset};

    return submit(pool, op, NULL, tag);
}

int
af_write(struct af_pool *pool, int fd, const void *from, size_t length,
    off_t offset, uint64_t tag)
{
    struct operation op = {.kind = WRITE,
        .fd = fd,
        .from = from,
        .length = length,
        .offset = offset};

    return submit(pool, op, NULL, tag);
}

int
af_sync(struct af_pool *pool, int fd, uint64_t tag)
{
    struct operation op = {.kind = SYNC, .fd = fd};

    return submit(pool, op, NULL, tag);
}

int
af_load(struct af_pool *pool, const char *path, uint64_t tag)
{
    struct operation op = {.kind = LOAD};

    return submit(pool, op, path, tag);
}

int
af_cancel(struct af_pool *pool, uint64_t tag)
{
    struct desk *desk = &pool->desk;
    int error = 0;

    pthread_mutex_lock(&desk->lock);
    struct operation *op = desk->todo.first;
    while (op != NULL && (op->begun || op->done.tag != tag))
        op = op->next;
    if (op != NULL) {
        list_remove(&desk->todo, op);
        desk->not_begun--;
        op->done.result = -1;
        op->done.error = ECANCELED;
        tell(desk, op);
    } else if (list_find(&desk->todo, tag) != NULL ||
               list_find(&desk->done, tag) != NULL) {
        error = EBUSY;
    } else {
        error = ENOENT;
    }
    pthread_mutex_unlock(&desk->lock);

    errno = error != 0 ? error : errno;
    return error == 0 ? 0 : -1;
}

int
af_reap(struct af_pool *pool, struct af_done *done, int most)
{
    int n = desk_reap(&pool->desk, done, most);

    pool->with_us -= (size_t)n;
    return n;
}

void
af_close(struct af_pool *pool)
{
    desk_close(&pool->desk);
    free(pool);
}

/* --- The log ----------------------------------------------------- */

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
    log->disk = disk_or_system(disk);
    if (scan(fd, log->disk, NULL, NULL, &log->end) == -1 ||
        desk_open(&log->desk, 0, NULL, NULL) == -1) {
        free(log);
        return NULL;
    }
    return log;
}

int
wal_fd(struct wal *log)
{
    return log->desk.bell[0];
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
    struct operation *op = malloc(sizeof *op + sizeof head + length);
    if (op == NULL)
        return -1;
    *op = (struct operation){
        .done = {.tag = tag, .result = (int64_t)length}};
    memcpy(op->copy, &head, sizeof head);
    if (length > 0)
        memcpy(op->copy + sizeof head, bytes, length);
    if (log->disk->pwrite(
            log->fd, op->copy, sizeof head + length, log->end) == -1 ||
        log->disk->sync(log->fd) == -1) {
        op->done.result = -1;
        op->done.error = errno;
    }
    log->end += (off_t)(sizeof head + length);
    pthread_mutex_lock(&log->desk.lock);
    tell(&log->desk, op);
    pthread_mutex_unlock(&log->desk.lock);
    return 0;
}

int
wal_reap(struct wal *log, struct af_done *done, int most)
{
    return desk_reap(&log->desk, done, most);
}

void
wal_close(struct wal *log)
{
    desk_close(&log->desk);
    free(log);
}

int64_t
wal_replay(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg)
{
    off_t end;

    return scan(fd, disk_or_system(disk), record, arg, &end);
}
