/*
 * Two threads, two queries. How many of them are at work at once, on
 * one connection, and on two? No clock is looked at: a query stays in
 * its middle until the other is there, too, or is seen asleep elsewhere
 * (the system says so, in /proc).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct asker {
    sqlite3 *db;
    pthread_t thread;
    atomic_int tid; /* once it is about to ask */
};

static atomic_int inside;
static sem_t leave;

/* book: gate */
/* The function gate() of our SQL: in the middle of a query. */
static void
gate(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    atomic_fetch_add(&inside, 1);
    sem_wait(&leave); /* @stay */
    sqlite3_result_value(context, values[0]);
}
/* book: end gate */

static void *
ask(void *arg)
{
    struct asker *asker = arg;

    atomic_store(&asker->tid, (int)syscall(SYS_gettid));
    int code =
        sqlite3_exec(asker->db, "SELECT gate(1)", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        exit(1);
    return NULL;
}

/* Is this thread asleep, waiting for something? */
static int
sleeps(int tid)
{
    char path[64], state = 'R';

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        exit(1);
    fclose(file);
    return state == 'S';
}

static void
start(struct asker *asker, sqlite3 *db)
{
    asker->db = db;
    if (pthread_create(&asker->thread, NULL, ask, asker) != 0)
        exit(1);
    while (atomic_load(&asker->tid) == 0)
        usleep(1000);
}

static sqlite3 *
connect_to(const char *path)
{
    sqlite3 *db;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_create_function(db, "gate", 1, SQLITE_UTF8, NULL, gate,
            NULL, NULL) != SQLITE_OK)
        exit(1);
    return db;
}

static void
count(const char *what, sqlite3 *one, sqlite3 *other)
{
    struct asker askers[2] = {{0}, {0}};

    atomic_store(&inside, 0);
    sem_init(&leave, 0, 0);
    start(&askers[0], one);
    while (atomic_load(&inside) < 1)
        usleep(1000);
    /* book: watch */
    start(&askers[1], other);
    int asleep;
    do {
        usleep(1000);
        asleep = sleeps(atomic_load(&askers[1].tid)); /* @asleep */
    } while (!asleep);
    printf("%s: %d at work\n", what, atomic_load(&inside));
    /* book: end watch */
    for (int i = 0; i < 2; i++)
        sem_post(&leave);
    for (int i = 0; i < 2; i++)
        pthread_join(askers[i].thread, NULL);
    sem_destroy(&leave);
}

int
main(void)
{
    char path[] = "/tmp/08-serialized-XXXXXX";
    int fd = mkstemp(path);

    if (fd == -1)
        return 1;
    close(fd);
    sqlite3 *first = connect_to(path);
    sqlite3 *second = connect_to(path);

    printf(
        "serialized: %s\n", sqlite3_threadsafe() == 1 ? "yes" : "no");
    count("one connection", first, first);
    count("two connections", first, second);
    sqlite3_close(first);
    sqlite3_close(second);
    return unlink(path);
}
