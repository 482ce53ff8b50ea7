#include "spawn.h"
#include "suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Started again with --are, this program says whether its descriptors are
 * those that it is told: an inode, "n" for /dev/null, "-" for none. */

static char self[PATH_MAX];

static bool
is_null_device(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

static bool
is_as_told(int fd, const char *told)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return strcmp(told, "-") == 0;
    if (strcmp(told, "n") == 0)
        return is_null_device(&status);
    return (ino_t)strtoull(told, NULL, 10) == status.st_ino;
}

/* The number of open descriptors from `least` on. */
static int
count_fds(int least)
{
    struct dirent *entry;
    int count = 0;

    DIR *fds = opendir("/proc/self/fd");
    if (fds == NULL)
        return -1;
    while ((entry = readdir(fds)) != NULL) {
        int fd = atoi(entry->d_name);
        count += entry->d_name[0] != '.' && fd >= least && fd != dirfd(fds);
    }
    closedir(fds);
    return count;
}

static int
look_at_fds(char **told)
{
    for (int i = 0; i < SPAWN_FDS; i++) {
        if (!is_as_told(i, told[i]))
            return 10 + i;
    }
    return count_fds(SPAWN_FDS) == 0 ? 0 : 30;
}

/* A process of its own whose descriptor i is file i, and some more that
 * nobody asked for. It starts us with `fds` and exits with our status. */
static _Noreturn void
start_with_fds(const int *fds, const int *expected)
{
    const char *argv[2 + SPAWN_FDS + 1] = {self, "--are"};
    char told[SPAWN_FDS][24];
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    struct stat status;

    for (int i = 0; i < SPAWN_FDS; i++) {
        int file = memfd_create("file", 0);
        if (fcntl(file, F_DUPFD, 100) < 0 || dup2(file, i) < 0)
            _exit(40);
    }
    for (int i = 0; i < SPAWN_FDS; i++) {
        argv[2 + i] = expected[i] == SPAWN_NULL ? "n" : "-";
        if (expected[i] >= 0 && fstat(expected[i], &status) == 0) {
            snprintf(told[i], sizeof told[i], "%ju", (uintmax_t)status.st_ino);
            argv[2 + i] = told[i];
        }
        spawn.fds[i] = fds[i];
    }
    pid_t pid = spawn_start(&spawn);
    if (pid < 0 || spawn_wait(pid, &outcome) != 0 || !outcome.exited)
        _exit(41);
    _exit(outcome.status);
}

/* 0, or 10 + the first place that did not hold what was expected. */
static int
place(const int *fds, const int *expected)
{
    int status;

    pid_t pid = fork();
    if (pid == 0)
        start_with_fds(fds, expected);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

enum { NONE = SPAWN_CLOSED, NIL = SPAWN_NULL };

START_TEST(a_child_has_the_declared_descriptors_and_no_other)
{
    const int plain[] = {NIL, 1, 2, NONE, NONE, NONE, NONE, NONE};
    const int holes[] = {0, NONE, 2, 3, NONE, 5, NONE, 7};
    const int none[] = {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE};

    ck_assert_int_eq(place(plain, plain), 0);
    ck_assert_int_eq(place(holes, holes), 0);
    ck_assert_int_eq(place(none, none), 0);
}
END_TEST

START_TEST(a_descriptor_that_is_not_where_it_was_declared_would_be_seen)
{
    const int straight[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const int swapped[] = {1, 0, 2, 3, 4, 5, 6, 7};
    const int shorter[] = {0, 1, 2, 3, 4, 5, 6, NONE};

    ck_assert_int_eq(place(straight, swapped), 10);
    ck_assert_int_eq(place(straight, shorter), 17);
    ck_assert_int_eq(place(shorter, straight), 17);
}
END_TEST

START_TEST(two_descriptors_can_change_places)
{
    const int swapped[] = {1, 0, 2, NONE, NONE, NONE, NONE, NONE};

    ck_assert_int_eq(place(swapped, swapped), 0);
}
END_TEST

START_TEST(all_descriptors_can_move_round)
{
    int fds[SPAWN_FDS];

    for (int i = 0; i < SPAWN_FDS; i++)
        fds[i] = (i + _i) % SPAWN_FDS;
    ck_assert_int_eq(place(fds, fds), 0);
}
END_TEST

START_TEST(any_mixture_of_places_is_right)
{
    unsigned seed = (unsigned)time(NULL) * 31 + (unsigned)_i;
    unsigned state = seed;
    int fds[SPAWN_FDS];

    for (int i = 0; i < SPAWN_FDS; i++)
        fds[i] = rand_r(&state) % (SPAWN_FDS + 2) - 2;
    int status = place(fds, fds);
    ck_assert_msg(status == 0, "seed %u: place %d", seed, status - 10);
}
END_TEST

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc == 2 + SPAWN_FDS && strcmp(argv[1], "--are") == 0)
        return look_at_fds(argv + 2);

    Suite *suite = suite_create("spawn_fds");
    TCase *fds = suite_section(suite, "descriptors");
    tcase_add_test(fds, a_child_has_the_declared_descriptors_and_no_other);
    tcase_add_test(
        fds, a_descriptor_that_is_not_where_it_was_declared_would_be_seen);
    tcase_add_test(fds, two_descriptors_can_change_places);
    tcase_add_loop_test(fds, all_descriptors_can_move_round, 0, SPAWN_FDS);
    tcase_add_loop_test(fds, any_mixture_of_places_is_right, 0, 12);
    return suite_run(suite);
}
