#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Files without waiting: a pool of threads that wait in your place, and
 * a log whose records are on the disk when they are said to be.
 *
 * System calls allowed: open, close, read, write, fstat, pread, pwrite,
 * fsync, fdatasync, ftruncate, lseek, pipe, pipe2, eventfd, fcntl, poll
 * and the functions of pthread.h and semaphore.h. From the C library
 * whatever only computes, allocates or prints. All functions of a pool
 * or log are called from one thread, its owner's.
 */

/* The disk, as three functions that behave like those of the system of
 * these names (sync like fdatasync): they may do less than all, fail,
 * be interrupted (EINTR), and take their time. Only a thread of the
 * pool or log calls them, and never the owner, but for wal_open() and
 * wal_replay(). */
struct af_disk {
    ssize_t (*pread)(int fd, void *to, size_t length, off_t offset);
    ssize_t (*pwrite)(
        int fd, const void *from, size_t length, off_t offset);
    int (*sync)(int fd);
};

/* What came of an operation. */
struct af_done {
    uint64_t tag;
    int64_t result; /* bytes; 0 of a sync; -1 if it failed, or was
                       cancelled */
    int error;      /* 0, or an errno value */
    char *bytes;    /* of af_load(): who takes it frees it; else NULL */
};

struct af_pool;

/*
 * A pool of up to `threads` threads (1 to 64), and of nothing else:
 * what io_uring does the disk that is handed in would not see. At most
 * `capacity` operations (1 or more) are with it at once: submitted, and
 * not yet taken back by af_reap(). `disk` stays the caller's; NULL: the
 * system's pread(), pwrite() and fdatasync(). Returns NULL with errno:
 * EINVAL, or what the system said.
 */
struct af_pool *af_open(
    int threads, int capacity, const struct af_disk *disk);

/* Can be read exactly while results wait to be reaped: for select() or
 * poll(). Nobody else reads from it. */
int af_fd(struct af_pool *pool);

/*
 * Submit an operation; none of these waits for a disk or for another
 * one. They return 0; or -1 with EAGAIN (`capacity` are with the pool)
 * or ENOMEM, and then nothing was submitted. Each that was submitted is
 * reaped exactly once, with its tag, whatever that is (two may have the
 * same). Buffers stay as they are until then. As many are at work at
 * once as there are threads.
 *
 *   af_read   up to `length` bytes from `offset`; fewer only at the end
 *             of the file
 *   af_write  all of them, or an error
 *   af_sync   begins when all writes to `fd` that were submitted before
 *             it are done, well or badly (what waits for that takes up
 *             no thread); then one sync. Its error is reported, and it
 *             is not tried again: what was not on the disk then may be
 *             lost (an error of EINTR is no answer, and is tried again,
 *             as of all three)
 *   af_load   opens the file, reads all of it, whatever fstat() says
 *             of its length, and closes it, in the pool (with open()
 *             and read(), whatever the disk is)
 */
int af_read(struct af_pool *pool, int fd, void *to, size_t length,
    off_t offset, uint64_t tag);
int af_write(struct af_pool *pool, int fd, const void *from,
    size_t length, off_t offset, uint64_t tag);
int af_sync(struct af_pool *pool, int fd, uint64_t tag);
int af_load(struct af_pool *pool, const char *path, uint64_t tag);

/* Take back the oldest operation with this tag that no thread has
 * begun: it never begins, and is reaped with ECANCELED. Returns 0; or
 * -1 with EBUSY (begun, or done and not reaped), ENOENT (none such). */
int af_cancel(struct af_pool *pool, uint64_t tag);

/* Up to `most` results, in the order in which they came about; returns
 * how many. Never waits. */
int af_reap(struct af_pool *pool, struct af_done *done, int most);

/* Let everything that was submitted be done, end the threads, and free
 * all; results that nobody reaped are lost. */
void af_close(struct af_pool *pool);

/*
 * The log: records, one after the other, in a file that is open for
 * reading and writing. How they are laid out is up to you.
 */
struct wal;

enum { WAL_MOST = 1 << 20 }; /* bytes of a record; 0 is a record, too */

/* Open it behind its last whole record; what lies after that is no
 * record, and never becomes one, even if a new record that is as long
 * comes before it. `fd` and `disk` stay the caller's. It has at most
 * two threads. NULL with errno as af_open(). This may read, and so
 * wait. */
struct wal *wal_open(int fd, const struct af_disk *disk);

/* Can be read exactly while results wait to be reaped. */
int wal_fd(struct wal *log);

/*
 * Append a record; the bytes are copied, and the caller does not wait.
 * It is reaped with its tag when it is on the disk, in the order of the
 * appends, never before a sync that began after it was written whole.
 * One sync serves all that were written before it began: while one is
 * running the next ones gather, and there is never more than one at a
 * time. After an error of write or sync nothing is tried again: all
 * that were not on the disk are reaped with that error, and so is
 * everything appended afterwards. Returns 0; or -1 with EMSGSIZE or
 * ENOMEM.
 */
int wal_append(
    struct wal *log, const void *bytes, size_t length, uint64_t tag);

int wal_reap(struct wal *log, struct af_done *done, int most);

/* Let everything that was appended get on the disk (or fail), end the
 * threads, free all. */
void wal_close(struct wal *log);

/*
 * Read a log, as after a crash: `record` is called for each whole one,
 * in order, up to the first that is torn: cut off, or with bytes that
 * never reached the disk and are zeros or whatever lay there before. It
 * may wait. Returns how many there were, or -1 with errno when reading
 * fails, or there is no memory.
 */
int64_t wal_replay(int fd, const struct af_disk *disk,
    void (*record)(const void *bytes, size_t length, void *arg),
    void *arg);

#endif
