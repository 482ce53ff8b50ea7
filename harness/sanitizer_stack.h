#ifndef SANITIZER_STACK_H
#define SANITIZER_STACK_H

#include <stdbool.h>

/*
 * The stacks of a report, and their innermost frames in one file.
 *
 * A frame belongs to the learner's file when the base name is the same and
 * the path is none of the C library or the sanitizer (those hold "./").
 */

/* What a report is looked at for. Nothing is owned. */
struct scene {
    const char *file;    /* base name: "io.c" */
    const char *source;  /* its text */
    const char *program; /* the binary, or NULL: bare offsets stay bare */
};

/* Both point into the report. */
struct stack {
    const char *heading; /* the last line before the frames that says
                            something, or "" */
    const char *frames;
};

/* The next stack from *at on, which moves behind it. False: no more. */
bool sanitizer_stack_next(const char **at, struct stack *stack);

/*
 * The line of the innermost frame in scene->file; 0 when there is none.
 * Where no frame names that file, the offsets of frames without line
 * information are given to addr2line; without addr2line they name nothing.
 */
unsigned sanitizer_stack_line(
    const struct stack *stack, const struct scene *scene);

/* Is this path the learner's file? */
bool sanitizer_stack_owns(
    const struct scene *scene, const char *path, int length);

#endif
