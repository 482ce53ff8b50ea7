/*
 * All locks at once, by BEGIN EXCLUSIVE; it sleeps in poll(). Threads
 * open their connections themselves. The writer is started by
 * dbq_open(); readers are, one after the other, once there is a query
 * and none of them is free. What a thread has done it puts into a list
 * on top, from which they are reaped. Readers may write as
 * far as their connection is concerned, but PRAGMA query_only says no.
 */

#include "db.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_READERS = 16 };

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

/* The end of a transaction: kept if all went well, and if not, or if it
 * cannot be kept, as if it had never begun. */
static enum db_outcome
end(sqlite3 *db, enum db_outcome outcome)
{
    if (outcome == DB_OK)
        outcome = outcome_of(sqlite3_exec(db, "COMMIT", 0, 0, 0));
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", 0, 0, 0);
    return outcome;
}

static int
insert(sqlite3_stmt *statement, const struct db_account *account)
{
    struct db_value row[] = {integer(account->id), text(account->owner),
        integer(account->cents),
        bytes(SQLITE_BLOB, account->note, account->note_length)};
    int code = bind_all(statement, row, 4);

    if (code == SQLITE_OK)
        sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_OK ? reset : code;
}

enum db_outcome
db_load(sqlite3 *db, const struct db_account *accounts, size_t n)
{
    static const char sql[] = "INSERT INTO account VALUES (?, ?, ?, ?)";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_exec(db, "BEGIN EXCLUSIVE", 0, 0, 0);

    if (code != SQLITE_OK)
        return outcome_of(code);
    code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    for (size_t i = 0; i < n && code == SQLITE_OK; i++)
        code = insert(statement, &accounts[i]);
    sqlite3_finalize(statement);
    return end(db, outcome_of(code));
}

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
    if (from != to && there > INT64_MAX - cents)
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

/* 8.3 Somebody has the lock */

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
wait_until(void *arg, int times)
{
    int64_t left = *(const int64_t *)arg - now_ms();

    (void)times;
    if (left > 0)
        poll(NULL, 0, left < 10 ? (int)left : 10);
    return left > 0;
}

enum db_outcome
db_transfer(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;
    enum db_outcome outcome;

    sqlite3_busy_handler(db, wait_until, &deadline);
    outcome = outcome_of(sqlite3_exec(db, "BEGIN EXCLUSIVE", 0, 0, 0));
    if (outcome == DB_OK) {
        outcome = look(db, from, to, cents, key);
        if (outcome == DB_OK)
            outcome = move(db, from, to, cents, key);
        outcome = end(db, outcome);
    }
    sqlite3_busy_handler(db, NULL, NULL);
    return outcome;
}

/* 8.4 Queries for somebody else */

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
};

struct worker {
    struct dbq *queue;
    struct jobs *jobs;
    pthread_t thread;
};

struct dbq {
    const char *path;
    int readers;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t more;
    struct jobs execs, queries;
    struct job *done; /* the last one is on top */
    size_t waiting;   /* queries that nobody has taken */
    int idle, count;  /* of the readers; of all threads */
    int opened;       /* what the writer says: 0, or an errno */
    bool closing;
    int bell[2];
    struct worker workers[1 + MOST_READERS];
};

static void
ring(struct dbq *queue)
{
    while (write(queue->bell[1], "!", 1) == -1 && errno == EINTR)
        continue;
}

static void
hush(struct dbq *queue)
{
    char byte;

    while (read(queue->bell[0], &byte, 1) == -1 && errno == EINTR)
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

/* While somebody outside has the lock: once more, from the start. */
static void
run(sqlite3 *db, struct job *job)
{
    while (attempt(db, job) == SQLITE_BUSY) {
        free(job->done.message);
        job->done.message = NULL;
        poll(NULL, 0, 10);
    }
}

void
dbq_free(struct dbq_done *done)
{
    drop_rows(done);
    free(done->message);
    done->message = NULL;
}

/* A connection, for whoever runs this; *error is 0 or an errno. */
static sqlite3 *
connect_to(const char *path, bool writes, int *error)
{
    sqlite3 *db = NULL;
    struct job pragma = {.sql = "PRAGMA query_only = ON"};
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (writes)
        pragma.sql = "PRAGMA journal_mode = WAL";
    if (code == SQLITE_OK) {
        run(db, &pragma);
        code = pragma.done.error;
    }
    if (code == SQLITE_OK && writes &&
        (pragma.done.rows != 1 ||
            strcmp(pragma.done.values[0].bytes, "wal") != 0))
        code = SQLITE_ERROR;
    dbq_free(&pragma.done);
    *error = code == SQLITE_OK ? 0 : EIO;
    if (code == SQLITE_NOMEM)
        *error = ENOMEM;
    return db;
}

static void *
work(void *arg)
{
    struct worker *worker = arg;
    struct dbq *queue = worker->queue;
    bool writes = worker == &queue->workers[0];
    int error;
    sqlite3 *db = connect_to(queue->path, writes, &error);

    pthread_mutex_lock(&queue->lock);
    if (writes) {
        queue->opened = error;
        pthread_cond_broadcast(&queue->more);
        if (error != 0)
            queue->closing = true;
    }
    for (;;) {
        struct job *job = take(worker->jobs);

        if (job == NULL && queue->closing)
            break;
        if (job == NULL) {
            queue->idle += !writes;
            pthread_cond_wait(&queue->more, &queue->lock);
            queue->idle -= !writes;
            continue;
        }
        if (!writes)
            queue->waiting--;
        pthread_mutex_unlock(&queue->lock);
        if (error == 0)
            run(db, job);
        else
            job->done.error = SQLITE_CANTOPEN;
        pthread_mutex_lock(&queue->lock);
        if (queue->done == NULL)
            ring(queue);
        job->next = queue->done;
        queue->done = job;
    }
    pthread_mutex_unlock(&queue->lock);
    sqlite3_close(db);
    return NULL;
}

static int
start(struct dbq *queue)
{
    struct worker *worker = &queue->workers[queue->count];

    worker->queue = queue;
    worker->jobs = queue->count == 0 ? &queue->execs : &queue->queries;
    int error = pthread_create(&worker->thread, NULL, work, worker);
    if (error == 0)
        queue->count++;
    return error;
}

int
dbq_query(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    struct job *job = copy(sql, values, n);

    if (job == NULL) {
        errno = ENOMEM;
        return -1;
    }
    job->done.tag = tag;
    pthread_mutex_lock(&queue->lock);
    bool more = queue->waiting >= (size_t)queue->idle &&
                queue->count < 1 + queue->readers;
    if (more && start(queue) != 0 && queue->count == 1) {
        pthread_mutex_unlock(&queue->lock);
        free(job);
        errno = ENOMEM;
        return -1;
    }
    append(&queue->queries, job);
    queue->waiting++;
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    return 0;
}

int
dbq_exec(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    struct job *job = copy(sql, values, n);

    if (job == NULL) {
        errno = ENOMEM;
        return -1;
    }
    job->done.tag = tag;
    pthread_mutex_lock(&queue->lock);
    append(&queue->execs, job);
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    return 0;
}

/* 8.5 The loop goes on */

int
dbq_fd(struct dbq *queue)
{
    return queue->bell[0];
}

int
dbq_reap(struct dbq *queue, struct dbq_done *done, int most)
{
    int n = 0;

    pthread_mutex_lock(&queue->lock);
    bool some = queue->done != NULL;
    while (n < most && queue->done != NULL) {
        struct job *job = queue->done;

        queue->done = job->next;
        done[n++] = job->done;
        free(job);
    }
    if (some && queue->done == NULL)
        hush(queue);
    pthread_mutex_unlock(&queue->lock);
    return n;
}

void
dbq_close(struct dbq *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    for (int i = 0; i < queue->count; i++)
        pthread_join(queue->workers[i].thread, NULL);
    while (queue->done != NULL) {
        struct job *job = queue->done;

        queue->done = job->next;
        dbq_free(&job->done);
        free(job);
    }
    close(queue->bell[0]);
    close(queue->bell[1]);
    pthread_cond_destroy(&queue->more);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

struct dbq *
dbq_open(const char *path, int readers)
{
    if (readers < 1 || readers > MOST_READERS) {
        errno = EINVAL;
        return NULL;
    }
    struct dbq *queue = calloc(1, sizeof *queue + strlen(path) + 1);
    if (queue == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    queue->path = strcpy((char *)(queue + 1), path);
    queue->readers = readers;
    queue->opened = -1;
    if (pipe(queue->bell) == -1) {
        free(queue);
        return NULL;
    }
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->more, NULL);
    queue->execs.end = &queue->execs.first;
    queue->queries.end = &queue->queries.first;
    int error = start(queue);

    pthread_mutex_lock(&queue->lock);
    while (error == 0 && queue->opened == -1)
        pthread_cond_wait(&queue->more, &queue->lock);
    error = error == 0 ? queue->opened : error;
    pthread_mutex_unlock(&queue->lock);
    if (error != 0) {
        dbq_close(queue);
        errno = error;
        return NULL;
    }
    return queue;
}
