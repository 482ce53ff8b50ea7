#ifndef SANITIZER_WHERE_H
#define SANITIZER_WHERE_H

#include "sanitizer_stack.h"

/*
 * The lines of the learner's file that a report is about.
 *
 * `path` and `line` are what the report's first line names (path is NULL
 * where it names nothing); after them the stacks count. Returns one line
 * or two, "\n" between, cleaned for a terminal, or NULL when nothing lies
 * in the learner's file. The caller frees it.
 */
char *sanitizer_where(const char *report, const char *path, unsigned line,
    const struct scene *scene);

#endif
