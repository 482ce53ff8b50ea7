#include "own_folder.h"
#include "wrapped_calls.h"
#include "judge/powercut.h"
#include "judge/process.h"
#include "probe/vfs.h"

#include <sqlite3.h>
#include <sys/wait.h>

/* SQLite's files, watched, and what a power cut leaves of them. */

static sqlite3 *db;

/* What the judge does for powercut.c. */
_Noreturn void
process_meddled(const char *how)
{
    ck_abort_msg("%s", how);
}

static void
run(const char *sql)
{
    char *message = NULL;

    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK,
        "%s: %s", sql, message);
}

static int
try_to(const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static void
begin(const char *mode)
{
    static bool installed;
    char *pragma = text_format("PRAGMA journal_mode=%s", mode);

    if (!installed)
        vfs_install();
    installed = true;
    vfs_begin(&(struct vfs_script){.real = 0});
    vfs_end();
    ck_assert_int_eq(system("rm -f t.db*"), 0);
    ck_assert_int_eq(sqlite3_open("t.db", &db), SQLITE_OK);
    run(pragma);
    run("CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB)");
    free(pragma);
}

static void
end(void)
{
    vfs_end();
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static int64_t
count_rows(sqlite3 *from)
{
    sqlite3_stmt *statement;

    ck_assert_int_eq(sqlite3_prepare_v2(
                         from, "SELECT count(*) FROM t", -1, &statement, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t rows = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rows;
}

static void
insert_rows(int n)
{
    for (int i = 0; i < n; i++)
        run("INSERT INTO t (b) VALUES (randomblob(700))");
}

static int64_t
all_syncs(void)
{
    return vfs_count(VFS_SYNC, VFS_DATABASE) +
           vfs_count(VFS_SYNC, VFS_JOURNAL) + vfs_count(VFS_SYNC, VFS_WAL);
}

/* 100 rows, one by one or in one transaction. */
static int64_t
syncs_of_rows(const char *mode, bool together)
{
    begin(mode);
    vfs_begin(&(struct vfs_script){.log = 0});
    if (together)
        run("BEGIN");
    for (int i = 0; i < 100; i++)
        run("INSERT INTO t (b) VALUES (x'00')");
    if (together)
        run("COMMIT");
    int64_t syncs = all_syncs();
    end();
    return syncs;
}

START_TEST(syncs_of_a_rollback_journal_are_counted)
{
    ck_assert_int_eq(syncs_of_rows("DELETE", false), 300);
    ck_assert_int_eq(syncs_of_rows("DELETE", true), 3);
}
END_TEST

/* The first commit of a new WAL syncs its header, too. */
START_TEST(syncs_of_a_wal_are_counted)
{
    int64_t each = syncs_of_rows("WAL", false);
    int64_t together = syncs_of_rows("WAL", true);

    ck_assert_int_ge(each, 100);
    ck_assert_int_le(each, 101);
    ck_assert_int_ge(together, 1);
    ck_assert_int_le(together, 2);
}
END_TEST

/* A transaction that changes and adds rows, of which step k fails. */
static int
fail_at(const char *mode, bool sync, int64_t k)
{
    struct vfs_script script = {
        .error = sync ? SQLITE_IOERR_FSYNC : SQLITE_FULL};

    *(sync ? &script.failing_sync : &script.failing_write) = k;
    begin(mode);
    insert_rows(3);
    vfs_begin(&script);
    int rc = try_to("BEGIN; UPDATE t SET b = randomblob(3000); "
                    "INSERT INTO t VALUES (9, NULL); COMMIT");
    if (!sqlite3_get_autocommit(db))
        run("ROLLBACK");
    ck_assert_int_eq(count_rows(db), rc == SQLITE_OK ? 4 : 3);
    if (rc != SQLITE_OK)
        run("INSERT INTO t VALUES (10, NULL)"); /* it failed once */
    end();
    return rc;
}

START_TEST(each_write_and_each_sync_can_fail)
{
    static const char *const modes[] = {"DELETE", "WAL"};

    for (int i = 0; i < 4; i++) {
        bool sync = i % 2 == 1;
        int64_t k = 1;
        int rc;
        while ((rc = fail_at(modes[i / 2], sync, k)) != SQLITE_OK) {
            ck_assert_int_eq(rc, sync ? SQLITE_IOERR : SQLITE_FULL);
            k++;
        }
        ck_assert_int_gt(k, 1);
    }
}
END_TEST

/* All states after a power cut have all rows of a transaction or none, and
 * all once it was marked as done. */
static int states, least;

static int
look(size_t done, int64_t mark, void *arg)
{
    sqlite3 *cut;

    (void)arg;
    (void)done;
    ck_assert_int_eq(
        sqlite3_open_v2("cut.db", &cut, SQLITE_OPEN_READWRITE, "unix"),
        SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(cut, "PRAGMA synchronous=OFF", NULL, NULL, NULL), 0);
    int64_t rows = count_rows(cut);
    sqlite3_close(cut);
    ck_assert(rows % 10 == 0);
    if (rows < 10 * mark)
        least++;
    states++;
    return 0;
}

static void
cut_power(const char *mode, const char *setting)
{
    struct text log = {0};

    begin(mode);
    run("INSERT INTO t WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT "
        "i + 1 FROM n WHERE i < 10) SELECT i, randomblob(900) FROM n");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    struct powercut *cut = powercut_new("t.db");
    ck_assert_int_eq(sqlite3_open("t.db", &db), SQLITE_OK);
    run(setting);
    vfs_begin(&(struct vfs_script){.log = 1});
    vfs_mark(1);
    for (int i = 2; i <= 4; i++) {
        run("BEGIN");
        insert_rows(10);
        run("COMMIT");
        vfs_mark(i);
    }
    vfs_end();
    ck_assert(vfs_log(&log));
    states = least = 0;
    ck_assert_int_eq(powercut_replay(cut, text_string(&log), log.length,
                         "cut.db", look, NULL),
        0);
    powercut_free(cut);
    text_free(&log);
    end();
}

START_TEST(a_power_cut_keeps_what_was_committed)
{
    cut_power("DELETE", "PRAGMA synchronous=FULL");
    ck_assert_int_gt(states, 40);
    ck_assert_int_eq(least, 0);
    cut_power("WAL", "PRAGMA synchronous=FULL");
    ck_assert_int_gt(states, 20);
    ck_assert_int_eq(least, 0);
}
END_TEST

START_TEST(a_power_cut_shows_that_nothing_was_synced)
{
    cut_power("WAL", "PRAGMA synchronous=NORMAL");
    ck_assert_int_gt(least, 0);
}
END_TEST

/* A busy handler sleeps in virtual time. */
static int64_t slept_until_ns;

static int
wake(int64_t *now_ns, int64_t deadline_ns)
{
    slept_until_ns = *now_ns = deadline_ns;
    return 0;
}

START_TEST(it_sleeps_in_virtual_time)
{
    sqlite3 *holder;

    begin("WAL");
    ck_assert_int_eq(sqlite3_open("t.db", &holder), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), 0);
    sqlite3_busy_timeout(db, 7777);
    judge = wake;
    faults_begin("", true, 0, false);
    ck_assert_int_eq(try_to("BEGIN IMMEDIATE"), SQLITE_BUSY);
    faults_end();
    ck_assert_int_eq(slept_until_ns, INT64_C(7777000000));
    sqlite3_close(holder);
    end();
}
END_TEST

/* At every lock in turn the judge is asked, once. */
static int times_asked;

static int
count_asking(int64_t *now_ns, int64_t deadline_ns)
{
    times_asked++;
    *now_ns = deadline_ns;
    return 0;
}

START_TEST(it_stops_before_each_lock)
{
    judge = count_asking;
    for (int64_t k = 1; k < 100; k++) {
        begin("DELETE");
        vfs_begin(&(struct vfs_script){.stopping = k});
        faults_begin("", true, 0, false);
        times_asked = 0;
        run("INSERT INTO t VALUES (1, NULL)");
        faults_end();
        int64_t locks = vfs_locks();
        ck_assert_int_eq(times_asked, k <= locks);
        end();
        if (k > locks) {
            ck_assert_int_ge(locks, 3); /* SHARED, RESERVED, EXCLUSIVE */
            return;
        }
    }
    ck_abort_msg("it asks for locks without end");
}
END_TEST

START_TEST(a_connection_carried_through_a_fork_is_noted)
{
    int status;

    begin("DELETE");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        ck_assert_noted(
            try_to("SELECT count(*) FROM t"), VERDICT_WRONG_ANSWER);
        _exit(strstr(note.sentence, "fork()") != NULL ? 42 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 42);
    ck_assert_int_eq(count_rows(db), 0);
    end();
}
END_TEST

START_TEST(a_thread_that_must_not_touch_files_is_counted)
{
    begin("DELETE");
    vfs_begin(&(struct vfs_script){.log = 0});
    vfs_forbid(true);
    ck_assert_int_eq(vfs_forbidden(), 0);
    count_rows(db);
    vfs_forbid(false);
    int64_t times = vfs_forbidden();
    ck_assert_int_gt(times, 0);
    count_rows(db);
    ck_assert_int_eq(vfs_forbidden(), times);
    end();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("vfs");
    TCase *tcase = folder_section(suite, "vfs");

    tcase_add_test(tcase, syncs_of_a_rollback_journal_are_counted);
    tcase_add_test(tcase, syncs_of_a_wal_are_counted);
    tcase_add_test(tcase, each_write_and_each_sync_can_fail);
    tcase_add_test(tcase, a_power_cut_keeps_what_was_committed);
    tcase_add_test(tcase, a_power_cut_shows_that_nothing_was_synced);
    tcase_add_test(tcase, it_sleeps_in_virtual_time);
    tcase_add_test(tcase, it_stops_before_each_lock);
    tcase_add_test(tcase, a_connection_carried_through_a_fork_is_noted);
    tcase_add_test(tcase, a_thread_that_must_not_touch_files_is_counted);
    return suite_run(suite);
}
