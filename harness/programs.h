#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "lab.h"

/*
 * Probes of the workbook's own sources, kept beside the lab's judge:
 * build/STEM/reference and build/STEM/starter. One is made anew when
 * anything that it is made of is newer.
 */

/* Make the program of the lab's reference solution, or of its starter;
 * `dir` is a folder to make it in. Returns its absolute path, which the
 * caller frees; NULL after a warning when it does not compile, or when a
 * signal was caught (interrupt.h). */
char *programs_reference(const struct lab *lab, const char *dir);
char *programs_starter(const struct lab *lab, const char *dir);

#endif
