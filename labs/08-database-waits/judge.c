#include "db.h"
#include "judge/ask.h"
#include "judge/judge.h"
#include "judge/powercut.h"
#include "judge/turnstile.h"
#include "warn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The judge of lab 08.
 *
 * The databases are real, and so is SQLite on both sides: the probe's,
 * whose files are watched (probe/vfs.h), and ours, a second process
 * with locks of its own. What must be in a database afterwards is
 * worked out by a third one, in memory, which is told the slow way.
 *
 * That somebody else has a lock is played in virtual time: the probe's
 * waits ask us what happens (ask.h), so a deadline is exact. So do its
 * locks: before each of them, in turn, another connection may do what
 * it likes. Statements that are at work stop in the function gate().
 *
 *   databases, and what is in them
 *   asking for db_load() and db_transfer(), and the connection after it
 *   8.1 to 8.3, test by test
 *   asking for a queue
 *   8.4 and 8.5, test by test
 *   what is timed, and the table
 */

enum { GATE, SUBMITTED, REAPED, SYNC }; /* as probe.c has them */

static struct answer answer; /* of the last call */

static const int64_t ms = 1000000;

/* Databases -------------------------------------------------------- */

enum mode { JOURNAL, WAL, MODES };

static const char *const mode_names[] = {"a rollback journal", "a WAL"};

static sqlite3 *other; /* our connection to the database, or NULL */
static sqlite3 *model; /* what is expected to be in it */

static int
    which_database; /* of the database: one, or one a unit of work */

static char *
database(void)
{
    static char *path;
    char name[32];

    free(path);
    snprintf(name, sizeof name, "bank-%d.db", which_database);
    path = text_copy(judge_path(name));
    return path;
}

static char *
scratch(void)
{
    static char *path;

    if (path == NULL)
        path = text_copy(judge_path("cut.db"));
    return path;
}

static void
run(sqlite3 *db, const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        die("SQLite says \"%s\" to %s", message, sql);
}

static sqlite3 *
open_database(const char *path)
{
    sqlite3 *db;

    if (sqlite3_open(path, &db) != SQLITE_OK)
        die("open %s: %s", path, sqlite3_errmsg(db));
    run(db, "PRAGMA synchronous=OFF");
    return db;
}

static void
leave_database(void)
{
    sqlite3_close(other);
    other = NULL;
}

static void
enter_database(void)
{
    if (other == NULL)
        other = open_database(database());
}

static const char tables[] =
    "CREATE TABLE account (id INTEGER PRIMARY KEY, owner TEXT, "
    "cents INTEGER NOT NULL, note BLOB);"
    "CREATE TABLE moved (key TEXT PRIMARY KEY, source INTEGER, "
    "target INTEGER, cents INTEGER);"
    "INSERT INTO account VALUES (1, 'Ada', 100, NULL), "
    "(2, 'Grace', 250, x'00ff00'), (3, NULL, 0, x'');"
    "INSERT INTO moved VALUES ('old', 1, 2, 5);";

static void
remove_files(const char *path)
{
    static const char *const suffixes[] = {
        "", "-journal", "-wal", "-shm"};

    for (int i = 0; i < 4; i++) {
        char *name = text_format("%s%s", path, suffixes[i]);
        unlink(name);
        free(name);
    }
}

static void
new_model(void)
{
    sqlite3_close(model);
    model = open_database(":memory:");
    run(model, tables);
}

/* A database with the tables and three accounts, for everybody anew:
 * made once a mode, and then copied. */
static void
make_database(enum mode mode)
{
    static struct text images[MODES];

    leave_database();
    remove_files(database());
    if (images[mode].length == 0) {
        sqlite3 *db = open_database(database());
        run(db, tables);
        if (mode == WAL)
            run(db, "PRAGMA journal_mode=WAL");
        sqlite3_close(db);
        if (text_read_file(&images[mode], database(), 1 << 20) != 0)
            die("read %s:", database());
    }
    unlink(database());
    if (text_make_file(database(), text_string(&images[mode]),
            images[mode].length) != 0)
        die("write %s:", database());
    new_model();
}

/* All that is in it, a line a row. */
static void
dump(sqlite3 *db, struct text *text)
{
    static const char *const queries[] = {
        "SELECT id || ': ' || quote(owner) || ', ' || quote(cents) || "
        "', ' || quote(note) FROM account ORDER BY id",
        "SELECT 'key ' || quote(key) || ': ' || source || ' to ' || "
        "target || ', ' || cents FROM moved ORDER BY key"};

    text->length = 0;
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement;
        int rc =
            sqlite3_prepare_v2(db, queries[i], -1, &statement, NULL);
        while (rc == SQLITE_OK &&
               (rc = sqlite3_step(statement)) == SQLITE_ROW) {
            text_addf(text, "%s\n",
                (const char *)sqlite3_column_text(statement, 0));
            rc = SQLITE_OK;
        }
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
            judge_fail(VERDICT_WRONG_ANSWER,
                "The function returned, and the database cannot be "
                "read: the connection still has a lock.");
        if (rc != SQLITE_DONE)
            judge_fail(VERDICT_WRONG_ANSWER,
                "The database cannot be read any more: %s.",
                sqlite3_errmsg(db));
        sqlite3_finalize(statement);
    }
}

static const char *
line_at(const char *text, size_t at)
{
    static char line[2][80];
    static int which;
    const char *from = text + at;

    which = !which;
    while (from > text && from[-1] != '\n')
        from--;
    size_t length = strcspn(from, "\n");
    snprintf(line[which], sizeof line[which], "%.*s%s",
        length > 60 ? 60 : (int)length, from, length > 60 ? "…" : "");
    return length > 0 ? line[which] : "no such row";
}

/* It holds what the model holds. */
static void
check_contents(sqlite3 *db, const char *otherwise)
{
    static struct text expected, seen;
    size_t at = 0;

    dump(model, &expected);
    dump(db, &seen);
    const char *left = text_string(&expected);
    const char *right = text_string(&seen);
    if (strcmp(left, right) == 0)
        return;
    while (left[at] == right[at])
        at++;
    judge_values(line_at(left, at), line_at(right, at));
    judge_fail(VERDICT_WRONG_ANSWER, "%s", otherwise);
}

static int64_t
ask_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    else
        die("SQLite says \"%s\" to %s", sqlite3_errmsg(db), sql);
    sqlite3_finalize(statement);
    return number;
}

/* Accounts --------------------------------------------------------- */

struct accounts {
    struct db_account *list;
    size_t n;
};

static struct accounts
new_accounts(size_t n)
{
    return (struct accounts){
        text_zeroed(n + 1, sizeof(struct db_account)), n};
}

static void
free_accounts(struct accounts *accounts)
{
    for (size_t i = 0; i < accounts->n; i++) {
        free((void *)accounts->list[i].owner);
        free((void *)accounts->list[i].note);
    }
    free(accounts->list);
}

/* Ids from 10 on, in random order; notes of up to so many bytes. */
static struct accounts
draw_accounts(size_t n, size_t note)
{
    struct accounts accounts = new_accounts(n);

    for (size_t i = 0; i < n; i++) {
        struct db_account *account = &accounts.list[i];
        account->id = (int64_t)i + 10;
        account->owner = judge_random_below(9) == 0
                             ? NULL
                             : text_format("owner %" PRIu64,
                                   judge_random_below(1000000));
        account->cents = (int64_t)judge_random() >> 3;
        if (judge_random_below(5) == 0)
            continue;
        account->note_length = judge_random_below(note + 1);
        account->note = judge_random_bytes(account->note_length);
    }
    for (size_t i = n; i > 1; i--) {
        size_t k = judge_random_below(i);
        int64_t id = accounts.list[k].id;
        accounts.list[k].id = accounts.list[i - 1].id;
        accounts.list[i - 1].id = id;
    }
    return accounts;
}

/* What the model then has. */
static void
expect_accounts(const struct accounts *accounts)
{
    sqlite3_stmt *insert;

    sqlite3_prepare_v2(model, "INSERT INTO account VALUES (?, ?, ?, ?)",
        -1, &insert, NULL);
    for (size_t i = 0; i < accounts->n; i++) {
        const struct db_account *account = &accounts->list[i];
        sqlite3_bind_int64(insert, 1, account->id);
        sqlite3_bind_text(insert, 2, account->owner, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 3, account->cents);
        if (account->note == NULL)
            sqlite3_bind_null(insert, 4);
        else
            sqlite3_bind_blob(insert, 4, account->note,
                (int)account->note_length, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE)
            die("the model says: %s", sqlite3_errmsg(model));
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
}

static void
put_there(struct text *text, const void *bytes, size_t length)
{
    wire_put_int(text, bytes != NULL);
    wire_put_bytes(text, bytes, bytes != NULL ? length : 0);
}

/* Asking ----------------------------------------------------------- */

/* As probe/vfs.h has it. */
struct script {
    int64_t failing_write, failing_sync, error, stopping, sync_us, real,
        log, hold;
};

/* What came of a call. */
struct call_state {
    int64_t outcome;
    int64_t syncs[3];
    int64_t writes, locks, inserts, autocommit, clean;
};

static const char *const outcome_names[] = {
    "DB_OK", "DB_NO_FUNDS", "DB_AGAIN", "DB_BUSY", "DB_ERROR"};

static const char *
outcome_name(int64_t outcome)
{
    static char number[32];

    if (outcome >= DB_OK && outcome <= DB_ERROR)
        return outcome_names[outcome];
    snprintf(number, sizeof number, "%" PRId64, outcome);
    return number;
}

static void
put_script(struct ask *ask, const struct script *script)
{
    static const struct script none;
    const struct script *of = script != NULL ? script : &none;

    ask_int(ask, of->failing_write);
    ask_int(ask, of->failing_sync);
    ask_int(ask, of->error);
    ask_int(ask, of->stopping);
    ask_int(ask, of->sync_us);
    ask_int(ask, of->real);
    ask_int(ask, of->log);
    ask_int(ask, of->hold);
}

static void
open_connection(void)
{
    struct ask ask = ask_new("open");

    ask_string(&ask, database());
    ask_send(&ask, &answer);
    if (answer_int(&answer) != SQLITE_OK)
        die("the probe cannot open %s", database());
}

static void
close_connection(void)
{
    struct ask ask = ask_new("close");

    ask_send(&ask, &answer);
    answer_int(&answer);
}

/* A new database, with the probe's connection handed in and ours. */
static void
begin(enum mode mode)
{
    make_database(mode);
    open_connection();
    enter_database();
}

static void
end(void)
{
    close_connection();
    leave_database();
}

/* The setting that differs, and how. */
static void
check_settings(const char *function)
{
    size_t before_length, after_length, at = 0;
    const char *before = answer_bytes(&answer, &before_length);
    const char *after = answer_bytes(&answer, &after_length);

    if (before_length == after_length &&
        memcmp(before, after, after_length) == 0)
        return;
    while (at < before_length && at < after_length &&
           before[at] == after[at])
        at++;
    char *left = text_format("%.*s", (int)before_length, before);
    char *right = text_format("%.*s", (int)after_length, after);
    judge_values(line_at(left, at), line_at(right, at));
    judge_fail(VERDICT_WRONG_ANSWER,
        "%s changed a setting of the connection that it was handed, "
        "and the caller goes on with it.",
        function);
}

/* The rest of an answer: how the connection came back. */
static struct call_state
take_state(const char *function)
{
    struct call_state state = {.outcome = answer_int(&answer)};

    for (int i = 0; i < 3; i++)
        state.syncs[i] = answer_int(&answer);
    state.writes = answer_int(&answer);
    state.locks = answer_int(&answer);
    state.inserts = answer_int(&answer);
    state.autocommit = answer_int(&answer);
    state.clean = answer_int(&answer);
    if (!state.autocommit)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s returned %s and left a transaction open: nobody else "
            "can write, and all that the caller does next belongs to "
            "it. Each way out needs its COMMIT or ROLLBACK.",
            function, outcome_name(state.outcome));
    if (!state.clean)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s returned %s and left a statement that is not "
            "finalized: the connection cannot be closed.",
            function, outcome_name(state.outcome));
    check_settings(function);
    if (answer.allocations_left != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s returned and left %" PRId64 " block%s of memory that "
            "it had allocated.",
            function, answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s");
    return state;
}

/* The log that follows, when one was asked for. */
static const void *
take_log(size_t *length)
{
    int64_t whole = answer_int(&answer);
    const void *log = answer_bytes(&answer, length);

    if (!whole)
        judge_fail(VERDICT_WRONG_ANSWER,
            "More than 20 MiB were written for a few rows.");
    return log;
}

static void
check_outcome(const char *function, enum db_outcome expected,
    const struct call_state *state)
{
    if (state->outcome == (int64_t)expected)
        return;
    judge_values(outcome_name(expected), outcome_name(state->outcome));
    judge_fail(VERDICT_WRONG_ANSWER,
        "%s returned %s, and %s was right.", function,
        outcome_name(state->outcome), outcome_name(expected));
}

static struct ask
ask_load(const struct accounts *accounts, const struct script *script)
{
    struct ask ask = ask_new("db_load");
    struct text list = {0};

    put_script(&ask, script);
    ask_int(&ask, (int64_t)accounts->n);
    for (size_t i = 0; i < accounts->n; i++) {
        const struct db_account *account = &accounts->list[i];
        const char *owner = account->owner;
        wire_put_int(&list, account->id);
        put_there(&list, owner, owner != NULL ? strlen(owner) : 0);
        wire_put_int(&list, account->cents);
        put_there(&list, account->note, account->note_length);
    }
    ask_bytes(&ask, text_string(&list), list.length);
    text_free(&list);
    return ask;
}

static struct call_state
load(const struct accounts *accounts, const struct script *script)
{
    struct ask ask = ask_load(accounts, script);

    ask_send(&ask, &answer);
    return take_state("db_load()");
}

struct transfer {
    int64_t from, to, cents;
    const char *key;
    int deadline_ms;
};

static struct ask
ask_transfer(
    const struct transfer *transfer, const struct script *script)
{
    struct ask ask = ask_new("db_transfer");

    put_script(&ask, script);
    ask_int(&ask, transfer->from);
    ask_int(&ask, transfer->to);
    ask_int(&ask, transfer->cents);
    ask_string(&ask, transfer->key);
    ask_int(&ask, transfer->deadline_ms);
    return ask;
}

static struct call_state
move_money(const struct transfer *transfer, const struct script *script)
{
    struct ask ask = ask_transfer(transfer, script);

    ask_send(&ask, &answer);
    return take_state("db_transfer()");
}

/* The same by the model, which says what has to come of it. */
static enum db_outcome
expect_transfer(const struct transfer *transfer)
{
    char sql[400];
    char *key = sqlite3_mprintf("%Q", transfer->key);
    enum db_outcome outcome = DB_OK;

    snprintf(sql, sizeof sql,
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM moved WHERE key = %s) "
        "THEN 2 WHEN (SELECT count(*) FROM account WHERE id IN "
        "(%" PRId64 ", %" PRId64 ")) < %d THEN 4 WHEN (SELECT cents "
        "FROM account WHERE id = %" PRId64 ") < %" PRId64
        " THEN 1 ELSE 0 END",
        key, transfer->from, transfer->to,
        transfer->from == transfer->to ? 1 : 2, transfer->from,
        transfer->cents);
    outcome = (enum db_outcome)ask_number(model, sql);
    if (outcome == DB_OK) {
        snprintf(sql, sizeof sql,
            "UPDATE account SET cents = cents - %" PRId64
            " WHERE id = %" PRId64 ";"
            "UPDATE account SET cents = cents + %" PRId64
            " WHERE id = %" PRId64 ";"
            "INSERT INTO moved VALUES (%s, %" PRId64 ", %" PRId64
            ", %" PRId64 ")",
            transfer->cents, transfer->from, transfer->cents,
            transfer->to, key, transfer->from, transfer->to,
            transfer->cents);
        run(model, sql);
    }
    sqlite3_free(key);
    return outcome;
}

static const char half_done[] =
    "The function said that nothing was changed, and something was.";

/* 8.1 All or nothing ----------------------------------------------- */

static void
load_and_look(
    const struct accounts *accounts, const struct script *script)
{
    struct call_state state = load(accounts, script);

    check_outcome("db_load()", DB_OK, &state);
    expect_accounts(accounts);
    check_contents(
        other, "The table does not hold what db_load() was given.");
}

START_TEST(all_rows_are_there_afterwards)
{
    static const size_t sizes[] = {0, 1, 2, 7, 300};
    static const struct script real = {.real = 1};

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct accounts accounts = draw_accounts(sizes[i], 60);
            judge_scene("With %zu account%s and %s", sizes[i],
                sizes[i] == 1 ? "" : "s", mode_names[mode]);
            begin(mode);
            load_and_look(&accounts, &real);
            end();
            free_accounts(&accounts);
        }
    }
}
END_TEST

static const char *const nasty[] = {"O'Brien", "",
    "'); DROP TABLE account; --", "\"quoted\"", "NULL", "%s%n%1$p",
    "x'00'", "Łódź ☃", "a\nb", "?1", "1e5", "007"};

START_TEST(what_looks_like_sql_is_only_text)
{
    enum { COUNT = sizeof nasty / sizeof nasty[0] };
    struct accounts accounts = new_accounts(COUNT);

    for (size_t i = 0; i < COUNT; i++) {
        struct db_account *account = &accounts.list[i];
        account->id = i % 2 == 0 ? INT64_MAX - (int64_t)i
                                 : INT64_MIN + (int64_t)i;
        account->owner = text_copy(nasty[i]);
        account->cents = i % 3 == 0 ? INT64_MIN : INT64_MAX;
        account->note_length = strlen(nasty[COUNT - 1 - i]);
        account->note = text_copy(nasty[COUNT - 1 - i]);
    }
    free((void *)accounts.list[2].note);
    accounts.list[2].note_length = 5;
    accounts.list[2].note = memcpy(text_zeroed(8, 1), "\0\0a\0\0", 5);
    judge_scene("With quotes, bytes of zero and the largest numbers");
    begin(JOURNAL);
    load_and_look(&accounts, NULL);
    end();
    free_accounts(&accounts);
}
END_TEST

START_TEST(one_bad_row_means_none)
{
    static const size_t places[] = {0, 1, 20, 39};
    enum { COUNT = 40 };

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        for (size_t i = 0; i < 4; i++) {
            struct accounts accounts = draw_accounts(COUNT, 60);
            int64_t *id = &accounts.list[places[i]].id;
            int64_t good = *id;
            *id = 2;
            judge_scene("When account %zu of %d has an id that is "
                        "there already, with %s",
                places[i] + 1, COUNT, mode_names[mode]);
            begin(mode);
            struct call_state state = load(&accounts, NULL);
            check_outcome("db_load()", DB_ERROR, &state);
            check_contents(other, half_done);
            judge_scene("Called again after it had failed");
            *id = good;
            load_and_look(&accounts, NULL);
            end();
            free_accounts(&accounts);
        }
    }
}
END_TEST

/* What may go wrong with a disk. */
static const struct trouble {
    const char *what;
    bool syncs;
    int64_t error;
} troubles[] = {
    {"the disk is full at write", false, SQLITE_FULL},
    {"the disk fails at write", false, SQLITE_IOERR_WRITE},
    {"the disk fails at sync", true, SQLITE_IOERR_FSYNC},
};

enum { TROUBLES = 3, MOST_STEPS = 400 };

static struct script
script_of(const struct trouble *trouble, int64_t k)
{
    struct script script = {.error = trouble->error};

    *(trouble->syncs ? &script.failing_sync : &script.failing_write) =
        k;
    return script;
}

/* Did it get so far? */
static bool
has_come(const struct trouble *trouble, int64_t k,
    const struct call_state *state)
{
    int64_t syncs = state->syncs[0] + state->syncs[1] + state->syncs[2];

    return (trouble->syncs ? syncs : state->writes) >= k ||
           state->outcome != DB_OK;
}

typedef struct call_state try_it(
    const struct script *script, void *arg);

/* Every write and every sync fails once. */
static void
fail_every_step(const char *function, try_it *attempt, void *arg)
{
    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        for (int i = 0; i < TROUBLES; i++) {
            const struct trouble *trouble = &troubles[i];
            bool again = true;
            for (int64_t k = 1; again && k < MOST_STEPS; k++) {
                struct script script = script_of(trouble, k);
                judge_scene("With %s, when %s %" PRId64,
                    mode_names[mode], trouble->what, k);
                begin(mode);
                struct call_state state = attempt(&script, arg);
                again = has_come(trouble, k, &state);
                if (again) {
                    check_outcome(function, DB_ERROR, &state);
                    check_contents(other, half_done);
                }
                end();
            }
        }
    }
}

static struct call_state
try_load(const struct script *script, void *arg)
{
    return load(arg, script);
}

START_TEST(a_disk_that_fails_leaves_the_old_rows)
{
    struct accounts accounts = draw_accounts(24, 1500);

    fail_every_step("db_load()", try_load, &accounts);
    free_accounts(&accounts);
}
END_TEST

START_TEST(without_memory_there_are_no_rows)
{
    struct accounts accounts = draw_accounts(5, 60);
    struct ask ask;

    judge_scene("If malloc() and its like return NULL");
    begin(JOURNAL);
    ask = ask_load(&accounts, NULL);
    ask.faults = "malloc: ENOMEM ENOMEM; calloc: ENOMEM ENOMEM; "
                 "realloc: ENOMEM";
    ask_send(&ask, &answer);
    struct call_state state = take_state("db_load()");
    if (state.outcome == DB_OK)
        expect_accounts(&accounts);
    else
        check_outcome("db_load()", DB_ERROR, &state);
    check_contents(other, half_done);
    end();
    free_accounts(&accounts);
}
END_TEST

/* Load while we have a lock; no time may pass. */
static void
load_at_once(const char *lock, const struct accounts *accounts)
{
    struct ask ask = ask_load(accounts, NULL);

    run(other, lock);
    ask.virtual_time = true;
    ask_send(&ask, &answer);
    int64_t waited_ms = answer.now_ms;
    struct call_state state = take_state("db_load()");
    check_outcome("db_load()", DB_BUSY, &state);
    if (waited_ms > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "db_load() slept for %" PRId64 " ms. It was to say DB_BUSY "
            "at once.",
            waited_ms);
    run(other, "ROLLBACK");
    check_contents(other, half_done);
}

static const char writes_now[] = "BEGIN IMMEDIATE";
static const char reads_now[] = "BEGIN; SELECT count(*) FROM account";

START_TEST(a_lock_of_somebody_else_is_told_at_once)
{
    struct accounts accounts = draw_accounts(5, 60);

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        begin(mode);
        judge_scene(
            "While somebody else writes, with %s", mode_names[mode]);
        load_at_once(writes_now, &accounts);
        if (mode == JOURNAL) {
            judge_scene("While somebody else reads, which keeps a "
                        "rollback journal from its COMMIT");
            load_at_once(reads_now, &accounts);
        }
        judge_scene("After the lock is gone");
        load_and_look(&accounts, NULL);
        end();
    }
    free_accounts(&accounts);
}
END_TEST

START_TEST(rows_are_read_within_their_bytes)
{
    struct accounts accounts = draw_accounts(50, 40);

    begin(JOURNAL);
    load_and_look(&accounts, NULL);
    accounts.list[20].id = 1;
    for (size_t i = 0; i < accounts.n; i++)
        accounts.list[i].id += 1000;
    accounts.list[20].id = 1;
    struct call_state state = load(&accounts, NULL);
    check_outcome("db_load()", DB_ERROR, &state);
    check_contents(other, half_done);
    end();
    free_accounts(&accounts);
}
END_TEST

static int64_t
all_syncs(const struct call_state *state)
{
    return state->syncs[0] + state->syncs[1] + state->syncs[2];
}

static struct call_state
load_some(enum mode mode, size_t n)
{
    struct accounts accounts = draw_accounts(n, 20);

    judge_scene("With %zu account%s and %s", n, n == 1 ? "" : "s",
        mode_names[mode]);
    begin(mode);
    struct call_state state = load(&accounts, NULL);
    check_outcome("db_load()", DB_OK, &state);
    end();
    free_accounts(&accounts);
    return state;
}

START_TEST(a_thousand_rows_wait_for_the_disk_like_one)
{
    enum { MANY = 1000 };

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        struct call_state one = load_some(mode, 1);
        struct call_state many = load_some(mode, MANY);
        int64_t limit = mode == JOURNAL ? 4 : 2;
        if (all_syncs(&one) == 0 || all_syncs(&many) == 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "SQLite never waited until the disk has it (no sync): "
                "what db_load() called done is gone with the power.");
        if (all_syncs(&many) > limit)
            judge_fail(VERDICT_NOT_CONCURRENT,
                "The disk was waited for %" PRId64 " times (syncs), "
                "and for one account %" PRId64 " times. Each "
                "transaction waits for it: put all rows into one.",
                all_syncs(&many), all_syncs(&one));
    }
}
END_TEST

START_TEST(a_statement_is_prepared_once_and_not_for_each_row)
{
    struct call_state state = load_some(JOURNAL, 1000);

    if (state.inserts > 10)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%" PRId64 " INSERTs were prepared. SQLite reads and "
            "plans each of them anew: prepare one, and bind, step and "
            "reset it for each row.",
            state.inserts);
}
END_TEST

/* Power cuts ------------------------------------------------------- */

struct cut {
    struct text before, after; /* the only contents that may be there */
    bool returned_ok;
};

/* What is left may be no database any more: reading it will show. */
static sqlite3 *
open_scratch(void)
{
    sqlite3 *db;

    if (sqlite3_open(scratch(), &db) != SQLITE_OK)
        die("open %s: %s", scratch(), sqlite3_errmsg(db));
    sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    return db;
}

/* What SQLite makes of the files that are left. */
static int
look_after_cut(size_t done, int64_t mark, void *arg)
{
    static struct text seen;
    struct cut *cut = arg;
    sqlite3 *db = open_scratch();

    dump(db, &seen);
    sqlite3_close(db);
    bool is_old =
        strcmp(text_string(&seen), text_string(&cut->before)) == 0;
    bool is_new =
        strcmp(text_string(&seen), text_string(&cut->after)) == 0;
    if (!is_old && !is_new)
        judge_fail(VERDICT_WRONG_ANSWER,
            "When the power goes after step %zu of what SQLite did "
            "with its files, a part of it is there afterwards and a "
            "part is not.",
            done);
    if (mark != 0 && cut->returned_ok && !is_new)
        judge_fail(VERDICT_WRONG_ANSWER,
            "It returned DB_OK, and when the power goes after that, "
            "all of it may be gone: it was not on the disk.");
    return 0;
}

/* The last call was logged; what the model has now is the new. */
static void
cut_power(struct powercut *files, struct cut *cut)
{
    size_t length;
    const void *log = take_log(&length);

    dump(model, &cut->after);
    powercut_replay(files, log, length, scratch(), look_after_cut, cut);
    powercut_free(files);
    remove_files(scratch());
    text_free(&cut->before);
    text_free(&cut->after);
}

/* A new database, and what it holds before the call; nobody uses it. */
static struct powercut *
begin_cut(enum mode mode, struct cut *cut)
{
    make_database(mode);
    *cut = (struct cut){.returned_ok = true};
    dump(model, &cut->before);
    struct powercut *files = powercut_new(database());
    open_connection();
    return files;
}

static const struct script logged = {.log = 1};

START_TEST(a_power_cut_leaves_all_rows_or_none)
{
    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        struct accounts accounts = draw_accounts(20, 900);
        struct cut cut;
        judge_scene("With 20 accounts and %s", mode_names[mode]);
        struct powercut *files = begin_cut(mode, &cut);
        struct call_state state = load(&accounts, &logged);
        check_outcome("db_load()", DB_OK, &state);
        expect_accounts(&accounts);
        cut_power(files, &cut);
        close_connection();
        free_accounts(&accounts);
    }
}
END_TEST

/* 8.2 Money moves once --------------------------------------------- */

static void
transfer_and_look(const struct transfer *transfer)
{
    judge_scene("Moving %" PRId64 " from account %" PRId64
                " to %" PRId64 " with the key \"%s\"",
        transfer->cents, transfer->from, transfer->to, transfer->key);
    struct call_state state = move_money(transfer, NULL);
    enum db_outcome expected = expect_transfer(transfer);
    check_outcome("db_transfer()", expected, &state);
    check_contents(other, expected == DB_OK
                              ? "The accounts or the keys are not as "
                                "they should be after it."
                              : half_done);
}

START_TEST(money_goes_from_one_account_to_the_other)
{
    enum { TIMES = 60, KEYS = 45 };

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        begin(mode);
        for (int i = 0; i < TIMES; i++) {
            char key[32];
            snprintf(key, sizeof key, "key %d",
                (int)judge_random_below(KEYS));
            struct transfer transfer = {
                .from = 1 + (int64_t)judge_random_below(3),
                .to = 1 + (int64_t)judge_random_below(3),
                .cents = 1 + (int64_t)judge_random_below(120),
                .key = key,
                .deadline_ms = 1000};
            transfer_and_look(&transfer);
        }
        end();
    }
}
END_TEST

START_TEST(no_account_ever_has_less_than_nothing)
{
    static const struct transfer transfers[] = {{1, 2, 101, "a", 0},
        {1, 1, 101, "b", 0}, {1, 1, 100, "c", 0}, {3, 1, 1, "d", 0},
        {1, 3, INT64_MAX, "e", 0}, {1, 2, 100, "f", 0},
        {1, 2, 1, "g", 0}, {2, 1, 350, "h", 0}};

    begin(JOURNAL);
    for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++)
        transfer_and_look(&transfers[i]);
    end();
}
END_TEST

/* An account with so much, for both. */
static void
set_cents(int64_t id, int64_t cents)
{
    char *sql = text_format("UPDATE account SET cents = %" PRId64
                            " WHERE id = %" PRId64,
        cents, id);

    run(other, sql);
    run(model, sql);
    free(sql);
}

/* It is an error, and nothing is changed. */
static void
check_refused(struct transfer transfer)
{
    struct call_state state = move_money(&transfer, NULL);

    check_outcome("db_transfer()", DB_ERROR, &state);
    check_contents(other, half_done);
}

START_TEST(what_cannot_be_moved_is_an_error)
{
    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        begin(mode);
        judge_scene("To an account that is not there");
        check_refused((struct transfer){1, 77, 5, "a", 0});
        judge_scene("From an account that is not there");
        check_refused((struct transfer){77, 1, 5, "a", 0});
        judge_scene("From and to an account that is not there");
        check_refused((struct transfer){77, 77, 5, "a", 0});
        set_cents(3, INT64_MAX - 10);
        judge_scene("To an account that would have more than an "
                    "int64_t holds");
        check_refused((struct transfer){1, 3, 11, "a", 0});
        transfer_and_look(&(struct transfer){1, 3, 10, "a", 0});
        transfer_and_look(&(struct transfer){3, 3, INT64_MAX, "b", 0});
        end();
    }
}
END_TEST

START_TEST(a_key_moves_its_money_once)
{
    static const struct transfer transfers[] = {{1, 2, 10, "a", 0},
        {1, 2, 10, "a", 0}, {2, 1, 20, "a", 0}, {3, 1, 999, "a", 0},
        {1, 2, 10, "old", 0}, {3, 2, 999, "b", 0}, {2, 3, 999, "b", 0},
        {1, 2, 9, "b", 0}, {1, 2, 9, "b", 0}, {1, 2, 1, "", 0},
        {1, 2, 1, "", 0}, {2, 1, 1, "O'Brien", 0},
        {2, 1, 1, "O'Brien", 0}, {2, 1, 1, "o'brien", 0},
        {2, 1, 1, "A", 0}, {1, 1, 1, "self", 0}, {1, 2, 1, "self", 0}};

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        begin(mode);
        for (size_t i = 0; i < sizeof transfers / sizeof transfers[0];
             i++)
            transfer_and_look(&transfers[i]);
        end();
    }
}
END_TEST

static struct call_state
try_transfer(const struct script *script, void *arg)
{
    return move_money(arg, script);
}

START_TEST(a_disk_that_fails_moves_no_money)
{
    struct transfer transfer = {1, 2, 30, "key", 1000};

    fail_every_step("db_transfer()", try_transfer, &transfer);
}
END_TEST

START_TEST(a_power_cut_leaves_a_whole_transfer_or_none)
{
    struct transfer transfer = {1, 2, 30, "key", 1000};

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        struct cut cut;
        judge_scene("With %s", mode_names[mode]);
        struct powercut *files = begin_cut(mode, &cut);
        struct call_state state = move_money(&transfer, &logged);
        check_outcome("db_transfer()", DB_OK, &state);
        expect_transfer(&transfer);
        cut_power(files, &cut);
        close_connection();
    }
}
END_TEST

START_TEST(a_transfer_keeps_to_its_memory)
{
    begin(JOURNAL);
    transfer_and_look(&(struct transfer){1, 2, 10, "key", 0});
    transfer_and_look(&(struct transfer){1, 2, 10, "key", 0});
    transfer_and_look(&(struct transfer){1, 2, 1000, "other", 0});
    end();
}
END_TEST

/* Somebody else, in between ---------------------------------------- */

/* Another connection, ours, does something as soon as the program asks
 * for its lock number so and so, or sleeps. */
struct player {
    struct world world;
    const char *first; /* SQL: does it if this changes a row, … */
    const char *then;  /* … and this as well */
    bool begun, done, acted;
};

static int
nothing_to_wait_for(struct world *world, struct pollfd *fds)
{
    (void)world;
    (void)fds;
    return 0;
}

/* Nobody is kept waiting for so long here. */
static bool
nothing_moves(struct world *world, int64_t now_ns)
{
    (void)world;
    if (now_ns > 20000 * ms)
        judge_fail(VERDICT_TIME_LIMIT,
            "After %" PRId64 " ms it still tries again, and its "
            "deadline was 10000 ms. A transaction that has read before "
            "can never write any more: begin it anew.",
            now_ns / ms);
    return false;
}

/* Where a lock is in the way it is tried again later. */
static bool
play(struct player *player)
{
    if (player->done)
        return false;
    if (!player->begun) {
        if (sqlite3_exec(other, writes_now, NULL, NULL, NULL) !=
            SQLITE_OK)
            return false;
        player->begun = true;
        run(other, player->first);
        player->acted = sqlite3_changes(other) > 0;
        if (player->acted)
            run(other, player->then);
    }
    if (sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return false;
    player->done = true;
    return true;
}

static bool
play_asleep(struct world *world)
{
    return play(world->self);
}

/* Let the player act at the lock number k of a transfer. */
static struct call_state
transfer_against(
    struct player *player, const struct transfer *transfer, int64_t k)
{
    struct script script = {.stopping = k};
    struct ask ask = ask_transfer(transfer, &script);

    player->begun = player->done = player->acted = false;
    player->world = (struct world){.wish = nothing_to_wait_for,
        .move = nothing_moves,
        .asleep = play_asleep,
        .self = player};
    ask.virtual_time = true;
    ask.world = &player->world;
    ask_send(&ask, &answer);
    struct call_state state = take_state("db_transfer()");
    if (!player->done && !play(player))
        judge_fail(VERDICT_WRONG_ANSWER,
            "db_transfer() returned %s, and still has a lock: nobody "
            "else can write.",
            outcome_name(state.outcome));
    return state;
}

/* What has to come of it when the other one acted, or did not. */
static void
check_played(const struct player *player,
    const struct transfer *transfer, const struct call_state *state)
{
    if (state->outcome == DB_BUSY)
        judge_fail(VERDICT_WRONG_ANSWER,
            "db_transfer() returned DB_BUSY, long before its deadline "
            "of %d ms. Somebody else wrote for a moment; then a "
            "transaction that has read before can never write any "
            "more, however long it waits: begin it anew, or begin it "
            "as one that writes.",
            transfer->deadline_ms);
    if (player->acted) {
        run(model, player->first);
        run(model, player->then);
    }
    enum db_outcome expected = expect_transfer(transfer);
    check_outcome("db_transfer()", expected, state);
    check_contents(other,
        "What two connections did in between each other is not what "
        "comes of one after the other.");
}

static void
play_everywhere(struct player *player, const struct transfer *transfer,
    const char *what)
{
    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        bool reached = true;
        for (int64_t k = 1; reached && k < MOST_STEPS; k++) {
            judge_scene("With %s, when %s just before db_transfer() "
                        "asks for its lock number %" PRId64,
                mode_names[mode], what, k);
            begin(mode);
            struct call_state state =
                transfer_against(player, transfer, k);
            check_played(player, transfer, &state);
            reached = state.locks >= k;
            end();
        }
    }
}

START_TEST(two_at_once_with_one_key_move_its_money_once)
{
    struct transfer transfer = {1, 2, 30, "key", 10000};
    struct player player = {
        .first = "INSERT OR IGNORE INTO moved VALUES ('key', 1, 2, 30)",
        .then = "UPDATE account SET cents = cents - 30 WHERE id = 1;"
                "UPDATE account SET cents = cents + 30 WHERE id = 2"};

    play_everywhere(&player, &transfer,
        "another connection moves the money with the same key");
}
END_TEST

/* 8.3 Somebody has the lock ---------------------------------------- */

START_TEST(another_may_write_between_reading_and_writing)
{
    struct transfer transfer = {1, 2, 80, "key", 10000};
    struct player player = {.first =
                                "UPDATE account SET cents = cents - 50 "
                                "WHERE id = 1 AND cents >= 50",
        .then = "UPDATE account SET cents = cents + 50 WHERE id = 3"};

    play_everywhere(&player, &transfer,
        "another connection takes half of the money away");
}
END_TEST

/* We have a lock, and let go of it. */
struct holder {
    struct world world;
    bool held, when_asleep;
    const char *lock;   /* SQL */
    const char *then;   /* the next lock, which is kept; or NULL */
    int64_t release_ns; /* INT64_MAX: never */
    int64_t limit_ns;
    int deadline_ms;
};

static void
let_go(struct holder *holder)
{
    run(other, "COMMIT");
    holder->held = holder->then != NULL;
    holder->release_ns = INT64_MAX;
    holder->when_asleep = false;
    if (holder->then != NULL)
        run(other, holder->then);
    holder->then = NULL;
}

static bool
hold_on(struct world *world, int64_t now_ns)
{
    struct holder *holder = world->self;

    if (now_ns > holder->limit_ns)
        judge_fail(VERDICT_TIME_LIMIT,
            "deadline_ms was %d, and after %" PRId64 " ms it still "
            "waits for the lock. The deadline is for all of its waits "
            "together.",
            holder->deadline_ms, now_ns / ms);
    if (!holder->held || now_ns < holder->release_ns)
        return false;
    let_go(holder);
    return true;
}

static bool
hold_asleep(struct world *world)
{
    struct holder *holder = world->self;

    if (!holder->held || !holder->when_asleep)
        return false;
    let_go(holder);
    return true;
}

static int64_t
hold_until(struct world *world)
{
    struct holder *holder = world->self;

    return holder->held ? holder->release_ns : INT64_MAX;
}

/* Have the lock while money is to be moved. */
static struct call_state
transfer_locked(struct holder *holder, const struct transfer *transfer,
    bool virtually)
{
    struct ask ask = ask_transfer(transfer, NULL);

    run(other, holder->lock);
    holder->held = true;
    holder->deadline_ms = transfer->deadline_ms;
    holder->world = (struct world){.wish = nothing_to_wait_for,
        .move = hold_on,
        .next_ns = hold_until,
        .asleep = hold_asleep,
        .self = holder};
    ask.virtual_time = virtually;
    ask.world = &holder->world;
    ask_send(&ask, &answer);
    return take_state("db_transfer()");
}

static const struct lock {
    const char *what, *sql;
    bool in_wal; /* is in the way there, too */
} locks[] = {
    {"somebody else writes", writes_now, true},
    {"somebody else has all locks", "BEGIN EXCLUSIVE", true},
    {"somebody else reads", reads_now, false},
};

enum { LOCKS = 3 };

static const struct transfer usual = {1, 2, 30, "key", 60000};

static void
check_waited(
    const struct transfer *transfer, const struct call_state *state)
{
    if (state->outcome == DB_BUSY)
        judge_fail(VERDICT_WRONG_ANSWER,
            "db_transfer() gave up after %" PRId64 " ms with DB_BUSY. "
            "Its deadline was %d ms, and the lock was let go.",
            answer.now_ms, transfer->deadline_ms);
    check_outcome("db_transfer()", DB_OK, state);
    expect_transfer(transfer);
    check_contents(other, "The money has not moved as it should.");
}

/* No busy handler may be left behind: db_load() says DB_BUSY at once,
 * on a connection that had a transfer as on a new one. */
static _Noreturn void
fail_left_behind(void)
{
    judge_fail(VERDICT_WRONG_ANSWER,
        "db_load() found a lock, and waited: by itself, or in a busy "
        "handler that db_transfer() had left behind. It is to be gone "
        "whatever db_transfer() returns.");
}

static bool
nobody_sleeps(struct world *world, int64_t now_ns)
{
    (void)world;
    if (now_ns > 0)
        fail_left_behind();
    return false;
}

/* While we have a lock; returns how often it slept or saw a clock. */
static int64_t
load_in_vain(void)
{
    struct accounts accounts = draw_accounts(1, 10);
    struct ask ask = ask_load(&accounts, NULL);
    struct world world = {
        .wish = nothing_to_wait_for, .move = nobody_sleeps};

    ask.virtual_time = true;
    ask.world = &world;
    ask_send(&ask, &answer);
    if (answer.now_ms > 0)
        fail_left_behind();
    struct call_state state = take_state("db_load()");
    check_outcome("db_load()", DB_BUSY, &state);
    free_accounts(&accounts);
    return answer.calls[WRAPPED_nanosleep] +
           answer.calls[WRAPPED_poll] +
           answer.calls[WRAPPED_clock_gettime];
}

static void
check_handler_gone(enum mode mode, const struct transfer *transfer)
{
    begin(mode);
    run(other, writes_now);
    int64_t as_new = load_in_vain();
    run(other, "ROLLBACK");
    struct call_state state = move_money(transfer, NULL);
    enum db_outcome expected = expect_transfer(transfer);
    judge_scene("With %s, after it returned %s", mode_names[mode],
        outcome_name(expected));
    check_outcome("db_transfer()", expected, &state);
    run(other, writes_now);
    if (load_in_vain() > as_new)
        fail_left_behind();
    run(other, "ROLLBACK");
    end();
}

START_TEST(it_waits_until_the_lock_is_free)
{
    static const int64_t moments_ms[] = {-1, 1, 37, 2500};
    static const struct transfer outcomes[] = {{1, 2, 30, "key", 1000},
        {1, 2, 1000, "key", 1000}, {1, 2, 5, "old", 1000},
        {1, 77, 5, "key", 1000}};

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        for (int i = 0; i < 4 * LOCKS; i++) {
            const struct lock *lock = &locks[i / 4];
            int64_t moment = moments_ms[i % 4];
            if (mode == WAL && !lock->in_wal)
                continue;
            struct holder holder = {.lock = lock->sql,
                .when_asleep = moment < 0,
                .release_ns = moment < 0 ? INT64_MAX : moment * ms,
                .limit_ns = 60101 * ms};
            judge_scene(
                "With %s, while %s", mode_names[mode], lock->what);
            begin(mode);
            struct call_state state =
                transfer_locked(&holder, &usual, true);
            int64_t now_ms = answer.now_ms;
            check_waited(&usual, &state);
            if (now_ms > moment + 101 && moment >= 0)
                judge_fail(VERDICT_WRONG_ANSWER,
                    "The lock was let go after %" PRId64 " ms, and "
                    "db_transfer() noticed that after %" PRId64 " ms. "
                    "It was to look again at least every 100 ms.",
                    moment, now_ms);
            end();
        }
        for (int i = 0; i < 4; i++)
            check_handler_gone(mode, &outcomes[i]);
    }
}
END_TEST

START_TEST(it_sleeps_while_it_waits)
{
    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        struct holder holder = {.lock = writes_now,
            .when_asleep = true,
            .release_ns = INT64_MAX,
            .limit_ns = INT64_MAX};
        judge_scene("With %s, while somebody else writes until the "
                    "program is seen asleep",
            mode_names[mode]);
        begin(mode);
        struct call_state state =
            transfer_locked(&holder, &usual, false);
        check_waited(&usual, &state);
        end();
    }
}
END_TEST

/* It gave up, at its deadline. */
static void
check_gave_up(int deadline_ms, const struct call_state *state)
{
    int64_t now_ms = answer.now_ms;

    check_outcome("db_transfer()", DB_BUSY, state);
    if (now_ms < deadline_ms - 10)
        judge_fail(VERDICT_WRONG_ANSWER,
            "deadline_ms was %d, and it gave up after %" PRId64 " ms "
            "already.",
            deadline_ms, now_ms);
    if (now_ms > deadline_ms + 100)
        judge_fail(VERDICT_WRONG_ANSWER,
            "deadline_ms was %d, and it gave up after %" PRId64 " ms "
            "only. The deadline is for all of its waits together.",
            deadline_ms, now_ms);
}

static void
try_deadline(enum mode mode, const struct lock *lock, int deadline_ms)
{
    struct transfer transfer = usual;
    struct holder holder = {.lock = lock->sql,
        .release_ns = INT64_MAX,
        .limit_ns = (deadline_ms + 1000) * ms};

    judge_scene("With %s, while %s, and deadline_ms = %d",
        mode_names[mode], lock->what, deadline_ms);
    transfer.deadline_ms = deadline_ms;
    begin(mode);
    struct call_state state = transfer_locked(&holder, &transfer, true);
    check_gave_up(deadline_ms, &state);
    load_in_vain();
    run(other, "ROLLBACK");
    check_contents(other, half_done);
    end();
}

START_TEST(at_its_deadline_it_gives_up)
{
    static const int deadlines_ms[] = {0, 1, 40, 777, 5000};

    for (enum mode mode = JOURNAL; mode < MODES; mode++) {
        for (int i = 0; i < LOCKS; i++) {
            if (mode == WAL && !locks[i].in_wal)
                continue;
            for (int k = 0; k < 5; k++)
                try_deadline(mode, &locks[i], deadlines_ms[k]);
        }
    }
}
END_TEST

START_TEST(the_deadline_is_for_all_waits_together)
{
    struct transfer transfer = {1, 2, 30, "key", 1000};
    struct holder holder = {.lock = writes_now,
        .then = reads_now,
        .release_ns = 700 * ms,
        .limit_ns = 3000 * ms};

    judge_scene("With a rollback journal, when somebody else writes "
                "for 700 ms and then reads, and deadline_ms = 1000");
    begin(JOURNAL);
    struct call_state state = transfer_locked(&holder, &transfer, true);
    check_gave_up(1000, &state);
    run(other, "ROLLBACK");
    check_contents(other, half_done);
    end();
}
END_TEST

/* A queue ---------------------------------------------------------- */

static const int64_t is_fine; /* 0 */

/* What the owner does, step by step, and what each has to give. */
struct play_list {
    struct text steps;
    struct text codes;
    int submitted;
};

static void
put_value(struct text *text, const struct db_value *value)
{
    bool has_bytes =
        value->type == SQLITE_TEXT || value->type == SQLITE_BLOB;
    int64_t real;

    memcpy(&real, &value->real, sizeof real);
    wire_put_int(text, value->type);
    wire_put_int(text, value->integer);
    wire_put_int(text, real);
    put_there(text, has_bytes ? value->bytes : NULL, value->length);
}

static void
put_step(struct play_list *list, int64_t step, int64_t code)
{
    wire_put_int(&list->steps, step);
    wire_put_int(&list->codes, code);
}

static void
submit(struct play_list *list, char step, const char *sql,
    const struct db_value *values, int n, uint64_t tag)
{
    put_step(list, step, is_fine);
    wire_put_string(&list->steps, sql);
    wire_put_int(&list->steps, n);
    for (int i = 0; i < n; i++)
        put_value(&list->steps, &values[i]);
    wire_put_int(&list->steps, (int64_t)tag);
    list->submitted++;
}

static void
query(struct play_list *list, const char *sql, uint64_t tag)
{
    submit(list, 'q', sql, NULL, 0, tag);
}

static void
execute(struct play_list *list, const char *sql, uint64_t tag)
{
    submit(list, 'e', sql, NULL, 0, tag);
}

/* Be the loop until `count` results are reaped, at most `most` at a
 * time. */
static void
wait_for(struct play_list *list, int count, int most)
{
    put_step(list, 'w', count);
    wire_put_int(&list->steps, count);
    wire_put_int(&list->steps, most);
}

/* Nothing may be there now. */
static void
expect_nothing(struct play_list *list)
{
    put_step(list, 'f', 0);
    put_step(list, 'r', 0);
    wire_put_int(&list->steps, 3);
}

/* What was reaped; it points into the answer. */
struct reaped {
    uint64_t tag;
    int64_t error, has_message;
    char message[120];
    int64_t rows, columns, changes;
    struct db_value *values;
    bool ended; /* each text, by a NUL */
};

struct results {
    struct reaped *list;
    int count;
    int64_t forbidden; /* uses of a file, by the owner's thread */
    int64_t open;      /* connections, after dbq_close() */
};

static void
free_results(struct results *results)
{
    for (int i = 0; i < results->count; i++)
        free(results->list[i].values);
    free(results->list);
}

static struct db_value
take_value(struct wire_reader *reader, bool *ended)
{
    struct db_value value = {.type = (int)wire_int(reader)};

    value.integer = wire_int(reader);
    int64_t real = wire_int(reader);
    memcpy(&value.real, &real, sizeof real);
    value.bytes = wire_bytes(reader, &value.length);
    *ended = *ended && wire_int(reader) != 0;
    return value;
}

static void
take_reaped(struct wire_reader *reader, struct reaped *reaped)
{
    enum { MOST = 1 << 20 };

    reaped->tag = (uint64_t)wire_int(reader);
    reaped->error = wire_int(reader);
    reaped->has_message = wire_int(reader);
    wire_string(reader, reaped->message, sizeof reaped->message);
    reaped->rows = wire_int(reader);
    reaped->columns = wire_int(reader);
    reaped->changes = wire_int(reader);
    reaped->ended = true;
    if (reaped->rows < 0 || reaped->columns < 0 ||
        reaped->rows > MOST || reaped->columns > 100)
        judge_fail(VERDICT_WRONG_ANSWER,
            "A result is said to have %" PRId64 " rows of %" PRId64
            " columns.",
            reaped->rows, reaped->columns);
    size_t count = (size_t)(reaped->rows * reaped->columns);
    reaped->values = text_zeroed(count + 1, sizeof *reaped->values);
    for (size_t i = 0; i < count && !reader->broken; i++)
        reaped->values[i] = take_value(reader, &reaped->ended);
}

static struct results
take_results(void)
{
    struct wire_reader reader = {.left = 0};
    struct results results = {0};

    reader.at = answer_bytes(&answer, &reader.left);
    while (reader.left > 0 && !reader.broken) {
        results.list = realloc(results.list,
            (size_t)(results.count + 1) * sizeof *results.list);
        if (results.list == NULL)
            die("memory for results:");
        take_reaped(&reader, &results.list[results.count++]);
    }
    return results;
}

/* Each step gave what it had to give. */
static void
check_codes(const struct play_list *list)
{
    size_t length;
    const char *codes = answer_bytes(&answer, &length);
    struct wire_reader seen = {.at = codes, .left = length};
    struct wire_reader expected = wire_reader(&list->codes);

    while (expected.left > 0) {
        int64_t right = wire_int(&expected), code = wire_int(&seen);
        if (code == right)
            continue;
        if (right == 0 && code > 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "All results had been reaped, and dbq_fd() could "
                "still be read, or dbq_reap() had one more.");
        judge_equal_int("A step of the owner's gave", right, code);
    }
}

static struct results
take_queue(const struct play_list *list)
{
    if (answer_int(&answer) != 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "dbq_open() returned NULL with the errno %s.",
            judge_errno(answer.error));
    size_t length;
    struct answer again = answer;
    answer_bytes(&answer, &length); /* the codes: looked at below */
    struct results results = take_results();
    int64_t vain = answer_int(&answer);
    results.forbidden = answer_int(&answer);
    results.open = answer_int(&answer);
    if (vain > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "dbq_fd() could be read, and dbq_reap() had nothing. It "
            "can be read exactly while results wait; else a loop that "
            "waits for it turns in circles.");
    struct wire_reader rest = answer.results;
    answer.results = again.results;
    check_codes(list);
    answer.results = rest;
    if (results.count != list->submitted)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%d statements were submitted, and %d results reaped. "
            "Each is reaped once.",
            list->submitted, results.count);
    if (answer.allocations_left != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "After dbq_close() and dbq_free(), %" PRId64 " block%s of "
            "memory were left that the queue had allocated.",
            answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s");
    return results;
}

/* What a test wants to know of what is at work. */
struct watch {
    struct turnstile_rules rules; /* its own, or zeros */
    size_t reaped;
    const struct play_list *list;
};

static void
hear_of(struct turnstile *turnstile, const struct turnstile_call *what,
    void *arg)
{
    struct watch *watch = arg;

    watch->reaped += what->kind == REAPED;
    if (watch->rules.told != NULL)
        watch->rules.told(turnstile, what, watch->rules.arg);
}

static void
see_come(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct watch *watch = arg;

    if (watch->rules.came != NULL && call->kind == GATE &&
        turnstile_is_owner(call))
        judge_fail(VERDICT_NOT_CONCURRENT,
            "A statement was at work on the thread that had submitted "
            "it: the owner's, which must never wait for a database.");
    if (watch->rules.came != NULL)
        watch->rules.came(turnstile, call, watch->rules.arg);
    else
        turnstile_let(turnstile, call->number, NULL);
}

static void
see_leave(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct watch *watch = arg;

    if (watch->rules.left != NULL)
        watch->rules.left(turnstile, call, watch->rules.arg);
}

static void
see_answer(struct turnstile *turnstile, void *arg)
{
    struct watch *watch = arg;

    if (watch->rules.answered != NULL)
        watch->rules.answered(turnstile, watch->rules.arg);
}

static bool
see_asleep(struct turnstile *turnstile, void *arg)
{
    struct watch *watch = arg;

    return watch->rules.asleep != NULL &&
           watch->rules.asleep(turnstile, watch->rules.arg);
}

static bool
see_stuck(struct turnstile *turnstile, void *arg)
{
    struct watch *watch = arg;

    if (watch->rules.stuck != NULL &&
        watch->rules.stuck(turnstile, watch->rules.arg))
        return true;
    if (turnstile_inside(turnstile, TURNSTILE_ANY) > 0)
        return false;
    judge_fail(VERDICT_TIME_LIMIT,
        "%d statements were submitted, %zu results reaped, and nothing "
        "more happens: all threads are asleep. Either a statement is "
        "left lying, or results wait and dbq_fd() cannot be read.",
        watch->list->submitted, watch->reaped);
}

/* Let the owner go through its list, in the database that is there. */
static struct ask
ask_queue(struct turnstile *turnstile, struct watch *watch,
    const struct play_list *list, int readers,
    const struct script *script)
{
    struct ask ask = ask_new("dbq");

    turnstile_rule(turnstile, (struct turnstile_rules){.came = see_come,
                                  .left = see_leave,
                                  .told = hear_of,
                                  .answered = see_answer,
                                  .asleep = see_asleep,
                                  .stuck = see_stuck,
                                  .arg = watch});
    watch->list = list;
    put_script(&ask, script);
    turnstile_hand_in(turnstile, &ask);
    ask_string(&ask, database());
    ask_int(&ask, readers);
    ask_bytes(&ask, text_string(&list->steps), list->steps.length);
    return ask;
}

enum { MOST_GATES = 4096 };

static struct results
run_queue(struct play_list *list, int readers,
    const struct turnstile_rules *rules, const struct script *script)
{
    struct turnstile *turnstile = turnstile_new(MOST_GATES);
    struct watch watch = {.reaped = 0};

    if (rules != NULL)
        watch.rules = *rules;
    struct ask ask =
        ask_queue(turnstile, &watch, list, readers, script);
    ask_send(&ask, &answer);
    turnstile_finish(turnstile);
    turnstile_free(turnstile);
    struct results results = take_queue(list);
    text_free(&list->steps);
    text_free(&list->codes);
    return results;
}

static const struct reaped *
find_result(const struct results *results, uint64_t tag)
{
    const struct reaped *found = NULL;

    for (int i = 0; i < results->count; i++) {
        if (results->list[i].tag != tag)
            continue;
        if (found != NULL)
            judge_fail(VERDICT_WRONG_ANSWER,
                "Two results have the tag %" PRIu64 ", and one "
                "statement had it.",
                tag);
        found = &results->list[i];
    }
    if (found == NULL)
        judge_fail(VERDICT_WRONG_ANSWER,
            "No result has the tag %" PRIu64 " of a statement that was "
            "submitted.",
            tag);
    return found;
}

static const struct reaped *
expect_error(const struct results *results, uint64_t tag, int error)
{
    const struct reaped *found = find_result(results, tag);
    /* So SQLite says it where another connection changes the tables
     * just while a statement is prepared. */
    bool schema =
        error == SQLITE_ERROR && found->error == SQLITE_SCHEMA;

    if (found->error != error && !schema) {
        judge_values(
            sqlite3_errstr(error), sqlite3_errstr((int)found->error));
        judge_fail(VERDICT_WRONG_ANSWER,
            "The result code of a statement is %" PRId64 ", and %d was "
            "right (the primary ones, as %s).",
            found->error, error,
            error == SQLITE_OK ? "SQLITE_OK" : "SQLITE_ERROR");
    }
    if ((error == SQLITE_OK) == (found->has_message != 0))
        judge_fail(VERDICT_WRONG_ANSWER,
            "A result has an error or a message, but not both.");
    if (error != SQLITE_OK && found->rows > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The result of a statement that failed has rows.");
    return found;
}

static void
equal_value(const struct db_value *seen, sqlite3_stmt *statement,
    int row, int column)
{
    int type = sqlite3_column_type(statement, column);
    char what[80];

    snprintf(what, sizeof what, "The type of column %d in row %d is",
        column, row);
    judge_equal_int(what, type, seen->type);
    snprintf(what, sizeof what, "Column %d in row %d has", column, row);
    if (type == SQLITE_INTEGER)
        judge_equal_int(what, sqlite3_column_int64(statement, column),
            seen->integer);
    double real = sqlite3_column_double(statement, column);
    if (type == SQLITE_FLOAT && memcmp(&real, &seen->real, 8) != 0)
        judge_fail(VERDICT_WRONG_ANSWER, "%s %g, and %g was right.",
            what, seen->real, real);
    if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
        const void *bytes = sqlite3_column_blob(statement, column);
        size_t length = (size_t)sqlite3_column_bytes(statement, column);
        judge_equal_bytes(
            what, bytes, length, seen->bytes, seen->length);
    }
}

static void
bind_value(sqlite3_stmt *statement, int i, const struct db_value *value)
{
    int length = (int)value->length;

    if (value->type == SQLITE_INTEGER)
        sqlite3_bind_int64(statement, i, value->integer);
    if (value->type == SQLITE_FLOAT)
        sqlite3_bind_double(statement, i, value->real);
    if (value->type == SQLITE_TEXT)
        sqlite3_bind_text(
            statement, i, value->bytes, length, SQLITE_STATIC);
    if (value->type == SQLITE_BLOB && length == 0)
        sqlite3_bind_zeroblob(statement, i, 0);
    else if (value->type == SQLITE_BLOB)
        sqlite3_bind_blob(
            statement, i, value->bytes, length, SQLITE_STATIC);
}

/* It is what our own connection says to the same query. */
static void
check_rows(const struct results *results, uint64_t tag, const char *sql,
    const struct db_value *values, int n)
{
    const struct reaped *found = expect_error(results, tag, SQLITE_OK);
    sqlite3_stmt *statement;
    int64_t row = 0;

    if (sqlite3_prepare_v2(other, sql, -1, &statement, NULL) !=
        SQLITE_OK)
        die("%s: %s", sql, sqlite3_errmsg(other));
    for (int i = 0; i < n; i++)
        bind_value(statement, i + 1, &values[i]);
    int columns = sqlite3_column_count(statement);
    if (found->rows > 0)
        judge_equal_int(
            "The number of columns is", columns, found->columns);
    for (; sqlite3_step(statement) == SQLITE_ROW; row++) {
        for (int i = 0; row < found->rows && i < columns; i++)
            equal_value(&found->values[row * columns + i], statement,
                (int)row, i);
    }
    judge_equal_int("The number of rows is", row, found->rows);
    if (!found->ended)
        judge_fail(VERDICT_WRONG_ANSWER,
            "No NUL follows a text of the result.");
    sqlite3_finalize(statement);
}

/* 8.4 Queries for somebody else ------------------------------------ */

/* A database with more in it, and our connection. */
static void
begin_queue(enum mode mode)
{
    make_database(mode);
    enter_database();
    run(other, "CREATE TABLE done (n INTEGER PRIMARY KEY, what TEXT, "
               "UNIQUE (what))");
    run(other, "CREATE TABLE kinds (a, b, c, d, e)");
    run(other, "INSERT INTO kinds VALUES (1, 2.5, 'text', x'00ff00', "
               "NULL), (-9223372036854775807, 1e300, '', x'', 'a')");
    leave_database();
}

static void
integer_value(struct db_value *value, int64_t integer)
{
    *value =
        (struct db_value){.type = SQLITE_INTEGER, .integer = integer};
}

static struct db_value
bytes_value(int type, const void *bytes, size_t length)
{
    return (struct db_value){
        .type = type, .bytes = bytes, .length = length};
}

START_TEST(a_query_returns_its_rows)
{
    static const char *const queries[] = {"SELECT * FROM kinds",
        "SELECT id, owner, cents, note FROM account ORDER BY id",
        "SELECT * FROM account WHERE id > 100", "SELECT 1",
        "SELECT a FROM kinds WHERE b < 0",
        "SELECT count(*), sum(cents), max(owner) FROM account"};
    static const char given[] = "SELECT ?, ?, ?, ?, ?, ?, ?";
    enum { COUNT = sizeof queries / sizeof queries[0], VALUES = 7 };
    struct db_value values[VALUES] = {
        {.type = SQLITE_NULL},
        {.type = SQLITE_FLOAT, .real = -0.1},
    };

    integer_value(&values[2], INT64_MIN);
    values[3] = bytes_value(SQLITE_TEXT, "O'Brien; --", 11);
    values[4] = bytes_value(SQLITE_BLOB, "\0a\0", 3);
    values[5] = bytes_value(SQLITE_TEXT, "", 0);
    values[6] = bytes_value(SQLITE_BLOB, "", 0);
    for (int readers = 1; readers <= 3; readers += 2) {
        struct play_list list = {.submitted = 0};
        judge_scene(
            "With %d reader%s", readers, readers == 1 ? "" : "s");
        begin_queue(JOURNAL);
        for (int i = 0; i < COUNT; i++)
            query(&list, queries[i], (uint64_t)i * 1000);
        submit(&list, 'q', given, values, VALUES, UINT64_MAX);
        wait_for(&list, COUNT + 1, 4);
        struct results results = run_queue(&list, readers, NULL, NULL);
        enter_database();
        for (int i = 0; i < COUNT; i++)
            check_rows(
                &results, (uint64_t)i * 1000, queries[i], NULL, 0);
        check_rows(&results, UINT64_MAX, given, values, VALUES);
        free_results(&results);
        leave_database();
    }
}
END_TEST

START_TEST(an_error_belongs_to_its_statement)
{
    struct play_list list = {.submitted = 0};

    judge_scene("When some statements are wrong");
    begin_queue(JOURNAL);
    query(&list, "SELECT nonsense FROM account", 1);
    query(&list, "SELECT 2", 2);
    execute(&list, "INSERT INTO account VALUES (1, 'x', 1, NULL)", 3);
    execute(&list, "INSERT INTO account VALUES (9, 'x', 1, NULL)", 4);
    query(&list, "DELETE FROM account", 5);
    execute(&list, "INSERT INTO account VALUES (10, 'x', NULL, 1)", 6);
    execute(&list, "SELEKT", 7);
    execute(&list, "UPDATE account SET cents = 7 WHERE id > 1", 8);
    query(&list, "SELECT 1 UNION ALL SELECT abs(-9223372036854775808)",
        9);
    wait_for(&list, 9, 3);
    struct results results = run_queue(&list, 2, NULL, NULL);
    expect_error(&results, 1, SQLITE_ERROR);
    expect_error(&results, 2, SQLITE_OK);
    expect_error(&results, 3, SQLITE_CONSTRAINT);
    judge_equal_int("The number of rows that an INSERT changed is", 1,
        expect_error(&results, 4, SQLITE_OK)->changes);
    expect_error(&results, 5, SQLITE_READONLY);
    expect_error(&results, 6, SQLITE_CONSTRAINT);
    expect_error(&results, 7, SQLITE_ERROR);
    judge_equal_int("The number of rows that an UPDATE changed is", 3,
        expect_error(&results, 8, SQLITE_OK)->changes);
    expect_error(&results, 9, SQLITE_ERROR);
    free_results(&results);
    run(model, "INSERT INTO account VALUES (9, 'x', 1, NULL);"
               "UPDATE account SET cents = 7 WHERE id > 1");
    enter_database();
    check_contents(other, "The execs that were right are not in the "
                          "database, or others are.");
    leave_database();
}
END_TEST

START_TEST(a_long_result_is_whole)
{
    static const char sql[] =
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 "
        "FROM n WHERE i < 100000) SELECT i, 'row ' || i FROM n";
    struct play_list list = {.submitted = 0};

    judge_scene("With a result of 100,000 rows");
    begin_queue(WAL);
    query(&list, sql, 1);
    wait_for(&list, 1, 1);
    struct results results = run_queue(&list, 2, NULL, NULL);
    enter_database();
    check_rows(&results, 1, sql, NULL, 0);
    free_results(&results);
    leave_database();
}
END_TEST

START_TEST(execs_are_done_in_order)
{
    enum { EXECS = 60 };
    struct play_list list = {.submitted = 0};

    begin_queue(JOURNAL);
    for (int i = 0; i < EXECS; i++) {
        struct db_value value;
        integer_value(&value, i);
        submit(&list, 'e', "INSERT INTO done (what) VALUES (?)", &value,
            1, (uint64_t)i);
        if (i % 3 == 0)
            query(&list, "SELECT count(*) FROM done",
                (uint64_t)(1000 + i));
    }
    wait_for(&list, EXECS + EXECS / 3, 5);
    struct results results = run_queue(&list, 3, NULL, NULL);
    for (int i = 0; i < results.count; i++)
        expect_error(&results, results.list[i].tag, SQLITE_OK);
    free_results(&results);
    enter_database();
    if (ask_number(other, "SELECT count(*) FROM done") != EXECS ||
        ask_number(other, "SELECT count(*) FROM done WHERE "
                          "n <> CAST(what AS INTEGER) + 1") != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%d INSERTs were submitted one after the other, and their "
            "rows are not there in this order.",
            EXECS);
    leave_database();
}
END_TEST

START_TEST(what_was_reaped_a_query_sees)
{
    enum { ROUNDS = 12 };
    struct play_list list = {.submitted = 0};

    begin_queue(WAL);
    for (int i = 0; i < ROUNDS; i++) {
        execute(&list, "INSERT INTO done DEFAULT VALUES", 1);
        wait_for(&list, 1, 1);
        query(&list, "SELECT count(*) FROM done", 2);
        wait_for(&list, 1, 1);
    }
    struct results results = run_queue(&list, 2, NULL, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        const struct reaped *seen = &results.list[2 * i + 1];
        if (seen->tag != 2 || seen->rows != 1 || seen->columns != 1)
            judge_fail(VERDICT_WRONG_ANSWER,
                "A query for one number has another result.");
        judge_equal_int("After so many rows had been reaped as "
                        "inserted, a query saw",
            i + 1, seen->values[0].integer);
    }
    free_results(&results);
}
END_TEST

START_TEST(the_descriptor_tells_exactly)
{
    enum { ROUNDS = 20 };
    struct play_list list = {.submitted = 0};

    judge_scene("When results are reaped one at a time");
    begin_queue(WAL);
    expect_nothing(&list);
    for (int i = 0; i < ROUNDS; i++) {
        for (int k = 0; k <= i % 4; k++)
            query(&list, "SELECT count(*) FROM account",
                (uint64_t)list.submitted);
        execute(&list, "INSERT INTO done DEFAULT VALUES",
            (uint64_t)list.submitted);
        wait_for(&list, i % 4 + 2, 1);
        expect_nothing(&list);
    }
    struct results results = run_queue(&list, 2, NULL, NULL);
    for (int i = 0; i < results.count; i++)
        expect_error(&results, (uint64_t)i, SQLITE_OK);
    free_results(&results);
}
END_TEST

static void
check_closed(const char *when, int64_t open)
{
    if (open != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s, and %" PRId64 " connection%s to the database %s still "
            "open. Each has its descriptors until sqlite3_close(), "
            "which works only once its statements are finalized.",
            when, open, open == 1 ? "" : "s", open == 1 ? "is" : "are");
}

START_TEST(closing_lets_all_be_done)
{
    enum { EXECS = 30 };
    struct play_list list = {.submitted = 0};

    judge_scene("When the queue is closed with statements in it");
    begin_queue(JOURNAL);
    for (int i = 0; i < EXECS; i++) {
        execute(&list, "INSERT INTO done DEFAULT VALUES", 1);
        query(&list, "SELECT * FROM kinds", 2);
    }
    list.submitted = 0; /* nobody reaps them */
    struct results results = run_queue(&list, 3, NULL, NULL);
    check_closed("dbq_close() returned", results.open);
    free_results(&results);
    enter_database();
    judge_equal_int("The number of rows that were inserted is", EXECS,
        ask_number(other, "SELECT count(*) FROM done"));
    leave_database();
}
END_TEST

START_TEST(what_is_reaped_lives_until_it_is_freed)
{
    static const char sql[] = "SELECT * FROM kinds";
    struct db_value text = bytes_value(SQLITE_TEXT, "of mine", 7);
    struct play_list list = {.submitted = 0};

    judge_scene("When results are read after dbq_close()");
    begin_queue(JOURNAL);
    put_step(&list, 'k', 0);
    for (uint64_t i = 0; i < 4; i++)
        query(&list, sql, i);
    submit(&list, 'q', "SELECT ?, zeroblob(100)", &text, 1, 4);
    query(&list, "SELECT nonsense", 5);
    execute(&list, "INSERT INTO done DEFAULT VALUES", 6);
    wait_for(&list, 7, 2);
    struct results results = run_queue(&list, 2, NULL, NULL);
    enter_database();
    for (uint64_t i = 0; i < 4; i++)
        check_rows(&results, i, sql, NULL, 0);
    check_rows(&results, 4, "SELECT ?, zeroblob(100)", &text, 1);
    expect_error(&results, 5, SQLITE_ERROR);
    expect_error(&results, 6, SQLITE_OK);
    free_results(&results);
    leave_database();
}
END_TEST

/* dbq_open() says no. */
static void
check_not_opened(int readers, int error)
{
    struct turnstile *turnstile = turnstile_new(1);
    struct play_list list = {.submitted = 0};
    struct watch watch = {.reaped = 0};
    struct ask ask = ask_queue(turnstile, &watch, &list, readers, NULL);

    ask_send(&ask, &answer);
    turnstile_free(turnstile);
    if (answer_int(&answer) != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "dbq_open() returned a queue, and NULL was right.");
    if (answer.error != error) {
        judge_values(judge_errno(error), judge_errno(answer.error));
        judge_fail(VERDICT_WRONG_ANSWER,
            "errno is not what db.h says for this failure.");
    }
    size_t length;
    answer_bytes(&answer, &length); /* no steps, and no results */
    answer_bytes(&answer, &length);
    answer_int(&answer);
    answer_int(&answer);
    check_closed("dbq_open() failed", answer_int(&answer));
    if (answer.allocations_left != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "dbq_open() failed, and left memory that it had "
            "allocated.");
}

START_TEST(a_queue_that_cannot_be_is_refused)
{
    begin_queue(JOURNAL);
    judge_scene("With no reader");
    check_not_opened(0, EINVAL);
    judge_scene("With 17 readers");
    check_not_opened(17, EINVAL);
    judge_scene("With a file that is not there");
    remove_files(database());
    check_not_opened(2, EIO);
    if (access(database(), F_OK) == 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The file was not there, and dbq_open() made one: of an "
            "empty database nobody has any use.");
    judge_scene("With a file that is no database");
    char *junk = judge_random_bytes(5000);
    if (text_write_file(database(), junk, 5000) != 0)
        die("write %s:", database());
    free(junk);
    check_not_opened(2, EIO);
}
END_TEST

/* Let go of our lock once the program sleeps. */
static bool
free_lock(struct turnstile *turnstile, void *arg)
{
    bool *held = arg;

    (void)turnstile;
    if (!*held)
        return false;
    *held = false;
    run(other, "COMMIT");
    return true;
}

START_TEST(the_lock_of_another_process_is_waited_for)
{
    bool held = true;
    struct turnstile_rules rules = {.asleep = free_lock, .arg = &held};
    struct play_list list = {.submitted = 0};

    judge_scene("While another process writes");
    begin_queue(WAL);
    enter_database();
    run(other, writes_now);
    query(&list, "SELECT count(*) FROM account", 1);
    wait_for(&list, 1, 1);
    for (uint64_t i = 2; i < 5; i++)
        execute(&list, "INSERT INTO done DEFAULT VALUES", i);
    wait_for(&list, 3, 1);
    struct results results = run_queue(&list, 2, &rules, NULL);
    for (uint64_t i = 1; i < 5; i++)
        expect_error(&results, i, SQLITE_OK);
    if (held)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Execs were reaped as done while another process had the "
            "lock.");
    free_results(&results);
    judge_equal_int("The number of rows that were inserted is", 3,
        ask_number(other, "SELECT count(*) FROM done"));
    leave_database();
}
END_TEST

/* Of six INSERTs one fails. */
static bool
try_queue(const struct trouble *trouble, int64_t k)
{
    enum { EXECS = 6 };
    struct script script = script_of(trouble, k);
    struct play_list list = {.submitted = 0};
    int errors = 0;

    judge_scene("When %s %" PRId64, trouble->what, k);
    begin_queue(WAL);
    for (uint64_t i = 0; i < EXECS; i++) {
        execute(&list, "INSERT INTO done DEFAULT VALUES", i);
        wait_for(&list, 1, 1);
    }
    struct results results = run_queue(&list, 1, NULL, &script);
    for (uint64_t i = 0; i < EXECS; i++) {
        const struct reaped *done = find_result(&results, i);
        errors += done->error != SQLITE_OK;
        if (done->error != SQLITE_OK)
            expect_error(&results, i, (int)trouble->error & 0xff);
    }
    free_results(&results);
    enter_database();
    judge_equal_int("So many INSERTs were said to be done; the number "
                    "of rows in the table is",
        EXECS - errors, ask_number(other, "SELECT count(*) FROM done"));
    leave_database();
    if (errors > 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The disk failed once, and %d execs failed: after an error "
            "the next one has to find the connection without a "
            "transaction.",
            errors);
    return errors > 0;
}

START_TEST(a_disk_that_fails_stops_one_exec)
{
    for (int i = 0; i < TROUBLES; i++) {
        int64_t least = troubles[i].syncs ? 2 : 6;
        for (int64_t k = least; try_queue(&troubles[i], k); k++)
            ;
    }
}
END_TEST

/* What was reaped before the power went is there. */
static int
count_after_cut(size_t done, int64_t mark, void *arg)
{
    static struct text seen;
    sqlite3 *db = open_scratch();

    dump(db, &seen); /* can it be read? */
    int64_t rows = ask_number(db, "SELECT count(*) FROM done");

    (void)arg;
    sqlite3_close(db);
    if (rows < mark)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%" PRId64 " INSERTs had been reaped when the power went "
            "(after step %zu), and afterwards %" PRId64 " rows are "
            "there: the others were not on the disk.",
            mark, done, rows);
    return 0;
}

/* Each sync is held until the owner, on its way to answer a ping, has
 * seen whether there is something to be reaped. */
struct unsynced {
    size_t submitted, reaped; /* execs */
    size_t before; /* syncs that had come when one was submitted */
    bool synced;   /* one that came later is over */
};

static void
let_syncs(struct turnstile *turnstile, void *arg)
{
    struct turnstile_call *call;

    (void)arg;
    while ((call = turnstile_oldest(turnstile, SYNC)) != NULL)
        turnstile_let(turnstile, call->number, NULL);
}

/* Those for which no exec waits are let go: of dbq_open(), say. */
static void
hold_sync(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct unsynced *unsynced = arg;

    if (unsynced->reaped == unsynced->submitted ||
        turnstile_is_owner(call))
        turnstile_let(turnstile, call->number, NULL);
    else
        turnstile_ping(turnstile);
}

static void
end_sync(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct unsynced *unsynced = arg;

    (void)turnstile;
    unsynced->synced |= call->number >= unsynced->before;
}

static void
hear_unsynced(struct turnstile *turnstile,
    const struct turnstile_call *what, void *arg)
{
    struct unsynced *unsynced = arg;

    if (what->kind == SUBMITTED) {
        unsynced->submitted++;
        unsynced->before = turnstile_count(turnstile);
        unsynced->synced = false;
        return;
    }
    if (!unsynced->synced)
        judge_fail(VERDICT_WRONG_ANSWER,
            "An exec was reaped as done while the disk did not have it "
            "yet: no sync since it was submitted had ended. It is done "
            "when its COMMIT has returned, and not before; and SQLite "
            "waits there with PRAGMA synchronous = FULL, which is the "
            "default, and not with NORMAL or OFF.");
    if (++unsynced->reaped == unsynced->submitted)
        let_syncs(turnstile, arg);
}

static bool
stuck_unsynced(struct turnstile *turnstile, void *arg)
{
    (void)arg;
    if (turnstile_oldest(turnstile, SYNC) == NULL)
        return false;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The disk took its time for a sync, until the loop of the "
        "owner answers. It never did: it waits within dbq_exec() or "
        "dbq_reap().");
}

static void
reap_while_syncs_are_held(void)
{
    enum { EXECS = 6 };
    static const struct script held = {.hold = 1};
    struct unsynced unsynced = {.submitted = 0};
    struct turnstile_rules rules = {.came = hold_sync,
        .left = end_sync,
        .told = hear_unsynced,
        .answered = let_syncs,
        .stuck = stuck_unsynced,
        .arg = &unsynced};
    struct play_list list = {.submitted = 0};

    judge_scene("While the disk takes its time for each sync");
    begin_queue(WAL);
    for (uint64_t i = 1; i <= EXECS; i++) {
        execute(&list, "INSERT INTO done DEFAULT VALUES", i);
        wait_for(&list, 1, 1);
    }
    struct results results = run_queue(&list, 2, &rules, &held);
    free_results(&results);
}

START_TEST(what_is_reaped_is_on_the_disk)
{
    enum { EXECS = 12 };
    struct play_list list = {.submitted = 0};
    size_t length;

    reap_while_syncs_are_held();
    judge_scene(NULL);
    begin_queue(WAL);
    for (uint64_t i = 1; i <= EXECS; i++)
        execute(&list, "INSERT INTO done DEFAULT VALUES", i);
    wait_for(&list, EXECS, 1);
    struct powercut *files = powercut_new(database());
    struct results results = run_queue(&list, 2, NULL, &logged);
    const void *log = take_log(&length);
    powercut_replay(
        files, log, length, scratch(), count_after_cut, NULL);
    powercut_free(files);
    remove_files(scratch());
    free_results(&results);
}
END_TEST

/* 8.5 The loop goes on --------------------------------------------- */

static const char gated_query[] =
    "SELECT gate(?), count(*) FROM account";
static const char gated_exec[] =
    "UPDATE account SET cents = cents + 0 * gate(?) WHERE id = 1";

enum { EXEC_GATE = 1000 }; /* gate(x) of an exec has x from here on */

static void
submit_gated(struct play_list *list, char step, int64_t x)
{
    struct db_value value;

    integer_value(&value, x);
    submit(list, step, step == 'q' ? gated_query : gated_exec, &value,
        1, (uint64_t)x);
}

static bool
is_exec(const struct turnstile_call *call)
{
    return (int64_t)call->asked[0] >= EXEC_GATE;
}

/* All went as it should, and not on the owner's thread. */
static void
check_gated(struct results *results)
{
    if (results->forbidden > 0)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "Within dbq_query(), dbq_exec() or dbq_reap() SQLite was "
            "at work with the database's files: on the thread that "
            "must never wait for them.");
    for (int i = 0; i < results->count; i++)
        expect_error(results, results->list[i].tag, SQLITE_OK);
    free_results(results);
}

/* Queries are held until as many are at work as there are readers. */
struct together {
    int readers;
    size_t total, waiting;
    int held_execs;
};

static void
let_kind(struct turnstile *turnstile, bool execs)
{
    for (size_t i = 0; i < turnstile_count(turnstile); i++) {
        struct turnstile_call *call = turnstile_call(turnstile, i);
        if (!call->let && !call->left && call->thread != 0 &&
            is_exec(call) == execs)
            turnstile_let(turnstile, call->number, NULL);
    }
}

static void
come_together(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct together *together = arg;

    (void)call;
    together->waiting++;
    if (turnstile_inside(turnstile, GATE) > (size_t)together->readers)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%d readers were asked for, and %d queries were at work at "
            "once.",
            together->readers, together->readers + 1);
    size_t left = together->total - turnstile_left(turnstile, GATE);
    if (together->waiting == (size_t)together->readers ||
        left < (size_t)together->readers) {
        together->waiting = 0;
        let_kind(turnstile, false);
    }
}

static bool
stuck_together(struct turnstile *turnstile, void *arg)
{
    struct together *together = arg;

    judge_fail(VERDICT_NOT_CONCURRENT,
        "%d readers were asked for, and queries were withheld until "
        "that many are at work at once. Only %zu ever %s: one waits "
        "for the other, as on a connection that they share.",
        together->readers, turnstile_inside(turnstile, GATE),
        turnstile_inside(turnstile, GATE) == 1 ? "was" : "were");
}

START_TEST(as_many_queries_are_at_work_as_there_are_readers)
{
    static const int readers[] = {1, 2, 4, 16};

    for (int i = 0; i < 4; i++) {
        struct together together = {
            .readers = readers[i], .total = (size_t)readers[i] * 3};
        struct turnstile_rules rules = {.came = come_together,
            .stuck = stuck_together,
            .arg = &together};
        struct play_list list = {.submitted = 0};
        judge_scene(NULL);
        begin_queue(JOURNAL);
        for (size_t k = 0; k < together.total; k++)
            submit_gated(&list, 'q', (int64_t)k);
        wait_for(&list, (int)together.total, 2);
        struct results results =
            run_queue(&list, readers[i], &rules, NULL);
        check_gated(&results);
    }
}
END_TEST

/* A query begins and ends while an exec is at work; an exec begins and
 * ends while all readers are. */
struct apart {
    bool hold_execs;     /* else the queries */
    size_t held, wanted; /* so many of these are at work first */
    size_t reaped, free; /* of the others, that go on meanwhile */
    bool over;
};

static void
advance_apart(struct turnstile *turnstile, struct apart *apart)
{
    if (apart->held < apart->wanted)
        return;
    let_kind(turnstile, !apart->hold_execs);
    if (apart->reaped >= apart->free) {
        apart->over = true;
        let_kind(turnstile, apart->hold_execs);
    }
}

/* One that fails, as locked, and is tried again comes again. */
enum { MOST_ATTEMPTS = 100 };

static bool
stuck_apart(struct turnstile *turnstile, void *arg)
{
    struct apart *apart = arg;

    (void)turnstile;
    if (apart->over)
        return false;
    if (apart->hold_execs)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "An exec was at work, in its transaction, until a query is "
            "reaped. None ever was: queries wait for the writer.");
    judge_fail(VERDICT_NOT_CONCURRENT,
        "All readers were at work, on queries, until an exec is "
        "reaped. None ever was: the writer waits for the readers, as "
        "it has to without WAL mode.");
}

static void
come_apart(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct apart *apart = arg;

    apart->held += is_exec(call) == apart->hold_execs;
    if (turnstile_count(turnstile) > MOST_ATTEMPTS)
        stuck_apart(turnstile, apart);
    advance_apart(turnstile, apart);
}

static void
tell_apart(struct turnstile *turnstile,
    const struct turnstile_call *what, void *arg)
{
    struct apart *apart = arg;

    if (what->kind != REAPED)
        return;
    apart->reaped += is_exec(what) != apart->hold_execs;
    advance_apart(turnstile, apart);
}

START_TEST(a_query_goes_on_while_the_writer_is_at_work)
{
    struct apart apart = {.hold_execs = true, .wanted = 1, .free = 4};
    struct turnstile_rules rules = {.came = come_apart,
        .told = tell_apart,
        .stuck = stuck_apart,
        .arg = &apart};
    struct play_list list = {.submitted = 0};

    begin_queue(JOURNAL);
    submit_gated(&list, 'e', EXEC_GATE);
    for (int64_t i = 0; i < 4; i++)
        submit_gated(&list, 'q', i);
    wait_for(&list, 5, 1);
    struct results results = run_queue(&list, 2, &rules, NULL);
    check_gated(&results);
}
END_TEST

START_TEST(the_writer_goes_on_while_all_readers_are_at_work)
{
    struct apart apart = {.hold_execs = false, .wanted = 3, .free = 3};
    struct turnstile_rules rules = {.came = come_apart,
        .told = tell_apart,
        .stuck = stuck_apart,
        .arg = &apart};
    struct play_list list = {.submitted = 0};

    begin_queue(JOURNAL);
    for (int64_t i = 0; i < 3; i++)
        submit_gated(&list, 'q', i);
    for (int64_t i = 0; i < 3; i++)
        submit_gated(&list, 'e', EXEC_GATE + i);
    wait_for(&list, 6, 1);
    struct results results = run_queue(&list, 3, &rules, NULL);
    check_gated(&results);
    enter_database();
    if (ask_number(other, "SELECT journal_mode = 'wal' FROM "
                          "pragma_journal_mode") != 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "dbq_open() was to put the database into WAL mode.");
    leave_database();
}
END_TEST

/* Each statement is held until the owner has answered a ping. */
static void
ping_loop(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    (void)call;
    (void)arg;
    turnstile_ping(turnstile);
}

static void
hear_loop(struct turnstile *turnstile, void *arg)
{
    (void)arg;
    let_kind(turnstile, false);
    let_kind(turnstile, true);
}

static bool
stuck_loop(struct turnstile *turnstile, void *arg)
{
    (void)arg;
    if (turnstile_inside(turnstile, GATE) == 0)
        return false;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "A statement was at work until the loop of its owner answers. "
        "It never did: it waits within dbq_query(), dbq_exec() or "
        "dbq_reap().");
}

START_TEST(the_loop_answers_while_statements_are_at_work)
{
    enum { COUNT = 12 };
    struct turnstile_rules rules = {
        .came = ping_loop, .answered = hear_loop, .stuck = stuck_loop};
    struct play_list list = {.submitted = 0};

    begin_queue(WAL);
    for (int64_t i = 0; i < COUNT; i++)
        submit_gated(&list, i % 3 == 2 ? 'e' : 'q',
            i % 3 == 2 ? EXEC_GATE + i : i);
    wait_for(&list, COUNT, 3);
    struct results results = run_queue(&list, 2, &rules, NULL);
    check_gated(&results);
}
END_TEST

/* Execs are held until the program waits: no second one may come. */
static void
come_alone(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    (void)call;
    (void)arg;
    if (turnstile_inside(turnstile, GATE) > 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Two execs were at work at once. They are done one after "
            "the other.");
}

static bool
let_alone(struct turnstile *turnstile, void *arg)
{
    struct turnstile_call *call = turnstile_oldest(turnstile, GATE);

    (void)arg;
    if (call != NULL)
        turnstile_let(turnstile, call->number, NULL);
    return call != NULL;
}

START_TEST(execs_are_at_work_one_after_the_other)
{
    enum { COUNT = 5 };
    struct turnstile_rules rules = {
        .came = come_alone, .asleep = let_alone};
    struct play_list list = {.submitted = 0};

    begin_queue(WAL);
    for (int64_t i = 0; i < COUNT; i++)
        submit_gated(&list, 'e', EXEC_GATE + i);
    wait_for(&list, COUNT, 1);
    struct results results = run_queue(&list, 4, &rules, NULL);
    for (int i = 0; i < COUNT; i++) {
        if (results.list[i].tag != (uint64_t)(EXEC_GATE + i))
            judge_fail(VERDICT_WRONG_ANSWER,
                "Execs were reaped in another order than they were "
                "submitted in.");
    }
    check_gated(&results);
}
END_TEST

START_TEST(the_owner_never_touches_the_database)
{
    struct play_list list = {.submitted = 0};

    judge_scene("With queries, execs and a wrong statement");
    begin_queue(JOURNAL);
    for (uint64_t i = 0; i < 10; i++) {
        query(&list, "SELECT * FROM kinds", 2 * i);
        execute(&list, "INSERT INTO done DEFAULT VALUES", 2 * i + 1);
        wait_for(&list, 2, 1);
    }
    struct results results = run_queue(&list, 2, NULL, NULL);
    check_gated(&results);
}
END_TEST

START_TEST(threads_share_nothing_without_a_lock)
{
    enum { COUNT = 40 };
    struct db_value text = bytes_value(SQLITE_TEXT, "of mine", 7);

    for (int i = 0; i < 3; i++) {
        struct play_list list = {.submitted = 0};
        judge_scene("With %d readers", i + 1);
        begin_queue(JOURNAL);
        for (uint64_t k = 0; k < COUNT; k++) {
            submit(
                &list, 'q', "SELECT ?, a, c FROM kinds", &text, 1, k);
            if (k % 4 == 0)
                execute(&list, "INSERT INTO done DEFAULT VALUES",
                    COUNT + k);
            if (k % 4 == 3)
                wait_for(&list, 3, 1);
        }
        wait_for(&list, COUNT / 2, 2);
        query(&list, "SELECT nonsense", 2 * COUNT);
        wait_for(&list, 1, 1);
        struct results results = run_queue(&list, i + 1, NULL, NULL);
        free_results(&results);
    }
}
END_TEST

/* What is timed ---------------------------------------------------- */

/*
 * A unit loads accounts, moves money between them, and then has a queue
 * do execs and queries. Disk and queries take fixed times, asleep: so
 * what counts is how often, and how many at once, are waited for.
 */
enum { SYNC_US = 1000, NAP_US = 2000, READERS = 4, TRANSFERS = 64 };
enum { NAPS = 1000 }; /* tags of queries, from here on */

struct unit {
    struct accounts accounts;
    struct transfer transfers[TRANSFERS];
    char keys[TRANSFERS][24];
    int64_t secret; /* that the queries return */
    struct play_list list;
    struct answer loaded, moved[TRANSFERS], queued;
};

static struct unit *units;

static const struct script timed = {.sync_us = SYNC_US};
static const char nap[] = "SELECT nap(?), ? + 1";

static int
count_of(const char *size, int most)
{
    int64_t count = judge_size(size);

    if (count > most)
        die("lab.yaml: at most %d %s", most, size);
    return (int)count;
}

static void
draw_unit(struct unit *unit)
{
    int execs = count_of("execs", 1000);
    int queries = count_of("queries", 1000);
    struct db_value values[2];

    unit->accounts = draw_accounts((size_t)judge_size("rows"), 40);
    for (int i = 0; i < count_of("transfers", TRANSFERS); i++) {
        snprintf(unit->keys[i], sizeof unit->keys[i], "%016" PRIx64,
            judge_random());
        unit->transfers[i] = (struct transfer){1, 2,
            1 + (int64_t)judge_random_below(3), unit->keys[i], 60000};
    }
    unit->secret = (int64_t)judge_random() >> 2;
    integer_value(&values[0], NAP_US);
    integer_value(&values[1], unit->secret);
    for (int i = 0; i < execs; i++)
        execute(&unit->list, "INSERT INTO done DEFAULT VALUES",
            (uint64_t)i);
    for (int i = 0; i < queries; i++)
        submit(&unit->list, 'q', nap, values, 2, NAPS + (uint64_t)i);
    wait_for(&unit->list, execs + queries, 8);
}

static void
prepare_work(int count)
{
    units = text_zeroed((size_t)count, sizeof *units);
    for (which_database = 0; which_database < count; which_database++) {
        begin_queue(JOURNAL);
        draw_unit(&units[which_database]);
    }
}

static void
do_unit(struct unit *unit)
{
    struct turnstile *turnstile = turnstile_new(1);
    struct watch watch = {.reaped = 0};

    open_connection();
    struct ask ask = ask_load(&unit->accounts, &timed);
    ask_send(&ask, &unit->loaded);
    for (int i = 0; i < count_of("transfers", TRANSFERS); i++) {
        ask = ask_transfer(&unit->transfers[i], &timed);
        ask_send(&ask, &unit->moved[i]);
    }
    close_connection();
    ask = ask_queue(turnstile, &watch, &unit->list, READERS, &timed);
    ask_send(&ask, &unit->queued);
    turnstile_free(turnstile);
}

static void
work(int count)
{
    for (which_database = 0; which_database < count; which_database++)
        do_unit(&units[which_database]);
}

static void
check_unit(struct unit *unit)
{
    new_model();
    answer = unit->loaded;
    struct call_state state = take_state("db_load()");
    check_outcome("db_load()", DB_OK, &state);
    expect_accounts(&unit->accounts);
    for (int i = 0; i < count_of("transfers", TRANSFERS); i++) {
        answer = unit->moved[i];
        state = take_state("db_transfer()");
        enum db_outcome expected = expect_transfer(&unit->transfers[i]);
        check_outcome("db_transfer()", expected, &state);
    }
    answer = unit->queued;
    struct results results = take_queue(&unit->list);
    for (int i = 0; i < results.count; i++) {
        uint64_t tag = results.list[i].tag;
        const struct reaped *reaped =
            expect_error(&results, tag, SQLITE_OK);
        if (tag >= NAPS &&
            (reaped->rows != 1 || reaped->columns != 2 ||
                reaped->values[1].integer != unit->secret + 1))
            judge_fail(VERDICT_WRONG_ANSWER,
                "A query returned something else than its row.");
    }
    free_results(&results);
    enter_database();
    check_contents(other, "The accounts are not as they should be.");
    judge_equal_int("The number of rows that were inserted is",
        judge_size("execs"),
        ask_number(other, "SELECT count(*) FROM done"));
    leave_database();
}

static void
check_work(int count)
{
    int64_t syncs = 3 * (1 + judge_size("transfers"));
    int64_t execs_us = judge_size("execs") * SYNC_US;
    int64_t naps_us = judge_size("queries") * NAP_US / READERS;

    for (which_database = 0; which_database < count; which_database++)
        check_unit(&units[which_database]);
    judge_bound(
        (double)count *
            (double)(syncs * SYNC_US +
                     (execs_us > naps_us ? execs_us : naps_us)) /
            1e6,
        "the disk, which takes %d ms for a sync, and queries of %d ms",
        SYNC_US / 1000, NAP_US / 1000);
}

static const struct judge_workload workload = {
    .prepare = prepare_work, .work = work, .check = check_work};

/* The table -------------------------------------------------------- */

static const char all_or_nothing[] = "8.1 All or nothing";
static const char moves_once[] = "8.2 Money moves once";
static const char the_lock[] = "8.3 Somebody has the lock";
static const char queries[] = "8.4 Queries for somebody else";
static const char loop[] = "8.5 The loop goes on";

static const struct judge_test tests[] = {
    {all_or_nothing, PART_ANSWERS, BUILD_PLAIN,
        &all_rows_are_there_afterwards},
    {all_or_nothing, PART_ANSWERS, BUILD_PLAIN,
        &what_looks_like_sql_is_only_text},
    {all_or_nothing, PART_ANSWERS, BUILD_PLAIN,
        &one_bad_row_means_none},
    {all_or_nothing, PART_WEATHER, BUILD_PLAIN,
        &a_disk_that_fails_leaves_the_old_rows},
    {all_or_nothing, PART_WEATHER, BUILD_PLAIN,
        &without_memory_there_are_no_rows},
    {all_or_nothing, PART_WEATHER, BUILD_PLAIN,
        &a_lock_of_somebody_else_is_told_at_once},
    {all_or_nothing, PART_ANSWERS, BUILD_SANITIZED,
        &rows_are_read_within_their_bytes},
    {all_or_nothing, PART_PROOF, BUILD_PLAIN,
        &a_thousand_rows_wait_for_the_disk_like_one},
    {all_or_nothing, PART_PROOF, BUILD_PLAIN,
        &a_statement_is_prepared_once_and_not_for_each_row},
    {all_or_nothing, PART_PROOF, BUILD_PLAIN,
        &a_power_cut_leaves_all_rows_or_none},
    {moves_once, PART_ANSWERS, BUILD_PLAIN,
        &money_goes_from_one_account_to_the_other},
    {moves_once, PART_ANSWERS, BUILD_PLAIN,
        &no_account_ever_has_less_than_nothing},
    {moves_once, PART_ANSWERS, BUILD_PLAIN,
        &what_cannot_be_moved_is_an_error},
    {moves_once, PART_ANSWERS, BUILD_PLAIN,
        &a_key_moves_its_money_once},
    {moves_once, PART_ANSWERS, BUILD_SANITIZED,
        &a_transfer_keeps_to_its_memory},
    {moves_once, PART_WEATHER, BUILD_PLAIN,
        &a_disk_that_fails_moves_no_money},
    {moves_once, PART_PROOF, BUILD_PLAIN,
        &two_at_once_with_one_key_move_its_money_once},
    {moves_once, PART_PROOF, BUILD_PLAIN,
        &a_power_cut_leaves_a_whole_transfer_or_none},
    {the_lock, PART_WEATHER, BUILD_PLAIN,
        &it_waits_until_the_lock_is_free},
    {the_lock, PART_WEATHER, BUILD_PLAIN, &at_its_deadline_it_gives_up},
    {the_lock, PART_WEATHER, BUILD_PLAIN,
        &the_deadline_is_for_all_waits_together},
    {the_lock, PART_PROOF, BUILD_PLAIN, &it_sleeps_while_it_waits},
    {the_lock, PART_PROOF, BUILD_PLAIN,
        &another_may_write_between_reading_and_writing},
    {queries, PART_ANSWERS, BUILD_PLAIN, &a_query_returns_its_rows},
    {queries, PART_ANSWERS, BUILD_PLAIN,
        &an_error_belongs_to_its_statement},
    {queries, PART_ANSWERS, BUILD_PLAIN, &a_long_result_is_whole},
    {queries, PART_ANSWERS, BUILD_PLAIN, &execs_are_done_in_order},
    {queries, PART_ANSWERS, BUILD_PLAIN, &what_was_reaped_a_query_sees},
    {queries, PART_ANSWERS, BUILD_PLAIN, &the_descriptor_tells_exactly},
    {queries, PART_ANSWERS, BUILD_PLAIN, &closing_lets_all_be_done},
    {queries, PART_ANSWERS, BUILD_SANITIZED,
        &what_is_reaped_lives_until_it_is_freed},
    {queries, PART_WEATHER, BUILD_PLAIN,
        &a_queue_that_cannot_be_is_refused},
    {queries, PART_WEATHER, BUILD_PLAIN,
        &the_lock_of_another_process_is_waited_for},
    {queries, PART_WEATHER, BUILD_PLAIN,
        &a_disk_that_fails_stops_one_exec},
    {queries, PART_PROOF, BUILD_PLAIN, &what_is_reaped_is_on_the_disk},
    {loop, PART_PROOF, BUILD_PLAIN,
        &as_many_queries_are_at_work_as_there_are_readers},
    {loop, PART_PROOF, BUILD_PLAIN,
        &a_query_goes_on_while_the_writer_is_at_work},
    {loop, PART_PROOF, BUILD_PLAIN,
        &the_writer_goes_on_while_all_readers_are_at_work},
    {loop, PART_PROOF, BUILD_PLAIN,
        &the_owner_never_touches_the_database},
    {loop, PART_PROOF, BUILD_PLAIN,
        &the_loop_answers_while_statements_are_at_work},
    {loop, PART_PROOF, BUILD_PLAIN,
        &execs_are_at_work_one_after_the_other},
    {loop, PART_PROOF, BUILD_RACES,
        &threads_share_nothing_without_a_lock},
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
