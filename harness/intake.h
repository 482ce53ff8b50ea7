#ifndef INTAKE_H
#define INTAKE_H

#include "lab.h"
#include "text.h"

#include <stdbool.h>

/*
 * A learner's file, taken in before anything is done with it.
 */
enum { INTAKE_MOST = 256 << 10 }; /* bytes of a solution */

/* The path that stands for standard input. */
#define INTAKE_INPUT "-"

struct source {
    char *path;       /* as the user would name it, in messages */
    char *name;       /* as compilers and debuggers are told: the path, or
                         the lab's file for standard input */
    struct text text; /* the whole file */
};

enum intake {
    INTAKE_FINE,
    INTAKE_BAD,        /* the learner's to mend: empty, too large, not text */
    INTAKE_UNREADABLE, /* it cannot be read at all */
    INTAKE_INTERRUPTED /* while it was waited for (interrupt.h) */
};

/*
 * Read the file at `path` into `source`. When it is not fine, `*cause` is a
 * sentence that says what is wrong and what to do (the caller frees it).
 * Only a regular file is ever opened for reading; a device or FIFO, also at
 * the end of a symbolic link, is refused. Standard input is read to its
 * end, whatever it is, but no further than a solution may be long. A byte
 * order mark is left out, and a line that ends in \r\n ends in \n.
 */
enum intake intake_read(struct source *source, const struct lab *lab,
    const char *path, char **cause);
void intake_free(struct source *source);

/* Make labs/STEM/FILE from the starter unless it is there. Returns 1 when
 * it was made, 0 when it was there, -1 with errno. */
int intake_begin(const struct lab *lab);

/* Is the source the starter as it was given out? */
bool intake_is_starter(const struct source *source, const struct lab *lab);

#endif
