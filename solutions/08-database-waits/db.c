/*
 * Database waits: the reference solution of lab 08.
 *
 * Two things are waited for. The disk, once a transaction: so what
 * belongs together goes into one. And whoever has the lock: so a
 * transaction that is going to write says so in its first word, before
 * it has read what another may change.
 *
 * Theory of operation of the queue. dbq_open() starts 1 + R threads,
 * each with a connection that nobody else touches. Statements wait in
 * two lists, for the writer (the first of the threads) and for the
 * readers (the others); what came of them waits in a third. One lock
 * guards the lists, and is never held while SQLite is at work. The
 * eventfd is set exactly while there is something in the third list.
 * dbq_close() lets the threads empty their lists, and joins them.
 */

#include "db.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_READERS = 16, LONGEST_NAP_MS = 20 };

/* What SQLite said, without the details in the upper bytes: those of
 * SQLITE_BUSY do not matter to us. */
static enum db_outcome
outcome_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return DB_OK;
    case SQLITE_BUSY:
        return DB_BUSY;
    default:
        return DB_ERROR;
    }
}

/* 8.1 All or nothing */

/* The i-th value is the parameter number i + 1. */
static int
bind_all(sqlite3_stmt *statement, const struct db_value *values, int n)
{
    int code = SQLITE_OK;

    for (int i = 0; i < n && code == SQLITE_OK; i++) {
        const struct db_value *value = &values[i];

        switch (value->type) {
        case SQLITE_INTEGER:
            code = sqlite3_bind_int64(statement, i + 1, value->integer);
            break;
        case SQLITE_FLOAT:
            code = sqlite3_bind_double(statement, i + 1, value->real);
            break;
        case SQLITE_TEXT:
            code = sqlite3_bind_text64(statement, i + 1, value->bytes,
                value->length, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case SQLITE_BLOB:
            code = sqlite3_bind_blob64(statement, i + 1, value->bytes,
                value->length, SQLITE_STATIC);
            break;
        default:
            code = sqlite3_bind_null(statement, i + 1);
        }
    }
    return code;
}

static struct db_value
integer(int64_t i)
{
    return (struct db_value){.type = SQLITE_INTEGER, .integer = i};
}

static struct db_value
bytes(int type, const void *bytes, size_t length)
{
    if (bytes == NULL)
        type = SQLITE_NULL;
    return (struct db_value){
        .type = type, .bytes = bytes, .length = length};
}

static struct db_value
text(const char *string)
{
    return bytes(
        SQLITE_TEXT, string, string != NULL ? strlen(string) : 0);
}

/* book: end */
/* The end of a transaction: kept if all went well, and if not, or if it
 * cannot be kept, as if it had never begun. */
static enum db_outcome
end(sqlite3 *db, enum db_outcome outcome)
{
    if (outcome == DB_OK)
        outcome = outcome_of(sqlite3_exec(db, "COMMIT", 0, 0, 0));
    if (!sqlite3_get_autocommit(db)) /* @open */
        sqlite3_exec(db, "ROLLBACK", 0, 0, 0);
    return outcome;
}
/* book: end end */

/* book: load */
static int
insert(sqlite3_stmt *statement, const struct db_account *account)
{
    struct db_value row[] = {integer(account->id), text(account->owner),
        integer(account->cents),
        bytes(SQLITE_BLOB, account->note, account->note_length)};
    int code = bind_all(statement, row, 4);

    if (code == SQLITE_OK)
        sqlite3_step(statement);
    int reset = sqlite3_reset(statement); /* @reset */
    return code == SQLITE_OK ? reset : code;
}

enum db_outcome
db_load(sqlite3 *db, const struct db_account *accounts, size_t n)
{
    static const char sql[] = "INSERT INTO account VALUES (?, ?, ?, ?)";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0);

    if (code != SQLITE_OK)
        return outcome_of(code);
    code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    for (size_t i = 0; i < n && code == SQLITE_OK; i++)
        code = insert(statement, &accounts[i]);
    sqlite3_finalize(statement);
    return end(db, outcome_of(code));
}
/* book: end load */

/* 8.2 Money moves once */

/* One statement, from its text to its end: SQLITE_DONE, an error, or
 * SQLITE_ROW with the first number of the first row. */
static int
ask(sqlite3 *db, const char *sql, const struct db_value *values, int n,
    int64_t *number)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = bind_all(statement, values, n);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

/* book: move */
/* Look, at the key and then at the money: DB_OK if it may move. */
static enum db_outcome
look(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key)
{
    static const char moved[] = "SELECT 1 FROM moved WHERE key = ?";
    static const char has[] = "SELECT cents FROM account WHERE id = ?";
    struct db_value wanted = text(key);
    struct db_value source = integer(from);
    struct db_value target = integer(to);
    int64_t there, here;

    int code = ask(db, moved, &wanted, 1, &there);
    if (code != SQLITE_DONE)
        return code == SQLITE_ROW ? DB_AGAIN : outcome_of(code);
    code = ask(db, has, &source, 1, &here);
    if (code == SQLITE_ROW)
        code = ask(db, has, &target, 1, &there);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? DB_ERROR : outcome_of(code);
    if (here < cents)
        return DB_NO_FUNDS;
    if (from != to && there > INT64_MAX - cents) /* @most */
        return DB_ERROR;
    return DB_OK;
}

/* Here it moves, in the transaction in which we looked. */
static enum db_outcome
move(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key)
{
    static const char add[] =
        "UPDATE account SET cents = cents + ? WHERE id = ?";
    static const char keep[] = "INSERT INTO moved VALUES (?, ?, ?, ?)";
    struct db_value taken[] = {integer(-cents), integer(from)};
    struct db_value given[] = {integer(cents), integer(to)};
    struct db_value used[] = {
        text(key), integer(from), integer(to), integer(cents)};
    int64_t none;

    int code = ask(db, keep, used, 4, &none);
    if (code == SQLITE_DONE && from != to)
        code = ask(db, add, taken, 2, &none);
    if (code == SQLITE_DONE && from != to)
        code = ask(db, add, given, 2, &none);
    return outcome_of(code);
}
/* book: end move */

/* 8.3 Somebody has the lock */

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* book: wait */
/* SQLite's busy handler: sleep a little, and say whether to try again.
 * arg points to the moment at which that ends. */
static int
wait_until(void *arg, int times)
{
    int64_t left = *(const int64_t *)arg - now_ms();
    int64_t nap = times < LONGEST_NAP_MS ? times + 1 : LONGEST_NAP_MS;

    if (left <= 0)
        return 0; /* @give-up */
    sqlite3_sleep((int)(left < nap ? left : nap));
    return 1;
}

enum db_outcome
db_transfer(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;
    enum db_outcome outcome;

    sqlite3_busy_handler(db, wait_until, &deadline);
    outcome = outcome_of(
        sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0)); /* @begin */
    if (outcome == DB_OK) {
        outcome = look(db, from, to, cents, key);
        if (outcome == DB_OK)
            outcome = move(db, from, to, cents, key);
        outcome = end(db, outcome);
    }
    sqlite3_busy_handler(db, NULL, NULL);
    return outcome;
}
/* book: end wait */

/* 8.4 Queries for somebody else */

/* book: queue */
/* A statement on its way: its text, its parameters and their bytes lie
 * behind it, in the same piece of memory. */
struct job {
    struct job *next;
    const char *sql;
    struct db_value *values;
    int n;
    struct dbq_done done;
};

struct jobs {
    struct job *first, **end; /* where the next one is hung */
    pthread_cond_t more;
};

struct worker {
    struct dbq *queue;
    struct jobs *jobs;
    sqlite3 *db; /* its own, as long as the thread runs */
    pthread_t thread;
    bool runs;
};

struct dbq {
    pthread_mutex_t lock; /* of all that follows, up to the workers */
    struct jobs execs, queries, done;
    bool closing;
    int fd;
    int count;
    struct worker workers[1 + MOST_READERS];
};
/* book: end queue */

/* The eventfd holds a 1, or nothing. */
static void
ring(struct dbq *queue)
{
    uint64_t one = 1;

    while (write(queue->fd, &one, sizeof one) == -1 && errno == EINTR)
        continue;
}

static void
hush(struct dbq *queue)
{
    uint64_t one;

    while (read(queue->fd, &one, sizeof one) == -1 && errno == EINTR)
        continue;
}

static void
append(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    *jobs->end = job;
    jobs->end = &job->next;
}

static struct job *
take(struct jobs *jobs)
{
    struct job *job = jobs->first;

    if (job != NULL)
        jobs->first = job->next;
    if (jobs->first == NULL)
        jobs->end = &jobs->first;
    return job;
}

static size_t
bytes_of(const struct db_value *value)
{
    bool has = value->type == SQLITE_TEXT || value->type == SQLITE_BLOB;

    return has ? value->length : 0;
}

/* All of it in one piece; NULL without memory. */
static struct job *
copy(const char *sql, const struct db_value *values, int n)
{
    size_t count = n > 0 ? (size_t)n : 0;
    size_t room = strlen(sql) + 1;

    for (size_t i = 0; i < count; i++)
        room += bytes_of(&values[i]);
    struct job *job =
        malloc(sizeof *job + count * sizeof *values + room);
    if (job == NULL)
        return NULL;
    *job = (struct job){.values = (struct db_value *)(job + 1), .n = n};
    char *at = (char *)(job->values + count);

    job->sql = strcpy(at, sql);
    at += strlen(sql) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = bytes_of(&values[i]);

        job->values[i] = values[i];
        job->values[i].bytes = at;
        if (length > 0)
            memcpy(at, values[i].bytes, length);
        at += length;
    }
    return job;
}

static int
submit(struct dbq *queue, struct jobs *jobs, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    struct job *job = copy(sql, values, n);

    if (job == NULL) {
        errno = ENOMEM;
        return -1;
    }
    job->done.tag = tag;
    pthread_mutex_lock(&queue->lock);
    append(jobs, job);
    pthread_cond_signal(&jobs->more);
    pthread_mutex_unlock(&queue->lock);
    return 0;
}

int
dbq_query(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, &queue->queries, sql, values, n, tag);
}

int
dbq_exec(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, &queue->execs, sql, values, n, tag);
}

/* book: row */
/* A copy: what a column points to is gone with the next step. */
static int
copy_column(sqlite3_stmt *statement, int i, struct db_value *value)
{
    *value =
        (struct db_value){.type = sqlite3_column_type(statement, i)};
    value->integer = sqlite3_column_int64(statement, i);
    value->real = sqlite3_column_double(statement, i);
    if (value->type != SQLITE_TEXT && value->type != SQLITE_BLOB)
        return SQLITE_OK;

    const void *from = value->type == SQLITE_TEXT
                           ? sqlite3_column_text(statement, i)
                           : sqlite3_column_blob(statement, i);
    size_t length = (size_t)sqlite3_column_bytes(statement, i);
    char *to = malloc(length + 1);

    if (to == NULL || (from == NULL && length > 0)) {
        free(to);
        return SQLITE_NOMEM;
    }
    if (length > 0)
        memcpy(to, from, length);
    to[length] = '\0';
    value->bytes = to;
    value->length = length;
    return SQLITE_OK;
}
/* book: end row */

static int
add_row(sqlite3_stmt *statement, struct dbq_done *done)
{
    size_t have = done->rows * done->columns;
    int code = SQLITE_OK;

    /* Twice as much whenever there is a power of two of rows. */
    if ((done->rows & (done->rows - 1)) == 0) {
        size_t room = (done->rows + (done->rows == 0)) * 2;
        void *more = realloc(
            done->values, room * done->columns * sizeof *done->values);

        if (more == NULL)
            return SQLITE_NOMEM;
        done->values = more;
    }
    for (size_t i = 0; i < done->columns; i++) {
        struct db_value *value = &done->values[have + i];

        *value = (struct db_value){.type = SQLITE_NULL};
        if (code == SQLITE_OK)
            code = copy_column(statement, (int)i, value);
    }
    done->rows++;
    return code;
}

static void
drop_rows(struct dbq_done *done)
{
    for (size_t i = 0; i < done->rows * done->columns; i++)
        free((void *)done->values[i].bytes);
    free(done->values);
    done->values = NULL;
    done->rows = done->columns = 0;
}

static int
rows(sqlite3_stmt *statement, struct dbq_done *done)
{
    int code;

    done->columns = (size_t)sqlite3_column_count(statement);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = add_row(statement, done);
        if (code != SQLITE_OK)
            break;
    }
    return code;
}

/* The statement, from its text to its last row, once. */
static int
attempt(sqlite3 *db, struct job *job)
{
    sqlite3_stmt *statement = NULL;
    int64_t before = sqlite3_total_changes(db);
    int code = sqlite3_prepare_v2(db, job->sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = bind_all(statement, job->values, job->n);
    if (code == SQLITE_OK)
        code = rows(statement, &job->done);
    job->done.error = code == SQLITE_DONE ? SQLITE_OK : code & 0xff;
    if (job->done.error != SQLITE_OK) {
        drop_rows(&job->done);
        job->done.message =
            strdup(code == sqlite3_errcode(db) ? sqlite3_errmsg(db)
                                               : sqlite3_errstr(code));
    } else if (sqlite3_total_changes(db) != before) {
        job->done.changes = sqlite3_changes(db);
    }
    sqlite3_finalize(statement);
    if (!sqlite3_get_autocommit(db)) /* it was a BEGIN, and alone */
        sqlite3_exec(db, "ROLLBACK", 0, 0, 0);
    return job->done.error;
}

/* book: work */
/* While somebody outside has the lock: once more, from the start. */
static void
run(sqlite3 *db, struct job *job)
{
    while (attempt(db, job) == SQLITE_BUSY) {
        free(job->done.message);
        job->done.message = NULL;
        sqlite3_sleep(LONGEST_NAP_MS);
    }
}

static void *
work(void *arg)
{
    struct worker *worker = arg;
    struct dbq *queue = worker->queue;

    pthread_mutex_lock(&queue->lock);
    for (;;) {
        struct job *job = take(worker->jobs);

        if (job == NULL && queue->closing)
            break;
        if (job == NULL) {
            pthread_cond_wait(&worker->jobs->more, &queue->lock);
            continue;
        }
        pthread_mutex_unlock(&queue->lock); /* @unlocked */
        run(worker->db, job);
        pthread_mutex_lock(&queue->lock);
        if (queue->done.first == NULL)
            ring(queue);
        append(&queue->done, job);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}
/* book: end work */

/* 8.5 The loop goes on */

int
dbq_fd(struct dbq *queue)
{
    return queue->fd;
}

/* book: reap */
int
dbq_reap(struct dbq *queue, struct dbq_done *done, int most)
{
    int n = 0;

    pthread_mutex_lock(&queue->lock);
    while (n < most && queue->done.first != NULL) {
        struct job *job = take(&queue->done);

        done[n++] = job->done;
        free(job);
    }
    if (n > 0 && queue->done.first == NULL)
        hush(queue); /* @hush */
    pthread_mutex_unlock(&queue->lock);
    return n;
}
/* book: end reap */

void
dbq_free(struct dbq_done *done)
{
    drop_rows(done);
    free(done->message);
    done->message = NULL;
}

void
dbq_close(struct dbq *queue)
{
    struct job *job;

    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_cond_broadcast(&queue->execs.more);
    pthread_cond_broadcast(&queue->queries.more);
    pthread_mutex_unlock(&queue->lock);
    for (int i = 0; i < queue->count; i++) {
        if (queue->workers[i].runs)
            pthread_join(queue->workers[i].thread, NULL);
        sqlite3_close(queue->workers[i].db);
    }
    while ((job = take(&queue->done)) != NULL) {
        dbq_free(&job->done);
        free(job);
    }
    if (queue->fd != -1)
        close(queue->fd);
    pthread_cond_destroy(&queue->execs.more);
    pthread_cond_destroy(&queue->queries.more);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

/* book: wal */
static int
use_wal(sqlite3 *db)
{
    struct job wal = {.sql = "PRAGMA journal_mode = WAL"};

    run(db, &wal);
    int code = wal.done.error;
    if (code == SQLITE_OK &&
        (wal.done.rows != 1 ||
            strcmp(wal.done.values[0].bytes, "wal") != 0))
        code = SQLITE_ERROR; /* @stays */
    dbq_free(&wal.done);
    return code;
}
/* book: end wal */

/* Returns 0, or an errno. */
static int
start(struct worker *worker, const char *path)
{
    bool writes = worker->jobs == &worker->queue->execs;
    int flags = writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(
        path, &worker->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (code == SQLITE_OK && writes)
        code = use_wal(worker->db);
    if (code != SQLITE_OK)
        return code == SQLITE_NOMEM ? ENOMEM : EIO;
    int error = pthread_create(&worker->thread, NULL, work, worker);
    worker->runs = error == 0;
    return error;
}

struct dbq *
dbq_open(const char *path, int readers)
{
    if (readers < 1 || readers > MOST_READERS) {
        errno = EINVAL;
        return NULL;
    }
    struct dbq *queue = calloc(1, sizeof *queue);
    if (queue == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->execs.more, NULL);
    pthread_cond_init(&queue->queries.more, NULL);
    queue->execs.end = &queue->execs.first;
    queue->queries.end = &queue->queries.first;
    queue->done.end = &queue->done.first;
    queue->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int error = queue->fd == -1 ? errno : 0;

    for (int i = 0; i < 1 + readers && error == 0; i++) {
        struct worker *worker = &queue->workers[queue->count++];

        worker->queue = queue;
        worker->jobs = i == 0 ? &queue->execs : &queue->queries;
        error = start(worker, path);
    }
    if (error != 0) {
        dbq_close(queue);
        errno = error;
        return NULL;
    }
    return queue;
}
