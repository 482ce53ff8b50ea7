#include "cmd.h"

#include "lab.h"
#include "text.h"
#include "warn.h"

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
