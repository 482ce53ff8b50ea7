#ifndef DATABASE_H
#define DATABASE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * An SQLite database that several processes write and that outlives its
 * own corruption. Its caller is the gradebook; sqlite3.h stays in here.
 *
 * It is in WAL mode with synchronous=FULL: what was committed stays, and a
 * process killed at any moment leaves a transaction wholly in or wholly
 * out. A writer waits 10 s for another one.
 */
struct database;

/* A row while it is visited: SQLite's statement. */
struct sqlite3_stmt;
typedef void database_visit(struct sqlite3_stmt *row, void *arg);

enum database_result { DATABASE_OK, DATABASE_CORRUPT, DATABASE_FAILED };

/*
 * Open or begin the database at `path`, making its folder where that is
 * missing. schema[n] is SQL that makes version n + 1 of version n and sets
 * user_version so, for n from 0 (nothing there yet) to `version` - 1; kept,
 * not copied. An older or new one is brought to `version` in one
 * transaction, wholly or not at all. A corrupt one is set aside (dbfile.h),
 * which a warning says, and begun anew. Below 64 MiB corruption is looked
 * for here (PRAGMA quick_check), in a larger one it is met later.
 * NULL, after a warning with path and reason, when it cannot be had: no
 * folder, read-only, another program's, or of a newer version; what was
 * refused is not written to.
 */
struct database *database_open(
    const char *path, const char *const *schema, int version);
void database_close(struct database *db);
const char *database_path(const struct database *db);

/* Call it before each piece of work: opens the path again when the file
 * was moved or removed since. False, after a warning, when that failed. */
bool database_ready(struct database *db);

/*
 * Run one statement, with a value bound for each letter of `types`:
 * d double (NAN for NULL), i int, l int64_t, t text (NULL for NULL; it lives
 * until the return). Visits each row; `visit` may be NULL and must not use
 * `db`.
 */
enum database_result database_query(struct database *db, database_visit *visit,
    void *arg, const char *sql, const char *types, ...);

/* The columns of a row, from 0. Text lives until the visit returns, and is
 * NULL for NULL. database_read_int takes an int * and reads column 0. */
const char *database_text(struct sqlite3_stmt *row, int column);
int64_t database_int(struct sqlite3_stmt *row, int column);
double database_double(struct sqlite3_stmt *row, int column);
database_visit database_read_int;

/* The id of the row that was inserted last. */
int64_t database_last_id(const struct database *db);

/* Take back the transaction, if one is open. */
void database_rollback(struct database *db);

/* After DATABASE_CORRUPT: set the file aside and begin anew. False, after
 * a warning, when there is none to go on with. */
bool database_renew(struct database *db);

/* After any failure: warn, and renew what is corrupt. Returns -1. */
int database_failed(struct database *db, enum database_result result);

/* PRAGMA integrity_check. DATABASE_CORRUPT after a warning. */
enum database_result database_check(struct database *db);

#endif
