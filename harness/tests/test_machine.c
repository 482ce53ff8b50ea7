#include "machine.h"
#include "made_up_machine.h"

#include <math.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void
expect(double seen, double expected)
{
    ck_assert_msg(fabs(seen - expected) < 1e-9, "%g, not %g", seen, expected);
}

/* --- Processors --- */

/* The number of the first processor that we may run on. */
static int
first_core(void)
{
    cpu_set_t set;
    int first = 0;

    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    while (!CPU_ISSET(first, &set))
        first++;
    return first;
}

START_TEST(a_program_has_the_processors_it_may_run_on)
{
    cpu_set_t set;

    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    ck_assert_int_eq(machine_cores(), CPU_COUNT(&set));
    int first = first_core();
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
    ck_assert_int_eq(machine_cores(), 1);
}
END_TEST

START_TEST(without_control_groups_there_is_no_quota)
{
    ck_assert(isinf(machine_quota()));
    put("/proc/self/cgroup", "");
    ck_assert(isinf(machine_quota()));
    put("/proc/self/cgroup", "nonsense\n:\n::\n");
    ck_assert(isinf(machine_quota()));
}
END_TEST

START_TEST(a_quota_is_that_of_the_programs_own_group)
{
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
    put("/sys/fs/cgroup/a/c/cpu.max", "20000 100000\n");
    expect(machine_quota(), 1.5);
}
END_TEST

START_TEST(a_group_above_may_allow_less)
{
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    ck_assert(isinf(machine_quota()));
    put("/sys/fs/cgroup/a/cpu.max", "400000 100000\n");
    expect(machine_quota(), 4);
    put("/sys/fs/cgroup/a/b/cpu.max", "100000 50000\n");
    expect(machine_quota(), 2);
    put("/sys/fs/cgroup/cpu.max", "25000 100000\n");
    expect(machine_quota(), 0.25);
}
END_TEST

START_TEST(in_a_container_the_groups_own_folder_is_the_highest_one)
{
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "300000 100000\n");
    expect(machine_quota(), 3);
    put("/proc/self/cgroup", "0::/docker/0123abc\n");
    expect(machine_quota(), 3);
    put("/proc/self/cgroup", "0::/../other\n");
    expect(machine_quota(), 3);
}
END_TEST

START_TEST(quotas_of_version_1_count_too)
{
    put("/proc/self/cgroup",
        "9:name=systemd:/\n5:cpuset:/s\n4:cpu,cpuacct:/a/b\n0::/\n");
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpuset/s/cpu.cfs_quota_us", "1000\n");
    put("/sys/fs/cgroup/cpuset/s/cpu.cfs_period_us", "100000\n");
    ck_assert(isinf(machine_quota()));
    put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    expect(machine_quota(), 2.5);
    put("/proc/self/cgroup", "3:cpuacct,cpu:/\n");
    ck_assert(isinf(machine_quota()));
    put("/sys/fs/cgroup/cpuacct,cpu/cpu.cfs_quota_us", "50000\n");
    put("/sys/fs/cgroup/cpuacct,cpu/cpu.cfs_period_us", "100000\n");
    expect(machine_quota(), 0.5);
}
END_TEST

START_TEST(a_quota_that_makes_no_sense_is_none)
{
    static const char *const said[] = {"", "max", "max 100000", "0 100000",
        "100000 0", "100000", "-1 100000"};

    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", said[_i]);
    ck_assert_msg(isinf(machine_quota()), "\"%s\"", said[_i]);
}
END_TEST

/* --- What goes on --- */

static struct machine_use
use_between(const char *before, const char *after)
{
    put("/proc/stat", before);
    struct machine_moment moment = machine_now();
    put("/proc/stat", after);
    return machine_since(&moment);
}

/* As many ticks of the clock as make `seconds`. */
static char *
stat_line(double user, double system, double idle, double steal)
{
    double tick = (double)sysconf(_SC_CLK_TCK);

    return text_format("cpu  %.0f 0 %.0f %.0f 0 0 0 %.0f 0 0\ncpu0 1 2\n",
        user * tick, system * tick, idle * tick, steal * tick);
}

/* Ten seconds of all processors go by: `user` of them with work, a second
 * stolen. Of the work, `own_s` is ours. */
static struct machine_use
ten_seconds(double user, double own_s)
{
    char *before = stat_line(100, 50, 1000, 5);
    char *after = stat_line(100 + user, 50, 1000 + 9 - user, 6);

    put("/proc/stat", before);
    struct machine_moment moment = machine_now();
    expect(moment.all_s, 1155);
    expect(moment.busy_s, 150);
    expect(moment.steal_s, 5);
    moment.own_s -= own_s;
    put("/proc/stat", after);
    struct machine_use use = machine_since(&moment);
    free(before);
    free(after);
    return use;
}

START_TEST(the_rest_of_the_work_is_that_of_others)
{
    struct machine_use use = ten_seconds(6, 4);

    expect(use.steal, 0.1);
    /* What this test itself has used comes off: less than it has at all. */
    ck_assert(use.busy <= 0.2 && use.busy > 0.1);
}
END_TEST

START_TEST(shares_are_never_less_than_nothing)
{
    struct machine_use use = ten_seconds(6, 7);

    ck_assert(use.busy == 0);
    expect(use.steal, 0.1);
}
END_TEST

START_TEST(where_the_system_does_not_say_use_is_unknown)
{
    static const char *const said[] = {
        "", "cpu  0 0 0 0 0 0 0 0 0 0\n", "cpu  1 2 3 4\n", "intr 1 2 3 4\n"};
    struct machine_use use = use_between(said[_i], said[_i]);

    ck_assert(use.busy < 0 && use.steal < 0);
}
END_TEST

START_TEST(where_there_is_no_such_file_use_is_unknown)
{
    struct machine_moment moment = machine_now();
    struct machine_use use = machine_since(&moment);

    ck_assert(moment.all_s < 0 && moment.busy_s < 0 && moment.steal_s < 0);
    ck_assert(use.busy < 0 && use.steal < 0);
}
END_TEST

START_TEST(own_use_is_that_of_children_once_they_were_waited_for)
{
    struct machine_moment before = machine_now();
    siginfo_t ended;

    pid_t child = fork();
    if (child == 0) {
        struct rusage own = {0};
        while (own.ru_utime.tv_sec == 0 && own.ru_utime.tv_usec < 300000)
            getrusage(RUSAGE_SELF, &own);
        _exit(0);
    }
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    struct machine_moment alive = machine_now();
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    struct machine_moment after = machine_now();
    ck_assert(after.own_s - alive.own_s >= 0.3);
    ck_assert(after.own_s - before.own_s >= 0.3);
}
END_TEST

START_TEST(load_and_pressure_are_read)
{
    ck_assert(machine_load() < 0);
    ck_assert(machine_pressure() < 0);
    put("/proc/loadavg", "0.75 1.50 2.25 3/456 7890\n");
    put("/proc/pressure/cpu",
        "some avg10=12.50 avg60=64.70 avg300=33.74 total=9986773773\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    expect(machine_load(), 0.75);
    expect(machine_pressure(), 0.125);
    put("/proc/loadavg", "much\n");
    put("/proc/pressure/cpu", "full avg10=1.00\n");
    ck_assert(machine_load() < 0);
    ck_assert(machine_pressure() < 0);
}
END_TEST

/* --- The clock --- */

START_TEST(the_governor_is_that_of_a_processor_we_may_run_on)
{
    char *path =
        text_format("/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
            first_core());

    ck_assert_ptr_null(machine_governor());
    put("/sys/devices/system/cpu/cpu1023/cpufreq/scaling_governor", "other\n");
    ck_assert_ptr_null(machine_governor());
    put(path, "schedutil\n");
    ck_assert_str_eq(machine_governor(), "schedutil");
    put(path, "\n");
    ck_assert_ptr_null(machine_governor());
    free(path);
}
END_TEST

START_TEST(turbo_is_said_in_two_ways)
{
    ck_assert_int_eq(machine_turbo(), -1);
    put("/sys/devices/system/cpu/cpufreq/boost", "1\n");
    ck_assert_int_eq(machine_turbo(), 1);
    put("/sys/devices/system/cpu/cpufreq/boost", "0\n");
    ck_assert_int_eq(machine_turbo(), 0);
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    ck_assert_int_eq(machine_turbo(), 1);
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    ck_assert_int_eq(machine_turbo(), 0);
}
END_TEST

/* --- This one --- */

START_TEST(this_machine_can_be_looked_at)
{
    struct machine_moment moment = machine_now();

    ck_assert_int_ge(machine_cores(), 1);
    ck_assert(machine_quota() > 0);
    ck_assert(machine_load() >= 0);
    ck_assert(moment.at_s > 0);
    ck_assert(moment.all_s >= moment.busy_s);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("machine");
    TCase *cores = machine_section(suite, "processors");
    TCase *use = machine_section(suite, "what goes on");
    TCase *clock = machine_section(suite, "the clock");
    TCase *this = suite_section(suite, "this machine");

    tcase_add_test(cores, a_program_has_the_processors_it_may_run_on);
    tcase_add_test(cores, without_control_groups_there_is_no_quota);
    tcase_add_test(cores, a_quota_is_that_of_the_programs_own_group);
    tcase_add_test(cores, a_group_above_may_allow_less);
    tcase_add_test(
        cores, in_a_container_the_groups_own_folder_is_the_highest_one);
    tcase_add_test(cores, quotas_of_version_1_count_too);
    tcase_add_loop_test(cores, a_quota_that_makes_no_sense_is_none, 0, 7);
    tcase_add_test(use, the_rest_of_the_work_is_that_of_others);
    tcase_add_test(use, shares_are_never_less_than_nothing);
    tcase_add_loop_test(
        use, where_the_system_does_not_say_use_is_unknown, 0, 4);
    tcase_add_test(use, where_there_is_no_such_file_use_is_unknown);
    tcase_add_test(use, own_use_is_that_of_children_once_they_were_waited_for);
    tcase_add_test(use, load_and_pressure_are_read);
    tcase_add_test(clock, the_governor_is_that_of_a_processor_we_may_run_on);
    tcase_add_test(clock, turbo_is_said_in_two_ways);
    tcase_add_test(this, this_machine_can_be_looked_at);
    return suite_run(suite);
}
