#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "lab.h"
#include "terms.h"

/*
 * Probes beside those that are judged. Those of the workbook's own sources
 * are kept beside the lab's judge, as build/STEM/reference and
 * build/STEM/starter. One of these is made anew when anything that it is
 * made of is newer.
 */

/* Why there is no program. The strings are the caller's. */
struct programs_failure {
    enum verdict verdict;
    char *cause; /* a sentence; NULL: a signal was caught (interrupt.h) */
    char *where; /* "io.c:12: …", or NULL */
};

/* Make the program of any file in the lab's place, in `dir`, with the same
 * compiler and flags. Returns its absolute path, which the caller frees, or
 * NULL with the failure. */
char *programs_file(const struct lab *lab, const char *path, const char *dir,
    struct programs_failure *failure);

/* Make the program of the lab's reference solution, or of its starter;
 * `dir` is a folder to make it in. Returns its absolute path, which the
 * caller frees; NULL after a warning when it does not compile, or when a
 * signal was caught (interrupt.h). */
char *programs_reference(const struct lab *lab, const char *dir);
char *programs_starter(const struct lab *lab, const char *dir);

#endif
