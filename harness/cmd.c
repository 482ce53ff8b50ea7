#include "cmd.h"

#include "clock.h"
#include "lab.h"
#include "report.h"
#include "text.h"
#include "warn.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const struct lab *
cmd_lab(const struct catalogue *catalogue, const char *name)
{
    const struct lab *lab = lab_find(catalogue, name);
    struct text names = {0};

    if (lab != NULL)
        return lab;
    for (size_t i = 0; i < catalogue->count; i++)
        text_addf(&names, "%s%s", i > 0 ? ", " : "", catalogue->labs[i].stem);
    die("no lab is called \"%s\"; the labs are %s", name, text_string(&names));
}

/* Is argv[*i] such an option? `*i` moves on to a value that follows. */
static bool
is_flag(int argc, char **argv, int *i, const struct cmd_flag *flags)
{
    for (; flags != NULL && flags->name != NULL; flags++) {
        size_t length = strcspn(argv[*i], flags->value != NULL ? "=" : "");
        if (strlen(flags->name) != length ||
            strncmp(argv[*i], flags->name, length) != 0)
            continue;
        if (flags->value == NULL)
            return *flags->given = true;
        if (argv[*i][length] == '=')
            *flags->value = &argv[*i][length + 1];
        else if (*i + 1 < argc)
            *flags->value = argv[++*i];
        else
            die("%s: %s needs a value; try lab %s --help", argv[0], argv[*i],
                argv[0]);
        return true;
    }
    return false;
}

const char *
cmd_read_lab(
    int argc, char **argv, const char *usage, const struct cmd_flag *flags)
{
    const char *command = argv[0], *name = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout), NULL;
        if (is_flag(argc, argv, &i, flags))
            continue;
        if (argv[i][0] == '-')
            die("%s: unknown option %s; try lab %s --help", command, argv[i],
                command);
        if (name != NULL)
            die("%s: takes one lab, not two; try lab %s --help", command,
                command);
        name = argv[i];
    }
    if (name == NULL)
        die("%s: which lab? Type: make %s LAB=02", command, command);
    return name;
}

uint64_t
cmd_number(const char *command, const char *option, const char *word,
    uint64_t least, uint64_t most)
{
    char *end;

    errno = 0;
    uint64_t number = strtoull(word, &end, 10);
    if (!isdigit((unsigned char)word[0]) || *end != '\0' || errno != 0 ||
        number < least || number > most)
        die("%s: %s takes a whole number from %" PRIu64 " to %" PRIu64
            ", not \"%s\"",
            command, option, least, most, word);
    return number;
}

uint64_t
cmd_draw_seed(void)
{
    uint32_t seed;

    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        die("draw a seed:");
    return seed;
}

static struct {
    double start_s;
    bool shown;
} progress;

void
cmd_show_later(void)
{
    progress.start_s = clock_now_s();
}

void
cmd_show(const char *format, ...)
{
    va_list args;

    if (!report_is_terminal(stderr) || clock_now_s() < progress.start_s + 1)
        return;
    fprintf(stderr, "\r\033[K");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    progress.shown = true;
}

void
cmd_hide(void)
{
    if (progress.shown)
        fprintf(stderr, "\r\033[K");
    progress.shown = false;
}

void
cmd_refuse_option(char **argv, int option)
{
    const char letter[3] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];

    if (option == ':')
        die("%s: %s needs a value; try lab %s --help", argv[0], word, argv[0]);
    die("%s: unknown option %s; try lab %s --help", argv[0],
        strncmp(word, "--", 2) == 0 ? word : letter, argv[0]);
}
