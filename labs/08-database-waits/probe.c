#include "db.h"
#include "probe/probe.h"
#include "probe/turnstile.h"
#include "probe/vfs.h"
#include "probe/wire.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * The probe of lab 08: a connection that is handed in, and a queue that
 * is driven by a script, on the thread that owns it. SQLite's files are
 * watched (probe/vfs.h), and all connections know the function gate(),
 * which stops at the judge's turnstile.
 */
enum { GATE, SUBMITTED, REAPED, SYNC }; /* as judge.c has them */

static struct turnstile *turnstile; /* of the call, or NULL */

/* gate(x, …) is x, once the judge lets it through. */
static void
gate(sqlite3_context *context, int n, sqlite3_value **values)
{
    if (turnstile != NULL) {
        int64_t x = sqlite3_value_int64(values[0]);
        struct turnstile_pass pass =
            turnstile_enter(turnstile, GATE, (uint64_t)x, 0, 0, 0);
        turnstile_leave(turnstile, pass, x);
    }
    (void)n;
    sqlite3_result_value(context, values[0]);
}

/* A sync that is held until the judge lets it through. */
static void
hold_sync(enum vfs_file file)
{
    if (turnstile != NULL) {
        struct turnstile_pass pass =
            turnstile_enter(turnstile, SYNC, (uint64_t)file, 0, 0, 0);
        turnstile_leave(turnstile, pass, 0);
    }
}

/* nap(us, …) is a query that takes so long, asleep. */
static void
nap(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    vfs_sleep(sqlite3_value_int64(values[0]) * 1000);
    sqlite3_result_value(context, values[0]);
}

static int
add_gate(sqlite3 *db, char **message, const void *routines)
{
    (void)message;
    (void)routines;
    sqlite3_create_function(
        db, "nap", 1, SQLITE_UTF8, NULL, nap, NULL, NULL);
    return sqlite3_create_function(
        db, "gate", 1, SQLITE_UTF8, NULL, gate, NULL, NULL);
}

static struct vfs_script
take_script(struct call *call)
{
    struct vfs_script script;

    script.failing_write = call_int(call);
    script.failing_sync = call_int(call);
    script.error = call_int(call);
    script.stopping = call_int(call);
    script.sync_us = call_int(call);
    script.real = call_int(call);
    script.log = call_int(call);
    script.hold = call_int(call) ? hold_sync : NULL;
    return script;
}

/* The connection that is handed in --------------------------------- */

static sqlite3 *db;
static int64_t inserts; /* that were prepared */

static int
authorize(void *arg, int action, const char *table, const char *column,
    const char *schema, const char *trigger)
{
    (void)arg;
    (void)column;
    (void)schema;
    (void)trigger;
    inserts += action == SQLITE_INSERT && table != NULL &&
               strcmp(table, "account") == 0;
    return SQLITE_OK;
}

static void
call_close(struct call *call)
{
    int rc = sqlite3_close(db);

    if (rc != SQLITE_OK)
        sqlite3_close_v2(db);
    db = NULL;
    call_return(call, rc);
}

static const char *const settings[] = {"busy_timeout", "synchronous",
    "journal_mode", "locking_mode", "cache_size", "temp_store",
    "foreign_keys", "query_only", "wal_autocheckpoint",
    "read_uncommitted", "defer_foreign_keys"};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* As they were when the connection was opened. */
static char first_values[SETTINGS][32];

static int
take_setting(void *arg, int columns, char **values, char **names)
{
    (void)names;
    if (columns > 0 && values[0] != NULL)
        snprintf(arg, sizeof first_values[0], "%s", values[0]);
    return 0;
}

/* Some cannot be read while somebody else has a lock. */
static void
read_setting(size_t i, char value[32])
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA %s", settings[i]);
    memcpy(value, first_values[i], sizeof first_values[i]);
    sqlite3_exec(db, sql, take_setting, value, NULL);
}

/* "busy_timeout = 0\nsynchronous = 2\n…" */
static struct text
read_settings(void)
{
    struct text text = {0};
    char value[32];

    for (size_t i = 0; i < SETTINGS; i++) {
        read_setting(i, value);
        text_addf(&text, "%s = %s\n", settings[i], value);
    }
    return text;
}

static void
call_open(struct call *call)
{
    const char *path = call_string(call);
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_set_authorizer(db, authorize, NULL);
    memset(first_values, 0, sizeof first_values);
    for (size_t i = 0; i < SETTINGS && rc == SQLITE_OK; i++)
        read_setting(i, first_values[i]);
    call_return(call, rc);
}

static void
return_text(struct call *call, struct text *text)
{
    call_return_bytes(call, text_string(text), text->length);
    text_free(text);
}

/* What SQLite was asked to do, and how the connection is. */
static void
return_state(struct call *call, struct text *before)
{
    struct text log = {0};
    int64_t writes = 0;

    for (int file = 0; file < VFS_TEMPORARY; file++) {
        call_return(call, vfs_count(VFS_SYNC, (enum vfs_file)file));
        writes += vfs_count(VFS_WRITE, (enum vfs_file)file);
    }
    call_return(call, writes);
    call_return(call, vfs_locks());
    call_return(call, inserts);
    call_return(call, sqlite3_get_autocommit(db));
    call_return(call, sqlite3_next_stmt(db, NULL) == NULL);
    struct text after = read_settings();
    return_text(call, before);
    return_text(call, &after);
    call_return(call, vfs_log(&log));
    return_text(call, &log);
}

/* So many bytes of their own, where there are any. */
static void *
take_bytes(struct wire_reader *reader, size_t *length)
{
    bool there = wire_int(reader) != 0;
    const void *bytes = wire_bytes(reader, length);

    if (!there)
        return NULL;
    char *copy = malloc(*length > 0 ? *length : 1);
    if (copy != NULL && *length > 0)
        memcpy(copy, bytes, *length);
    return copy;
}

static char *
take_text(struct wire_reader *reader)
{
    bool there = wire_int(reader) != 0;
    size_t length;
    const char *bytes = wire_bytes(reader, &length);

    return there ? text_format("%.*s", (int)length, bytes) : NULL;
}

/* Accounts: id, owner, cents, note. */
static struct db_account *
take_accounts(struct call *call, size_t n)
{
    size_t length;
    const char *bytes = call_bytes(call, &length);
    struct wire_reader reader = {.at = bytes, .left = length};
    struct db_account *accounts = text_zeroed(n + 1, sizeof *accounts);

    for (size_t i = 0; i < n; i++) {
        accounts[i].id = wire_int(&reader);
        accounts[i].owner = take_text(&reader);
        accounts[i].cents = wire_int(&reader);
        accounts[i].note =
            take_bytes(&reader, &accounts[i].note_length);
    }
    return accounts;
}

static void
free_accounts(struct db_account *accounts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free((void *)accounts[i].owner);
        free((void *)accounts[i].note);
    }
    free(accounts);
}

static void
call_load(struct call *call)
{
    struct vfs_script script = take_script(call);
    size_t n = call_size(call);
    struct db_account *accounts = take_accounts(call, n);
    struct text before = read_settings();

    inserts = 0;
    vfs_begin(&script);
    enum db_outcome outcome = db_load(db, accounts, n);
    vfs_mark(1);
    vfs_end();
    call_return(call, outcome);
    return_state(call, &before);
    free_accounts(accounts, n);
}

static void
call_transfer(struct call *call)
{
    struct vfs_script script = take_script(call);
    int64_t from = call_int(call), to = call_int(call);
    int64_t cents = call_int(call);
    const char *key = call_string(call);
    int deadline_ms = (int)call_int(call);
    struct text before = read_settings();

    inserts = 0;
    vfs_begin(&script);
    enum db_outcome outcome =
        db_transfer(db, from, to, cents, key, deadline_ms);
    vfs_mark(1);
    vfs_end();
    call_return(call, outcome);
    return_state(call, &before);
}

/* A queue, by a script --------------------------------------------- */

enum { MOST_VAIN = 1000, MOST_VALUES = 8 };

struct drive {
    struct dbq *queue;
    struct wire_reader script;
    struct text codes; /* what each step gave */
    struct text dones;
    struct dbq_done *kept; /* until the queue is closed */
    size_t kept_count;
    bool keeps;
    int64_t vain; /* could be read, and nothing was there */
};

static void
put_value(struct text *text, const struct db_value *value)
{
    bool is_text = value->type == SQLITE_TEXT;
    bool has_bytes = is_text || value->type == SQLITE_BLOB;
    int64_t real;

    memcpy(&real, &value->real, sizeof real);
    wire_put_int(text, value->type);
    wire_put_int(
        text, value->type == SQLITE_INTEGER ? value->integer : 0);
    wire_put_int(text, value->type == SQLITE_FLOAT ? real : 0);
    wire_put_bytes(text, value->bytes, has_bytes ? value->length : 0);
    wire_put_int(text,
        !is_text || ((const char *)value->bytes)[value->length] == 0);
}

static void
put_done(struct text *text, const struct dbq_done *done)
{
    const char *message = done->message;

    wire_put_int(text, (int64_t)done->tag);
    wire_put_int(text, done->error);
    wire_put_int(text, message != NULL);
    wire_put_string(text, message != NULL ? message : "");
    wire_put_int(text, (int64_t)done->rows);
    wire_put_int(text, (int64_t)done->columns);
    wire_put_int(text, done->changes);
    for (size_t i = 0; i < done->rows * done->columns; i++)
        put_value(text, &done->values[i]);
}

static int
reap(struct drive *drive, int most)
{
    struct dbq_done *dones = text_zeroed((size_t)most, sizeof *dones);

    vfs_forbid(true);
    int n = dbq_reap(drive->queue, dones, most);
    vfs_forbid(false);
    for (int i = 0; i < n && i < most; i++) {
        turnstile_tell(turnstile, REAPED, dones[i].tag, 0, 0, 0);
        vfs_mark((int64_t)dones[i].tag);
        if (drive->keeps) {
            drive->kept = realloc(drive->kept,
                (drive->kept_count + 1) * sizeof *drive->kept);
            drive->kept[drive->kept_count++] = dones[i];
        } else {
            put_done(&drive->dones, &dones[i]);
            dbq_free(&dones[i]);
        }
    }
    free(dones);
    return n;
}

/* Be the loop until so many results have been reaped. A ping is
 * answered once it has seen whether there are any. */
static int
wait_for(struct drive *drive, int wanted, int most)
{
    int got = 0;

    while (got < wanted && drive->vain < MOST_VAIN) {
        vfs_forbid(true);
        int fd = dbq_fd(drive->queue);
        vfs_forbid(false);
        struct pollfd fds[] = {
            {fd, POLLIN, 0}, {turnstile_ping_fd(turnstile), POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        bool pinged = fds[1].revents != 0;
        int n = fds[0].revents || pinged ? reap(drive, most) : 0;
        if (pinged)
            turnstile_answer(turnstile);
        drive->vain += fds[0].revents && n == 0;
        got += n;
    }
    return got;
}

static int
submit(struct drive *drive, bool is_query)
{
    size_t length;
    const char *bytes = wire_bytes(&drive->script, &length);
    char *sql = text_format("%.*s", (int)length, bytes);
    int n = (int)wire_int(&drive->script);
    struct db_value values[MOST_VALUES] = {{.type = SQLITE_NULL}};

    for (int i = 0; i < n; i++) {
        values[i].type = (int)wire_int(&drive->script);
        values[i].integer = wire_int(&drive->script);
        int64_t real = wire_int(&drive->script);
        memcpy(&values[i].real, &real, sizeof real);
        values[i].bytes = take_bytes(&drive->script, &values[i].length);
    }
    uint64_t tag = (uint64_t)wire_int(&drive->script);
    turnstile_tell(turnstile, SUBMITTED, tag, 0, 0, 0);
    vfs_forbid(true);
    int rc = (is_query ? dbq_query : dbq_exec)(
        drive->queue, sql, n > 0 ? values : NULL, n, tag);
    vfs_forbid(false);
    /* All was copied: so what was handed in may change. */
    memset(sql, '#', length);
    for (int i = 0; i < n; i++) {
        if (values[i].bytes != NULL)
            memset((void *)values[i].bytes, '#', values[i].length);
        free((void *)values[i].bytes);
    }
    free(sql);
    return rc;
}

static int
is_readable(struct drive *drive)
{
    struct pollfd fd = {dbq_fd(drive->queue), POLLIN, 0};

    return poll(&fd, 1, 0);
}

static int64_t
do_step(struct drive *drive, int64_t step)
{
    int first;

    switch (step) {
    case 'q':
    case 'e':
        return submit(drive, step == 'q');
    case 'w':
        first = (int)wire_int(&drive->script);
        return wait_for(drive, first, (int)wire_int(&drive->script));
    case 'r':
        return reap(drive, (int)wire_int(&drive->script));
    case 'f':
        return is_readable(drive);
    default: /* 'k' */
        drive->keeps = true;
        return 0;
    }
}

static void
close_queue(struct drive *drive)
{
    dbq_close(drive->queue);
    for (size_t i = 0; i < drive->kept_count; i++) {
        put_done(&drive->dones, &drive->kept[i]);
        dbq_free(&drive->kept[i]);
    }
    free(drive->kept);
}

/* The script's steps: 'q' and 'e' submit, 'w' waits, 'r' reaps, 'f'
 * asks whether the descriptor can be read, 'k' keeps what is reaped. */
static void
call_queue(struct call *call)
{
    struct vfs_script script = take_script(call);
    struct drive drive = {0};
    struct text log = {0};
    size_t length;

    turnstile = turnstile_take(call);
    const char *path = call_string(call);
    int readers = (int)call_int(call);
    const char *bytes = call_bytes(call, &length);
    drive.script = (struct wire_reader){.at = bytes, .left = length};
    int64_t open = vfs_open_databases();
    vfs_begin(&script);
    drive.queue = dbq_open(path, readers);
    call_return(call, drive.queue != NULL);
    while (drive.queue != NULL && drive.script.left > 0) {
        int64_t code = do_step(&drive, wire_int(&drive.script));
        wire_put_int(&drive.codes, code);
    }
    if (drive.queue != NULL)
        close_queue(&drive);
    vfs_end();
    return_text(call, &drive.codes);
    return_text(call, &drive.dones);
    call_return(call, drive.vain);
    call_return(call, vfs_forbidden());
    call_return(call, vfs_open_databases() - open);
    call_return(call, vfs_log(&log));
    return_text(call, &log);
    turnstile_release(turnstile);
    turnstile = NULL;
}

/* Commands for people ---------------------------------------------- */

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The next field of a line of CSV (RFC 4180), taken out of its quotes;
 * `*line` goes on to the one after it. */
static char *
next_field(char **line)
{
    char *from = *line, *to = *line, *field = *line;
    bool quoted = *from == '"';

    from += quoted;
    while (
        *from != '\0' && (quoted || (*from != ',' && *from != '\n'))) {
        if (quoted && *from == '"' && *++from != '"')
            quoted = false;
        else
            *to++ = *from++;
    }
    *line = *from == ',' ? from + 1 : from;
    *to = '\0';
    return field;
}

/* id,owner,cents,note: a line an account; or so many made up. */
static struct db_account *
read_accounts(FILE *file, size_t *n)
{
    struct db_account *accounts = NULL;
    char *line = NULL;
    size_t room = 0, most = 0;

    for (*n = 0; getline(&line, &room, file) > 0; ++*n) {
        if (*n == most) {
            most = 2 * most + 1024;
            accounts = realloc(accounts, most * sizeof *accounts);
        }
        char *at = line;
        struct db_account *account = &accounts[*n];
        account->id = strtoll(next_field(&at), NULL, 10);
        account->owner = strdup(next_field(&at));
        account->cents = strtoll(next_field(&at), NULL, 10);
        account->note = strdup(next_field(&at));
        account->note_length = strlen(account->note);
    }
    free(line);
    return accounts;
}

static struct db_account *
make_accounts(size_t n)
{
    struct db_account *accounts = text_zeroed(n + 1, sizeof *accounts);

    for (size_t i = 0; i < n; i++) {
        accounts[i].id = (int64_t)i + 1;
        accounts[i].owner = text_format("owner %zu", i + 1);
        accounts[i].cents = (int64_t)(i * 7919 % 100000);
    }
    return accounts;
}

static int
load(const char *path, const struct db_account *accounts, size_t n)
{
    static const char tables[] =
        "CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, "
        "owner TEXT, cents INTEGER NOT NULL, note BLOB)";
    struct vfs_script script = {.real = 1};
    int64_t syncs = 0;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
        return 1;
    }
    vfs_begin(&script);
    double start_s = now_s();
    enum db_outcome outcome = db_load(db, accounts, n);
    double seconds = now_s() - start_s;
    vfs_end();
    for (int file = 0; file < VFS_TEMPORARY; file++)
        syncs += vfs_count(VFS_SYNC, (enum vfs_file)file);
    printf("%zu rows, %" PRId64 " syncs, %.6f s%s\n", n, syncs, seconds,
        outcome == DB_OK ? "" : ": nothing was loaded");
    sqlite3_close(db);
    return outcome == DB_OK ? 0 : 1;
}

static int
run_load(int argc, char **argv)
{
    struct db_account *accounts;
    size_t n;

    if (argc == 4 && strcmp(argv[1], "-n") == 0) {
        n = strtoull(argv[2], NULL, 10);
        accounts = make_accounts(n);
    } else if (argc == 3) {
        FILE *file = fopen(argv[2], "r");
        if (file == NULL) {
            perror(argv[2]);
            return 1;
        }
        accounts = read_accounts(file, &n);
        fclose(file);
    } else {
        fprintf(stderr, "load DATABASE FILE.csv, or load -n ROWS "
                        "DATABASE\n");
        return 2;
    }
    int status = load(argc == 4 ? argv[3] : argv[1], accounts, n);
    free_accounts(accounts, n);
    return status;
}

static const struct probe_entry table[] = {
    {"open", call_open, NULL, NULL},
    {"close", call_close, NULL, NULL},
    {"db_load", call_load, NULL, NULL},
    {"db_transfer", call_transfer, NULL, NULL},
    {"dbq", call_queue, NULL, NULL},
    {"load", NULL, "DATABASE FILE.csv | -n ROWS DATABASE", run_load},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    vfs_install();
    sqlite3_auto_extension((void (*)(void))add_gate);
    return probe_serve(argc, argv, table);
}
