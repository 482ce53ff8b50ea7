#include "doctor_timing.h"
#include "made_up_machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* What the row of this name finds. */
static void
expect(const char *name, enum level level, const char *words)
{
    const struct check *check = doctor_timing;
    struct finding finding = {0};

    while (strcmp(check->name, name) != 0)
        check++;
    check->look(&finding, check->subject);
    const char *says = text_string(&finding.says);
    ck_assert_msg((int)finding.level == (int)level, "level %d: \"%s\"",
        (int)finding.level, says);
    ck_assert_msg(
        strstr(says, words) != NULL, "\"%s\" lacks \"%s\"", says, words);
    ck_assert_ptr_null(finding.remedy);
    text_free(&finding.says);
}

static const char noisy[] =
    ": verdicts stand, but times may be too noisy to compare";

START_TEST(a_quota_counts_where_there_are_more_processors)
{
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    expect("cores", LEVEL_CAUTION,
        machine_cores() > 1 ? ", 1.5 at a time: parallel programs are proved"
                            : "1 of ");
    put("/sys/fs/cgroup/cpu.max", "250000 100000\n");
    if (machine_cores() < 3)
        printf("could not check: a quota of 2.5 of 3 processors or more\n");
    else
        expect("cores", LEVEL_CAUTION, "a quota lets only 2.5 at a time work");
}
END_TEST

START_TEST(a_quota_for_more_than_there_are_is_none)
{
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "999900000 100000\n");
    if (machine_cores() < 2)
        expect("cores", LEVEL_CAUTION, "1.0 at a time");
    else
        expect("cores", LEVEL_OK, "may be used here");
}
END_TEST

START_TEST(a_program_that_has_one_processor_is_told_so)
{
    cpu_set_t set;
    int first = 0;

    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    while (!CPU_ISSET(first, &set))
        first++;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
    expect("cores", LEVEL_CAUTION, ", 1.0 at a time: parallel programs are");
}
END_TEST

START_TEST(load_is_a_caution_when_it_is_high)
{
    expect("load", LEVEL_CAUTION, "/proc/loadavg is silent");
    put("/proc/loadavg", "0.04 9000 9000 3/456 7890\n");
    expect("load", LEVEL_OK, "0.0");
    put("/proc/loadavg", "9000.00 0 0 3/456 7890\n");
    expect("load", LEVEL_CAUTION, "9000.0");
    expect("load", LEVEL_CAUTION, noisy);
}
END_TEST

START_TEST(pressure_is_a_caution_when_work_waits)
{
    expect("pressure", LEVEL_CAUTION, "/proc/pressure/cpu is silent");
    put("/proc/pressure/cpu", "some avg10=3.00 avg60=90.00 avg300=0\n");
    expect("pressure", LEVEL_OK,
        "work waited for a processor in 3 % of the last ten seconds");
    put("/proc/pressure/cpu", "some avg10=34.00 avg60=0.00 avg300=0\n");
    expect("pressure", LEVEL_CAUTION, "34 % of the last ten seconds");
    expect("pressure", LEVEL_CAUTION, noisy);
}
END_TEST

START_TEST(steal_counts_from_when_the_doctor_began)
{
    doctor_timing_begin();
    expect("steal", LEVEL_CAUTION, "/proc/stat is silent");
    put("/proc/stat", "cpu  1000 0 1000 7000 0 0 0 1000 0 0\n");
    doctor_timing_begin();
    put("/proc/stat", "cpu  3000 0 3000 12960 0 0 0 1040 0 0\n");
    expect("steal", LEVEL_OK,
        "took 0.4 % of the processors' time just now, 5.2 % since");
    put("/proc/stat", "cpu  3000 0 3000 12000 0 0 0 2000 0 0\n");
    expect("steal", LEVEL_CAUTION, "took 10.0 % of");
    expect("steal", LEVEL_CAUTION, noisy);
}
END_TEST

START_TEST(where_no_time_went_by_steal_is_all_there_was)
{
    put("/proc/stat", "cpu  1000 0 1000 7900 0 0 0 100 0 0\n");
    doctor_timing_begin();
    expect("steal", LEVEL_OK, "took 1.0 % of");
}
END_TEST

static void
set_clock(const char *governor, const char *turbo)
{
    for (int i = 0; i < CPU_SETSIZE && governor != NULL; i++) {
        char *path = text_format(
            "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", i);
        put(path, governor);
        free(path);
    }
    if (turbo != NULL)
        put("/sys/devices/system/cpu/cpufreq/boost", turbo);
}

START_TEST(a_clock_that_is_not_shown_is_not_seen)
{
    expect("clock", LEVEL_CAUTION, "clock is steady is not seen");
}
END_TEST

static const struct {
    const char *governor, *turbo;
    enum level level;
    const char *words;
} clocks[] = {
    {"performance", "0", LEVEL_OK, "governor performance, no turbo"},
    {NULL, "0", LEVEL_OK, "governor not known, no turbo"},
    {"performance", "1", LEVEL_CAUTION, "governor performance, turbo on: the"},
    {"powersave", "0", LEVEL_CAUTION, "governor powersave, no turbo: the"},
    {"powersave", NULL, LEVEL_CAUTION, "governor powersave, turbo not known"},
    {NULL, "1", LEVEL_CAUTION, "clock may change from run to run; verdicts"},
};

START_TEST(a_clock_is_steady_without_turbo_under_one_governor)
{
    set_clock(clocks[_i].governor, clocks[_i].turbo);
    expect("clock", clocks[_i].level, clocks[_i].words);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("doctor_timing");
    TCase *cores = machine_section(suite, "processors");
    TCase *others = machine_section(suite, "other work");
    TCase *clock = machine_section(suite, "the clock");

    tcase_add_test(cores, a_quota_counts_where_there_are_more_processors);
    tcase_add_test(cores, a_quota_for_more_than_there_are_is_none);
    tcase_add_test(cores, a_program_that_has_one_processor_is_told_so);
    tcase_add_test(others, load_is_a_caution_when_it_is_high);
    tcase_add_test(others, pressure_is_a_caution_when_work_waits);
    tcase_add_test(others, steal_counts_from_when_the_doctor_began);
    tcase_add_test(others, where_no_time_went_by_steal_is_all_there_was);
    tcase_add_test(clock, a_clock_that_is_not_shown_is_not_seen);
    tcase_add_loop_test(
        clock, a_clock_is_steady_without_turbo_under_one_governor, 0, 6);
    return suite_run(suite);
}
