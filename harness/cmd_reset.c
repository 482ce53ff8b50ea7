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
    "usage: lab reset LAB\n"
    "\n"
    "Put the starter in the place of your file. The old file is kept under\n"
    "build/kept/, and its path is printed.\n"
    "\n"
    "  --help  print this\n";

/* A new folder under build/kept/: its name is ours alone even when two do
 * this at once. */
static char *
make_folder(const struct lab *lab)
{
    char moment[32];
    time_t now = time(NULL);
    struct tm local;

    strftime(
        moment, sizeof moment, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    char *path = text_format("build/kept/%s-%s", lab->stem, moment);
    for (int i = 2; mkdir(path, 0777) != 0; i++) {
        if (errno != EEXIST)
            die("make %s/ to keep your file in:", path);
        free(path);
        path = text_format("build/kept/%s-%s-%d", lab->stem, moment, i);
    }
    return path;
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
    char *folder = make_folder(lab);
    char *kept = text_format("%s/%s", folder, lab->file);
    if (rename(path, kept) != 0)
        die("keep %s as %s:", path, kept);
    printf("kept     %s\n", kept);
    free(folder);
    free(kept);
}

int
cmd_reset(int argc, char **argv)
{
    const char *name = cmd_read_lab(argc, argv, usage, NULL);
    if (name == NULL)
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, name);
    char *path = lab_learner_path(lab);
    keep_old(lab, path);
    if (intake_begin(lab) < 0)
        die("%s cannot be made from the starter:", path);
    printf("starter  %s\n", path);
    free(path);
    lab_catalogue_free(catalogue);
    return 0;
}
