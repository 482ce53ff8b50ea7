#ifndef DOCTOR_TIMING_H
#define DOCTOR_TIMING_H

#include "doctor.h"

/* What disturbs timing here: how many processors there are to use, who else
 * uses them, and whether their clock is steady. It changes no verdict on
 * answers. */
extern const struct check doctor_timing[];

/* From here on is counted what other machines take of the processors' time:
 * called before other checks, which take some seconds. */
void doctor_timing_begin(void);

#endif
