/*
 * Database waits, as it may look once 8.1 to 8.2 are solved. The rest
 * is the starter.
 */

#include "db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0);

    if (code != SQLITE_OK)
        return outcome_of(code);
    code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    for (size_t i = 0; i < n && code == SQLITE_OK; i++)
        code = insert(statement, &accounts[i]);
    sqlite3_finalize(statement);
    return end(db, outcome_of(code));
}

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

/* TODO 8.3 Somebody has the lock
 * SQLite begins the time anew with each wait: it is no deadline. */
enum db_outcome
db_transfer(sqlite3 *db, int64_t from, int64_t to, int64_t cents,
    const char *key, int deadline_ms)
{
    sqlite3_busy_timeout(db, deadline_ms);
    enum db_outcome outcome =
        outcome_of(sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0));

    if (outcome == DB_OK) {
        outcome = look(db, from, to, cents, key);
        if (outcome == DB_OK)
            outcome = move(db, from, to, cents, key);
        outcome = end(db, outcome);
    }
    sqlite3_busy_timeout(db, 0);
    return outcome;
}

/* TODO 8.4 Queries for somebody else
 * Here whoever submits a statement does it himself, with the one
 * connection that there is. Give it to a thread instead: what does a
 * statement need to be laid aside? The functions below that copy rows
 * can stay as they are. */
struct dbq {
    sqlite3 *db;
    struct dbq_done *done; /* `count` of them */
    size_t count;
    int bell[2]; /* a pipe with a byte for each of them */
};

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

/* One statement, from its text to its last row. */
static void
answer(sqlite3 *db, const char *sql, const struct db_value *values,
    int n, struct dbq_done *done)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = bind_all(statement, values, n);
    if (code == SQLITE_OK)
        code = rows(statement, done);
    if (code == SQLITE_DONE)
        code = SQLITE_OK;
    done->error = code & 0xff;
    if (code != SQLITE_OK) {
        drop_rows(done);
        done->message = strdup(sqlite3_errmsg(db));
    }
    done->changes = sqlite3_changes(db);
    sqlite3_finalize(statement);
}

static int
submit(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    struct dbq_done *more =
        realloc(queue->done, (queue->count + 1) * sizeof *queue->done);

    if (more == NULL) {
        errno = ENOMEM;
        return -1;
    }
    queue->done = more;
    queue->done[queue->count] = (struct dbq_done){.tag = tag};
    answer(queue->db, sql, values, n, &queue->done[queue->count]);
    queue->count++;
    return write(queue->bell[1], "", 1) == 1 ? 0 : -1;
}

int
dbq_query(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, sql, values, n, tag);
}

int
dbq_exec(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    return submit(queue, sql, values, n, tag);
}

/* TODO 8.5 The loop goes on Once others are at work: who tells the
 * owner, and how is it kept that the descriptor can be read exactly
 * while there is something to reap? */
int
dbq_fd(struct dbq *queue)
{
    return queue->bell[0];
}

int
dbq_reap(struct dbq *queue, struct dbq_done *done, int most)
{
    int n = 0;
    char byte;

    while (n < most && (size_t)n < queue->count) {
        if (read(queue->bell[0], &byte, 1) != 1)
            break;
        done[n] = queue->done[n];
        n++;
    }
    queue->count -= (size_t)n;
    memmove(queue->done, queue->done + n,
        queue->count * sizeof *queue->done);
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
    for (size_t i = 0; i < queue->count; i++)
        dbq_free(&queue->done[i]);
    free(queue->done);
    close(queue->bell[0]);
    close(queue->bell[1]);
    sqlite3_close(queue->db);
    free(queue);
}

struct dbq *
dbq_open(const char *path, int readers)
{
    struct dbq *queue;

    if (readers < 1 || readers > 16) {
        errno = EINVAL;
        return NULL;
    }
    queue = calloc(1, sizeof *queue);
    if (queue == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    if (pipe(queue->bell) == -1) {
        free(queue);
        return NULL;
    }
    if (sqlite3_open_v2(path, &queue->db, SQLITE_OPEN_READWRITE,
            NULL) != SQLITE_OK) {
        dbq_close(queue);
        errno = EIO;
        return NULL;
    }
    return queue;
}
