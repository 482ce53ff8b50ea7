#include "probe/faults.h"
#include "probe/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
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
 * with the letters o(pen) w(rite) s(ync) r(ename) u(nlink) t(runcate; the
 * offset is the new length). A name and the directory it stands in are what
 * /proc says of an open file, so that of a symbolic link to a new file it
 * is the file's; of a rename and an unlink, what the path says.
 */

static _Atomic bool logging;  /* changes between calls alone */
static struct text log_bytes; /* under faults_lock() */

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

void
files_end(void)
{
    logging = false;
}

/* The path of an open file in `path`; NULL when it has none, or never had
 * any. One that was taken away is followed by " (deleted)". */
static const char *
path_of(int fd, char *path, size_t room)
{
    static const char deleted[] = " (deleted)";
    const size_t n = sizeof deleted - 1;
    struct stat status;
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length <= 0 || path[0] != '/' || fstat(fd, &status) != 0)
        return NULL;
    path[length] = '\0';
    if (status.st_nlink == 0 && (size_t)length > n &&
        strcmp(path + length - n, deleted) == 0)
        path[(size_t)length - n] = '\0';
    return path;
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
    int error = errno;

    faults_lock();
    wire_put_int(&log_bytes, entry->letter);
    wire_put_int(&log_bytes, (int64_t)entry->inode);
    put_name(entry->path);
    put_name(entry->to_path);
    wire_put_int(&log_bytes, entry->created);
    wire_put_int(&log_bytes, entry->truncated);
    wire_put_int(&log_bytes, entry->offset);
    wire_put_bytes(&log_bytes, entry->bytes, entry->length);
    faults_unlock();
    errno = error;
}

/* Of an open file: its inode and path are filled in. `given` is its path
 * where /proc is not there to say it. */
static void
put_open_entry(struct entry entry, int fd, const char *given)
{
    struct stat status;
    char path[PATH_MAX];
    int error = errno;

    entry.path = path_of(fd, path, sizeof path);
    if (entry.path == NULL)
        entry.path = given;
    entry.inode = fstat(fd, &status) == 0 ? status.st_ino : 0;
    put_entry(&entry);
    errno = error;
}

static uint64_t
inode_at(const char *path)
{
    struct stat status;
    int error = errno;

    uint64_t inode = lstat(path, &status) == 0 ? status.st_ino : 0;
    errno = error;
    return inode;
}

static bool
is_regular(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void
files_wrote(int fd, const void *bytes, int64_t length)
{
    if (!logging || length <= 0 || !is_regular(fd))
        return;
    struct entry entry = {.letter = 'w',
        .offset = lseek(fd, 0, SEEK_CUR) - length,
        .bytes = bytes,
        .length = (size_t)length};
    put_open_entry(entry, fd, NULL);
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t length);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fstat(int fd, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
ssize_t __wrap_readlink(const char *path, char *to, size_t room);

/* The same under the names that _FILE_OFFSET_BITS=64 gives them. */
#define ALIAS(call) __attribute__((alias("__wrap_" #call)))
int __wrap_open64(const char *path, int flags, ...) ALIAS(open);
int __wrap_ftruncate64(int fd, off_t length) ALIAS(ftruncate);
int __wrap_fstat64(int fd, struct stat *status) ALIAS(fstat);
int __wrap_lstat64(const char *path, struct stat *status) ALIAS(lstat);
#undef ALIAS
_Static_assert(sizeof(off_t) == 8, "open64 is another function than open");

static bool
is_there(const char *path)
{
    struct stat status;
    int error = errno;

    bool there = stat(path, &status) == 0;
    errno = error;
    return there;
}

int
__wrap_open(const char *path, int flags, ...)
{
    struct fault_action action = faults_take(WRAPPED_open);
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list args;
        va_start(args, flags);
        mode = (mode_t)va_arg(args, int);
        va_end(args);
    }
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    bool was_there = logging && is_there(path);
    int fd = (int)REAL(open, path, flags, mode);
    struct entry entry = {.letter = 'o',
        .created = !was_there,
        .truncated = was_there && (flags & O_TRUNC) != 0};
    if (fd >= 0 && logging)
        put_open_entry(entry, fd, path);
    return fd;
}

/* A call that succeeds may leave anything in errno, and what is called to
 * tidy up is where a program forgets it: here it always does. */
static int
tidied(int result)
{
    if (result == 0 && faults_active())
        errno = ENOTTY;
    return result;
}

int
__wrap_close(int fd)
{
    struct fault_action action = faults_take(WRAPPED_close);

    faults_closed(fd);
    int result = tidied((int)REAL(close, fd));
    return action.fault == FAULT_ERROR ? faults_fail(action) : result;
}

static int
synced(int result, int fd)
{
    if (result == 0 && logging)
        put_open_entry((struct entry){.letter = 's'}, fd, NULL);
    return result;
}

int
__wrap_fsync(int fd)
{
    struct fault_action action = faults_take(WRAPPED_fsync);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : synced((int)REAL(fsync, fd), fd);
}

int
__wrap_fdatasync(int fd)
{
    struct fault_action action = faults_take(WRAPPED_fdatasync);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : synced((int)REAL(fdatasync, fd), fd);
}

int
__wrap_ftruncate(int fd, off_t length)
{
    struct fault_action action = faults_take(WRAPPED_ftruncate);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    int result = (int)REAL(ftruncate, fd, length);
    if (result == 0 && logging)
        put_open_entry(
            (struct entry){.letter = 't', .offset = length}, fd, NULL);
    return result;
}

int
__wrap_rename(const char *from, const char *to)
{
    struct fault_action action = faults_take(WRAPPED_rename);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    uint64_t inode = logging ? inode_at(from) : 0;
    int result = (int)REAL(rename, from, to);
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
    int result = (int)REAL(unlink, path);
    if (result == 0 && logging)
        put_entry(
            &(struct entry){.letter = 'u', .inode = inode, .path = path});
    return tidied(result);
}

int
__wrap_fchmod(int fd, mode_t mode)
{
    struct fault_action action = faults_take(WRAPPED_fchmod);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : (int)REAL(fchmod, fd, mode);
}

int
__wrap_fstat(int fd, struct stat *status)
{
    struct fault_action action = faults_take(WRAPPED_fstat);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : (int)REAL(fstat, fd, status);
}

int
__wrap_lstat(const char *path, struct stat *status)
{
    struct fault_action action = faults_take(WRAPPED_lstat);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : (int)REAL(lstat, path, status);
}

ssize_t
__wrap_readlink(const char *path, char *to, size_t room)
{
    struct fault_action action = faults_take(WRAPPED_readlink);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : REAL(readlink, path, to, room);
}
