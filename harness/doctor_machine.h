#ifndef DOCTOR_MACHINE_H
#define DOCTOR_MACHINE_H

#include "doctor.h"

/* What every other check stands on; alone in its table. */
extern const struct check doctor_kernel[];

/* Memory, disk, and who the user is. The working directory is
 * the root of the repository. */
extern const struct check doctor_machine[];

#endif
