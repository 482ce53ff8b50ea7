#include "hogs.h"
#include "leash.h"
#include "script_job.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A field of /proc/PID/stat, counted from 1 as in proc(5), 3 or more; -1
 * when there is no such process. */
static long
stat_field(pid_t pid, int number)
{
    char path[64], line[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = '\0';
    char *at = strrchr(line, ')');
    if (at == NULL)
        return -1;
    for (int i = 2; i < number; i++)
        at += 1 + strcspn(at + 1, " ");
    return number == 3 ? at[1] : strtol(at, NULL, 10);
}

enum { STATE = 3, PARENT = 4, GROUP = 5, SESSION = 6, USER_TICKS = 14 };

/* The children of a process; returns how many, of whom `room` are noted. */
static int
find_children(pid_t parent, pid_t *pids, int room)
{
    struct dirent *entry;
    int count = 0;

    DIR *proc = opendir("/proc");
    ck_assert_ptr_nonnull(proc);
    while ((entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || stat_field(pid, PARENT) != parent)
            continue;
        if (count < room)
            pids[count] = pid;
        count++;
    }
    closedir(proc);
    return count;
}

/* Wait until it has had more of a processor than now: for ever, if it does
 * not work. */
static void
demand_work(pid_t pid)
{
    long before = stat_field(pid, USER_TICKS);

    ck_assert_int_ge(before, 0);
    for (long now = before; now <= before;) {
        now = stat_field(pid, USER_TICKS);
        ck_assert_msg(now >= 0, "%d has ended", pid);
        ck_assert_int_ne(stat_field(pid, STATE), 'Z');
        usleep(1000);
    }
}

static void
demand_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

START_TEST(they_work_all_of_them_until_they_are_stopped)
{
    struct hogs *hogs = hogs_start(3, 60);
    pid_t pids[3];

    ck_assert_int_eq(find_children(getpid(), pids, 3), 3);
    for (int i = 0; i < 3; i++)
        demand_work(pids[i]);
    hogs_stop(hogs);
    demand_no_child();
}
END_TEST

START_TEST(no_hogs_are_no_work)
{
    struct hogs *hogs = hogs_start(0, 60);

    demand_no_child();
    hogs_stop(hogs);
    hogs_stop(NULL);
}
END_TEST

START_TEST(a_ctrl_c_of_ours_is_not_theirs_and_they_hold_no_file_of_ours)
{
    struct leash leash = leash_new();
    struct hogs *hogs = hogs_start(1, 60);
    pid_t pid;

    leash_let_go(&leash);
    ck_assert(leash_gets_loose(&leash));
    ck_assert_int_eq(find_children(getpid(), &pid, 1), 1);
    ck_assert_int_eq(stat_field(pid, GROUP), pid);
    ck_assert_int_eq(stat_field(pid, SESSION), pid);
    hogs_stop(hogs);
}
END_TEST

START_TEST(they_end_by_themselves_when_their_time_is_up)
{
    struct hogs *hogs = hogs_start(1, 1);
    siginfo_t ended;

    ck_assert_int_eq(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
    ck_assert_int_eq(ended.si_code, CLD_KILLED);
    ck_assert_int_eq(ended.si_status, SIGKILL);
    hogs_stop(hogs);
    demand_no_child();
}
END_TEST

START_TEST(sweeps_spare_them_and_nobody_else)
{
    struct hogs *hogs = hogs_start(2, 60);
    pid_t pids[2];

    ck_assert_int_eq(find_children(getpid(), pids, 2), 2);
    if (fork() == 0) {
        while (true)
            pause();
    }
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 1);
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 0);
    demand_work(pids[0]);
    demand_work(pids[1]);
    hogs_stop(hogs);
    demand_no_child();
}
END_TEST

START_TEST(once_they_are_stopped_a_sweep_spares_no_one)
{
    hogs_stop(hogs_start(2, 60));
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            while (true)
                pause();
        }
    }
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 3);
    demand_no_child();
}
END_TEST

START_TEST(jobs_come_and_go_beside_them)
{
    struct hogs *hogs = hogs_start(1, 60);
    struct jobs jobs = {.most = 2};
    pid_t pid;

    ck_assert_int_eq(find_children(getpid(), &pid, 1), 1);
    jobs_add(&jobs, new_job(1, "true"));
    jobs_add(&jobs, new_job(2, "kill -9 $$"));
    jobs_add(&jobs, new_job(3, "sleep 1000 & exit 1"));
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_uint_eq(told.length, 3);
    text_free(&told);
    demand_work(pid);
    ck_assert_int_eq(find_children(getpid(), &pid, 1), 1);
    hogs_stop(hogs);
    demand_no_child();
}
END_TEST

/* Orphans come to us, since we are a subreaper. */
START_TEST(they_die_with_a_parent_that_is_killed)
{
    int ready[2];
    char byte;

    ck_assert_int_eq(pipe(ready), 0);
    pid_t parent = fork();
    if (parent == 0) {
        hogs_start(2, 60);
        if (write(ready[1], "!", 1) != 1)
            _exit(1);
        while (true)
            pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    pid_t pids[2];
    ck_assert_int_eq(find_children(parent, pids, 2), 2);
    demand_work(pids[0]);
    demand_work(pids[1]);
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    for (int i = 0; i < 2; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    demand_no_child();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("hogs");
    TCase *hogs = guarded_section(suite, "hogs");

    tcase_add_test(hogs, they_work_all_of_them_until_they_are_stopped);
    tcase_add_test(hogs, no_hogs_are_no_work);
    tcase_add_test(
        hogs, a_ctrl_c_of_ours_is_not_theirs_and_they_hold_no_file_of_ours);
    tcase_add_test(hogs, they_end_by_themselves_when_their_time_is_up);
    tcase_add_test(hogs, sweeps_spare_them_and_nobody_else);
    tcase_add_test(hogs, once_they_are_stopped_a_sweep_spares_no_one);
    tcase_add_test(hogs, jobs_come_and_go_beside_them);
    tcase_add_test(hogs, they_die_with_a_parent_that_is_killed);
    return suite_run(suite);
}
