#ifndef WORKDIR_H
#define WORKDIR_H

/*
 * A folder of one run's own, below build/work/, so that two runs at once
 * never meet. It is locked (flock) while its run lives. What a run that was
 * killed left behind is removed by the next one, which also kills processes
 * whose program lies in there.
 */
struct workdir {
    char *path; /* "build/work/02-every-byte.Xa1b2c" */
    int lock;
};

/* Make one for the lab of that stem. Dies when that cannot be done, or less
 * than 32 MiB are free there, with what to do about it. */
struct workdir workdir_open(const char *stem);

/* Remove it and all it holds. */
void workdir_close(struct workdir *workdir);

#endif
