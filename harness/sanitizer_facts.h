#ifndef SANITIZER_FACTS_H
#define SANITIZER_FACTS_H

#include "sanitizer_match.h"

/*
 * What a report of AddressSanitizer or ThreadSanitizer says about memory.
 *
 * Compiler versions differ in the words ("0 bytes to the right of" has
 * become "0 bytes after"); nobody above this file needs to know.
 */

/* Where an access lies, seen from the memory it was meant for. */
struct place {
    enum { UNKNOWN, BEFORE, INSIDE, AFTER } side;
    unsigned long long distance; /* bytes: BEFORE the start, INSIDE from
                                    the start, AFTER the end */
    unsigned long long size;     /* bytes of that memory */
    char name[CAPTURE_ROOM];     /* of the variable; "" for a block */
    char file[CAPTURE_ROOM];     /* that declares it; "" when not said */
    unsigned line;               /* of that file; 0 when not said */
};

/* The block of the heap, the local variable, the nearest of the global
 * variables that the report names; UNKNOWN when it names none. */
struct place sanitizer_block(const char *report);
struct place sanitizer_local(const char *report);
struct place sanitizer_global(const char *report);

/* "wrote 4 bytes" or "read 1 byte", and the number as `size`; "used
 * memory" and 0 when the report does not say. The caller frees it. */
char *sanitizer_access(const char *report, unsigned long long *size);

/* The function that the block came from, "malloc" when in doubt. */
const char *sanitizer_allocator(const char *report);

#endif
