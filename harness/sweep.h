#ifndef SWEEP_H
#define SWEEP_H

#include "text.h"

#include <stddef.h>
#include <sys/types.h>

/*
 * No process survives: the guard of a program that starts others.
 */

/*
 * Become the process that orphans of its descendants are handed to
 * (PR_SET_CHILD_SUBREAPER), and let nobody read or write its memory
 * (PR_SET_DUMPABLE 0). A SIGCHLD that the caller's parent left ignored is
 * no longer, or no child could be waited for.
 */
void sweep_guard(void);

/*
 * Kill every child but those in `keep`, and what is handed over as they
 * die, until no other child is left. Returns how many there were.
 * `name`, when not NULL and empty, gets the name of the first one's
 * program.
 */
int sweep_children(const pid_t *keep, size_t keep_count, struct text *name);

/* Let every sweep keep this child too, until it is taken back. The caller
 * ends it, and waits for it. */
enum { SWEEP_MOST_SPARED = 256 };
void sweep_spare(pid_t pid);
void sweep_unspare(pid_t pid);

#endif
