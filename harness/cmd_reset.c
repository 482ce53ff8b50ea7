#include "cmd.h"

#include "intake.h"
#include "lab.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab reset LAB [--help]\n"
    "\n"
    "Put the starter in the place of your file. The old file is kept under\n"
    "build/kept/, and its path is printed.\n";

/* A name under build/kept/ that is not taken. */
static char *
free_name(const struct lab *lab)
{
    char moment[32];
    time_t now = time(NULL);
    struct tm local;

    strftime(
        moment, sizeof moment, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    for (int i = 1;; i++) {
        struct stat status;
        char *path = text_format(
            "build/kept/%s-%s-%d-%s", lab->stem, moment, i, lab->file);
        if (lstat(path, &status) != 0)
            return path;
        free(path);
    }
}

static void
keep_old(const struct lab *lab, const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return;
    if ((mkdir("build", 0777) != 0 && errno != EEXIST) ||
        (mkdir("build/kept", 0777) != 0 && errno != EEXIST))
        die("make build/kept/ to keep your file in:");
    char *kept = free_name(lab);
    if (rename(path, kept) != 0)
        die("keep %s as %s:", path, kept);
    printf("kept     %s\n", kept);
    free(kept);
}

int
cmd_reset(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout), 0;
    if (argc != 2 || argv[1][0] == '-')
        die("reset: name one lab; try lab reset --help");
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, argv[1]);
    char *path = lab_learner_path(lab);
    keep_old(lab, path);
    if (intake_begin(lab) < 0)
        die("%s cannot be made from the starter:", path);
    printf("starter  %s\n", path);
    free(path);
    lab_catalogue_free(catalogue);
    return 0;
}
