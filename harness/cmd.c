#include "cmd.h"

#include "lab.h"
#include "text.h"
#include "warn.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

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
