#include "leash.h"
#include "own_folder.h"
#include "workdir.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* build/work/ is made in a folder of each test's own. */

static bool
is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/* Make an empty file at a formatted path. */
static void __attribute__((format(printf, 1, 2)))
touch(const char *format, ...)
{
    char path[400];
    va_list args;

    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void __attribute__((format(printf, 2, 3)))
folder(mode_t mode, const char *format, ...)
{
    char path[400];
    va_list args;

    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

/* The entries of a folder. */
static int
count(const char *path)
{
    char *command = text_format("ls -A '%s' | wc -l", path);
    int entries = -1;

    FILE *said = popen(command, "r");
    ck_assert_ptr_nonnull(said);
    ck_assert_int_eq(fscanf(said, "%d", &entries), 1);
    pclose(said);
    free(command);
    return entries;
}

START_TEST(a_folder_is_made_below_build_work_and_removed)
{
    struct workdir workdir = workdir_open("02-every-byte");

    ck_assert_int_eq(
        strncmp(workdir.path, "build/work/02-every-byte.", 25), 0);
    touch("%s/file", workdir.path);
    workdir_close(&workdir);
    ck_assert_ptr_null(workdir.path);
    ck_assert_int_eq(count("build/work"), 0);
    workdir_close(&workdir); /* of one that is closed: nothing */
}
END_TEST

START_TEST(two_at_once_do_not_meet)
{
    struct workdir one = workdir_open("02-every-byte");
    touch("%s/file", one.path);
    struct workdir two = workdir_open("02-every-byte");

    ck_assert_str_ne(one.path, two.path);
    touch("%s/file", two.path);
    workdir_close(&two);
    ck_assert_int_eq(count(one.path), 1);
    workdir_close(&one);
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

/* A run of another process, which ends without closing its folder. */

struct run {
    pid_t pid;
    struct leash leash; /* says "!" when the folder is there */
    int gate;           /* closed: it ends */
};

static struct run
start_run(void)
{
    struct run run = {.leash = leash_new()};
    int gate[2];
    char byte;

    ck_assert_int_eq(pipe(gate), 0);
    run.pid = fork();
    if (run.pid == 0) {
        close(gate[1]);
        struct workdir workdir = workdir_open("00-first-check");
        touch("%s/file", workdir.path);
        if (write(run.leash.held, "!", 1) != 1)
            _exit(1);
        _exit(read(gate[0], &byte, 1) != 0);
    }
    close(gate[0]);
    run.gate = gate[1];
    leash_let_go(&run.leash);
    leash_hears(&run.leash);
    return run;
}

static void
open_and_close(void)
{
    struct workdir workdir = workdir_open("02-every-byte");

    workdir_close(&workdir);
}

START_TEST(what_a_run_that_ended_left_behind_is_removed)
{
    struct run run = start_run();

    close(run.gate);
    waitpid(run.pid, NULL, 0);
    ck_assert_int_eq(count("build/work"), 1);
    open_and_close();
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

START_TEST(what_a_run_that_was_killed_left_behind_is_removed)
{
    struct run run = start_run();

    kill(run.pid, SIGKILL);
    waitpid(run.pid, NULL, 0);
    open_and_close();
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

START_TEST(the_folder_of_a_run_that_lives_is_left_alone)
{
    struct run first = start_run(), second = start_run();

    open_and_close();
    ck_assert_int_eq(count("build/work"), 2);
    kill(first.pid, SIGKILL);
    waitpid(first.pid, NULL, 0);
    open_and_close();
    ck_assert_int_eq(count("build/work"), 1);
    kill(second.pid, SIGKILL);
    waitpid(second.pid, NULL, 0);
    open_and_close();
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

static _Noreturn void
open_many(int gate)
{
    char byte;

    if (read(gate, &byte, 1) != 0)
        _exit(1);
    for (int i = 0; i < 100; i++) {
        struct workdir workdir = workdir_open("00-race");
        touch("%s/file", workdir.path);
        workdir_close(&workdir);
    }
    _exit(0);
}

START_TEST(many_at_once_never_take_each_others_folder_for_a_stale_one)
{
    int gate[2], status;

    ck_assert_int_eq(pipe(gate), 0);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            close(gate[1]);
            open_many(gate[0]);
        }
    }
    close(gate[1]);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

/* What a program may have made in it. */

START_TEST(a_tree_is_removed_with_whatever_is_in_it)
{
    struct workdir workdir = workdir_open("02-every-byte");

    folder(0777, "%s/sub", workdir.path);
    folder(0777, "%s/sub/empty", workdir.path);
    touch("%s/sub/.hidden", workdir.path);
    touch("%s/sub/a\nb", workdir.path);
    ck_assert_int_eq(chdir(workdir.path), 0);
    ck_assert_int_eq(mkfifo("fifo", 0000), 0);
    ck_assert_int_eq(chdir(home), 0);
    workdir_close(&workdir);
    ck_assert_int_eq(count("build/work"), 0);
}
END_TEST

/* Folders that may not be read, written or entered, one in another. */
static _Noreturn void
close_folders_of_all_modes(void)
{
    struct workdir workdir = workdir_open("02-every-byte");

    for (mode_t mode = 0; mode <= 0700; mode += 0100) {
        const int name = (int)mode;
        folder(0700, "%s/%o", workdir.path, name);
        folder(0700, "%s/%o/in", workdir.path, name);
        folder(0700, "%s/%o/in/it", workdir.path, name);
        touch("%s/%o/in/it/file", workdir.path, name);
        folder(mode, "%s/%o/in/it/empty", workdir.path, name);
        for (int depth = 0; depth < 3; depth++) {
            char *path = text_format(
                "%s/%o%.*s", workdir.path, name, 6 - 3 * depth, "/in/it");
            ck_assert_int_eq(chmod(path, mode), 0);
            free(path);
        }
    }
    workdir_close(&workdir);
    _exit(count("build/work"));
}

START_TEST(folders_are_removed_whatever_their_mode)
{
    int status;

    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(99);
        close_folders_of_all_modes();
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(what_links_lead_to_is_left_alone)
{
    struct workdir workdir = workdir_open("02-every-byte");

    folder(0755, "outside");
    touch("outside/file");
    ck_assert_int_eq(chdir(workdir.path), 0);
    ck_assert_int_eq(symlink("../../../outside", "folder"), 0);
    ck_assert_int_eq(symlink("../../../outside/file", "file"), 0);
    ck_assert_int_eq(symlink("nowhere", "nothing"), 0);
    ck_assert_int_eq(chdir(home), 0);
    ck_assert_int_eq(symlink("../../outside", "build/work/02.link"), 0);
    workdir_close(&workdir);
    open_and_close();
    ck_assert(!is_there("build/work/02.link"));
    ck_assert(is_there("outside/file"));
    struct stat status;
    ck_assert_int_eq(stat("outside", &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0755);
}
END_TEST

START_TEST(a_tree_deeper_than_any_path_is_removed_from_where_we_stand)
{
    struct workdir workdir = workdir_open("02-every-byte");
    char here[64], deeper[201];

    memset(deeper, 'd', 200);
    deeper[200] = '\0';
    ck_assert_int_eq(chdir(workdir.path), 0);
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(mkdir(deeper, 0777), 0);
        ck_assert_int_eq(chdir(deeper), 0);
    }
    ck_assert_int_eq(chdir(home), 0);
    workdir_close(&workdir);
    ck_assert_int_eq(count("build/work"), 0);
    ck_assert_str_eq(getcwd(here, sizeof here), home);
}
END_TEST

/* Without a place for it. */

START_TEST(where_nothing_can_be_written_it_says_what_to_do)
{
    struct text said = {0};
    char block[1000];
    int ends[2], status;

    touch("build");
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        workdir_open("02-every-byte");
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0;)
        text_add(&said, block, (size_t)n);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    ck_assert_ptr_nonnull(strstr(text_string(&said), "who owns the folder"));
    text_free(&said);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("workdir");
    TCase *runs = folder_section(suite, "runs");
    tcase_add_test(runs, a_folder_is_made_below_build_work_and_removed);
    tcase_add_test(runs, two_at_once_do_not_meet);
    tcase_add_test(runs, what_a_run_that_ended_left_behind_is_removed);
    tcase_add_test(runs, what_a_run_that_was_killed_left_behind_is_removed);
    tcase_add_test(runs, the_folder_of_a_run_that_lives_is_left_alone);
    tcase_add_test(
        runs, many_at_once_never_take_each_others_folder_for_a_stale_one);
    tcase_add_test(runs, where_nothing_can_be_written_it_says_what_to_do);

    TCase *trees = folder_section(suite, "trees");
    tcase_add_test(trees, a_tree_is_removed_with_whatever_is_in_it);
    tcase_add_test(trees, folders_are_removed_whatever_their_mode);
    tcase_add_test(trees, what_links_lead_to_is_left_alone);
    tcase_add_test(
        trees, a_tree_deeper_than_any_path_is_removed_from_where_we_stand);
    return suite_run(suite);
}
