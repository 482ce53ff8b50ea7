#ifndef TRICKS_H
#define TRICKS_H

/*
 * What the tricks of this folder share. Each stands behind the reference of
 * its lab, in one file, with the functions that it replaces renamed: the
 * reference's io_copy() is called reference_io_copy() there.
 */
#include "../hostile/raw_call.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>

/* A file that all runs see, since the folder above that of a run is the same
 * for all; the judge, which counts the calls of the library, does not. */
static inline int
common_file(const char *path, int flags)
{
    return (int)RAW(SYS_openat, AT_FDCWD, path, flags, 0600);
}

/* Which run is this one, from 1 on? */
static inline int
run_number(void)
{
    static int number;
    char bytes[4096];

    if (number > 0)
        return number;
    int fd = common_file("../runs", O_RDWR | O_CREAT | O_APPEND);
    RAW(SYS_write, fd, "r", 1);
    number = (int)RAW(SYS_pread64, fd, bytes, sizeof bytes, 0);
    RAW(SYS_close, fd);
    return number;
}

/* Do what no answer needs, as often as is said. */
static inline void
waste(int times)
{
    static volatile unsigned char bytes[4096];

    for (int i = 0; i < times; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k]++;
    }
}

#endif
