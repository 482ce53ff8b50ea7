#ifndef GRADEBOOK_FOLDER_H
#define GRADEBOOK_FOLDER_H

#include "gradebook.h"

#include "text.h"
#include "warn.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What the tests of the gradebook share: a folder, runs to put into
 * gradebooks there, and an ear for warnings.
 */

/* Where this program may write; every test has its own file in it. */
static char folder[4096];

/* The caller frees it. */
static inline char *
in_folder(const char *name)
{
    return text_format("%s/%s", folder, name);
}

/* What was written to standard error between hear() and heard(). */
static int ear[2], mouth;
static char words[8192];

static inline void
hear(void)
{
    ck_assert_int_eq(pipe2(ear, O_CLOEXEC | O_NONBLOCK), 0);
    mouth = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(ear[1], STDERR_FILENO), 0);
}

static inline const char *
heard(void)
{
    dup2(mouth, STDERR_FILENO);
    ssize_t n = read(ear[0], words, sizeof words - 1);
    words[n > 0 ? n : 0] = '\0';
    close(ear[0]);
    close(ear[1]);
    close(mouth);
    return words;
}

static inline bool
says(const char *all, const char *part)
{
    return strstr(all, part) != NULL;
}

/* A run of `slug` with `points` points, the number `seed` and two tests,
 * of which the second failed. Nothing in it is allocated. */
static inline struct record
run_of(const char *slug, int points, uint64_t seed)
{
    static struct result tests[2];

    tests[0] = (struct result){.name = (char *)"says_hello"};
    tests[1] = (struct result){
        .name = (char *)"says_good_bye",
        .section = (char *)"2.2 Parting",
        .part = PART_PROOF,
        .state = STATE_FAIL,
        .verdict = VERDICT_NOT_CONCURRENT,
        .cause = (char *)"It never left.",
    };
    return (struct record){
        .stem = (char *)"02-every-byte",
        .slug = (char *)slug,
        .verdict = VERDICT_NOT_CONCURRENT,
        .points = points,
        .points_max = 100,
        .tests = tests,
        .test_count = 2,
        .seed = seed,
    };
}

/* What a duel came to that lacks nothing, and one that lacks what it can. */
static inline struct timing
whole_timing(void)
{
    return (struct timing){.speed = SPEED_SLOWER,
        .timed = true,
        .limit = 1.5,
        .none = 3,
        .ratio = 1.75,
        .low = 1.625,
        .high = 1.875,
        .pairs = 12,
        .discarded = 1,
        .seconds = 2.5,
        .busy = 0.125,
        .steal = 0.25,
        .load = 0.5,
        .cores = 2,
        .team = 1,
        .bound_s = 0.0625,
        .bound_by = (char *)"the longest wait",
        .bound_ratio = 1.375,
        .bound_reference = 1.03125,
        .seed = UINT64_MAX};
}

static inline struct timing
bare_timing(void)
{
    return (struct timing){.speed = SPEED_UNSURE,
        .timed = true,
        .limit = 1.5,
        .none = 3,
        .discarded = 3,
        .seconds = 12,
        .busy = -1,
        .steal = -1,
        .load = -1,
        .cores = 1,
        .team = 2,
        .why = (char *)"One core; it's two that are needed."};
}

static inline int
add_run(struct gradebook *book, const char *slug, int points, uint64_t seed)
{
    struct record record = run_of(slug, points, seed);

    return gradebook_add(book, &record, "{}");
}

static inline int
add_timed_run(
    struct gradebook *book, const char *slug, int points, uint64_t seed)
{
    struct record record = run_of(slug, points, seed);

    record.timing = whole_timing();
    return gradebook_add(book, &record, "{}");
}

static inline struct gradebook *
opened(const char *path)
{
    struct gradebook *book = gradebook_open(path);

    ck_assert_ptr_nonnull(book);
    return book;
}

/* Remembers the seeds of the runs it visits, and copies of the last run. */
struct seeds {
    int count;
    long seed[1024];
    int points, passed, total;
    char verdict[64], stem[64], started[64];
    char failed_test[256], failed_section[256];
    double elapsed_s, ratio;
    char speed[64];
    int timed;
};

static inline void
note_seed(const struct gradebook_run *run, void *arg)
{
    struct seeds *seeds = arg;

    ck_assert_int_lt(seeds->count, 1024);
    seeds->seed[seeds->count++] = strtol(run->seed, NULL, 10);
    seeds->points = run->points;
    seeds->passed = run->passed;
    seeds->total = run->total;
    seeds->elapsed_s = run->elapsed_s;
    seeds->ratio = run->ratio;
    seeds->timed += run->speed != NULL;
    snprintf(seeds->speed, sizeof seeds->speed, "%s",
        run->speed != NULL ? run->speed : "(null)");
    snprintf(seeds->verdict, sizeof seeds->verdict, "%s", run->verdict);
    snprintf(seeds->stem, sizeof seeds->stem, "%s", run->stem);
    snprintf(seeds->started, sizeof seeds->started, "%s", run->started);
    snprintf(seeds->failed_test, sizeof seeds->failed_test, "%s",
        run->failed_test != NULL ? run->failed_test : "(null)");
    snprintf(seeds->failed_section, sizeof seeds->failed_section, "%s",
        run->failed_section != NULL ? run->failed_section : "(null)");
}

/* How many runs of that lab, or of all; their seeds, newest first. */
static inline int
runs_of(struct gradebook *book, const char *slug, struct seeds *seeds)
{
    *seeds = (struct seeds){0};
    return gradebook_history(book, slug, 0, note_seed, seeds);
}

/* All files in the folder whose names begin so. */
static inline int
files_named(const char *beginning)
{
    DIR *dir = opendir(folder);
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        count += strncmp(e->d_name, beginning, strlen(beginning)) == 0;
    closedir(dir);
    return count;
}

/* In a child, since closing any descriptor of the file would give up the
 * locks that SQLite has on it in this process (fcntl(2)). */
static inline void
scribble(const char *path, off_t at, const void *bytes, size_t length)
{
    int status;

    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(path, O_WRONLY | O_CREAT, 0644);
        _exit(pwrite(fd, bytes, length, at) != (ssize_t)length);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

static inline off_t
size_of(const char *path)
{
    struct stat status;

    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_size;
}

/* Close a gradebook of a hundred runs at `path`. */
static inline void
fill(const char *path)
{
    struct gradebook *book = opened(path);

    for (uint64_t i = 1; i <= 100; i++)
        ck_assert_int_eq(add_run(book, "every-byte", 1, i), 0);
    gradebook_close(book);
}

static inline int
remove_one(
    const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

/* Make the folder, run the suite, remove the folder; the exit status. */
static inline int
run_in_folder(Suite *suite)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/gradebook-XXXXXX",
        tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
        die("%s:", folder);
    SRunner *sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
