#ifndef IO_H
#define IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Every byte: read all of it, write all of it, and know when it is
 * safe.
 *
 * Common to all that follows:
 *  - A read or write may do less than it was asked for. That is neither
 *    an error nor the end; the rest is still to be done.
 *  - EINTR (a signal came in between) is not a failure: try again.
 *  - EAGAIN (the descriptor is non-blocking, and there is nothing to
 *    read or no room to write now) is not a failure either: call poll()
 *    with no time limit, for POLLIN or POLLOUT, and try again only once
 *    it said ready. Ready may be POLLERR or POLLHUP: the read or write
 *    then says what is the matter. A poll() that a signal interrupted
 *    has not said ready: call it again. No poll() before an EAGAIN; at
 *    most one for each EAGAIN and one more, interrupted ones not
 *    counted. After an EAGAIN may come another one: poll() again.
 *  - Everything else that returns -1 is a failure: give up, and return
 *    as stated below with errno as that call set it; a later call may
 *    change errno, even one that succeeds. Only read, write and poll
 *    are tried again after EINTR: of any other call it is a failure.
 *  - Descriptors handed in stay the caller's: never closed, and never
 *    switched between blocking and non-blocking. On every way out,
 *    whatever a function opened itself is closed and what it allocated
 *    is freed. malloc() may return NULL: that is a failure (ENOMEM).
 *  - Bytes are bytes: '\0' is one like any other.
 *  - The program ignores SIGPIPE: a write to a pipe that nobody can
 *    read any more fails with EPIPE.
 *  - Counts and sizes handed in are at most SSIZE_MAX, buffers are as
 *    large as stated, pointers are not NULL; nobody checks that.
 *
 * System calls allowed: read, write, poll, open, fsync, fdatasync,
 * close, rename, unlink, fstat, fchmod, lstat, readlink and getpid.
 * From the C library: malloc(), free() and their like, all of string.h,
 * and snprintf(); not fopen(), fread() or mkstemp(), which would do the
 * work for you.
 */

/*
 * Read n bytes from fd into b, as many reads as that may take.
 *
 * Returns n; less than n, down to 0, only when the end came first: a
 * read of at least one byte that returned 0. No byte beyond n is asked
 * for, and nothing after the end. With n = 0: 0, without a read.
 * On failure returns -1; what had arrived before is in b, but how much
 * that was, nobody can tell any more.
 */
ssize_t io_read_full(int fd, void *b, size_t n);

/*
 * Write all n bytes of b to fd, as many writes as that may take.
 *
 * Returns 0 when every byte was taken. With n = 0: 0, without a write.
 * On failure returns -1; some of the bytes may have been written.
 * A write of one byte or more does not return 0 here.
 */
int io_write_full(int fd, const void *b, size_t n);

/*
 * Read from `in` to its end, and write all of that to `out`.
 *
 * It holds at most bufsize bytes at a time, 1 or more. For n bytes,
 * when nothing is short or refused, it makes at most n / bufsize
 * (rounded up) + 2 reads, and as many writes.
 *
 * Returns the number of bytes copied, 0 when `in` was at its end.
 * On failure returns -1; `out` got the first bytes of `in`, how many
 * is left open. With bufsize = 0: -1, errno EINVAL, no call made.
 */
int64_t io_copy(int in, int out, size_t bufsize);

/*
 * A reader of lines: a descriptor, and what was read from it that no
 * line has used yet. io.c says what is inside.
 */
struct io_lines;

/*
 * A reader of the lines of fd, from where fd stands. Reads nothing yet.
 *
 * bufsize, 1 or more, is how many bytes one read may ask for; lines may
 * be longer. Nobody else may read from fd while the reader is in use.
 * Returns NULL on failure; with bufsize = 0 that is EINVAL. The caller
 * hands it to io_lines_free().
 */
struct io_lines *io_lines_new(int fd, size_t bufsize);

/*
 * Put the next line, without its '\n', into dst, which has room for cap
 * bytes. No '\0' is added: a line of exactly cap bytes fits.
 *
 * Returns the line's length, 0 for an empty line. Bytes after the last
 * '\n' are a line too; when there are none, no line follows.
 *   -1  the end: no more lines, now and at every later call, even if
 *       a read would give more by then (as of a terminal)
 *   -2  a failure, errno set. Every whole line that came before it has
 *       been returned by then; half a line is lost. Only
 *       io_lines_free() may follow.
 *   -3  the line is longer than cap. All of it has been skipped; the
 *       next call returns the next line. The same for the last line
 *       without '\n'. With cap = 0 only empty lines fit.
 * What dst holds after a negative result is left open.
 *
 * A line that has arrived is returned at once: no read is made while
 * there is a whole line left in the reader. For n bytes in all, when
 * nothing is short or refused, it makes at most n / bufsize (rounded
 * up) + 2 reads until the first -1.
 */
ssize_t io_getline(struct io_lines *lines, char *dst, size_t cap);

/* Free the reader, not its descriptor. NULL is allowed. */
void io_lines_free(struct io_lines *lines);

/*
 * Make the n bytes of b the whole text of the file `path`, so that no
 * crash can harm it.
 *
 * Returns 0 when that is done: the new text then survives any crash. A
 * crash before that leaves the old text or the new one, whole; where
 * there was no file, no file or the new text. After a crash:
 *  - a file holds what it held at its last fsync() or fdatasync(), or
 *    at any moment since; if it was never synced it may be empty
 *  - a directory holds the names it held when it was last synced
 *    itself, by fsync() of a descriptor of it, or at any moment since
 * Hence the temporary file: a new one in the same directory, made with
 * O_CREAT | O_EXCL, so that it is nobody else's; the text goes there,
 * and rename() puts it in the place of the old one in one step.
 *
 *  - A name for it may be taken, by what an earlier crash left behind
 *    or by another program: try the next, at least 8 of them.
 *  - The nine permission bits (0777) of a file that is there are kept,
 *    and no other bit of its mode; the temporary file never allows more
 *    than these. A new file gets 0666 less the umask. Owner, times, and
 *    other names (hard links) of the old file are not carried over.
 *  - When path is a symbolic link, the file that it leads to is
 *    replaced, or made, and the link stays. A link may lead to a link:
 *    8 of them are followed, more is a failure (ELOOP). One that does
 *    not begin with '/' counts from the directory of the link.
 *  - When path leads to something that is there and is no regular file:
 *    -1, errno EINVAL, and nothing is touched.
 *
 * On failure returns -1 with the errno of the first call that failed.
 * The old file is as it was, and no temporary file is left. Failures
 * count wherever they come: of open, fchmod, write, fsync, close,
 * rename. An fsync that failed is not tried again, since the next one
 * may return 0 though the bytes are lost. A close that failed is not
 * tried again either: the descriptor is gone.
 *
 * One exception: what comes after the rename, for the directory's sake
 * (open, fsync, close), may fail as well. Then the result is -1 and the
 * new text is in place, but a crash may still bring back the old one.
 */
int io_save(const char *path, const void *b, size_t n);

#endif
