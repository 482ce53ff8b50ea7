/*
 * Without looking first. Rows go in fifty at a time, in one VALUES. A
 * transfer writes at once, and what came of each write says whether it
 * might: INSERT ... ON CONFLICT DO NOTHING changes no row if the key
 * was there, UPDATE ... WHERE cents >= ? none without the money. It
 * waits with SQLite's own busy_timeout, and gives it what is left
 * before each statement. Each reader has a list of its own, and takes
 * from the longest of the others when that is empty. The bell is a
 * pipe.
 */

#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_READERS = 16, NAP_MS = 20 };

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

static int
run_sql(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static enum db_outcome
end(sqlite3 *db, enum db_outcome outcome)
{
    if (outcome == DB_OK)
        outcome = outcome_of(run_sql(db, "COMMIT"));
    if (!sqlite3_get_autocommit(db))
        run_sql(db, "ROLLBACK");
    return outcome;
}

enum { AT_ONCE = 50, COLUMNS = 4 };

/* INSERT with `rows` rows of question marks. */
static int
prepare(sqlite3 *db, size_t rows, sqlite3_stmt **statement)
{
    char sql[64 + AT_ONCE * 12] =
        "INSERT INTO account VALUES (?,?,?,?)";

    for (size_t i = 1; i < rows; i++)
        strcat(sql, ",(?,?,?,?)");
    return sqlite3_prepare_v2(db, sql, -1, statement, NULL);
}

static int
insert(sqlite3_stmt *statement, const struct db_account *accounts,
    size_t rows)
{
    struct db_value values[AT_ONCE * COLUMNS];
    struct db_value *next = values;

    for (size_t i = 0; i < rows; i++) {
        const struct db_account *account = &accounts[i];

        *next++ = integer(account->id);
        *next++ = text(account->owner);
        *next++ = integer(account->cents);
        *next++ =
            bytes(SQLITE_BLOB, account->note, account->note_length);
    }
    int code = bind_all(statement, values, (int)rows * COLUMNS);
    if (code != SQLITE_OK)
        return code;
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

enum db_outcome
db_load(sqlite3 *db, const struct db_account *accounts, size_t n)
{
    sqlite3_stmt *many = NULL;
    sqlite3_stmt *rest = NULL;
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0);

    if (code != SQLITE_OK)
        return outcome_of(code);
    if (n >= AT_ONCE)
        code = prepare(db, AT_ONCE, &many);
    if (code == SQLITE_OK && n % AT_ONCE != 0)
        code = prepare(db, n % AT_ONCE, &rest);
    for (size_t i = 0; i < n && code == SQLITE_OK; i += AT_ONCE) {
        if (n - i >= AT_ONCE)
            code = insert(many, accounts + i, AT_ONCE);
        else
            code = insert(rest, accounts + i, n - i);
    }
    sqlite3_finalize(many);
    sqlite3_finalize(rest);
    return end(db, outcome_of(code));
}

/* 8.2 Money moves once */

/* One statement; *changed says how many rows it changed. */
static int
change(sqlite3 *db, const char *sql, const struct db_value *values,
    int n, int *changed)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    code = bind_all(statement, values, n);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_DONE || code == SQLITE_ROW)
        *changed = code == SQLITE_ROW ? 1 : sqlite3_changes(db);
    if (sqlite3_stmt_readonly(statement) && code == SQLITE_DONE)
        *changed = 0;
    code = code == SQLITE_ROW ? SQLITE_DONE : code;
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* In a transaction: DB_OK, or why it is to be undone. */
static enum db_outcome
move(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key)
{
    struct db_value keep[] = {
        text(key), integer(from), integer(to), integer(cents)};
    struct db_value take[] = {integer(cents), integer(from)};
    struct db_value give[] = {
        integer(cents), integer(to), integer(INT64_MAX - cents)};
    int changed;
    int code = change(db,
        "INSERT INTO moved VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        keep, 4, &changed);

    if (code != SQLITE_OK)
        return outcome_of(code);
    if (changed == 0)
        return DB_AGAIN;
    code = change(db, "SELECT 1 FROM account WHERE id = ?", keep + 2, 1,
        &changed);
    if (code == SQLITE_OK && changed == 0)
        return DB_ERROR;
    if (code == SQLITE_OK)
        code = change(db,
            "UPDATE account SET cents = cents - ?1"
            " WHERE id = ?2 AND cents >= ?1",
            take, 2, &changed);
    if (code != SQLITE_OK)
        return outcome_of(code);
    if (changed == 0) {
        code = change(db, "SELECT 1 FROM account WHERE id = ?",
            keep + 1, 1, &changed);
        if (code != SQLITE_OK)
            return outcome_of(code);
        return changed == 0 ? DB_ERROR : DB_NO_FUNDS;
    }
    code = change(db,
        "UPDATE account SET cents = cents + ?1"
        " WHERE id = ?2 AND cents <= ?3",
        give, 3, &changed);
    if (code == SQLITE_OK && changed == 0)
        return DB_ERROR;
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

static void
allow(sqlite3 *db, int64_t deadline)
{
    int64_t left = deadline - now_ms();

    sqlite3_busy_timeout(db, left > 0 ? (int)left : 0);
}

enum db_outcome
db_transfer(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;

    allow(db, deadline);
    int code = run_sql(db, "BEGIN IMMEDIATE");
    enum db_outcome outcome = outcome_of(code);
    if (code == SQLITE_OK) {
        outcome = move(db, from, to, cents, key);
        allow(db, deadline);
        outcome = end(db, outcome);
    }
    sqlite3_busy_timeout(db, 0);
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
    size_t length;
};

struct worker {
    struct dbq *queue;
    struct jobs jobs;
    sqlite3 *db; /* its own, as long as the thread runs */
    pthread_t thread;
    bool runs;
};

struct dbq {
    pthread_mutex_t lock; /* of all that follows, up to the workers */
    struct jobs done;
    pthread_cond_t more;
    size_t next; /* the reader who is given the next query */
    bool closing;
    int bell[2];
    int count;
    struct worker workers[1 + MOST_READERS];
};

/* In the pipe there is a byte, or none. */
static void
ring(struct dbq *queue)
{
    while (write(queue->bell[1], "", 1) == -1 && errno == EINTR)
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
    jobs->length++;
}

static struct job *
take(struct jobs *jobs)
{
    struct job *job = jobs->first;

    if (job == NULL)
        return NULL;
    jobs->length--;
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
submit(struct dbq *queue, bool exec, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    struct job *job = copy(sql, values, n);

    if (job == NULL) {
        errno = ENOMEM;
        return -1;
    }
    job->done.tag = tag;
    pthread_mutex_lock(&queue->lock);
    size_t readers = (size_t)queue->count - 1;
    size_t who = exec ? 0 : 1 + queue->next++ % readers;

    append(&queue->workers[who].jobs, job);
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
    return 0;
}

int
dbq_query(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, false, sql, values, n, tag);
}

int
dbq_exec(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, true, sql, values, n, tag);
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
        sqlite3_sleep(NAP_MS);
    }
}

/* Its own first one; a reader without one takes from whom has most. */
static struct job *
find(struct worker *worker)
{
    struct dbq *queue = worker->queue;
    struct worker *most = worker;

    if (worker != &queue->workers[0] && worker->jobs.length == 0) {
        for (int i = 1; i < queue->count; i++) {
            if (queue->workers[i].jobs.length > most->jobs.length)
                most = &queue->workers[i];
        }
    }
    return take(&most->jobs);
}

static void *
work(void *arg)
{
    struct worker *worker = arg;
    struct dbq *queue = worker->queue;

    pthread_mutex_lock(&queue->lock);
    for (;;) {
        struct job *job = find(worker);

        if (job == NULL && queue->closing)
            break;
        if (job == NULL) {
            pthread_cond_wait(&queue->more, &queue->lock);
            continue;
        }
        pthread_mutex_unlock(&queue->lock);
        run(worker->db, job);
        pthread_mutex_lock(&queue->lock);
        if (queue->done.first == NULL)
            ring(queue);
        append(&queue->done, job);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
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
    while (n < most && queue->done.first != NULL) {
        struct job *job = take(&queue->done);

        done[n++] = job->done;
        free(job);
    }
    if (n > 0 && queue->done.first == NULL)
        hush(queue);
    pthread_mutex_unlock(&queue->lock);
    return n;
}

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
    pthread_cond_broadcast(&queue->more);
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
    close(queue->bell[0]);
    close(queue->bell[1]);
    pthread_cond_destroy(&queue->more);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static int
use_wal(sqlite3 *db)
{
    struct job wal = {.sql = "PRAGMA journal_mode = WAL"};

    run(db, &wal);
    int code = wal.done.error;
    if (code == SQLITE_OK &&
        (wal.done.rows != 1 ||
            strcmp(wal.done.values[0].bytes, "wal") != 0))
        code = SQLITE_ERROR;
    dbq_free(&wal.done);
    return code;
}

/* Returns 0, or an errno. */
static int
start(struct worker *worker, const char *path)
{
    bool writes = worker == &worker->queue->workers[0];
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
    if (pipe(queue->bell) == -1) {
        free(queue);
        return NULL;
    }
    fcntl(queue->bell[0], F_SETFD, FD_CLOEXEC);
    fcntl(queue->bell[1], F_SETFD, FD_CLOEXEC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->more, NULL);
    queue->done.end = &queue->done.first;
    for (int i = 0; i < 1 + readers; i++) {
        queue->workers[i].queue = queue;
        queue->workers[i].jobs.end = &queue->workers[i].jobs.first;
    }
    int error = 0;

    for (int i = 0; i < 1 + readers && error == 0; i++) {
        pthread_mutex_lock(&queue->lock);
        queue->count++; /* those who run look at it */
        pthread_mutex_unlock(&queue->lock);
        error = start(&queue->workers[i], path);
    }
    if (error != 0) {
        dbq_close(queue);
        errno = error;
        return NULL;
    }
    return queue;
}
