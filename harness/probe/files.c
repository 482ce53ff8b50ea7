#include "probe/faults.h"
#include "probe/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Files: faults at their calls, and the log of what succeeded, from which
 * the judge replays a crash at every prefix. An entry of the log:
 *
 *   letter  inode  directory  name  to-directory  to-name
 *   created  truncated  offset  bytes
 *
 * with the letters o(pen) w(rite) s(ync) r(ename) u(nlink). A name and the
 * directory it stands in are taken from the path as the program gave it.
 */

static bool logging;
static struct text log_bytes;

struct entry {
    char letter;
    uint64_t inode;
    const char *path, *to_path;
    bool created, truncated;
    int64_t offset;
    const void *bytes;
    size_t length;
};

void
files_begin(bool log)
{
    logging = log;
    log_bytes.length = 0;
}

const struct text *
files_log(void)
{
    return &log_bytes;
}

/* The directory's inode and the name in it; 0 and "" without a path. */
static void
put_name(const char *path)
{
    struct stat status = {0};
    char *folder = text_copy(path != NULL ? path : "");
    char *name = text_copy(path != NULL ? path : "");

    if (path != NULL && stat(dirname(folder), &status) != 0)
        status.st_ino = 0;
    wire_put_int(&log_bytes, (int64_t)status.st_ino);
    wire_put_string(&log_bytes, path != NULL ? basename(name) : "");
    free(folder);
    free(name);
}

static void
put_entry(const struct entry *entry)
{
    wire_put_int(&log_bytes, entry->letter);
    wire_put_int(&log_bytes, (int64_t)entry->inode);
    put_name(entry->path);
    put_name(entry->to_path);
    wire_put_int(&log_bytes, entry->created);
    wire_put_int(&log_bytes, entry->truncated);
    wire_put_int(&log_bytes, entry->offset);
    wire_put_bytes(&log_bytes, entry->bytes, entry->length);
}

static uint64_t
inode_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static uint64_t
inode_at(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

void
files_wrote(int fd, const void *bytes, int64_t length)
{
    struct stat status;

    if (!logging || length <= 0 || fstat(fd, &status) != 0 ||
        !S_ISREG(status.st_mode))
        return;
    int error = errno;
    put_entry(&(struct entry){.letter = 'w',
        .inode = status.st_ino,
        .offset = lseek(fd, 0, SEEK_CUR) - length,
        .bytes = bytes,
        .length = (size_t)length});
    errno = error;
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fstat(int fd, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
ssize_t __wrap_readlink(const char *path, char *to, size_t room);

int
__wrap_open(const char *path, int flags, ...)
{
    struct fault_action action = faults_take(WRAPPED_open);
    struct stat status;
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list args;
        va_start(args, flags);
        mode = (mode_t)va_arg(args, int);
        va_end(args);
    }
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    bool was_there = logging && stat(path, &status) == 0;
    int fd = open(path, flags, mode);
    if (fd >= 0 && logging)
        put_entry(&(struct entry){.letter = 'o',
            .inode = inode_of(fd),
            .path = path,
            .created = !was_there,
            .truncated = was_there && (flags & O_TRUNC) != 0});
    return fd;
}

int
__wrap_close(int fd)
{
    struct fault_action action = faults_take(WRAPPED_close);

    int result = close(fd);
    return action.fault == FAULT_ERROR ? faults_fail(action) : result;
}

static int
sync_file(struct fault_action action, int fd, int (*sync_call)(int))
{
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    int result = sync_call(fd);
    if (result == 0 && logging)
        put_entry(&(struct entry){.letter = 's', .inode = inode_of(fd)});
    return result;
}

int
__wrap_fsync(int fd)
{
    return sync_file(faults_take(WRAPPED_fsync), fd, fsync);
}

int
__wrap_fdatasync(int fd)
{
    return sync_file(faults_take(WRAPPED_fdatasync), fd, fdatasync);
}

int
__wrap_rename(const char *from, const char *to)
{
    struct fault_action action = faults_take(WRAPPED_rename);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    uint64_t inode = logging ? inode_at(from) : 0;
    int result = rename(from, to);
    if (result == 0 && logging)
        put_entry(&(struct entry){
            .letter = 'r', .inode = inode, .path = from, .to_path = to});
    return result;
}

int
__wrap_unlink(const char *path)
{
    struct fault_action action = faults_take(WRAPPED_unlink);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    uint64_t inode = logging ? inode_at(path) : 0;
    int result = unlink(path);
    if (result == 0 && logging)
        put_entry(
            &(struct entry){.letter = 'u', .inode = inode, .path = path});
    return result;
}

int
__wrap_fchmod(int fd, mode_t mode)
{
    struct fault_action action = faults_take(WRAPPED_fchmod);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : fchmod(fd, mode);
}

int
__wrap_fstat(int fd, struct stat *status)
{
    struct fault_action action = faults_take(WRAPPED_fstat);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : fstat(fd, status);
}

int
__wrap_lstat(const char *path, struct stat *status)
{
    struct fault_action action = faults_take(WRAPPED_lstat);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : lstat(path, status);
}

ssize_t
__wrap_readlink(const char *path, char *to, size_t room)
{
    struct fault_action action = faults_take(WRAPPED_readlink);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : readlink(path, to, room);
}
