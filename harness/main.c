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
 *   report_*       a record as text, JSON, TAP; what a terminal gets
 *   gradebook      a record as a row (SQLite)
 *   cmd_watch      lab watch: a check on every save
 *     watch          files that somebody saves
 *   cmd_run        lab run: a chapter's experiment, measured and drawn
 *     programs       the starter and the reference as probes
 *     timeline       lanes of waiting and working; timeline_draw
 *   cmd_new        lab new: from the templates in harness/new/
 *     frame          a lab's three places, all or none of them
 *   cmd_*          the other commands
 *
 * and below them
 *
 *   lab            the catalogue; lab_read: one labs/NN-slug/lab.yaml
 *   jobs           programs side by side; workdir: a folder of a run's own
 *   spawn          a child under limits; sweep: none is left behind;
 *                  interrupt: Ctrl-C
 *   terms          the words of a record
 *   text, tree, clock, warn
 *
 * The other two programs: harness/judge/ (one process a test; judge.h) and
 * harness/probe/ (the only one that holds the learner's code; probe.h),
 * with probe/wire.h between them.
 */
#include "cmd.h"
#include "interrupt.h"
#include "report.h"
#include "sweep.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
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
    {"watch", cmd_watch, "judge again on every save"},
    {"time", cmd_time, "time a program beside the reference"},
    {"run", cmd_run, "a chapter's experiment, drawn as a timeline"},
    {"hint", cmd_hint, "the next hint for the first failing test"},
    {"solution", cmd_solution, "the reference, and how yours differs"},
    {"reset", cmd_reset, "the starter again; your file is kept"},
    {"history", cmd_history, "the judged runs, newest first"},
    {"progress", cmd_progress, "points, and what is next"},
    {"doctor", cmd_doctor, "is this machine ready?"},
    {"new", cmd_new, "a frame for a new lab"},
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

/* A standard stream that is closed is opened on nothing: else a file that
 * is opened later would get what is printed. */
static void
hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", O_RDONLY);
    }
}

/* A path the user gave is theirs, from where they stand; "-" is none. */
static char *
absolute(const char *path)
{
    char here[PATH_MAX];

    if (path[0] == '/' || strcmp(path, "-") == 0)
        return text_copy(path);
    if (getcwd(here, sizeof here) == NULL)
        die("find the working directory:");
    return text_format("%s/%s", here, path);
}

static void
make_absolute(int argc, char **argv)
{
    static const char option[] = "--file";
    const size_t length = sizeof option - 1;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], option) == 0 && i + 1 < argc)
            argv[i + 1] = absolute(argv[i + 1]);
        else if (strncmp(argv[i], "--file=", length + 1) == 0)
            argv[i] = text_format("--file=%s", absolute(argv[i] + length + 1));
    }
}

/* The program is build/lab: the repository is two folders up. */
static void
go_home(void)
{
    char self[PATH_MAX];

    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        die("/proc/self/exe:");
    self[n] = '\0';
    if (chdir(dirname(dirname(self))) != 0)
        die("go to the repository of %s:", self);
}

/* End as the signal would have ended us; what was printed stays. */
static void
end_interrupted(void)
{
    sigset_t set;

    fflush(stdout);
    signal(interrupted, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, interrupted);
    raise(interrupted);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int
run_command(int argc, char **argv)
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
        make_absolute(argc, argv);
        go_home();
        interrupt_catch();
        sweep_guard();
        return commands[i].run(argc - 1, argv + 1);
    }
    warn("there is no command \"%s\"; lab help lists them", argv[1]);
    return 2;
}

int
main(int argc, char **argv)
{
    hold_streams();
    report_is_utf8();
    /* The tools we run are read, so they all speak one language. */
    setenv("LC_ALL", "C.UTF-8", 1);
    int status = run_command(argc, argv);
    if (interrupted)
        end_interrupted();
    if (fflush(stdout) != 0 || ferror(stdout))
        die("write to standard output:");
    return status;
}
