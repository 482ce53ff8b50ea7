#ifndef VFS_H
#define VFS_H

#include "probe/vfs_step.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * SQLite's files, watched: a VFS (sqlite.org/vfs.html) that stands between
 * SQLite and the one it would use, for all connections of the process and
 * of those that were forked from it.
 *
 * It counts what is written, synced and locked; lets a write or a sync
 * fail; keeps a log from which the files can be built anew as they were
 * after any step (judge/powercut.h); and lets the judge act just before a
 * lock is asked for, or hold a sync. It sleeps like the learner's own
 * nanosleep(), so that a busy handler takes virtual time (ask.h). No disk is
 * waited for: a sync is made, or counted and takes as long as the script says.
 *
 * A file that was opened before a fork() and is used after it ends the
 * probe, with a note: SQLite says that its locks and its memory are not
 * made for that.
 */

/* What is to befall SQLite; zeros: nothing. The numbers count from 1. */
struct vfs_script {
    int64_t failing_write; /* this one fails, once */
    int64_t failing_sync;
    int64_t error;    /* with this code: SQLITE_FULL, SQLITE_IOERR_WRITE */
    int64_t stopping; /* before asking for this lock the program sleeps 1 ns,
                         in virtual time, so that the judge is asked */
    int64_t sync_us;  /* so long takes a sync */
    int64_t real;     /* it is made */
    int64_t log;      /* keep a log */
    /* Each sync calls this, if it is not NULL, before it is done, and goes on
     * when it returns: so it may be held for as long as one likes. */
    void (*hold)(enum vfs_file file);
};

/* Stand in front of the default VFS: once, before any connection. Until
 * vfs_begin() and after vfs_end() nothing befalls SQLite. After the first
 * vfs_begin() syncs are made as its script says, whether it has ended. */
void vfs_install(void);

/* Clear all that is counted, and go by the script. */
void vfs_begin(const struct vfs_script *script);
void vfs_end(void);

/* Since vfs_begin(), also after vfs_end(). */
int64_t vfs_count(enum vfs_op op, enum vfs_file file);
int64_t vfs_locks(void);

/* The log so far; false, once it was too long to be kept. */
bool vfs_log(struct text *log);

/* A step of the log that says something else happened. */
void vfs_mark(int64_t mark);

/* From now on this thread is not to touch a file (or, false: may again);
 * how often one did that was not to. */
void vfs_forbid(bool forbidden);
int64_t vfs_forbidden(void);

/* Databases that this process has open now: one each connection, and what
 * it attached. Those of the process that it was forked from do not count. */
int64_t vfs_open_databases(void);

/* Between the files of the VFS ------------------------------------------ */

void vfs_prepare(void);
void vfs_sleep(int64_t ns);

/* It did this, to a file of this kind. */
void vfs_note(enum vfs_op op, enum vfs_file file, int64_t offset,
    const void *bytes, int64_t length);

/* It is about to write or to sync: 0, or the error that it gets instead. To
 * sync: is that really to be done? (It takes its time here.) */
int vfs_befall(enum vfs_op op, enum vfs_file file);
bool vfs_syncs(enum vfs_file file);

void vfs_before_lock(void);
void vfs_touch(void);

#endif
