/* How often is the disk waited for while 100 rows are inserted? */
#define _POSIX_C_SOURCE 200809L
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS = 100 };

/* book: shim */
static int syncs;
static sqlite3_vfs *real, counting;
static sqlite3_io_methods methods[2]; /* of databases; of all else */
static int (*really)(sqlite3_file *file, int flags);

static int
count_sync(sqlite3_file *file, int flags)
{
    syncs++; /* @count */
    return really(file, flags);
}

/* Open as ever; then put ourselves in front of one function. */
static int
open_counted(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
    int flags, int *opened)
{
    sqlite3_io_methods *ours =
        &methods[(flags & SQLITE_OPEN_MAIN_DB) == 0];
    int code = real->xOpen(real, path, file, flags, opened);

    (void)vfs;
    if (code == SQLITE_OK) {
        *ours = *file->pMethods;
        really = ours->xSync;
        ours->xSync = count_sync; /* @shim */
        file->pMethods = ours;
    }
    return code;
}

static void
install(void)
{
    real = sqlite3_vfs_find(NULL);
    counting = *real;
    counting.zName = "counting";
    counting.xOpen = open_counted;
    sqlite3_vfs_register(&counting, 1);
}
/* book: end shim */

static sqlite3 *db;

static void
say(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
}

/* book: each */
static void
insert_each(void)
{
    for (int i = 0; i < ROWS; i++)
        say("INSERT INTO account (cents) VALUES (100)");
}

static void
insert_together(void)
{
    say("BEGIN");
    for (int i = 0; i < ROWS; i++)
        say("INSERT INTO account (cents) VALUES (100)");
    say("COMMIT");
}
/* book: end each */

static void
count(const char *mode, const char *how, void (*insert)(void))
{
    char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s", mode);

    if (sqlite3_open("syncs.db", &db) != SQLITE_OK)
        exit(1);
    say(sql);
    say("CREATE TABLE account (id INTEGER PRIMARY KEY, cents)");
    syncs = 0;
    insert();
    printf("%-7s %-9s syncs: %d\n", mode, how, syncs);
    sqlite3_close(db);
    sqlite3_free(sql);
    unlink("syncs.db");
}

int
main(void)
{
    char dir[] = "/tmp/08-syncs-XXXXXX";

    if (mkdtemp(dir) == NULL || chdir(dir) != 0)
        return 1;
    install();
    count("DELETE", "each", insert_each);
    count("DELETE", "together", insert_together);
    count("WAL", "each", insert_each);
    count("WAL", "together", insert_together);
    return rmdir(dir);
}
