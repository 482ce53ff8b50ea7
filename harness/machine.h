#ifndef MACHINE_H
#define MACHINE_H

/*
 * How busy this machine is, and what else may disturb a measurement here.
 * Everything is read from /proc and /sys; what cannot be read is unknown.
 */

/* Processors that this program may run on (sched_getaffinity), 1 or more. */
int machine_cores(void);

/* How many of them at a time a container's quota allows: the least of this
 * program's own control group and all above it that can be seen (cpu.max, or
 * cpu.cfs_quota_us of version 1; cgroups(7)). Infinite without one. */
double machine_quota(void);

/* Read all but the affinity and the own use below this folder instead of
 * "/": for tests. Kept, not copied. */
void machine_root(const char *path);

/* A moment, to count from. */
struct machine_moment {
    double at_s;                   /* clock.h */
    double all_s, busy_s, steal_s; /* of all processors, since the system
                                    * began; negative: unknown */
    double own_s; /* of this program and the children it waited for, and
                   * those that they waited for */
};

struct machine_moment machine_now(void);

/* What went on since then, as shares of all the processors' time, from 0 to
 * 1; negative: unknown, or too short a time to say. */
struct machine_use {
    double busy;  /* with work that is not ours */
    double steal; /* taken by other machines on the same hardware */
};

struct machine_use machine_since(const struct machine_moment *moment);

/* Load average of the last minute; the share of the last ten seconds in
 * which something that could run had to wait for a processor
 * (/proc/pressure/cpu, "some avg10", 0 to 1). Negative: unknown. */
double machine_load(void);
double machine_pressure(void);

/* How the clock of the processors is governed: "powersave", "schedutil", …
 * NULL: the system does not say (as in most virtual machines). Valid until
 * the next call. */
const char *machine_governor(void);

/* May they run faster than their nominal clock for a while? 1 yes, 0 no,
 * -1 unknown. */
int machine_turbo(void);

#endif
