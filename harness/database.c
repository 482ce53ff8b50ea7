#include "database.h"

#include "dbfile.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * Any number of processes have the database open. Rows are SQLite's care:
 * one writer at a time, the others wait.
 *
 * Beginning a database and setting a corrupt one aside are not: of two
 * processes that find the same damage, the second would put away what the
 * first has just begun. So both are done under a lock on the folder, which
 * the kernel releases with its owner, and only after another look. A
 * process that had the file open meanwhile sees before its next work that
 * the path leads elsewhere (SQLite's HAS_MOVED), and opens what stands
 * there now; the same helps after `make clean`.
 */

enum { BUSY_MS = 10000 };

static const off_t checked_bytes = 64 << 20;

struct database {
    char *path;
    const char *const *schema;
    int version;
    sqlite3 *handle; /* NULL while it could not be opened again */
    char *why;       /* of the last failure, in words */
};

static void
because(struct database *db, char *why)
{
    free(db->why);
    db->why = why;
}

/* Keep what SQLite says about `rc`, which its next call would forget. */
static enum database_result
noted(struct database *db, int rc)
{
    int kind = rc & 0xff;
    int error = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN
                    ? sqlite3_system_errno(db->handle)
                    : 0;

    if (rc == SQLITE_OK)
        return DATABASE_OK;
    const char *message = sqlite3_errmsg(db->handle);
    because(db, error != 0 ? text_format("%s: %s", message, strerror(error))
                           : text_copy(message));
    return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ? DATABASE_CORRUPT
                                                           : DATABASE_FAILED;
}

static int
bind(sqlite3_stmt *statement, int at, char type, va_list *values)
{
    switch (type) {
    case 'd':
        return sqlite3_bind_double(statement, at, va_arg(*values, double));
    case 'i':
        return sqlite3_bind_int(statement, at, va_arg(*values, int));
    case 'l':
        return sqlite3_bind_int64(statement, at, va_arg(*values, int64_t));
    default:
        return sqlite3_bind_text(
            statement, at, va_arg(*values, const char *), -1, SQLITE_STATIC);
    }
}

enum database_result
database_query(struct database *db, database_visit *visit, void *arg,
    const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = NULL;
    va_list values;

    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    va_start(values, types);
    for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++)
        rc = bind(statement, i + 1, types[i], &values);
    va_end(values);
    while (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        if (rc != SQLITE_ROW)
            break;
        if (visit != NULL)
            visit(statement, arg);
        rc = SQLITE_OK;
    }
    enum database_result result =
        noted(db, rc == SQLITE_DONE ? SQLITE_OK : rc);
    sqlite3_finalize(statement);
    return result;
}

const char *
database_text(struct sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

int64_t
database_int(struct sqlite3_stmt *row, int column)
{
    return sqlite3_column_int64(row, column);
}

double
database_double(struct sqlite3_stmt *row, int column)
{
    return sqlite3_column_double(row, column);
}

void
database_read_int(struct sqlite3_stmt *row, void *arg)
{
    *(int *)arg = sqlite3_column_int(row, 0);
}

/* A row of a check: "ok", or what is wrong. Keeps the first. */
static void
read_problem(sqlite3_stmt *row, void *arg)
{
    const char *said = database_text(row, 0);
    char **problem = arg;

    if (*problem == NULL && said != NULL && strcmp(said, "ok") != 0)
        *problem = text_copy(said);
}

static enum database_result
look_through(struct database *db, const char *pragma)
{
    char *problem = NULL;

    enum database_result result =
        database_query(db, read_problem, &problem, pragma, "");
    if (result == DATABASE_OK && problem != NULL) {
        because(db, problem);
        return DATABASE_CORRUPT;
    }
    free(problem);
    return result;
}

/* May we write here? Ours has our version, or nothing in it at all. */
static enum database_result
recognise(struct database *db, int *version)
{
    int tables = 0;

    enum database_result result = database_query(
        db, database_read_int, version, "PRAGMA user_version", "");
    if (result == DATABASE_OK)
        result = database_query(db, database_read_int, &tables,
            "SELECT count(*) FROM sqlite_master", "");
    if (result != DATABASE_OK)
        return result;
    if (*version > db->version)
        because(db,
            text_format("it has version %d of the schema, this lab knows %d: "
                        "a newer lab wrote it",
                *version, db->version));
    else if (*version < 0 || (*version == 0 && tables > 0))
        because(db, text_copy("it is another program's database"));
    else if (sqlite3_db_readonly(db->handle, "main") == 1)
        because(db, text_copy("it is read-only"));
    else
        return DATABASE_OK;
    return DATABASE_FAILED;
}

/* Bring it to our version, from whatever it has by now. */
static enum database_result
upgrade(struct database *db)
{
    int version = 0;

    enum database_result result =
        database_query(db, NULL, NULL, "BEGIN IMMEDIATE", "");
    if (result == DATABASE_OK)
        result = database_query(
            db, database_read_int, &version, "PRAGMA user_version", "");
    for (; result == DATABASE_OK && version < db->version; version++)
        result = noted(db,
            sqlite3_exec(db->handle, db->schema[version], NULL, NULL, NULL));
    if (result == DATABASE_OK)
        result = database_query(db, NULL, NULL, "COMMIT", "");
    return result;
}

/* Open the file at the path, looked through and ready for work. Nothing is
 * written before it is known to be ours and sound. */
static enum database_result
begin(struct database *db)
{
    static const char *const settings[] = {"PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"};
    int version = 0;
    struct stat status;

    enum database_result result =
        noted(db, sqlite3_open_v2(db->path, &db->handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL));
    if (result != DATABASE_OK)
        return result;
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    result = recognise(db, &version);
    if (result == DATABASE_OK && stat(db->path, &status) == 0 &&
        status.st_size < checked_bytes)
        result = look_through(db, "PRAGMA quick_check(1)");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (result == DATABASE_OK)
            result = database_query(db, NULL, NULL, settings[i], "");
    }
    if (result == DATABASE_OK && version < db->version)
        result = upgrade(db);
    return result;
}

/* Close the handle and leave file and log to the byte as they are. */
static void
drop(struct database *db)
{
    if (db->handle != NULL)
        sqlite3_db_config(
            db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    sqlite3_close(db->handle);
    db->handle = NULL;
}

static bool
has_moved(const struct database *db)
{
    int moved = 0;

    sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

/* The folder is locked, and `db->why` says what is wrong. */
static bool
set_aside(struct database *db)
{
    drop(db);
    char *aside = dbfile_set_aside(db->path);
    if (aside == NULL)
        because(db, text_format("it is corrupt and cannot be renamed: %s",
                        strerror(errno)));
    else
        warn("%s is corrupt (%s); it is kept as %s, and a new one is begun",
            db->path, db->why, aside);
    free(aside);
    return aside != NULL;
}

/* Open what stands at the path now. What is corrupt is set aside first; so
 * is the file in which the caller has met damage, if it still is there. */
static bool
open_again(struct database *db, bool met_damage)
{
    int folder = dbfile_lock(db->path);

    if (folder < 0) {
        warn("%s cannot be opened:", db->path);
        return false;
    }
    enum database_result result = DATABASE_CORRUPT;
    if (!met_damage || has_moved(db)) {
        drop(db);
        result = begin(db);
    }
    if (result == DATABASE_CORRUPT && set_aside(db))
        result = begin(db);
    if (result != DATABASE_OK) {
        warn("%s cannot be opened: %s", db->path, db->why);
        drop(db);
    }
    close(folder);
    return result == DATABASE_OK;
}

struct database *
database_open(const char *path, const char *const *schema, int version)
{
    struct database *db = text_zeroed(1, sizeof *db);

    db->path = text_copy(path);
    db->schema = schema;
    db->version = version;
    if (open_again(db, false))
        return db;
    database_close(db);
    return NULL;
}

void
database_close(struct database *db)
{
    if (db == NULL)
        return;
    sqlite3_close(db->handle);
    free(db->path);
    free(db->why);
    free(db);
}

const char *
database_path(const struct database *db)
{
    return db->path;
}

bool
database_ready(struct database *db)
{
    return (db->handle != NULL && !has_moved(db)) || open_again(db, false);
}

int64_t
database_last_id(const struct database *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

void
database_rollback(struct database *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool
database_renew(struct database *db)
{
    return open_again(db, true);
}

int
database_failed(struct database *db, enum database_result result)
{
    if (result == DATABASE_CORRUPT)
        open_again(db, true);
    else
        warn("%s: %s", db->path, db->why);
    return -1;
}

enum database_result
database_check(struct database *db)
{
    enum database_result result =
        look_through(db, "PRAGMA integrity_check(1)");

    if (result == DATABASE_CORRUPT)
        warn("%s is corrupt: %s", db->path, db->why);
    return result;
}
