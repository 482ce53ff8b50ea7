#include "gradebook_rows.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

/* Gradebooks that an older lab wrote. */

/* harness/schema.sql as it was while there was version 1 alone. */
static const char version_1[] =
    "-- The gradebook: every judged run, its tests, and the hints that were "
    "shown.\n"
    "-- harness/gradebook.c runs this once, in a new database, in a "
    "transaction.\n"
    "-- A change of it needs a new user_version, there and here.\n"
    "\n"
    "CREATE TABLE IF NOT EXISTS runs (\n"
    "    id             INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "    started        INTEGER NOT NULL, -- seconds since 1970, UTC\n"
    "    stem           TEXT NOT NULL,    -- 02-every-byte\n"
    "    slug           TEXT NOT NULL,    -- every-byte: the lab's identity\n"
    "    verdict        TEXT NOT NULL,    -- a word of harness/terms.h\n"
    "    points         INTEGER NOT NULL,\n"
    "    points_max     INTEGER NOT NULL,\n"
    "    passed         INTEGER NOT NULL, -- tests\n"
    "    total          INTEGER NOT NULL, -- tests; so many rows in "
    "run_tests\n"
    "    failed_test    TEXT,             -- the first one that did not pass\n"
    "    failed_section TEXT,\n"
    "    seed           TEXT NOT NULL,    -- 64 bits, unsigned, in decimal\n"
    "    elapsed_s      REAL NOT NULL,\n"
    "    ratio          REAL NOT NULL,    -- to the reference; 0: not timed\n"
    "    json           TEXT NOT NULL     -- the whole record; last, being "
    "long\n"
    ");\n"
    "\n"
    "CREATE INDEX IF NOT EXISTS runs_of_lab ON runs (slug);\n"
    "\n"
    "CREATE TABLE IF NOT EXISTS run_tests (\n"
    "    run      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,\n"
    "    position INTEGER NOT NULL, -- from 0, in reading order\n"
    "    name     TEXT NOT NULL,\n"
    "    section  TEXT,\n"
    "    part     TEXT NOT NULL,\n"
    "    build    TEXT NOT NULL,\n"
    "    state    TEXT NOT NULL,\n"
    "    verdict  TEXT NOT NULL,\n"
    "    cause    TEXT,\n"
    "    wall_s   REAL NOT NULL,\n"
    "    PRIMARY KEY (run, position)\n"
    ") WITHOUT ROWID;\n"
    "\n"
    "CREATE TABLE IF NOT EXISTS hints (\n"
    "    id    INTEGER PRIMARY KEY,\n"
    "    shown INTEGER NOT NULL, -- seconds since 1970, UTC\n"
    "    slug  TEXT NOT NULL,\n"
    "    test  TEXT NOT NULL,\n"
    "    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3)\n"
    ");\n"
    "\n"
    "CREATE INDEX IF NOT EXISTS hints_of_test ON hints (slug, test);\n"
    "\n"
    "PRAGMA user_version = 1;\n";

/* Runs from 1 on: even ones took 1.25 times the reference's time, odd ones
 * were not timed. Two tests and a hint each. */
static const char rows_1[] =
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 200) INSERT INTO runs SELECT i, 1000000 + i,"
    " '02-every-byte', 'every-byte', 'accepted', i % 50, 50, 2, 2, NULL,"
    " NULL, '18446744073709551615', 0.5, 1.25 * (i % 2 = 0),"
    " '{\"it''s\": ' || i || '}' FROM n;"
    "INSERT INTO run_tests SELECT id, 0, 'one', '2.1', 'proof', 'plain',"
    " 'pass', 'accepted', NULL, 0.25 FROM runs;"
    "INSERT INTO run_tests SELECT id, 1, 'two', NULL, 'proof', 'plain',"
    " 'fail', 'wrong answer', 'It\n''failed''.', 0 FROM runs;"
    "INSERT INTO hints SELECT id, started, slug, 'two', 1 + id % 3"
    " FROM runs;";

/* All of them, as both versions have them. */
static const char *const kept[] = {
    "SELECT id, started, stem, slug, verdict, points, points_max, passed,"
    " total, failed_test, failed_section, seed, elapsed_s, json FROM runs"
    " ORDER BY id",
    "SELECT * FROM run_tests ORDER BY run, position",
    "SELECT * FROM hints ORDER BY id",
};

enum { KEPT = sizeof kept / sizeof *kept };

/* Write a gradebook of version 1. */
static void
write_old(const char *path)
{
    char *all = text_format(
        "PRAGMA journal_mode = WAL; BEGIN; %s %s COMMIT;", version_1, rows_1);

    raw_do(path, all);
    free(all);
}

static void
expect_version(const char *path, const char *version)
{
    expect_rows(path, "PRAGMA user_version", version);
}

START_TEST(an_older_gradebook_keeps_its_runs_tests_and_hints)
{
    char *path = in_folder("old.db");
    char *before[KEPT];
    struct seeds seeds;

    write_old(path);
    expect_version(path, "1\n");
    for (int i = 0; i < KEPT; i++)
        before[i] = raw_rows(path, kept[i]);
    struct gradebook *book = opened(path);
    ck_assert_int_eq(gradebook_check(book), 0);
    ck_assert_int_eq(runs_of(book, "every-byte", &seeds), 200);
    ck_assert_int_eq(gradebook_hints(book, "every-byte", "two"), 3);
    ck_assert_int_eq(add_timed_run(book, "every-byte", 1, 201), 0);
    ck_assert_int_eq(runs_of(book, "every-byte", &seeds), 201);
    gradebook_close(book);
    expect_version(path, "2\n");
    raw_do(path, "PRAGMA foreign_keys = ON; DELETE FROM runs WHERE id = 201");
    for (int i = 0; i < KEPT; i++) {
        expect_rows(path, kept[i], before[i]);
        free(before[i]);
    }
    ck_assert_int_eq(files_named("old.db.corrupt-"), 0);
    free(path);
}
END_TEST

START_TEST(a_ratio_of_an_older_gradebook_becomes_a_duel_without_a_verdict)
{
    char *path = in_folder("ratio.db");
    struct seeds seeds;

    write_old(path);
    struct gradebook *book = opened(path);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 200);
    ck_assert_int_eq(seeds.timed, 0);
    gradebook_close(book);
    expect_rows(
        path, "SELECT count(*), sum(run % 2 = 0) FROM duels", "100|100\n");
    expect_rows(path, "SELECT * FROM duels WHERE run = 4",
        "2|4|1000004|02-every-byte|every-byte|~|1.25"
        "|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~\n");
    free(path);
}
END_TEST

START_TEST(an_older_gradebook_becomes_what_a_new_one_is)
{
    static const char tables[] =
        "SELECT m.type, m.name, c.cid, c.name, c.type, c.\"notnull\","
        " c.dflt_value, c.pk FROM sqlite_master m LEFT JOIN"
        " pragma_table_xinfo(m.name) c ORDER BY 1, 2, 3";
    char *old = in_folder("become.db");
    char *new = in_folder("new.db");

    write_old(old);
    gradebook_close(opened(old));
    gradebook_close(opened(new));
    char *expected = raw_rows(new, tables);
    ck_assert(says(expected, "bound_reference"));
    expect_rows(old, tables, expected);
    free(expected);
    free(new);
    free(old);
}
END_TEST

/* Never returns: opens the gradebook, once the gate is closed. */
static void
upgrade_in_child(int gate, const char *path)
{
    char byte;

    if (read(gate, &byte, 1) != 0)
        _exit(2);
    struct gradebook *book = gradebook_open(path);
    if (book == NULL || add_run(book, "later", 1, 1) != 0)
        _exit(1);
    gradebook_close(book);
    _exit(0);
}

static pid_t
start_upgrade(const int gate[2], const char *path)
{
    pid_t pid = fork();

    if (pid == 0) {
        close(gate[1]);
        upgrade_in_child(gate[0], path);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

START_TEST(two_processes_that_open_an_older_one_at_once_lose_nothing)
{
    for (int round = 0; round < 5; round++) {
        char *name = text_format("both-%d.db", round);
        char *path = in_folder(name);
        int gate[2], status;
        pid_t pids[2];
        write_old(path);
        ck_assert_int_eq(pipe(gate), 0);
        for (int i = 0; i < 2; i++)
            pids[i] = start_upgrade(gate, path);
        close(gate[0]);
        close(gate[1]);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
            ck_assert_int_eq(status, 0);
        }
        expect_version(path, "2\n");
        expect_rows(path, "SELECT slug, count(*) FROM runs GROUP BY slug",
            "every-byte|200\nlater|2\n");
        expect_rows(path, "SELECT count(*) FROM duels", "100\n");
        free(path);
        free(name);
    }
}
END_TEST

/* Let a process begin to open it, and kill that at most so many microseconds
 * later. */
static void
kill_an_upgrade(const char *path, unsigned most_us)
{
    int gate[2], status;

    ck_assert_int_eq(pipe(gate), 0);
    pid_t pid = start_upgrade(gate, path);
    close(gate[0]);
    close(gate[1]);
    usleep((unsigned)rand() % most_us);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}

START_TEST(killed_at_any_moment_an_upgrade_is_wholly_in_or_wholly_out)
{
    unsigned seed = (unsigned)time(NULL) ^ (unsigned)getpid();
    int done = 0;

    printf("seed %u\n", seed);
    fflush(stdout);
    srand(seed);
    for (int round = 0; round < 40; round++) {
        char *name = text_format("killed-%d.db", round);
        char *aside = text_format("%s.corrupt-", name);
        char *path = in_folder(name);
        struct seeds seeds;
        write_old(path);
        kill_an_upgrade(path, 20000);
        char *version = raw_rows(path, "PRAGMA user_version");
        bool is_done = strcmp(version, "2\n") == 0;
        ck_assert(is_done || strcmp(version, "1\n") == 0);
        expect_rows(path,
            "SELECT count(*) FROM sqlite_master WHERE name = 'duels'",
            is_done ? "1\n" : "0\n");
        expect_rows(path,
            "SELECT count(*) FROM run_tests, hints"
            " WHERE run = hints.id AND run <= 200",
            "400\n");
        struct gradebook *book = opened(path);
        ck_assert_int_eq(gradebook_check(book), 0);
        ck_assert_int_eq(runs_of(book, "every-byte", &seeds), 200);
        gradebook_close(book);
        expect_rows(path, "SELECT count(*) FROM duels", "100\n");
        ck_assert_int_eq(files_named(aside), 0);
        done += is_done;
        free(version);
        free(path);
        free(aside);
        free(name);
    }
    printf("%d of 40 were done before\n", done);
}
END_TEST

START_TEST(a_full_disk_leaves_an_older_one_as_it_was)
{
    char *path = in_folder("full.db");
    struct rlimit limit, full;

    write_old(path);
    char *before = raw_rows(path, "SELECT * FROM runs");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    full = limit;
    full.rlim_cur = 0;
    hear();
    setrlimit(RLIMIT_FSIZE, &full);
    struct gradebook *book = gradebook_open(path);
    setrlimit(RLIMIT_FSIZE, &limit);
    const char *said = heard();
    ck_assert_ptr_null(book);
    ck_assert_msg(says(said, path), "%s", said);
    expect_version(path, "1\n");
    expect_rows(path, "SELECT * FROM runs", before);
    free(before);
    gradebook_close(opened(path));
    expect_version(path, "2\n");
    free(path);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("gradebook: versions");
    TCase *tcase = tcase_create("of an older lab");

    tcase_add_test(tcase, an_older_gradebook_keeps_its_runs_tests_and_hints);
    tcase_add_test(
        tcase, a_ratio_of_an_older_gradebook_becomes_a_duel_without_a_verdict);
    tcase_add_test(tcase, an_older_gradebook_becomes_what_a_new_one_is);
    tcase_add_test(
        tcase, two_processes_that_open_an_older_one_at_once_lose_nothing);
    tcase_add_test(
        tcase, killed_at_any_moment_an_upgrade_is_wholly_in_or_wholly_out);
    tcase_add_test(tcase, a_full_disk_leaves_an_older_one_as_it_was);
    suite_add_tcase(suite, tcase);
    return run_in_folder(suite);
}
