#ifndef DOCTOR_TOOLS_H
#define DOCTOR_TOOLS_H

#include "doctor.h"

/* Compilers, libraries and programs: required ones, then those that make
 * more checks possible. */
extern const struct check doctor_tools[];

#endif
