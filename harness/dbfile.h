#ifndef DBFILE_H
#define DBFILE_H

/*
 * The file of an SQLite database, from outside: who may begin it, and how
 * a corrupt one is put out of the way.
 */

/*
 * Make the folder of `path` with all above it where they are missing, and
 * lock it (flock) against every other caller of this function. Closing the
 * descriptor unlocks it, and so does the end of the process.
 * Returns the descriptor, or -1 with errno; EWOULDBLOCK when another has
 * held the lock for 10 s. A file system without such locks goes unlocked.
 */
int dbfile_lock(const char *path);

/*
 * Rename the database at `path`, which nobody here has open, together with
 * its -wal, -shm and -journal files, to PATH.corrupt-YYYYMMDD-HHMMSS (with
 * "-2" and so on when that is taken). The caller holds the lock.
 * Returns the new path, which the caller frees, or NULL with errno.
 */
char *dbfile_set_aside(const char *path);

#endif
