#include "clock.h"
#include "warn.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A hundred rows go into a table: each in a transaction of its own, and
 * all in one, in both journal modes. Then two connections, A and B, are
 * moved step by step, and both want the same ten cents; SQLite may wait
 * for a lock for a second and a half.
 *
 * What is printed is a timeline (harness/timeline.h). The disk's waits
 * are seen by a VFS that stands before SQLite's own: real syncs, of the
 * disk that the current directory is on.
 */
enum { ROWS = 100, BUSY_MS = 1500, MOST_SYNCS = 1000 };

static double zero_s;

static double
since_zero(void)
{
    return clock_now_s() - zero_s;
}

/* The syncs, watched --------------------- */

static bool counts; /* not what is done before and after */
static int syncs;
static double spans[MOST_SYNCS][2];
static sqlite3_vfs *real, watching;
static sqlite3_io_methods methods[2]; /* of databases; of all else */
static int (*really)(sqlite3_file *file, int flags);

static int
watch_sync(sqlite3_file *file, int flags)
{
    double start_s = since_zero();
    int code = really(file, flags);
    double end_s = since_zero();

    if (counts && syncs < MOST_SYNCS) {
        spans[syncs][0] = start_s;
        spans[syncs++][1] = end_s;
    }
    return code;
}

static int
open_watched(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
    int flags, int *opened)
{
    sqlite3_io_methods *ours =
        &methods[(flags & SQLITE_OPEN_MAIN_DB) == 0];
    int code = real->xOpen(real, path, file, flags, opened);

    (void)vfs;
    if (code == SQLITE_OK) {
        *ours = *file->pMethods;
        really = ours->xSync;
        ours->xSync = watch_sync;
        file->pMethods = ours;
    }
    return code;
}

static void
watch(void)
{
    real = sqlite3_vfs_find(NULL);
    watching = *real;
    watching.zName = "watching";
    watching.xOpen = open_watched;
    sqlite3_vfs_register(&watching, 0);
}

/* A database in the current directory --------------------- */

static char dir[] = "run-08-XXXXXX";

static void
tell(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *
connect_to(const char *path, const char *vfs)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3 *db;

    if (sqlite3_open_v2(path, &db, flags, vfs) != SQLITE_OK)
        die("open %s: %s", path, sqlite3_errmsg(db));
    return db;
}

/* A table, with the settings that SQLite gives it; or into WAL mode. */
static void
make(const char *path, bool wal)
{
    sqlite3 *db = connect_to(path, NULL);

    if (wal)
        tell(db, "PRAGMA journal_mode = WAL");
    tell(db, "CREATE TABLE account (id INTEGER PRIMARY KEY, cents);"
             "INSERT INTO account VALUES (1, 100)");
    sqlite3_close(db);
}

/* A hundred rows --------------------- */

static void
insert(const char *name, bool wal, bool together)
{
    double slept_s = 0;
    char path[64];

    snprintf(path, sizeof path, "%s/%d%d.db", dir, wal, together);
    make(path, wal);
    sqlite3 *db = connect_to(path, "watching");
    /* What there is to open is opened before the count. */
    tell(db, "UPDATE account SET cents = 0");
    syncs = 0;
    counts = true;
    zero_s = clock_now_s();
    if (together)
        tell(db, "BEGIN");
    for (int i = 0; i < ROWS; i++)
        tell(db, "INSERT INTO account (cents) VALUES (100)");
    if (together)
        tell(db, "COMMIT");
    double total_s = since_zero();

    counts = false;
    printf("lane\t%s\t%d sync%s\n", name, syncs, syncs == 1 ? "" : "s");
    for (int i = 0; i < syncs; i++) {
        printf("wait\t%.6f\t%.6f\n", spans[i][0], spans[i][1]);
        slept_s += spans[i][1] - spans[i][0];
    }
    printf("note\t%s: %.2f ms, and %.2f ms of that in syncs\n", name,
        total_s * 1e3, slept_s * 1e3);
    sqlite3_close(db);
    unlink(path);
}

/* Two connections --------------------- */

static sqlite3 *connections[2];

static const char *
name_of(int code)
{
    if (code == SQLITE_BUSY_SNAPSHOT)
        return "SNAPSHOT";
    return code == SQLITE_OK     ? "OK"
           : code == SQLITE_BUSY ? "BUSY"
                                 : sqlite3_errstr(code);
}

/* A lane: a step, what SQLite said to it, and how long it took that. */
static void
step(char who, const char *word)
{
    const char *sql = word;
    double start_s = since_zero();

    if (strcmp(word, "SELECT") == 0)
        sql = "SELECT cents FROM account WHERE id = 1";
    if (strcmp(word, "UPDATE") == 0)
        sql = "UPDATE account SET cents = cents - 10 WHERE id = 1";
    int code =
        sqlite3_exec(connections[who - 'A'], sql, NULL, NULL, NULL);
    double end_s = since_zero();

    printf("lane\t%c %s\t%s\n", who, word, name_of(code));
    /* Others are waited for, or the disk is. */
    if (code != SQLITE_OK || strcmp(word, "COMMIT") == 0)
        printf("wait\t%.6f\t%.6f\n", start_s, end_s);
    else
        printf("work\t%.6f\t%.6f\n", start_s, end_s);
}

static void
play(const char *title, bool wal, const char *begin)
{
    char path[64];

    snprintf(path, sizeof path, "%s/%d%s.db", dir, wal, begin);
    make(path, wal);
    for (int i = 0; i < 2; i++) {
        connections[i] = connect_to(path, NULL);
        sqlite3_extended_result_codes(connections[i], 1);
        sqlite3_busy_timeout(connections[i], BUSY_MS);
    }
    printf("chart\t%s\n", title);
    zero_s = clock_now_s();
    step('A', begin);
    step('B', begin);
    step('A', "SELECT");
    step('B', "SELECT");
    step('A', "UPDATE");
    step('B', "UPDATE");
    step('A', "COMMIT");
    step('B', "UPDATE");
    for (int i = 0; i < 2; i++)
        sqlite3_close(connections[i]);
    unlink(path);
}

int
main(int argc, char **argv)
{

    warn_program("experiment");
    if (argc != 3)
        die("usage: %s STARTER REFERENCE", argv[0]);
    if (mkdtemp(dir) == NULL)
        die("make %s:", dir);
    watch();
    printf("note\t%d rows into a table; hollow: waiting for the disk. "
           "Then two connections, and each may wait %.1f s for a "
           "lock.\n",
        ROWS, BUSY_MS / 1e3);
    printf("chart\t%d rows, each by itself and all together\n", ROWS);
    insert("each, rollback", false, false);
    insert("all, rollback", false, true);
    insert("each, WAL", true, false);
    insert("all, WAL", true, true);
    play("Two transfers, rollback journal: BEGIN", false, "BEGIN");
    play("Two transfers, WAL: BEGIN", true, "BEGIN");
    rmdir(dir);
    return 0;
}
