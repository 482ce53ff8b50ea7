#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include <stdbool.h>

/*
 * What gcc and clang say of a learner's file, reduced to its first line and
 * put beside a word of explanation where beginners need one.
 */

/* The first error in a compiler's output: `*cause` is a sentence, `*where`
 * "io.c:12: the compiler's message" (the caller frees both). False when
 * there is none in the form FILE:LINE:COLUMN: error: MESSAGE. */
bool diagnose_error(const char *output, char **cause, char **where);

/* What in a compiler's or linker's output is the machine's fault, like a
 * full disk: a sentence with what to do (the caller frees it), or NULL. */
char *diagnose_trouble(const char *output);

/* Which limit of ours ended a tool, by what it said: "it needed more memory
 * than it may have", or NULL. */
const char *diagnose_limit(const char *output);

/* How many warnings there are; `*first`, if any, is "io.c:31: message",
 * with an explanation where there is one (the caller frees it). */
int diagnose_warnings(const char *output, char **first);

#endif
