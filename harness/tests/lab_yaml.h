#ifndef LAB_YAML_H
#define LAB_YAML_H

#include "lab.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What the tests of lab.yaml share: a good one, to spoil in one place, in a
 * folder of the test's own, and the message with which the harness dies.
 */

/* A lab.yaml with nothing wrong; the tests change one thing in it. */
static const char good[] = "title: Every byte\n"
                           "file: io.c\n"
                           "header: io.h\n"
                           "points: 50\n"
                           "solved: true\n"
                           "functions: [io_read_full, io_write_full]\n"
                           "calls: [read, write, poll]\n"
                           "limits:\n"
                           "  cpu_s: 2\n"
                           "  memory_mib: 256\n"
                           "  nofile: 64\n"
                           "sections:\n"
                           "  - title: \"2.1 Reading\"\n"
                           "    hints:\n"
                           "      - What may read() return?\n"
                           "      - Less than you asked for.\n"
                           "      - Ask again for the rest.\n"
                           "  - title: \"2.2 Writing\"\n"
                           "    hints: [one, two, three]\n";

static char folder[4096];

/* Every test works in an empty folder of its own with labs/ in it. */
static inline void
enter_folder(void)
{
    const char *top = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/test_lab.XXXXXX",
        top != NULL && top[0] != '\0' ? top : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("labs", 0755), 0);
}

static inline void
remove_folder(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static inline void
write_yaml(const char *stem, const char *yaml)
{
    char path[256];

    snprintf(path, sizeof path, "labs/%s", stem);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "labs/%s/lab.yaml", stem);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(yaml, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* Write labs/02-every-byte/lab.yaml with `from`, which stands in it once,
 * turned into `to`. */
static inline void
write_spoiled(const char *from, const char *to)
{
    char yaml[8192];

    const char *at = strstr(good, from);
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(strstr(at + 1, from));
    snprintf(yaml, sizeof yaml, "%.*s%s%s", (int)(at - good), good, to,
        at + strlen(from));
    write_yaml("02-every-byte", yaml);
}

static inline void
leave(int status, void *unused)
{
    (void)unused;
    _exit(status);
}

/* Read the catalogue in a child: it must exit with status 2 and say
 * exactly this on standard error. */
static inline void
dies_saying(const char *message)
{
    char said[2048];
    size_t length = 0;
    ssize_t n;
    int ends[2], status;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        on_exit(leave, NULL);
        dup2(ends[1], STDERR_FILENO);
        lab_catalogue();
        _exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)n;
    said[length] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_str_eq(said, message);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 2);
}

/* How a message about the only lab begins, and what an unknown key lists. */
#define FILE_SAYS "lab: labs/02-every-byte/lab.yaml:"
#define ALL_KEYS \
    "title, file, header, points, solved, openmp, packages, functions, " \
    "calls, limits, " \
    "speed, sections"

/* A TCase whose tests each run in an empty folder with labs/ in it. */
static inline TCase *
add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, enter_folder, remove_folder);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* Run the suite; what main returns. */
static inline int
run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}

#endif
