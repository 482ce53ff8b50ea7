#include "machine.h"

#include "clock.h"
#include "text.h"

#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MOST_BYTES = 4 << 20 };

static const char *root = "";

void
machine_root(const char *path)
{
    root = path;
}

/* The whole of a file below the root, which the caller frees; NULL: it
 * cannot be read. */
__attribute__((format(printf, 1, 2))) static char *
contents(const char *format, ...)
{
    struct text text = {0};
    char path[1024];
    va_list args;

    int length = snprintf(path, sizeof path, "%s", root);
    va_start(args, format);
    length +=
        vsnprintf(path + length, sizeof path - (size_t)length, format, args);
    va_end(args);
    if ((size_t)length >= sizeof path ||
        text_read_file(&text, path, MOST_BYTES) != 0) {
        text_free(&text);
        return NULL;
    }
    text_add(&text, "", 0);
    return text.bytes;
}

int
machine_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 1 ? (int)online : 1;
}

/* --- Quotas --- */

/* What one control group allows. A folder that is not there allows all: the
 * group's path may be of a tree of which a container sees only a branch. */
static double
quota_of(const char *controllers, const char *group)
{
    double quota_us, period_us = 0;
    int read = 0;

    if (controllers[0] == '\0') {
        char *said = contents("/sys/fs/cgroup%s/cpu.max", group);
        if (said != NULL)
            read = sscanf(said, "%lf %lf", &quota_us, &period_us);
        free(said);
    } else {
        char *quota = contents(
            "/sys/fs/cgroup/%s%s/cpu.cfs_quota_us", controllers, group);
        char *period = contents(
            "/sys/fs/cgroup/%s%s/cpu.cfs_period_us", controllers, group);
        if (quota != NULL && period != NULL)
            read = sscanf(quota, "%lf", &quota_us) +
                   sscanf(period, "%lf", &period_us);
        free(quota);
        free(period);
    }
    if (read != 2 || quota_us <= 0 || period_us <= 0)
        return INFINITY;
    return quota_us / period_us;
}

/* The least of a group and all above it. Cuts `group` up. */
static double
quota_up_from(const char *controllers, char *group)
{
    double least = INFINITY;
    char *end = strchr(group, '\0');

    while (end != NULL) {
        *end = '\0';
        least = fmin(least, quota_of(controllers, group));
        end = strrchr(group, '/');
    }
    return least;
}

static bool
is_in_list(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (strncmp(list, word, length) != 0 ||
           (list[length] != ',' && list[length] != '\0')) {
        list = strchr(list, ',');
        if (list == NULL)
            return false;
        list++;
    }
    return true;
}

double
machine_quota(void)
{
    char *groups = contents("/proc/self/cgroup");
    double least = INFINITY;
    char *rest = groups, *line;

    /* "0::/a/b", or "4:cpu,cpuacct:/a/b" of version 1 (cgroups(7)). */
    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        char *number = strsep(&line, ":");
        char *controllers = strsep(&line, ":");
        (void)number;
        if (line == NULL)
            continue;
        if (strcmp(line, "/") == 0)
            line++;
        if (controllers[0] == '\0' || is_in_list(controllers, "cpu"))
            least = fmin(least, quota_up_from(controllers, line));
    }
    free(groups);
    return least;
}

/* --- What goes on --- */

static double
used_s(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct machine_moment
machine_now(void)
{
    struct machine_moment moment = {clock_now_s(), -1, -1, -1, 0};
    double user, nice, system, idle, iowait, irq, softirq, steal;
    double tick = (double)sysconf(_SC_CLK_TCK);
    char *said = contents("/proc/stat");

    moment.own_s = used_s(RUSAGE_SELF) + used_s(RUSAGE_CHILDREN);
    /* A guest's time is in user and nice already (proc(5)). */
    if (said != NULL &&
        sscanf(said, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice,
            &system, &idle, &iowait, &irq, &softirq, &steal) == 8) {
        moment.busy_s = (user + nice + system + irq + softirq) / tick;
        moment.steal_s = steal / tick;
        moment.all_s = moment.busy_s + moment.steal_s + (idle + iowait) / tick;
    }
    free(said);
    return moment;
}

static double
share(double part, double whole)
{
    return fmin(fmax(part / whole, 0), 1);
}

struct machine_use
machine_since(const struct machine_moment *then)
{
    struct machine_moment now = machine_now();
    double all_s = now.all_s - then->all_s;

    if (now.all_s < 0 || then->all_s < 0 || all_s < 0.1)
        return (struct machine_use){-1, -1};
    double own_s = now.own_s - then->own_s;
    return (struct machine_use){
        share(now.busy_s - then->busy_s - own_s, all_s),
        share(now.steal_s - then->steal_s, all_s)};
}

double
machine_load(void)
{
    char *said = contents("/proc/loadavg");
    double load = -1;

    if (said == NULL || sscanf(said, "%lf", &load) != 1)
        load = -1;
    free(said);
    return load;
}

double
machine_pressure(void)
{
    char *said = contents("/proc/pressure/cpu");
    double percent = -100;

    if (said == NULL || sscanf(said, "some avg10=%lf", &percent) != 1)
        percent = -100;
    free(said);
    return percent / 100;
}

/* --- The clock of the processors --- */

const char *
machine_governor(void)
{
    static char name[64];
    cpu_set_t set;
    char *said = NULL;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return NULL;
    for (int i = 0; i < CPU_SETSIZE && said == NULL; i++) {
        if (CPU_ISSET(i, &set))
            said = contents("/sys/devices/system/cpu/cpu%d/cpufreq/"
                            "scaling_governor",
                i);
    }
    int read = said == NULL ? 0 : sscanf(said, "%63s", name);
    free(said);
    return read == 1 ? name : NULL;
}

/* The number that a file says; -1: none. */
static int
number_in(const char *path)
{
    char *said = contents("%s", path);
    int number = -1;

    if (said == NULL || sscanf(said, "%d", &number) != 1)
        number = -1;
    free(said);
    return number;
}

int
machine_turbo(void)
{
    int no_turbo = number_in("/sys/devices/system/cpu/intel_pstate/no_turbo");

    if (no_turbo >= 0)
        return no_turbo == 0;
    int boost = number_in("/sys/devices/system/cpu/cpufreq/boost");
    return boost < 0 ? -1 : boost > 0;
}
