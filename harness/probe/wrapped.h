#ifndef WRAPPED_H
#define WRAPPED_H

/*
 * The functions of the C library that the fault layer stands in for. In
 * the learner's object, and nowhere else, `ld -r --wrap` turns a call of
 * read into a call of __wrap_read, and so on. One list for the linker, for
 * the counters of an answer and for the names of a fault script. Those up to
 * nanosleep may wait in the kernel, and are measured.
 */
#define WRAPPED_CALLS(X) \
    X(read) \
    X(write) \
    X(poll) \
    X(open) \
    X(close) \
    X(fsync) \
    X(fdatasync) \
    X(ftruncate) \
    X(rename) \
    X(unlink) \
    X(fchmod) \
    X(fstat) \
    X(lstat) \
    X(readlink) \
    X(socket) \
    X(connect) \
    X(send) \
    X(recv) \
    X(getsockopt) \
    X(setsockopt) \
    X(fcntl) \
    X(shutdown) \
    X(select) \
    X(nanosleep) \
    X(clock_gettime) \
    X(gettimeofday) \
    X(time) \
    X(malloc) \
    X(calloc) \
    X(realloc) \
    X(free) \
    X(pthread_cond_wait)

/* The same under other names, which _FILE_OFFSET_BITS=64 and
 * _FORTIFY_SOURCE give them: they count as the plain ones. */
#define WRAPPED_ALIASES(X) \
    X(open64) \
    X(fstat64) \
    X(lstat64) \
    X(ftruncate64) \
    X(fcntl64) \
    X(__open_2) \
    X(__read_chk) \
    X(__recv_chk) \
    X(__poll_chk) \
    X(__readlink_chk)

#define WRAPPED_NAME(call) WRAPPED_##call,

/* WRAPPED_read, WRAPPED_write, … */
enum wrapped { WRAPPED_CALLS(WRAPPED_NAME) WRAPPED_COUNT };

#undef WRAPPED_NAME

#endif
