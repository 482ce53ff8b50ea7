#include "compile.h"

#include "contract.h"
#include "diagnose.h"
#include "probe/wrapped.h"
#include "toolchain.h"
#include "warn.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 64 };

enum step { STEP_OBJECT, STEP_SYMBOLS, STEP_WRAP, STEP_LOCALIZE, STEP_LINK };

#define WRAP_OPTION(call) "--wrap=" #call,
static const char *const wrap_options[] = {
    WRAPPED_CALLS(WRAP_OPTION) WRAPPED_ALIASES(WRAP_OPTION)};

static const char *const flags[BUILD_COUNT][8] = {
    [BUILD_PLAIN] = {"-O2", "-Wall", "-Wextra"},
    [BUILD_SANITIZED] = {"-O1", "-w", "-fno-omit-frame-pointer",
        "-fsanitize=address,undefined", "-fno-sanitize-recover=all"},
    [BUILD_FORTIFIED] = {"-O2", "-w"},
    /* What is moved by an optimiser is reported on another line. */
    [BUILD_RACES] = {"-O0", "-w", "-fsanitize=thread"},
};

/* Whose probe.o and library a build is linked with. */
static const char *const linked_with[BUILD_COUNT] = {
    [BUILD_PLAIN] = "plain",
    [BUILD_SANITIZED] = "sanitized",
    [BUILD_FORTIFIED] = "plain",
    [BUILD_RACES] = "races",
};

struct arguments {
    const char *list[MOST_ARGUMENTS];
    int count;
};

static void
add(struct arguments *arguments, const char *argument)
{
    if (arguments->count == MOST_ARGUMENTS - 1)
        die("more than %d arguments for a compiler", MOST_ARGUMENTS);
    arguments->list[arguments->count++] = argument;
    arguments->list[arguments->count] = NULL;
}

/* The compiler and the flags for compiling and linking. */
static void
add_compiler(
    struct arguments *arguments, const struct compilation *compilation)
{
    enum build build = compilation->build;

    add(arguments, build == BUILD_RACES ? "clang" : TOOLCHAIN_CC);
    add(arguments, "-std=c17");
    add(arguments, "-gdwarf-4"); /* addr2line 2.40 heeds #line in this one */
    for (int i = 0; flags[build][i] != NULL; i++)
        add(arguments, flags[build][i]);
    if (compilation->lab->openmp)
        add(arguments, "-fopenmp");
}

/* What pkg-config said of each package of the lab. */
static void
add_packages(struct arguments *arguments, const struct lab *lab, bool linking)
{
    const struct package **package = lab->packages;

    for (; package != NULL && *package != NULL; package++) {
        const char *const *word =
            linking ? (*package)->libs : (*package)->cflags;
        for (; *word != NULL; word++)
            add(arguments, *word);
    }
}

/* What stands between them and the system, beside the library of probes. */
static void
add_objects(struct arguments *arguments, const struct lab *lab)
{
    const struct package **package = lab->packages;

    for (; package != NULL && *package != NULL; package++) {
        if ((*package)->object != NULL)
            add(arguments, (*package)->object);
    }
}

static void step_ended(struct job *job);

/* Note the command as sh would read it. */
static void
note_command(struct text *commands, const struct arguments *arguments)
{
    for (int i = 0; i < arguments->count; i++) {
        text_addf(commands, "%s'", i > 0 ? " " : "");
        for (const char *c = arguments->list[i]; *c != '\0'; c++)
            text_addf(commands, *c == '\'' ? "'\\''" : "%c", *c);
        text_addf(commands, "'");
    }
    text_addf(commands, "\n");
}

static void
queue(struct compilation *compilation, struct jobs *jobs,
    const struct arguments *arguments)
{
    struct job *job = job_new(arguments->list);

    note_command(&compilation->commands, arguments);
    if (compilation->step == STEP_OBJECT) /* the assembler's .print */
        job->spawn.fds[1] = SPAWN_NULL;
    job->owner = compilation;
    job->ended = step_ended;
    job->spawn.limits.memory_mib = 2048;
    job->spawn.limits.cpu_s = 60;
    job->spawn.limits.file_mib = 256;
    jobs_add(jobs, job);
}

/* The source, under the name that messages and debuggers show. */
static char *
write_source(struct compilation *compilation)
{
    struct text text = {0};
    char *path = text_format("%s/%s.c", compilation->dir, compilation->name);

    text_addf(&text, "#line 1 \"");
    for (const char *c = compilation->source->name; *c != '\0'; c++)
        text_addf(&text, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    text_addf(&text, "\"\n");
    text_add(&text, text_string(&compilation->source->text),
        compilation->source->text.length);
    FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(text.bytes, text.length, 1, file) != 1 ||
        fclose(file) != 0)
        die("write %s:", path);
    text_free(&text);
    return path;
}

static void
queue_object(struct compilation *compilation, struct jobs *jobs)
{
    struct arguments arguments = {.count = 0};
    char *source = write_source(compilation);
    char *include = text_format("-Ilabs/%s", compilation->lab->stem);

    add_compiler(&arguments, compilation);
    add(&arguments, "-D_POSIX_C_SOURCE=200809L");
    add(&arguments, "-U_FORTIFY_SOURCE");
    if (compilation->build == BUILD_FORTIFIED)
        add(&arguments, "-D_FORTIFY_SOURCE=2");
    add(&arguments, "-fdiagnostics-color=never");
    add(&arguments, include);
    add_packages(&arguments, compilation->lab, false);
    add(&arguments, "-c");
    add(&arguments, source);
    add(&arguments, "-o");
    add(&arguments, compilation->object);
    queue(compilation, jobs, &arguments);
    free(source);
    free(include);
}

static void
queue_symbols(struct compilation *compilation, struct jobs *jobs)
{
    struct arguments arguments = {.count = 0};

    add(&arguments, "nm");
    add(&arguments, "-P");
    add(&arguments, compilation->object);
    queue(compilation, jobs, &arguments);
}

static void
queue_wrap(struct compilation *compilation, struct jobs *jobs)
{
    struct arguments arguments = {.count = 0};

    add(&arguments, "ld");
    add(&arguments, "-r");
    for (size_t i = 0; i < sizeof wrap_options / sizeof wrap_options[0]; i++)
        add(&arguments, wrap_options[i]);
    add(&arguments, compilation->object);
    add(&arguments, "-o");
    add(&arguments, compilation->wrapped);
    queue(compilation, jobs, &arguments);
}

static void
queue_localize(struct compilation *compilation, struct jobs *jobs)
{
    struct arguments arguments = {.count = 0};
    char *keep[MOST_ARGUMENTS];
    int kept = 0;

    add(&arguments, "objcopy");
    for (char **name = compilation->lab->functions; *name != NULL; name++) {
        keep[kept] = text_format("--keep-global-symbol=%s", *name);
        add(&arguments, keep[kept++]);
    }
    add(&arguments, compilation->wrapped);
    queue(compilation, jobs, &arguments);
    for (int i = 0; i < kept; i++)
        free(keep[i]);
}

static void
queue_link(struct compilation *compilation, struct jobs *jobs)
{
    struct arguments arguments = {.count = 0};
    const char *build = linked_with[compilation->build];
    char *adapters =
        text_format("build/%s/probe-%s.o", compilation->lab->stem, build);
    char *library = text_format("build/probe/%s.a", build);

    add_compiler(&arguments, compilation);
    add(&arguments, "-pthread");
    add(&arguments, compilation->wrapped);
    add(&arguments, adapters);
    add_objects(&arguments, compilation->lab);
    add(&arguments, library);
    add_packages(&arguments, compilation->lab, true);
    if (compilation->lab->openmp) {
        add(&arguments, "-Wl,--as-needed"); /* large atomics, where used */
        add(&arguments, "-latomic");
    }
    add(&arguments, "-o");
    add(&arguments, compilation->program);
    queue(compilation, jobs, &arguments);
    free(adapters);
    free(library);
}

static void
queue_step(struct compilation *compilation, struct jobs *jobs)
{
    static void (*const steps[])(struct compilation *, struct jobs *) = {
        [STEP_OBJECT] = queue_object,
        [STEP_SYMBOLS] = queue_symbols,
        [STEP_WRAP] = queue_wrap,
        [STEP_LOCALIZE] = queue_localize,
        [STEP_LINK] = queue_link,
    };

    steps[compilation->step](compilation, jobs);
}

/* What installs the tools of this build. */
static const char *
setup_of(const struct compilation *compilation)
{
    return compilation->build == BUILD_RACES ? "sh harness/setup --recommended"
                                             : "sh harness/setup";
}

void
compile_start(struct compilation *compilation, struct jobs *jobs)
{
    char root[PATH_MAX];

    if (getcwd(root, sizeof root) == NULL)
        die("find the working directory:");
    compilation->verdict = VERDICT_ACCEPTED;
    compilation->program =
        text_format("%s/%s/%s", root, compilation->dir, compilation->name);
    compilation->object =
        text_format("%s/%s.o", compilation->dir, compilation->name);
    compilation->wrapped =
        text_format("%s/%s.wrapped.o", compilation->dir, compilation->name);
    compilation->step = STEP_OBJECT;
    if (compilation->build == BUILD_RACES && TOOLCHAIN_ARCHER[0] == '\0') {
        compilation->verdict = VERDICT_COULD_NOT_CHECK;
        compilation->cause = text_format("clang with ThreadSanitizer and "
                                         "Archer is not here. Run: %s",
            setup_of(compilation));
        compilation->ended(compilation);
        return;
    }
    queue_step(compilation, jobs);
}

/* The learner's file made a tool fail. */
static void
blame_file(struct compilation *compilation, const struct job *job)
{
    const char *output = text_string(&job->output);
    const char *limit = job->timed_out ? "it worked on it for too long"
                                       : diagnose_limit(output);

    compilation->verdict = VERDICT_COMPILE_ERROR;
    if (limit != NULL)
        compilation->cause = text_format(
            "Your program does not compile: the compiler gave up, since %s.",
            limit);
    else if (compilation->step != STEP_OBJECT)
        compilation->cause = text_format("Your program compiles, but cannot "
                                         "be made into one that runs: %.*s",
            (int)strcspn(output, "\n"), output);
    else if (!diagnose_error(output, &compilation->cause, &compilation->where))
        compilation->cause = text_format(
            "The compiler gave up on %s.", compilation->source->path);
    if (compilation->build != BUILD_RACES)
        return;
    char *cause = compilation->cause;
    compilation->cause =
        text_format("%s So says clang, which looks for data races.", cause);
    free(cause);
}

/* A tool failed: whose fault is it? */
static void
blame(struct compilation *compilation, const struct job *job)
{
    const char *tool = job->spawn.argv[0];

    compilation->verdict = VERDICT_COULD_NOT_CHECK;
    if (job->error != 0) {
        compilation->cause = text_format("%s cannot be started (%s).%s%s",
            tool, strerror(job->error), job->error == ENOENT ? " Run: " : "",
            job->error == ENOENT ? setup_of(compilation) : "");
        return;
    }
    compilation->cause = diagnose_trouble(text_string(&job->output));
    if (compilation->cause != NULL)
        return;
    if (compilation->step == STEP_OBJECT || compilation->build == BUILD_PLAIN)
        blame_file(compilation, job);
    else
        compilation->cause = text_format("%s failed: %.*s", tool,
            (int)strcspn(text_string(&job->output), "\n"),
            text_string(&job->output));
}

static void
step_ended(struct job *job)
{
    struct compilation *compilation = job->owner;
    bool failed =
        job->error != 0 || !job->outcome.exited || job->outcome.status != 0;

    if (compilation->step != STEP_SYMBOLS)
        text_add(
            &compilation->log, text_string(&job->output), job->output.length);
    if (failed) {
        blame(compilation, job);
    } else if (compilation->step == STEP_OBJECT) {
        compilation->warnings = diagnose_warnings(
            text_string(&job->output), &compilation->first_warning);
    } else if (compilation->step == STEP_SYMBOLS) {
        compilation->cause =
            contract_check(compilation->lab, compilation->source,
                text_string(&job->output), &compilation->where);
        if (compilation->cause != NULL)
            compilation->verdict = VERDICT_CONTRACT_ERROR;
    }
    if (compilation->verdict != VERDICT_ACCEPTED ||
        compilation->step == STEP_LINK) {
        compilation->ended(compilation);
        return;
    }
    compilation->step++;
    if (compilation->step == STEP_SYMBOLS && compilation->build != BUILD_PLAIN)
        compilation->step++;
    queue_step(compilation, job->jobs);
}

void
compile_free(struct compilation *compilation)
{
    free(compilation->cause);
    free(compilation->where);
    free(compilation->first_warning);
    free(compilation->program);
    free(compilation->object);
    free(compilation->wrapped);
    text_free(&compilation->log);
    text_free(&compilation->commands);
}

const char *
compile_compiler(void)
{
    return TOOLCHAIN_VERSION;
}
