/*
 * lab: the harness of While You Wait.
 *
 * A map of the program, in reading order; each room's header is its manual.
 *
 *   cmd_check      lab check: which labs, judged and reported
 *   verdict        one file -> one record: taken in, built, judged, scored
 *     intake         the learner's file, refused when it is not one
 *     compile        cc, nm, ld -r --wrap, objcopy, cc -> a probe
 *       contract       what the object may call and must define
 *       diagnose       a compiler's words, reduced to a line
 *     judging        the lab's judge: its tests, a process each
 *       tap            its report
 *     sanitizer      a sanitizer's report, reduced to two lines
 *     duel           the accepted program timed beside the reference
 *   record         what a run came to; points
 *   report_*       a record as text, JSON, TAP
 *   gradebook      a record as a row (SQLite)
 *   cmd_*          the other commands
 *
 * and below them
 *
 *   lab            the catalogue: labs/NN-slug/lab.yaml
 *   jobs           programs side by side; workdir: a folder of a run's own
 *   spawn          a child under limits; sweep: none is left behind;
 *                  interrupt: Ctrl-C
 *   terms          the words of a record
 *   text, clock, warn
 *
 * The other two programs: harness/judge/ (one process a test; judge.h) and
 * harness/probe/ (the only one that holds the learner's code; probe.h),
 * with probe/wire.h between them.
 */
#include "cmd.h"
#include "interrupt.h"
#include "sweep.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} commands[] = {
    {"check", cmd_check, "judge labs"},
    {"hint", cmd_hint, "the next hint for the first failing test"},
    {"solution", cmd_solution, "the reference, and how yours differs"},
    {"reset", cmd_reset, "the starter again; your file is kept"},
    {"history", cmd_history, "the judged runs, newest first"},
    {"progress", cmd_progress, "points, and what is next"},
    {"doctor", cmd_doctor, "is this machine ready?"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void
print_usage(FILE *out)
{
    fprintf(out, "usage: lab COMMAND [ARGUMENT ...]\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-9s  %s\n", commands[i].name, commands[i].what);
    fprintf(out, "\nlab COMMAND --help says more.\n");
}

/* The program is build/lab: the repository is two folders up. A path the
 * user gave is theirs, from where they stand. */
static void
go_home(int argc, char **argv)
{
    char self[PATH_MAX], path[PATH_MAX];

    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--file") != 0 || argv[i + 1][0] == '/')
            continue;
        if (getcwd(path, sizeof path) == NULL)
            die("find the working directory:");
        argv[i + 1] = text_format("%s/%s", path, argv[i + 1]);
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        die("/proc/self/exe:");
    self[n] = '\0';
    if (chdir(dirname(dirname(self))) != 0)
        die("go to the repository of %s:", self);
}

/* End as the signal would have ended us. */
static void
end_interrupted(void)
{
    sigset_t set;

    signal(interrupted, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, interrupted);
    raise(interrupted);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        go_home(argc, argv);
        interrupt_catch();
        sweep_guard();
        int status = commands[i].run(argc - 1, argv + 1);
        if (interrupted)
            end_interrupted();
        if (fflush(stdout) != 0 || ferror(stdout))
            die("write to standard output:");
        return status;
    }
    warn("there is no command \"%s\"; lab help lists them", argv[1]);
    return 2;
}
