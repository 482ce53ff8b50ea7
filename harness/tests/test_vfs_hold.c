#include "own_folder.h"
#include "wrapped_calls.h"
#include "probe/vfs.h"

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/wait.h>

/* A sync that is held for as long as one likes; and what is still open. */

static sqlite3 *db;
static sem_t held, let;
static atomic_bool told;

static void
run(const char *sql)
{
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
hold(enum vfs_file file)
{
    ck_assert_int_eq(file, VFS_WAL);
    sem_post(&held);
    sem_wait(&let);
}

/* A transaction that is told as done before its COMMIT, or after it. */
static void *
insert_and_tell(void *early)
{
    run("BEGIN");
    run("INSERT INTO t VALUES (NULL)");
    if (early != NULL)
        told = true;
    run("COMMIT");
    told = true;
    return NULL;
}

/* Was it told while its sync was held? */
static bool
is_told_early(bool early)
{
    int64_t syncs = vfs_count(VFS_SYNC, VFS_WAL);
    void *arg = early ? &held : NULL;
    pthread_t thread;

    told = false;
    ck_assert_int_eq(pthread_create(&thread, NULL, insert_and_tell, arg), 0);
    sem_wait(&held);
    bool seen = told;
    ck_assert_int_eq(vfs_count(VFS_SYNC, VFS_WAL), syncs);
    sem_post(&let);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(vfs_count(VFS_SYNC, VFS_WAL), syncs + 1);
    return seen;
}

static void
begin(void)
{
    vfs_install();
    ck_assert_int_eq(sqlite3_open("t.db", &db), SQLITE_OK);
}

START_TEST(what_is_told_too_early_is_always_seen)
{
    begin();
    sem_init(&held, 0, 0);
    sem_init(&let, 0, 0);
    run("PRAGMA journal_mode=WAL");
    run("CREATE TABLE t (i)"); /* the header of the WAL is synced, too */
    vfs_begin(&(struct vfs_script){.hold = hold});
    for (int i = 0; i < 100; i++) {
        ck_assert(!is_told_early(false));
        ck_assert(is_told_early(true));
    }
    vfs_end(); /* nothing is held any more */
    run("INSERT INTO t VALUES (NULL)");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

START_TEST(connections_that_are_open_are_counted)
{
    sqlite3 *readers[3];
    int status;

    begin();
    run("CREATE TABLE t (i)");
    ck_assert_int_eq(vfs_open_databases(), 1);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(
            sqlite3_open_v2("t.db", &readers[i], SQLITE_OPEN_READONLY, NULL),
            SQLITE_OK);
        ck_assert_int_eq(vfs_open_databases(), i + 2);
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit((int)vfs_open_databases());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    for (int i = 3; i-- > 0;) {
        sqlite3_close(readers[i]);
        ck_assert_int_eq(vfs_open_databases(), i + 1);
    }
    ck_assert_int_ne(
        sqlite3_open_v2("none.db", &readers[0], SQLITE_OPEN_READWRITE, NULL),
        SQLITE_OK);
    sqlite3_close(readers[0]);
    ck_assert_int_eq(vfs_open_databases(), 1);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(vfs_open_databases(), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("vfs_hold");
    TCase *tcase = folder_section(suite, "vfs_hold");

    tcase_add_test(tcase, what_is_told_too_early_is_always_seen);
    tcase_add_test(tcase, connections_that_are_open_are_counted);
    return suite_run(suite);
}
