#ifndef CRASH_H
#define CRASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Crash at every prefix: what a file may hold after the power went, while
 * or after a program saved it.
 *
 * The fault layer records the program's file operations; this module plays
 * every prefix of the log against a model of a file system that may lose
 * whatever was not synced, and asks what a name leads to afterwards.
 *
 * The model (after Pillai et al., "All File Systems Are Not Created
 * Equal", OSDI 2014, and what fsync(2) and rename(2) promise):
 *  - The contents of a file after a crash are those it had at its last
 *    fsync or fdatasync, or any it had since then, in the order of the
 *    operations. A new file starts empty, O_TRUNC passes through empty,
 *    and a write of two bytes or more passes through its first half, so
 *    that writing in place can leave new bytes before old ones.
 *  - The names in a directory after a crash are those it had at its last
 *    fsync, or any it had since then, in the order of the operations: a
 *    change is never lost while a later one in that directory survives.
 *  - A rename from one directory to another is one change in both: it
 *    survives in both or in neither. To sync either directory therefore
 *    syncs the rename, and with it all that came before it in the other.
 *  - Contents and names are independent: a rename may survive whose data
 *    did not, and to sync a file does not sync its name. (Some file systems
 *    promise more; POSIX does not.)
 * Files that stood before the first operation are wholly on the disk, with
 * their names. Not modelled: writes to one file that reach the disk out of
 * order, a length that arrives before its bytes, O_SYNC, errors of the disk.
 */

enum crash_op {
    CRASH_OPEN,     /* opens or creates; O_TRUNC empties */
    CRASH_WRITE,    /* writes bytes at an offset; a gap becomes zeros */
    CRASH_SYNC,     /* fsync or fdatasync of a file or directory */
    CRASH_RENAME,   /* name -> to_name */
    CRASH_UNLINK,   /* takes a name away */
    CRASH_RETURN,   /* the saving function returned 0 here */
    CRASH_TRUNCATE, /* sets the length; what is added is zeros */
};

/*
 * One operation that succeeded, with what it did rather than what was asked
 * (a short write's own length). Files and directories are known by inode
 * number, all of one file system; a name belongs to a directory.
 *
 * A number may be used again: OPEN with `created` starts a new file under
 * it, and the old file is what an old name that survives still leads to.
 */
struct crash_step {
    enum crash_op op;
    uint64_t inode;  /* the file (of RENAME and UNLINK too: the one named);
                        SYNC: the file or the directory */
    uint64_t dir;    /* OPEN that created, RENAME, UNLINK: where `name` is */
    char name[256];  /* the same three; elsewhere for crash_words only,
                        and may be "" */
    uint64_t to_dir; /* RENAME */
    char to_name[256];
    int created;       /* OPEN: the name was not there before */
    int truncated;     /* OPEN: with O_TRUNC */
    uint64_t offset;   /* WRITE; TRUNCATE: the new length */
    const void *bytes; /* WRITE: owned by the caller */
    size_t length;
};

/* A file as it stood on the disk before the first step. One with two names
 * is given twice, with the same inode and bytes. */
struct crash_file {
    uint64_t inode, dir;
    const char *name;
    const void *bytes;
    size_t length;
};

/*
 * Called for every state that the disk may be in after a crash.
 * `done` steps had been taken; `returned` is 1 when CRASH_RETURN was among
 * them. `bytes` is what the watched name leads to, readable during the call
 * only; NULL when the name is gone, never NULL for an empty file. Return 0
 * to go on, anything else to stop there.
 */
typedef int crash_check(
    size_t done, int returned, const void *bytes, size_t length, void *arg);

/*
 * Play every prefix of `steps` (0 to `count` of them) over the files that
 * stood there, watching the file that `name` in directory `dir` leads to.
 * For each prefix every file that the name may lead to is checked in every
 * state that it may be in, each once and from the oldest to the newest.
 * Returns what the check returned when it stopped, else 0.
 *
 * A file that the steps name but `files` does not, and that no step
 * created, counts as one that stood there empty. Everything passed in must
 * stay as it is until the call returns.
 *
 * The time grows with count times the operations not yet synced, the memory
 * with the lengths of the files. A caller that has the log from a
 * learner's program first refuses one that is too long or reaches offsets
 * too far: for want of memory this ends the program (warn.h).
 */
int crash_replay(const struct crash_file *files, size_t file_count,
    const struct crash_step *steps, size_t count, uint64_t dir,
    const char *name, crash_check *check, void *arg);

/*
 * What a step did, in words for a beginner and on one line, safe for a
 * terminal: "rename \"t.tmp\" to \"t\"", "write 5 bytes to \"t\" at 0". A
 * file whose name the step does not tell is "inode 12". The caller frees it.
 */
char *crash_words(const struct crash_step *step);

#endif
