#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Files that somebody saves.
 *
 * The kernel tells of a save (inotify(7)) where it sees one. It sees none
 * that another machine or system made: on a share, on /mnt/c of WSL, in the
 * folder that a virtual machine or a container was given. So each look also
 * compares time, size and inode with those of the last one, and who looks
 * once a second misses nothing. The folder is watched and not the file,
 * since many editors write a new one and rename it.
 */
struct watch_file {
    char *path;
    bool saved; /* set by a look; the caller takes it away */
    bool there; /* at the last look: an editor may be about to rename */

    /* Of watch.c: */
    struct stat seen;
    int folder;
};

struct watch {
    int fd; /* becomes readable when it is worth a look; -1: never does */
    struct watch_file *files;
    size_t count;
};

/* Watch these files, which are taken as they are now and need not be there.
 * With `only_looks`, or where the kernel refuses to tell (which is said),
 * nothing but looks finds a save. */
struct watch watch_open(
    const char *const *paths, size_t count, bool only_looks);
void watch_close(struct watch *watch);

/* Look at all files. Was one of them saved since the last look? */
bool watch_look(struct watch *watch);

#endif
