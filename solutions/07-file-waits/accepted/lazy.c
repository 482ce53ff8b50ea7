/*
 * File waits, where threads are made when there is work for them and
 * nobody is idle, and an eventfd counts the results. The log does not
 * cut its file off: it trusts in its checksums, each of which begins
 * with the one before.
 *
 * Theory of operation. A pool and a log both stand behind a desk: two
 * lists, `todo` and `done`, and threads. The owner puts operations at
 * the end of `todo`; a thread takes one, does it without the lock, and
 * moves it to the end of `done`, from where the owner takes it back.
 * What is in `todo` stays there until it is done, so that a sync sees
 * which writes are still before it.
 *
 * The lock of the desk guards all its fields; a thread holds it for as
 * long as it takes to change a list, and never at the disk. `changed`
 * is signalled for each that is added, and broadcast when something
 * that others may wait for has come about. The rest of a pool or log
 * belongs to its owner or, where it says so, to the log's one thread.
 */

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MOST_THREADS = 64, BLOCK = 64 << 10 };

enum kind { READ, WRITE, SYNC, LOAD, APPEND };
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
    size_t idle; /* threads that wait for work */
    int bell;    /* an eventfd: the length of `done` */
    bool closing;
    void *(*life)(void *); /* from here on all is the owner's */
    void *arg;
    pthread_t threads[MOST_THREADS];
    int most_threads;
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
    uint64_t sum; /* of the last record that was appended */
    off_t end;    /* the thread's: behind the last that was written */
    int error;    /* the thread's: of the first that failed */
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
    uint64_t one = 1;

    while (write(desk->bell, &one, sizeof one) == -1 && errno == EINTR)
        continue;
    list_add(&desk->done, op);
}

static struct operation *
take_back(struct desk *desk)
{
    struct operation *op = desk->done.first;
    uint64_t one;

    list_remove(&desk->done, op);
    while (read(desk->bell, &one, sizeof one) == -1 && errno == EINTR)
        continue;
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
    close(desk->bell);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->lock);
}

/* Up to `threads` threads are to run life(arg). */
static int
desk_open(
    struct desk *desk, int threads, void *(*life)(void *), void *arg)
{
    desk->bell = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC);
    if (desk->bell == -1)
        return -1;
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    desk->most_threads = threads;
    desk->life = life;
    desk->arg = arg;
    return 0;
}

/* With the lock: is there somebody for what will be there? */
static int
desk_hire(struct desk *desk)
{
    if (desk->idle > desk->not_begun ||
        desk->thread_count == desk->most_threads)
        return 0;
    int error = pthread_create(&desk->threads[desk->thread_count], NULL,
        desk->life, desk->arg);
    if (error == 0)
        desk->thread_count++;
    return desk->thread_count > 0 ? 0 : -1;
}

static int
desk_submit(struct desk *desk, struct operation *op)
{
    pthread_mutex_lock(&desk->lock);
    int result = desk_hire(desk);
    if (result == 0) {
        list_add(&desk->todo, op);
        desk->not_begun++;
        pthread_cond_signal(&desk->changed);
    }
    pthread_mutex_unlock(&desk->lock);
    if (result == -1) {
        free(op);
        errno = ENOMEM;
    }
    return result;
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

static void
wait_for_work(struct desk *desk)
{
    desk->idle++;
    pthread_cond_wait(&desk->changed, &desk->lock);
    desk->idle--;
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
            wait_for_work(desk);
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
    return pool->desk.bell;
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
    if (desk_submit(&pool->desk, copy) == -1)
        return -1;
    pool->with_us++;
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
/* What stands before the bytes of a record, as it lies in memory. */
struct head {
    uint64_t length;
    uint64_t sum; /* of the length and the bytes, begun with the sum
                     of the record before */
};

static const uint64_t first_sum = 0xcbf29ce484222325;

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t
fnv(uint64_t sum, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < length; i++)
        sum = (sum ^ byte[i]) * 0x100000001b3;
    return sum;
}

static uint64_t
record_sum(uint64_t before, const void *bytes, uint64_t length)
{
    uint64_t sum = fnv(before, &length, sizeof length);

    return fnv(sum, bytes, length);
}

static ssize_t
record_write(struct wal *log, struct operation *op)
{
    ssize_t wrote =
        write_all(log->disk, log->fd, op->copy, op->length, log->end);

    if (wrote > 0)
        log->end += wrote;
    return wrote;
}

/* Write all records of the list, then sync once. Returns an errno. */
static int
put_on_disk(struct wal *log, struct operation *op)
{
    if (log->error != 0)
        return log->error;
    for (; op != NULL; op = op->next) {
        if (record_write(log, op) == -1)
            return errno;
    }
    return sync_once(log->disk, log->fd) == -1 ? errno : 0;
}
static void *
commit(void *arg)
{
    struct wal *log = arg;
    struct desk *desk = &log->desk;

    pthread_mutex_lock(&desk->lock);
    for (;;) {
        while (desk->todo.first == NULL && !desk->closing)
            wait_for_work(desk);
        if (desk->todo.first == NULL)
            break;
        struct list group = desk->todo;
        desk->todo = (struct list){NULL, NULL};
        desk->not_begun = 0;

        pthread_mutex_unlock(&desk->lock);
        log->error = put_on_disk(log, group.first);
        pthread_mutex_lock(&desk->lock);

        while (group.first != NULL) {
            struct operation *op = group.first;
            list_remove(&group, op);
            if (log->error != 0)
                op->done.result = -1;
            op->done.error = log->error;
            tell(desk, op);
        }
    }
    pthread_mutex_unlock(&desk->lock);
    return NULL;
}

/* Call `record` for each whole one (NULL: for none). Returns how many
 * there were, where they end, and the last one's sum; or -1. */
static int64_t
scan(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg, off_t *end, uint64_t *sum)
{
    unsigned char *bytes = malloc(WAL_MOST);
    struct head head;
    int64_t n = 0;
    ssize_t got;

    if (bytes == NULL)
        return -1;
    *end = 0;
    *sum = first_sum;
    for (;;) {
        got = read_all(disk, fd, &head, sizeof head, *end);
        if (got < (ssize_t)sizeof head || head.length > WAL_MOST)
            break;
        off_t start = *end + (off_t)sizeof head;
        got = read_all(disk, fd, bytes, head.length, start);
        if (got < (ssize_t)head.length)
            break;
        if (record_sum(*sum, bytes, head.length) != head.sum)
            break;
        if (record != NULL)
            record(bytes, head.length, arg);
        *end = start + got;
        *sum = head.sum;
        n++;
    }
    int error = errno;
    free(bytes);
    errno = error;
    return got == -1 ? -1 : n;
}

struct wal *
wal_open(int fd, const struct af_disk *disk)
{
    struct wal *log = calloc(1, sizeof *log);

    if (log == NULL)
        return NULL;
    log->fd = fd;
    log->disk = disk_or_system(disk);
    if (scan(fd, log->disk, NULL, NULL, &log->end, &log->sum) == -1)
        goto fail;
    if (desk_open(&log->desk, 1, commit, log) == -1)
        goto fail;
    return log;

fail:;
    int error = errno;
    free(log);
    errno = error;
    return NULL;
}

int
wal_fd(struct wal *log)
{
    return log->desk.bell;
}

int
wal_append(
    struct wal *log, const void *bytes, size_t length, uint64_t tag)
{
    struct head head = {.length = length};

    if (length > WAL_MOST) {
        errno = EMSGSIZE;
        return -1;
    }
    struct operation *op = malloc(sizeof *op + sizeof head + length);
    if (op == NULL)
        return -1;
    head.sum = record_sum(log->sum, bytes, length);
    *op = (struct operation){.kind = APPEND,
        .length = sizeof head + length,
        .done = {.tag = tag, .result = (int64_t)length}};
    memcpy(op->copy, &head, sizeof head);
    if (length > 0)
        memcpy(op->copy + sizeof head, bytes, length);
    if (desk_submit(&log->desk, op) == -1)
        return -1;
    log->sum = head.sum;
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
    uint64_t sum;

    return scan(fd, disk_or_system(disk), record, arg, &end, &sum);
}
