#include "cmd.h"

#include "interrupt.h"
#include "lab.h"
#include "programs.h"
#include "report.h"
#include "spawn.h"
#include "timeline.h"
#include "warn.h"
#include "workdir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab run LAB [--tsv]\n"
    "\n"
    "Run the experiment of a lab's chapter, with the starter and with the\n"
    "reference, and draw who waited and who worked, when. It is shown, and\n"
    "never graded. COLUMNS says how wide (default 80).\n"
    "\n"
    "  --tsv   print what was measured, not drawn\n"
    "  --help  print this\n";

enum { WALL_S = 120, MOST_PRINTED = 4 << 20 };

/* Run the experiment, and what it prints is the timeline. */
static void
run_experiment(const char *program, const char *starter, const char *reference,
    struct text *printed)
{
    const char *argv[] = {program, starter, reference, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    int result =
        spawn_capture(&spawn, WALL_S, printed, MOST_PRINTED, &outcome);

    if (interrupted)
        return;
    if (result != 0 && errno == ETIMEDOUT)
        die("run: %s did not end in %d seconds", program, WALL_S);
    if (result != 0)
        die("run %s:", program);
    if (!outcome.exited || outcome.status != 0)
        die("run: %s failed and said: %.*s", program,
            (int)strcspn(text_string(printed), "\n"), text_string(printed));
}

static int
columns_wanted(void)
{
    const char *columns = getenv("COLUMNS");
    int wanted = columns != NULL ? atoi(columns) : 0;

    return wanted >= 40 && wanted <= 400 ? wanted - 1 : 79;
}

static void
draw(const char *program, const char *tsv)
{
    struct timeline timeline;
    struct timeline_style style = {
        columns_wanted(), report_is_utf8(), report_wants_colour(stdout)};
    char *complaint = timeline_read(&timeline, tsv);

    if (complaint != NULL)
        die("run: %s printed no timeline: %s", program, complaint);
    timeline_draw(stdout, &timeline, &style);
    timeline_free(&timeline);
}

static int
run(const struct lab *lab, bool tsv)
{
    char *program = lab_build_path(lab, "experiment");
    struct text printed = {0};

    if (access(program, X_OK) != 0)
        die("run: %s has no experiment", lab->stem);
    struct workdir workdir = workdir_open(lab->stem);
    char *starter = programs_starter(lab, workdir.path);
    char *reference = programs_reference(lab, workdir.path);
    workdir_close(&workdir);
    bool made = starter != NULL && reference != NULL;
    if (made)
        run_experiment(program, starter, reference, &printed);
    if (made && !interrupted && tsv)
        fputs(text_string(&printed), stdout);
    else if (made && !interrupted)
        draw(program, text_string(&printed));
    text_free(&printed);
    free(starter);
    free(reference);
    free(program);
    return made ? 0 : 2;
}

int
cmd_run(int argc, char **argv)
{
    bool tsv = false;
    const struct cmd_flag flags[] = {
        {"--tsv", &tsv, NULL}, {NULL, NULL, NULL}};

    const char *name = cmd_read_lab(argc, argv, usage, flags);
    if (name == NULL)
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    int status = run(cmd_lab(catalogue, name), tsv);
    lab_catalogue_free(catalogue);
    return status;
}
