#ifndef GRADEBOOK_H
#define GRADEBOOK_H

#include "record.h"

#include <stdint.h>

/* Where `lab` keeps it, from the root of the repository. */
#define GRADEBOOK_PATH "build/gradebook.db"

/*
 * One row for every judged run, and one for every duel (duel.h) that came to
 * something, in an SQLite database (WAL, synchronous=FULL;
 * harness/schema.sql, its version in user_version).
 *
 * A run is added in one transaction, so that kill -9 at any moment leaves
 * a run wholly in or wholly out, and several harnesses may write at once
 * (BEGIN IMMEDIATE, busy timeout of 10 s). A database that is corrupt, or
 * is no database, is renamed to PATH.corrupt-YYYYMMDD-HHMMSS with its -wal
 * and -shm files, named in a warning, and begun anew, at the opening or
 * whenever a call meets the damage; a run being added then goes into the
 * new one. One of a newer version of the schema, or of another program, is
 * never touched: gradebook_open() says so and returns NULL. One of an older
 * version is brought to ours at the opening; nothing in it is lost. One that
 * was moved or removed (`make clean`) while it is open is begun anew by the
 * next call.
 */
struct gradebook;

/* Open or begin the database at `path`. NULL, after a warning that names
 * the path and the reason, when it cannot be had: judging goes on without
 * it. A missing folder is made. gradebook_close(NULL) does nothing. */
struct gradebook *gradebook_open(const char *path);
void gradebook_close(struct gradebook *book);

/* Keep one run, which has just ended, with its tests and its duel, if there
 * was one. `json` is its whole record as report_json prints it. Returns 0,
 * or -1 after a warning. */
int gradebook_add(
    struct gradebook *book, const struct record *record, const char *json);

/* Keep a duel that is of no run (`lab time`); there must have been one. Of
 * the record its names and its timing are read. `json` is as
 * report_timing_json prints it. Returns 0, or -1 after a warning. */
int gradebook_add_duel(
    struct gradebook *book, const struct record *record, const char *json);

/* Note that hint `level` (1 to 3) for a test was shown. 0, or -1 after a
 * warning. */
int gradebook_add_hint(
    struct gradebook *book, const char *slug, const char *test, int level);

/* The highest level of hint shown for that test; 0 when none was, or after
 * a warning. */
int gradebook_hints(
    struct gradebook *book, const char *slug, const char *test);

/* One kept run. Strings live until the callback returns. */
struct gradebook_run {
    int64_t id;
    const char *started; /* local time, "2026-11-23 14:05:09" */
    const char *stem, *slug;
    const char *verdict; /* the word of terms.h */
    int points, points_max;
    int passed, total;       /* tests */
    const char *failed_test; /* first failure, or NULL */
    const char *failed_section;
    const char *seed; /* decimal */
    double elapsed_s;
    double ratio;          /* to the reference; 0 when not timed */
    const char *speed;     /* the word of terms.h; NULL when not timed, or
                            * before there were verdicts */
    const char *unchecked; /* "races not checked", or NULL */
};

/* Must not use the gradebook it is called from. */
typedef void gradebook_visit(const struct gradebook_run *run, void *arg);

/* Visit runs, newest first, at most `limit` of them (0: all); of one lab,
 * or of all with slug NULL. Returns how many, or -1 after a warning. */
int gradebook_history(struct gradebook *book, const char *slug, int limit,
    gradebook_visit *visit, void *arg);

/* Visit the newest run of a lab, or the best one (most points; of those
 * the newest). 1 when there was one, 0 when not, -1 after a warning. */
int gradebook_latest(struct gradebook *book, const char *slug,
    gradebook_visit *visit, void *arg);
int gradebook_best(struct gradebook *book, const char *slug,
    gradebook_visit *visit, void *arg);

/* Read all of it (PRAGMA integrity_check), count the tests of each run, and
 * find the run of each duel that is of one. 0 when it is sound, else -1 after
 * a warning. */
int gradebook_check(struct gradebook *book);

#endif
