#ifndef DB_H
#define DB_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A database without waiting more than there is to wait for: rows in
 * one go, money that moves once, and queries that somebody else waits
 * for.
 *
 * All of SQLite may be used but what changes it for the whole process.
 * System calls allowed: read, write, close, pipe, pipe2, eventfd, poll,
 * fcntl, nanosleep, clock_gettime, the functions of pthread.h and
 * semaphore.h, and for processes fork, waitpid, kill, socketpair and
 * _exit. From the C library whatever only computes, allocates or
 * prints.
 *
 * The tables, which are there already:
 *
 *     CREATE TABLE account (id INTEGER PRIMARY KEY, owner TEXT,
 *         cents INTEGER NOT NULL, note BLOB);
 *     CREATE TABLE moved (key TEXT PRIMARY KEY, source INTEGER,
 *         target INTEGER, cents INTEGER);
 *
 * Connections that are handed in have the settings that SQLite gives
 * them, in either journal mode, and no busy handler. They stay the
 * caller's, and come back without a transaction, without a statement
 * that is not finalized, and with their settings as they were (no busy
 * handler, too). A connection is never carried through a fork().
 */
enum db_outcome {
    DB_OK,
    DB_NO_FUNDS, /* nothing was changed */
    DB_AGAIN,    /* this key has moved its money before: nothing more */
    DB_BUSY,     /* somebody else has the lock; nothing was changed */
    DB_ERROR,    /* anything else; nothing was changed */
};

struct db_account {
    int64_t id;
    const char *owner; /* NULL: NULL */
    int64_t cents;
    const void *note; /* bytes, zeros among them; NULL: NULL */
    size_t note_length;
};

/* Insert all n accounts, or none. DB_BUSY at once when somebody else
 * has a lock that is in the way. With 1,000 of them the disk is waited
 * for as often as with one, and ten INSERTs at most are prepared. */
enum db_outcome db_load(
    sqlite3 *db, const struct db_account *accounts, size_t n);

/*
 * Move `cents` (1 or more) from one account to another, once for each
 * key, however often that is asked for, here and on other connections.
 * The key is looked at first, then the money: an account never has less
 * than nothing. From an account to itself nothing moves, but the money
 * has to be there and the key is used. An account that is not there, or
 * would have more than an int64_t holds, is DB_ERROR. Only DB_OK uses
 * the key, and is on the disk when it is returned.
 *
 * While somebody else has a lock that is in the way, be it one who
 * writes or one who reads, it tries again for deadline_ms (0 or more),
 * all in all; then DB_BUSY, 100 ms later at most. In between it sleeps
 * 100 ms at most: in nanosleep(), poll(), sqlite3_sleep() or SQLite's
 * own busy handler. It looks at clocks with clock_gettime().
 */
enum db_outcome db_transfer(sqlite3 *db, int64_t from, int64_t to,
    int64_t cents, const char *key, int deadline_ms);

/* A value, as a parameter and as a result. */
struct db_value {
    int type;          /* SQLITE_INTEGER, _FLOAT, _TEXT, _BLOB, _NULL */
    int64_t integer;   /* of SQLITE_INTEGER */
    double real;       /* of SQLITE_FLOAT */
    const void *bytes; /* of _TEXT and _BLOB; a text's NUL follows it */
    size_t length;     /* of them, without that NUL */
};

/* What came of a statement. With an error there are no rows. */
struct dbq_done {
    uint64_t tag;
    int error;     /* SQLITE_OK, or its (primary) result code */
    char *message; /* sqlite3_errmsg() then; NULL without an error */
    size_t rows, columns;    /* of a query */
    struct db_value *values; /* row by row */
    int64_t changes;         /* rows that an exec changed */
};

struct dbq;

/*
 * A queue in front of a database file that is there: statements go in
 * from one thread, its owner's, which never waits for a database; one
 * writer and `readers` readers (1 to 16), threads or processes, wait in
 * its place. Puts the database into WAL mode, so that readers and the
 * writer do not wait for each other. dbq_open() itself may wait. It
 * returns NULL, with nothing left open, and errno: EINVAL (readers),
 * ENOMEM, EIO (SQLite said no), or what the system said.
 */
struct dbq *dbq_open(const char *path, int readers);

/* Can be read exactly while results wait to be reaped. */
int dbq_fd(struct dbq *queue);

/*
 * Submit one statement with n values for its parameters; all is copied.
 * As many queries are at work at once as there are readers, whatever
 * the writer does; a query sees all that was reaped when it was
 * submitted. Execs are done one after the other, in order, each a
 * transaction of its own, and on the disk when it is reaped. A query
 * that would write is an error (SQLITE_READONLY). While another process
 * has the lock a statement is waited for, asleep, however long. They
 * return 0, or -1 with ENOMEM; each is reaped once.
 */
int dbq_query(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag);
int dbq_exec(struct dbq *queue, const char *sql,
    const struct db_value *values, int n, uint64_t tag);

/* Up to `most` results; returns how many. Never waits. Each is to be
 * freed by dbq_free(), also after dbq_close(). */
int dbq_reap(struct dbq *queue, struct dbq_done *done, int most);
void dbq_free(struct dbq_done *done);

/* Let all that was submitted be done, close all connections, and free
 * all; what nobody reaped is lost. */
void dbq_close(struct dbq *queue);

#endif
