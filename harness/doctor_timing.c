#include "doctor_timing.h"

#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char noisy[] =
    "verdicts stand, but times may be too noisy to compare";

static struct machine_moment began;

void
doctor_timing_begin(void)
{
    began = machine_now();
}

static void
look_cores(struct finding *finding, const char *subject)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int allowed = machine_cores();
    double share = machine_quota();

    (void)subject;
    if (allowed < 2 || share < 2)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%d of %ld, %.1f at a time: parallel programs are proved, but "
            "their speed-up cannot be measured",
            allowed, online, share < allowed ? share : allowed);
    else if (share < allowed)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%d of %ld, but a quota lets only %.1f at a time work: who wants "
            "more is stopped for moments; %s",
            allowed, online, share, noisy);
    else
        doctor_found(finding, LEVEL_OK, NULL, "%d of %ld may be used here",
            allowed, online);
}

static void
look_load(struct finding *finding, const char *subject)
{
    double load = machine_load();

    (void)subject;
    if (load < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "/proc/loadavg is silent: other work is not seen");
    else if (load > 0.5 * (double)sysconf(_SC_NPROCESSORS_ONLN))
        doctor_found(finding, LEVEL_CAUTION, NULL, "%.1f: %s", load, noisy);
    else
        doctor_found(finding, LEVEL_OK, NULL, "%.1f", load);
}

static void
look_pressure(struct finding *finding, const char *subject)
{
    double pressure = machine_pressure();
    static const char says[] =
        "work waited for a processor in %.0f %% of the last ten seconds%s%s";

    (void)subject;
    if (pressure < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "/proc/pressure/cpu is silent: whether work has to wait for a "
            "processor is not seen");
    else if (pressure >= 0.1)
        doctor_found(
            finding, LEVEL_CAUTION, NULL, says, 100 * pressure, ": ", noisy);
    else
        doctor_found(finding, LEVEL_OK, NULL, says, 100 * pressure, "", "");
}

static void
look_steal(struct finding *finding, const char *subject)
{
    static const struct machine_moment boot;
    double ever = machine_since(&boot).steal;
    double now = machine_since(&began).steal;
    static const char says[] =
        "other machines on this hardware took %.1f %% of the processors' "
        "time just now, %.1f %% since the system began%s%s";

    (void)subject;
    if (now < 0) /* too short a time */
        now = ever;
    if (now < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "/proc/stat is silent: whether other machines take time from "
            "this one is not seen");
    else if (now >= 0.02)
        doctor_found(finding, LEVEL_CAUTION, NULL, says, 100 * now, 100 * ever,
            ": ", noisy);
    else
        doctor_found(
            finding, LEVEL_OK, NULL, says, 100 * now, 100 * ever, "", "");
}

static void
look_clock(struct finding *finding, const char *subject)
{
    static const char *const turbos[] = {
        "turbo not known", "no turbo", "turbo on"};
    const char *governor = machine_governor();
    int turbo = machine_turbo();
    bool steady = governor == NULL || strcmp(governor, "performance") == 0;

    (void)subject;
    if (governor == NULL && turbo < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "no governor and no turbo are shown here, as in most virtual "
            "machines: whether the processors' clock is steady is not seen");
    else if (steady && turbo == 0)
        doctor_found(finding, LEVEL_OK, NULL, "governor %s, no turbo",
            governor == NULL ? "not known" : governor);
    else
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "governor %s, %s: the processors' clock may change from run to "
            "run; %s",
            governor == NULL ? "not known" : governor, turbos[turbo + 1],
            noisy);
}

const struct check doctor_timing[] = {
    {"cores", look_cores, NULL},
    {"load", look_load, NULL},
    {"pressure", look_pressure, NULL},
    {"steal", look_steal, NULL},
    {"clock", look_clock, NULL},
    {NULL, NULL, NULL},
};
