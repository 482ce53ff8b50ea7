#include "gradebook.h"

#include "database.h"
#include "schema.h"
#include "text.h"
#include "warn.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SCHEMA_VERSION = sizeof schema_sql / sizeof *schema_sql };

struct gradebook {
    struct database *db;
};

struct gradebook *
gradebook_open(const char *path)
{
    struct database *db = database_open(path, schema_sql, SCHEMA_VERSION);

    if (db == NULL)
        return NULL;
    struct gradebook *book = text_zeroed(1, sizeof *book);
    book->db = db;
    return book;
}

void
gradebook_close(struct gradebook *book)
{
    if (book == NULL)
        return;
    database_close(book->db);
    free(book);
}

static int64_t
started_ago(double seconds)
{
    return (int64_t)time(NULL) - (int64_t)seconds;
}

static enum database_result
insert_run(struct database *db, const struct record *record, const char *json)
{
    const struct result *first =
        record->cause == NULL ? record_first_failure(record) : NULL;
    double took_s = record->elapsed_s + record->timing.seconds;
    int passed = 0;
    char seed[24];

    for (size_t i = 0; i < record->test_count; i++)
        passed += record->tests[i].state == STATE_PASS;
    snprintf(seed, sizeof seed, "%" PRIu64, record->seed);
    return database_query(db, NULL, NULL,
        "INSERT INTO runs (started, stem, slug, verdict, points, points_max,"
        " passed, total, failed_test, failed_section, seed, elapsed_s,"
        " json) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "ltttiiiitttdt", started_ago(took_s), record->stem, record->slug,
        terms_verdict(record->verdict), record->points, record->points_max,
        passed, (int)record->test_count, first != NULL ? first->name : NULL,
        first != NULL ? first->section : NULL, seed, record->elapsed_s, json);
}

static enum database_result
insert_test(
    struct database *db, int64_t run, int position, const struct result *test)
{
    return database_query(db, NULL, NULL,
        "INSERT INTO run_tests (run, position, name, section, part, build,"
        " state, verdict, cause, wall_s) VALUES (?,?,?,?,?,?,?,?,?,?)",
        "litttttttd", run, position, test->name, test->section,
        terms_part(test->part), terms_build(test->build),
        terms_state(test->state), terms_verdict(test->verdict), test->cause,
        test->wall_s);
}

/* NULL for what is not known. */
static double
known(double value, bool is_known)
{
    return is_known ? value : NAN;
}

/* `run` is 0 where the duel is of no run, and `json` NULL where it is. */
static enum database_result
insert_duel(struct database *db, int64_t run, const struct record *record,
    const char *json)
{
    const struct timing *timing = &record->timing;
    bool bound = timing->bound_ratio > 0 && timing->bound_by != NULL;
    bool interval = timing->high > 0;
    char seed[24];

    snprintf(seed, sizeof seed, "%" PRIu64, timing->seed);
    return database_query(db, NULL, NULL,
        "INSERT INTO duels (run, started, stem, slug, verdict, ratio, low,"
        " high, limit_ratio, none_ratio, pairs, discarded, seconds, busy,"
        " steal, load, cores, team, why, bound_s, bound_by, bound_ratio,"
        " bound_reference, seed, json) VALUES (nullif(?, 0),"
        " ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "lltttdddddiiddddiitdtddtt", run, started_ago(timing->seconds),
        record->stem, record->slug, terms_speed(timing->speed),
        known(timing->ratio, timing->pairs > 0), known(timing->low, interval),
        known(timing->high, interval), timing->limit, timing->none,
        timing->pairs, timing->discarded, timing->seconds,
        known(timing->busy, timing->busy >= 0),
        known(timing->steal, timing->steal >= 0),
        known(timing->load, timing->load >= 0), timing->cores, timing->team,
        timing->why, known(timing->bound_s, bound),
        bound ? timing->bound_by : NULL, known(timing->bound_ratio, bound),
        known(timing->bound_reference, bound), seed, json);
}

static enum database_result
insert_all(struct database *db, const struct record *record, const char *json)
{
    enum database_result result =
        database_query(db, NULL, NULL, "BEGIN IMMEDIATE", "");

    if (result == DATABASE_OK)
        result = insert_run(db, record, json);
    int64_t run = database_last_id(db);
    for (size_t i = 0; i < record->test_count && result == DATABASE_OK; i++)
        result = insert_test(db, run, (int)i, &record->tests[i]);
    if (result == DATABASE_OK && record->timing.speed != SPEED_NONE)
        result = insert_duel(db, run, record, NULL);
    if (result == DATABASE_OK)
        result = database_query(db, NULL, NULL, "COMMIT", "");
    if (result != DATABASE_OK)
        database_rollback(db);
    return result;
}

static enum database_result
insert_lone_duel(
    struct database *db, const struct record *record, const char *json)
{
    return insert_duel(db, 0, record, json);
}

typedef enum database_result inserter(
    struct database *db, const struct record *record, const char *json);

/* Into the gradebook, or a new one where that turns out to be corrupt. */
static int
add(struct gradebook *book, inserter *insert, const struct record *record,
    const char *json)
{
    if (!database_ready(book->db))
        return -1;
    enum database_result result = insert(book->db, record, json);
    if (result == DATABASE_CORRUPT) {
        if (!database_renew(book->db))
            return -1;
        result = insert(book->db, record, json);
    }
    return result == DATABASE_OK ? 0 : database_failed(book->db, result);
}

int
gradebook_add(
    struct gradebook *book, const struct record *record, const char *json)
{
    return add(book, insert_all, record, json);
}

int
gradebook_add_duel(
    struct gradebook *book, const struct record *record, const char *json)
{
    assert(record->timing.speed != SPEED_NONE);
    return add(book, insert_lone_duel, record, json);
}

int
gradebook_add_hint(
    struct gradebook *book, const char *slug, const char *test, int level)
{
    if (!database_ready(book->db))
        return -1;
    enum database_result result = database_query(book->db, NULL, NULL,
        "INSERT INTO hints (shown, slug, test, level) VALUES (?,?,?,?)",
        "ltti", (int64_t)time(NULL), slug, test, level);
    return result == DATABASE_OK ? 0 : database_failed(book->db, result);
}

int
gradebook_hints(struct gradebook *book, const char *slug, const char *test)
{
    int level = 0;

    if (!database_ready(book->db))
        return 0;
    enum database_result result = database_query(book->db, database_read_int,
        &level, "SELECT max(level) FROM hints WHERE slug = ? AND test = ?",
        "tt", slug, test);
    if (result != DATABASE_OK) {
        database_failed(book->db, result);
        return 0;
    }
    return level;
}

struct visiting {
    gradebook_visit *visit;
    void *arg;
    int count;
};

/* In the order of visit_run(). What an accepted run did not find out is the
 * optional tests that could not be made. */
#define RUN_COLUMNS \
    "id, datetime(started, 'unixepoch', 'localtime'), stem, slug, verdict," \
    " points, points_max, passed, total, failed_test, failed_section, seed," \
    " elapsed_s, (SELECT ratio FROM duels WHERE run = runs.id)," \
    " (SELECT verdict FROM duels WHERE run = runs.id)," \
    " (SELECT 'races not checked' FROM run_tests" \
    " WHERE run = runs.id AND build = 'races' AND state = 'could not check'" \
    " AND runs.verdict = 'accepted')"

static void
visit_run(struct sqlite3_stmt *row, void *arg)
{
    struct visiting *visiting = arg;
    const struct gradebook_run run = {
        .id = database_int(row, 0),
        .started = database_text(row, 1),
        .stem = database_text(row, 2),
        .slug = database_text(row, 3),
        .verdict = database_text(row, 4),
        .points = (int)database_int(row, 5),
        .points_max = (int)database_int(row, 6),
        .passed = (int)database_int(row, 7),
        .total = (int)database_int(row, 8),
        .failed_test = database_text(row, 9),
        .failed_section = database_text(row, 10),
        .seed = database_text(row, 11),
        .elapsed_s = database_double(row, 12),
        .ratio = database_double(row, 13),
        .speed = database_text(row, 14),
        .unchecked = database_text(row, 15),
    };

    visiting->visit(&run, visiting->arg);
    visiting->count++;
}

/* `sql` has two parameters: the slug, and how many rows at most. */
static int
visit_runs(struct gradebook *book, const char *sql, const char *slug,
    int limit, struct visiting visiting)
{
    if (!database_ready(book->db))
        return -1;
    enum database_result result =
        database_query(book->db, visit_run, &visiting, sql, "ti", slug, limit);
    return result == DATABASE_OK ? visiting.count
                                 : database_failed(book->db, result);
}

int
gradebook_history(struct gradebook *book, const char *slug, int limit,
    gradebook_visit *visit, void *arg)
{
    return visit_runs(book,
        "SELECT " RUN_COLUMNS " FROM runs"
        " WHERE ?1 IS NULL OR slug = ?1 ORDER BY id DESC LIMIT ?2",
        slug, limit > 0 ? limit : -1,
        (struct visiting){.visit = visit, .arg = arg});
}

int
gradebook_latest(struct gradebook *book, const char *slug,
    gradebook_visit *visit, void *arg)
{
    return visit_runs(book,
        "SELECT " RUN_COLUMNS " FROM runs"
        " WHERE slug = ?1 ORDER BY id DESC LIMIT ?2",
        slug, 1, (struct visiting){.visit = visit, .arg = arg});
}

int
gradebook_best(struct gradebook *book, const char *slug,
    gradebook_visit *visit, void *arg)
{
    return visit_runs(book,
        "SELECT " RUN_COLUMNS " FROM runs"
        " WHERE slug = ?1 ORDER BY points DESC, id DESC LIMIT ?2",
        slug, 1, (struct visiting){.visit = visit, .arg = arg});
}

int
gradebook_check(struct gradebook *book)
{
    int halves = 0;

    if (!database_ready(book->db) || database_check(book->db) != DATABASE_OK)
        return -1;
    enum database_result result =
        database_query(book->db, database_read_int, &halves,
            "SELECT (SELECT count(*) FROM runs WHERE total <>"
            " (SELECT count(*) FROM run_tests WHERE run = runs.id)) +"
            " (SELECT count(*) FROM duels WHERE run IS NOT NULL"
            " AND run NOT IN (SELECT id FROM runs))",
            "");
    if (result != DATABASE_OK)
        return database_failed(book->db, result);
    if (halves > 0)
        warn("%s: %d runs lack tests, or duels their run",
            database_path(book->db), halves);
    return halves > 0 ? -1 : 0;
}
