#ifndef CONTRACT_H
#define CONTRACT_H

#include "intake.h"
#include "lab.h"

/*
 * What a learner's object may call and must define.
 *
 * A lab's header lists the system calls it allows (lab.yaml: calls); the
 * rest of the C library may be used as far as it only computes, allocates
 * or prints. Anything else that the object imports is refused by name, so
 * that the fault layer sees all that matters. A lab of OpenMP (lab.yaml:
 * openmp) may also call its functions, and what its pragmas become; one of
 * a package (lab.yaml: packages), that package's (package.h).
 */

/*
 * Read the symbols of an object from the output of `nm -P`. Returns NULL
 * when the contract is kept, else a sentence (the caller frees it) and, in
 * `*where`, "io.c:12: line" where the name stands in the source, or NULL.
 */
char *contract_check(const struct lab *lab, const struct source *source,
    const char *symbols, char **where);

#endif
