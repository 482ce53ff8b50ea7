#ifndef SPAWN_H
#define SPAWN_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Child processes under limits, and what became of them.
 *
 * Every child leads a session and a process group of its own and has no
 * terminal, has every descriptor closed but the declared ones, and is
 * killed by the kernel when its parent dies. The calling program is
 * single-threaded.
 */

struct spawn_limits {
    unsigned cpu_s;      /* RLIMIT_CPU; 0: none */
    unsigned memory_mib; /* RLIMIT_AS; 0: none */
    unsigned nofile;     /* RLIMIT_NOFILE; 0: as it is */
    unsigned file_mib;   /* RLIMIT_FSIZE; 0: none */
};

enum { SPAWN_FDS = 8 };

struct spawn {
    const char *const *argv; /* argv[0] is looked up in PATH */
    const char *const *env;  /* NULL: inherited */
    const char *dir;         /* working directory; NULL: the same */
    int fds[SPAWN_FDS];      /* fds[i] becomes i; SPAWN_NULL, SPAWN_CLOSED */
    struct spawn_limits limits;
    bool unprivileged;    /* no capabilities, no way to new privileges, no
                          core file: for a learner's program */
    bool fixed_addresses; /* no randomised ones, where that may be asked for:
                             a sanitizer may not find its place else */
};

enum { SPAWN_NULL = -1, SPAWN_CLOSED = -2 };

/* A child that reads nothing (0 is /dev/null), shares 1 and 2 and has no
 * other descriptor. Set the rest by hand. */
struct spawn spawn_plain(const char *const *argv);

/* Start it. Returns its process id, or -1 with errno (that of exec too). */
pid_t spawn_start(const struct spawn *spawn);

/* Kill a child and its process group, which it cannot leave; the child still
 * wants to be waited for. */
void spawn_kill(pid_t pid);

struct outcome {
    bool exited; /* else killed by a signal */
    int status;  /* exit status, or the signal */
    double cpu_s;
    long peak_rss_kib;
};

/* Wait for one child. Returns 0, or -1 with errno. */
int spawn_wait(pid_t pid, struct outcome *outcome);

/*
 * Run to the end, with everything it writes to 1 and 2 appended to `output`
 * (until it holds `most` bytes; the rest is read and dropped). Its process
 * group is killed when it has ended. Returns 0 with the outcome; -1 with
 * errno when it could not be started (ENOENT: no such program), ETIMEDOUT
 * when it was killed after `wall_s` seconds, or EINTR when it was killed
 * since a signal was caught (interrupt.h).
 */
int spawn_capture(const struct spawn *spawn, unsigned wall_s,
    struct text *output, size_t most, struct outcome *outcome);

#endif
