#ifndef VFS_STEP_H
#define VFS_STEP_H

#include <stdint.h>

/*
 * The log of what SQLite did to its files: probe/vfs.h keeps it, and
 * judge/powercut.h builds the files anew from it.
 */
enum vfs_file { VFS_DATABASE, VFS_JOURNAL, VFS_WAL, VFS_TEMPORARY, VFS_FILES };

enum vfs_op {
    VFS_WRITE,
    VFS_SYNC,
    VFS_TRUNCATE,
    VFS_DELETE,
    VFS_MARK, /* vfs_mark() */
    VFS_OPS
};

/* A step of the log; of a write, `length` bytes follow. */
struct vfs_step {
    int32_t op, file;
    int64_t offset; /* of a write; of a truncation the new length; a mark */
    int64_t length;
};

#endif
