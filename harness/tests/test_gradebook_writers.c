#include "gradebook_folder.h"

#include <inttypes.h>
#include <signal.h>
#include <time.h>

/* Several writers at once, and killed ones. */

static uint64_t lot;

/* xorshift64 (Marsaglia 2003). */
static unsigned
draw(unsigned below)
{
    lot ^= lot << 13;
    lot ^= lot >> 7;
    lot ^= lot << 17;
    return (unsigned)(lot >> 32) % below;
}

/* Never returns: waits until the gate is closed, then opens the gradebook
 * and adds `count` runs. */
static void
write_runs(int gate, const char *path, const char *slug, int count)
{
    char byte;

    if (read(gate, &byte, 1) != 0)
        _exit(3);
    struct gradebook *book = gradebook_open(path);
    if (book == NULL)
        _exit(2);
    for (int i = 1; i <= count; i++) {
        if (add_run(book, slug, i, (uint64_t)i) != 0)
            _exit(1);
    }
    gradebook_close(book);
    _exit(0);
}

/* Let two processes open the path at once and add `count` runs each. */
static void
two_writers(const char *path, int count)
{
    static const char *const slugs[] = {"left", "right"};
    pid_t pids[2];
    int gate[2], status;

    ck_assert_int_eq(pipe(gate), 0);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(gate[1]);
            write_runs(gate[0], path, slugs[i], count);
        }
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
}

START_TEST(two_processes_adding_at_once_lose_nothing)
{
    char *path = in_folder("two.db");
    struct seeds seeds;

    two_writers(path, 200);
    struct gradebook *book = opened(path);
    for (int side = 0; side < 2; side++) {
        ck_assert_int_eq(
            runs_of(book, side == 0 ? "left" : "right", &seeds), 200);
        for (int i = 0; i < 200; i++)
            ck_assert_int_eq(seeds.seed[i], 200 - i);
    }
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

/* Never returns: adds runs, and tells the pipe after each. */
static void
write_for_ever(const char *path, const char *slug, int reports)
{
    struct gradebook *book = gradebook_open(path);

    if (book == NULL)
        _exit(1);
    for (uint64_t i = 1;; i++) {
        if (add_timed_run(book, slug, 0, i) != 0 ||
            write(reports, ".", 1) != 1)
            _exit(1);
    }
}

/* Start a writer and kill it: at most `most_us` after it reported some
 * number of runs. Returns how many it reported in all. */
static int
kill_a_writer(const char *path, const char *slug, unsigned most_us)
{
    int reports[2], status;
    char byte;

    ck_assert_int_eq(pipe(reports), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(reports[0]);
        write_for_ever(path, slug, reports[1]);
    }
    close(reports[1]);
    int reported = 0;
    for (int until = (int)draw(15); reported < until; reported++)
        ck_assert_int_eq(read(reports[0], &byte, 1), 1);
    usleep(draw(most_us));
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(reports[0], &byte, 1) == 1)
        reported++;
    close(reports[0]);
    return reported;
}

START_TEST(a_writer_killed_at_any_moment_leaves_whole_runs)
{
    char *path = in_folder("killed.db");
    int all = 0;

    printf("seed %" PRIu64 "\n", lot);
    fflush(stdout);
    for (int round = 0; round < 30; round++) {
        struct seeds seeds;
        char slug[32];
        snprintf(slug, sizeof slug, "round-%d", round);
        int reported = kill_a_writer(path, slug, 5000);
        struct gradebook *book = opened(path);
        int kept = runs_of(book, slug, &seeds);
        ck_assert_int_ge(kept, reported);
        ck_assert_int_le(kept, reported + 1);
        ck_assert_int_eq(seeds.timed, kept);
        for (int i = 0; i < kept; i++)
            ck_assert_int_eq(seeds.seed[i], kept - i);
        ck_assert_int_eq(gradebook_check(book), 0);
        all += kept;
        ck_assert_int_eq(runs_of(book, NULL, &seeds), all);
        gradebook_close(book);
    }
    ck_assert_int_eq(files_named("killed.db.corrupt-"), 0);
    free(path);
}
END_TEST

START_TEST(of_two_processes_that_meet_damage_one_sets_it_aside)
{
    char *path = in_folder("both.db");
    struct seeds seeds;

    for (int round = 1; round <= 10; round++) {
        unlink(path);
        scribble(path, 0, "Dear diary,\n", 12);
        hear();
        two_writers(path, 3);
        heard();
        struct gradebook *book = opened(path);
        ck_assert_int_eq(runs_of(book, NULL, &seeds), 6);
        gradebook_close(book);
        ck_assert_int_eq(files_named("both.db.corrupt-"), round);
    }
    free(path);
}
END_TEST

static TCase *
sharing(void)
{
    TCase *tcase = tcase_create("several writers, and killed ones");

    tcase_add_test(tcase, two_processes_adding_at_once_lose_nothing);
    tcase_add_test(tcase, a_writer_killed_at_any_moment_leaves_whole_runs);
    tcase_add_test(tcase, of_two_processes_that_meet_damage_one_sets_it_aside);
    return tcase;
}

int
main(void)
{
    Suite *suite = suite_create("gradebook: writers");

    lot = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
    suite_add_tcase(suite, sharing());
    return run_in_folder(suite);
}
