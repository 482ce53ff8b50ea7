#ifndef LOOK_H
#define LOOK_H

#include <sys/types.h>

/*
 * What a process is doing, seen from outside through /proc (proc(5)). Used
 * by process.c alone.
 */

/* Running: a thread of it, or of a process that descends from it, can go on
 * by itself, now or once a disk answers. Asleep: each waits for somebody, is
 * stopped, or has ended. */
enum look { LOOK_RUNNING, LOOK_ASLEEP };

enum look look_at(pid_t pid);

/* "asleep in read()", "asleep" or "stopped by a signal". Valid until the
 * next call. */
const char *look_where(pid_t pid);

/* The processor time it has used, in seconds; 0 when it is gone. */
double look_cpu_s(pid_t pid);

/* Its memory in MiB: all that it mapped, and what of it is there. Both are
 * 0 when it is gone. */
struct look_memory {
    long mapped_mib, resident_mib;
};

struct look_memory look_memory(pid_t pid);

/* What a program (elf(5), 64 bits) maps before it runs, in MiB: its code and
 * its global and static variables; 0 when that cannot be read. */
long look_program_mib(const char *path);

#endif
