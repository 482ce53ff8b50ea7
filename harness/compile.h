#ifndef COMPILE_H
#define COMPILE_H

#include "intake.h"
#include "jobs.h"
#include "lab.h"
#include "terms.h"

#include <stdbool.h>

/*
 * A learner's file becomes a probe:
 *
 *     cc -c           the learner's file, under its own name in messages
 *     nm              is the contract kept? (contract.h; plain build only)
 *     ld -r --wrap    its calls of the C library go to the fault layer
 *     objcopy         only what the lab's header declares stays global, so
 *                     that nothing of it stands in for anything of ours
 *     cc              linked with the lab's probe.o and the probe library
 *
 * Warnings are counted, never errors. The same flags build the reference.
 * The fortified build links the plain probe.o and library; the one that
 * looks for races is clang's, whatever the compiler of the others is.
 */
struct compilation {
    const struct lab *lab;
    const struct source *source;
    enum build build;
    const char *dir;  /* a folder of this run's own */
    const char *name; /* of the program in it */
    void (*ended)(struct compilation *compilation);
    void *owner; /* the callback's */

    /* When it has ended: */
    enum verdict verdict; /* accepted, compile or contract error, or could
                             not check (no compiler, or no tools to look
                             for races) */
    char *cause, *where;  /* unless accepted */
    struct text log;      /* all that the compiler said */
    int warnings;
    char *first_warning;  /* "io.c:31: unused variable 'n'" */
    char *program;        /* absolute path of the probe, if accepted */
    struct text commands; /* the commands, one a line, quoted for sh */

    /* Of compile.c: */
    int step;
    char *object, *wrapped;
};

/* Queue it: the callback is called when it has ended. */
void compile_start(struct compilation *compilation, struct jobs *jobs);
void compile_free(struct compilation *compilation);

/* "gcc (Debian 12.2.0-14) 12.2.0", of the compiler that built this
 * harness and builds every probe. */
const char *compile_compiler(void);

#endif
