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
    bool *compiled = compilation->owner;

    *compiled = compilation->verdict == VERDICT_ACCEPTED;
    if (!*compiled)
        warn("%s does not compile: %s", compilation->source->path,
            compilation->cause);
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

/* Compile it; false when that failed. */
static bool
make(const struct lab *lab, const char *name, const char *path,
    const char *dir, const char *program)
{
    bool compiled = false;
    struct source source;
    struct compilation compilation = {.lab = lab,
        .source = &source,
        .build = BUILD_PLAIN,
        .dir = dir,
        .name = name,
        .ended = has_compiled,
        .owner = &compiled};
    struct jobs jobs = {.most = 1};
    char *cause = NULL;

    if (intake_read(&source, lab, path, &cause) != INTAKE_FINE)
        die("%s", cause);
    compile_start(&compilation, &jobs);
    compiled = jobs_run(&jobs) == 0 && compiled;
    if (compiled && rename(compilation.program, program) != 0)
        die("keep %s:", program);
    compile_free(&compilation);
    intake_free(&source);
    return compiled;
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
        !make(lab, name, path, dir, program)) {
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
