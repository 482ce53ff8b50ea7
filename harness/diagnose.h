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

/* How many warnings there are; `*first`, if any, is "io.c:31: message",
 * with an explanation where there is one (the caller frees it). */
int diagnose_warnings(const char *output, char **first);

#endif
