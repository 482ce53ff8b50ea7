/*
 * Two connections to one database, A and B, moved by hand: each
 * argument is a step, "A BEGIN", "B SELECT", "A COMMIT", or any other
 * SQL after the A or the B. The word `wal` at the front changes the
 * journal mode.
 */
#define _POSIX_C_SOURCE 200809L
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char look[] = "SELECT cents FROM account WHERE id = 1";
static const char take[] =
    "UPDATE account SET cents = cents - 10 WHERE id = 1";

static sqlite3 *connections[2];

static void
check(int code, sqlite3 *db)
{
    if (code != SQLITE_OK) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

/* book: handler */
static int asked;

/* Somebody has the lock. Shall SQLite try again? Twice. */
static int
patience(void *arg, int times)
{
    (void)arg;
    asked++;
    return times < 2;
}
/* book: end handler */

static const char *
name_of(int code)
{
    switch (code) {
    case SQLITE_OK:
        return "SQLITE_OK";
    case SQLITE_BUSY:
        return "SQLITE_BUSY";
    case SQLITE_BUSY_SNAPSHOT:
        return "SQLITE_BUSY_SNAPSHOT";
    case SQLITE_ERROR:
        return "SQLITE_ERROR";
    default:
        return sqlite3_errstr(code);
    }
}

static int
show(void *arg, int columns, char **values, char **names)
{
    (void)names;
    snprintf(arg, 32, "%s", columns > 0 && values[0] ? values[0] : "");
    return 0;
}

static void
play(const char *step)
{
    sqlite3 *db = connections[step[0] == 'B'];
    const char *sql = step[1] == ' ' ? step + 2 : step + 1;
    char value[32] = "";

    if (strcmp(sql, "SELECT") == 0)
        sql = look;
    if (strcmp(sql, "UPDATE") == 0)
        sql = take;
    asked = 0;
    int code = sqlite3_exec(db, sql, show, value, NULL);

    printf("%-20s %s", step, name_of(code));
    if (value[0] != '\0')
        printf(", %s cents", value);
    if (code != SQLITE_OK || asked > 0)
        printf(", asked %d times", asked);
    printf("\n");
}

int
main(int argc, char **argv)
{
    char dir[] = "/tmp/08-player-XXXXXX";
    int first = argc > 1 && strcmp(argv[1], "wal") == 0 ? 2 : 1;

    if (mkdtemp(dir) == NULL || chdir(dir) != 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        check(
            sqlite3_open("player.db", &connections[i]), connections[i]);
        sqlite3_extended_result_codes(connections[i], 1);
        sqlite3_busy_handler(connections[i], patience, NULL);
    }
    if (first == 2)
        check(sqlite3_exec(connections[0], "PRAGMA journal_mode = WAL",
                  NULL, NULL, NULL),
            connections[0]);
    check(sqlite3_exec(connections[0],
              "CREATE TABLE account (id INTEGER PRIMARY KEY, cents);"
              "INSERT INTO account VALUES (1, 100)",
              NULL, NULL, NULL),
        connections[0]);
    for (int i = first; i < argc; i++)
        play(argv[i]);
    sqlite3_close(connections[0]);
    sqlite3_close(connections[1]);
    unlink("player.db");
    return rmdir(dir);
}
