#ifndef SIDE_BY_SIDE_H
#define SIDE_BY_SIDE_H

/*
 * For tests of the judge's side of the wire, which take the place of a
 * lab's judge: scenarios, each in a process of its own, all side by side
 * and beside a hog a core, since to be found stuck takes two seconds. What
 * one came to is the verdict and cause of judge_fail(), or "accepted".
 *
 * The test defines the probe (the same program, started with --wire) and
 * what its scenarios do; see test_stuck.c and test_gate.c.
 */
#include "judge/ask.h"
#include "judge/judge.h"
#include "judge/process.h"
#include "suite.h"
#include "sweep.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a right shape has to get through: 100 times in a soak (SOAK=1 in
 * the environment), else 10 times. */
static inline int
often(void)
{
    const char *soak = getenv("SOAK");

    return soak != NULL && soak[0] != '\0' ? 100 : 10;
}

static char self[PATH_MAX];
static int report = -1; /* of a scenario, to its test */

/* The end of a scenario. */
static _Noreturn void
conclude(const char *verdict, const char *cause)
{
    ask_kill();
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        cause = "a process is left";
    dprintf(report, "%s: %s", verdict, cause);
    _exit(0);
}

/* What judge.c does for a lab's judge. */

void
judge_fail(enum verdict verdict, const char *cause, ...)
{
    char sentence[600];
    va_list args;

    va_start(args, cause);
    vsnprintf(sentence, sizeof sentence, cause, args);
    va_end(args);
    conclude(terms_verdict(verdict), sentence);
}

void
judge_skip(const char *reason)
{
    conclude("could not check", reason);
}

uint64_t
judge_random(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state << 13; /* xorshift64 (Marsaglia 2003) */
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Start one: returns where it reports to. It has `cpu_s` of processor time
 * a probe. */
static int
start_scenario(int number, void (*play)(int number), unsigned cpu_s)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        exit(2);
    if (fork() == 0) {
        report = ends[1];
        signal(SIGPIPE, SIG_IGN);
        sweep_guard();
        process_settings = (struct process_settings){
            self, "/", cpu_s, 1024, 64, BUILD_SANITIZED};
        play(number);
        conclude("accepted", "accepted");
    }
    close(ends[1]);
    return ends[0];
}

enum { MOST_HOGS = 64 };

static pid_t hogs[MOST_HOGS];
static long hog_count;

/* A process a core that never sleeps, until we are dead. */
static void
start_hogs(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    hog_count = cores < MOST_HOGS ? cores : MOST_HOGS;
    for (long i = 0; i < hog_count; i++) {
        hogs[i] = fork();
        if (hogs[i] != 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (volatile unsigned turns = 0;; turns = turns + 1)
            ;
    }
}

static void
stop_hogs(void)
{
    for (long i = 0; i < hog_count; i++)
        kill(hogs[i], SIGKILL);
}

/* Wait until the scenario has reported, and hold that against `outcome`:
 * "VERDICT: words that are in the cause", or "accepted". */
static void
check_scenario(int reported, const char *name, const char *outcome)
{
    struct text said = {0};
    char block[1000];
    char *verdict = text_copy(outcome);

    for (ssize_t n; (n = read(reported, block, sizeof block)) > 0;)
        text_add(&said, block, (size_t)n);
    verdict[strcspn(verdict, ":")] = '\0';
    const char *words = strchr(outcome, ':');
    words = words != NULL ? words + 2 : outcome;
    ck_assert_msg(strncmp(text_string(&said), verdict, strlen(verdict)) == 0 &&
                      strstr(text_string(&said), words) != NULL,
        "%s: \"%s\"", name, text_string(&said));
    text_free(&said);
    free(verdict);
}

#endif
