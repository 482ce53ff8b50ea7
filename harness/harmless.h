#ifndef HARMLESS_H
#define HARMLESS_H

#include <stdbool.h>

/*
 * Functions and objects of the C library that only compute, allocate, print,
 * or end the program: any lab's program may use them (contract.h).
 */

/* Is it one of them? */
bool harmless_function(const char *name);

#endif
