#ifndef POWERCUT_H
#define POWERCUT_H

#include "text.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Power cuts: what is left of a database when the power goes at any moment
 * of what the VFS logged (probe/vfs_step.h), for SQLite to open.
 *
 * The model: a database, its journal and its WAL are three files. After a
 * power cut each holds either what it held when it was last synced, or all
 * that was written since then, whatever the others hold; a new file is
 * there once it was synced, and may be before. A file that was removed is
 * gone, as SQLite takes it at its default settings. The memory that
 * connections share (-shm) is lost. Not modelled: writes of one file that
 * reach the disk out of order, or in part (crash.h does the latter for
 * files of a learner's own).
 */
struct powercut;

/* Take the files as they are now: nobody is using them, all of it is on the
 * disk. */
struct powercut *powercut_new(const char *database);
void powercut_free(struct powercut *cut);

/* Called with the files of one state in place: so many steps had been
 * taken, and `mark` was the last mark among them (0: none). Return 0 to go
 * on. */
typedef int powercut_check(size_t done, int64_t mark, void *arg);

/* Let the power go after 0, 1, … all steps of the log: each time the files
 * of `scratch` are written anew, in every state that they may be in. Returns
 * what the check returned, if not 0. A log that is none fails the test. */
int powercut_replay(struct powercut *cut, const void *log, size_t length,
    const char *scratch, powercut_check *check, void *arg);

#endif
