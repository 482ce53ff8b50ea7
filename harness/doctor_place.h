#ifndef DOCTOR_PLACE_H
#define DOCTOR_PLACE_H

#include "doctor.h"

#include <stdbool.h>

/*
 * Where this runs: a machine of its own, a container, WSL or a codespace;
 * and on what file system the repository lies.
 *
 * Nobody can ask for this; it is seen by what each leaves behind. A place
 * that is not known is taken for a machine of its own.
 */
struct place {
    char release[128];     /* of the kernel: /proc/sys/kernel/osrelease */
    const char *container; /* "Docker", …, or NULL; not owned */
    bool codespace;
    long file_system; /* the magic number of statfs(2) */
    int inotify;      /* 0, or the errno of inotify_init1() */
};

/* Look around. The working directory is the root of the repository. */
void place_find(struct place *place);

/* What is not checked in such a place, and whether saving a file is noticed
 * there at once. */
void place_judge(struct finding *finding, const struct place *place);
void place_judge_watching(struct finding *finding, const struct place *place);

/* Both, for where this runs. */
extern const struct check doctor_place[];

#endif
