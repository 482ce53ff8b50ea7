#include "programs.h"

#include "compile.h"
#include "jobs.h"
#include "warn.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
has_compiled(struct compilation *compilation)
{
    struct programs_failure *failure = compilation->owner;

    failure->verdict = compilation->verdict;
    failure->cause = text_copy(compilation->cause);
    failure->where = text_copy(compilation->where);
}

/* Is the file at `path` newer than the other, or the other not there? */
static bool
is_newer(const char *path, const char *other)
{
    struct stat a, b;

    if (stat(path, &a) != 0 || stat(other, &b) != 0)
        return true;
    return a.st_mtim.tv_sec > b.st_mtim.tv_sec ||
           (a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
               a.st_mtim.tv_nsec >= b.st_mtim.tv_nsec);
}

static bool
is_up_to_date(const struct lab *lab, const char *path, const char *program)
{
    char *adapters = lab_build_path(lab, "probe-plain.o");
    bool fresh = !is_newer(path, program) && !is_newer(adapters, program) &&
                 !is_newer("build/probe/plain.a", program);

    free(adapters);
    return fresh;
}

/* Compile the file at `path` to a program in `dir`. */
static char *
make(const struct lab *lab, const char *name, const char *path,
    const char *dir, struct programs_failure *failure)
{
    struct source source;
    struct compilation compilation = {.lab = lab,
        .source = &source,
        .build = BUILD_PLAIN,
        .dir = dir,
        .name = name,
        .ended = has_compiled,
        .owner = failure};
    struct jobs jobs = {.most = 1};
    char *program = NULL;

    *failure = (struct programs_failure){VERDICT_COULD_NOT_CHECK, NULL, NULL};
    enum intake intake = intake_read(&source, lab, path, &failure->cause);
    if (intake == INTAKE_BAD)
        failure->verdict = VERDICT_COMPILE_ERROR;
    if (intake == INTAKE_FINE) {
        compile_start(&compilation, &jobs);
        if (jobs_run(&jobs) == 0 && failure->verdict == VERDICT_ACCEPTED)
            program = text_copy(compilation.program);
        compile_free(&compilation);
    }
    intake_free(&source);
    return program;
}

/* Make it anew, and keep it at `program`. */
static bool
renew(const struct lab *lab, const char *name, const char *path,
    const char *dir, const char *program)
{
    struct programs_failure failure;
    char *made = make(lab, name, path, dir, &failure);

    if (made != NULL && rename(made, program) != 0)
        die("keep %s:", program);
    if (failure.cause != NULL)
        warn("%s does not compile: %s", path, failure.cause);
    free(failure.cause);
    free(failure.where);
    free(made);
    return made != NULL;
}

/* The program `name` of the source at `path`, which is freed. */
static char *
make_if_old(
    const struct lab *lab, const char *name, char *path, const char *dir)
{
    char root[PATH_MAX];

    if (getcwd(root, sizeof root) == NULL)
        die("find the working directory:");
    char *program = text_format("%s/build/%s/%s", root, lab->stem, name);
    if (!is_up_to_date(lab, path, program) &&
        !renew(lab, name, path, dir, program)) {
        free(program);
        program = NULL;
    }
    free(path);
    return program;
}

char *
programs_reference(const struct lab *lab, const char *dir)
{
    return make_if_old(lab, "reference", lab_solution_path(lab), dir);
}

char *
programs_starter(const struct lab *lab, const char *dir)
{
    return make_if_old(lab, "starter", lab_starter_path(lab), dir);
}

char *
programs_file(const struct lab *lab, const char *path, const char *dir,
    struct programs_failure *failure)
{
    return make(lab, "submission", path, dir, failure);
}
