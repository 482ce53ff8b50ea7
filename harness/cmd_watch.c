#include "cmd.h"

#include "clock.h"
#include "intake.h"
#include "interrupt.h"
#include "lab.h"
#include "report.h"
#include "spawn.h"
#include "sweep.h"
#include "text.h"
#include "warn.h"
#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * One check at a time is run, as a child: `lab check` of the labs whose
 * files were saved, and at the beginning of all. It begins when a file has
 * been left alone for a moment, since an editor saves in several steps. The
 * marks of its labs are taken away right before it begins, so that a save
 * which it may not have seen leaves a new one. A new mark on a lab that is
 * being judged breaks the check off, as Ctrl-C would; a mark on another
 * waits for its end.
 */

static const char usage[] =
    "usage: lab watch [LAB ...] [--poll]\n"
    "\n"
    "Judge labs, those named or all that were started, and again whenever\n"
    "their file is saved. Ctrl-C ends it.\n"
    "\n"
    "  --poll  find saves by looking once a second, and not by inotify too\n"
    "  --help  print this\n";

enum { LOOK_MS = 1000, QUIET_MS = 100, PATIENCE_MS = 10000 };

struct session {
    const struct lab **labs; /* that of each file of `watch` */
    struct watch watch;
    bool *judged; /* by the check that runs */
    pid_t pid;    /* of that check; 0: none runs */
    int ended_fd; /* becomes readable when it has ended; -1: none */
    double due_s; /* when the files will have been left alone */
};

static void
add_lab(struct session *session, const struct lab *lab)
{
    size_t i = 0;

    while (session->labs[i] != NULL && session->labs[i] != lab)
        i++;
    session->labs[i] = lab;
}

/* False when only the usage was asked for. */
static bool
read_arguments(struct session *session, bool *only_looks,
    const struct catalogue *catalogue, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout), false;
        if (strcmp(argv[i], "--poll") == 0)
            *only_looks = true;
        else if (argv[i][0] == '-')
            die("watch: unknown option %s; try lab watch --help", argv[i]);
        else
            add_lab(session, cmd_lab(catalogue, argv[i]));
    }
    bool all = session->labs[0] == NULL;
    for (size_t i = 0; all && i < catalogue->count; i++)
        session->labs[i] = &catalogue->labs[i];
    return true;
}

static void
begin(struct session *session, bool only_looks)
{
    size_t count = 0;

    while (session->labs[count] != NULL)
        count++;
    char **paths = text_zeroed(count, sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        paths[i] = lab_learner_path(session->labs[i]);
        if (intake_begin(session->labs[i]) < 0)
            die("%s cannot be made from the starter:", paths[i]);
    }
    session->watch = watch_open((const char *const *)paths, count, only_looks);
    session->judged = text_zeroed(count, sizeof *session->judged);
    for (size_t i = 0; i < count; i++) {
        session->watch.files[i].saved = true;
        free(paths[i]);
    }
    free(paths);
}

static void
announce(const struct session *session)
{
    const struct watch *watch = &session->watch;

    if (watch->count == 1)
        printf("watching %s; Ctrl-C ends\n", watch->files[0].path);
    else
        printf("watching your files of %zu labs; Ctrl-C ends\n", watch->count);
    fflush(stdout);
}

/* The check has ended, or is ended now. */
static void
take_end(struct session *session)
{
    struct outcome outcome;

    spawn_kill(session->pid);
    spawn_wait(session->pid, &outcome);
    close(session->ended_fd);
    session->pid = 0;
    session->ended_fd = -1;
    if (!outcome.exited && outcome.status == SIGKILL)
        warn("watch: the check was killed");
}

/* It gets the time to end what it has started. */
static void
break_off(struct session *session)
{
    struct pollfd ended = {session->ended_fd, POLLIN, 0};

    kill(session->pid, SIGTERM);
    poll(&ended, 1, PATIENCE_MS);
    take_end(session);
    for (size_t i = 0; i < session->watch.count; i++)
        session->watch.files[i].saved |= session->judged[i];
}

static void
start_check(struct session *session)
{
    const struct watch *watch = &session->watch;
    const char **argv = text_zeroed(watch->count + 3, sizeof *argv);
    size_t n = 0;

    argv[n++] = "build/lab";
    argv[n++] = "check";
    for (size_t i = 0; i < watch->count; i++) {
        struct watch_file *file = &watch->files[i];
        session->judged[i] = file->saved && file->there;
        if (session->judged[i]) {
            file->saved = false;
            argv[n++] = session->labs[i]->stem;
        }
    }
    struct spawn spawn = spawn_plain(argv);
    session->pid = spawn_start(&spawn);
    session->ended_fd = session->pid > 0 ? pidfd_open(session->pid, 0) : -1;
    if (session->ended_fd < 0)
        die("watch: start build/lab check:");
    free(argv);
}

/* Is there something to judge, now or once the files are left alone? */
static bool
is_wanted(const struct session *session)
{
    for (size_t i = 0; i < session->watch.count; i++) {
        const struct watch_file *file = &session->watch.files[i];
        if (file->saved && file->there &&
            (session->pid == 0 || session->judged[i]))
            return true;
    }
    return false;
}

static void
judge(struct session *session)
{
    static bool is_first = true;

    if (session->pid > 0)
        break_off(session);
    if (report_is_terminal(stdout))
        printf("\033[H\033[2J");
    else if (!is_first)
        printf("\n");
    is_first = false;
    fflush(stdout);
    start_check(session);
}

static void
watch_and_judge(struct session *session)
{
    while (!interrupted) {
        double left_s = session->due_s - clock_now_s();
        if (is_wanted(session) && left_s <= 0)
            judge(session);
        int timeout_ms =
            is_wanted(session) ? (int)(left_s * 1000) + 1 : LOOK_MS;
        struct pollfd fds[2] = {
            {session->watch.fd, POLLIN, 0}, {session->ended_fd, POLLIN, 0}};
        if (interrupt_poll(fds, 2, timeout_ms) < 0)
            continue;
        if (fds[1].revents != 0) {
            take_end(session);
            announce(session);
        }
        if (watch_look(&session->watch))
            session->due_s = clock_now_s() + QUIET_MS / 1000.0;
    }
    if (session->pid > 0)
        break_off(session);
    sweep_children(NULL, 0, NULL);
}

int
cmd_watch(int argc, char **argv)
{
    struct session session = {.ended_fd = -1};
    bool only_looks = false;

    struct catalogue *catalogue = lab_catalogue();
    session.labs = text_zeroed(catalogue->count + 1, sizeof *session.labs);
    if (read_arguments(&session, &only_looks, catalogue, argc, argv)) {
        begin(&session, only_looks);
        watch_and_judge(&session);
        watch_close(&session.watch);
    }
    free(session.judged);
    free(session.labs);
    lab_catalogue_free(catalogue);
    return 0;
}
