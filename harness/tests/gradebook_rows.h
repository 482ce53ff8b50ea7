#ifndef GRADEBOOK_ROWS_H
#define GRADEBOOK_ROWS_H

#include "gradebook_folder.h"

#include <sqlite3.h>

/* A gradebook as SQLite sees it, without any of our code. */

static inline sqlite3 *
raw_open(const char *path)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static inline void
raw_do(const char *path, const char *sql)
{
    sqlite3 *db = raw_open(path);

    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    ck_assert_msg(rc == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* All rows: columns with | between them (NULL is ~), a newline behind each.
 * The caller frees them. */
static inline char *
raw_rows(const char *path, const char *sql)
{
    sqlite3 *db = raw_open(path);
    sqlite3_stmt *statement = NULL;
    struct text rows = {0};

    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    ck_assert_msg(rc == SQLITE_OK, "%s", sqlite3_errmsg(db));
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *word = sqlite3_column_text(statement, i);
            text_addf(&rows, "%s%s", i > 0 ? "|" : "",
                word != NULL ? (const char *)word : "~");
        }
        text_add(&rows, "\n", 1);
    }
    ck_assert_int_eq(rc, SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    char *copy = text_copy(text_string(&rows));
    text_free(&rows);
    return copy;
}

static inline void
expect_rows(const char *path, const char *sql, const char *expected)
{
    char *rows = raw_rows(path, sql);

    ck_assert_str_eq(rows, expected);
    free(rows);
}

#endif
