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

const char *
cmd_read_lab(
    int argc, char **argv, const char *usage, const char *flag, bool *given)
{
    const char *command = argv[0], *name = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout), NULL;
        if (flag != NULL && strcmp(argv[i], flag) == 0)
            *given = true;
        else if (argv[i][0] == '-')
            die("%s: unknown option %s; try lab %s --help", command, argv[i],
                command);
        else if (name != NULL)
            die("%s: takes one lab, not two; try lab %s --help", command,
                command);
        else
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
