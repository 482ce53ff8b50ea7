#ifndef WRAPPED_H
#define WRAPPED_H

/*
 * The functions of the C library that the fault layer stands in for. In
 * the learner's object, and nowhere else, `ld -r --wrap` turns a call of
 * read into a call of __wrap_read, and so on. One list for the linker, for
 * the counters of an answer and for the names of a fault script.
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
    X(select) \
    X(nanosleep) \
    X(clock_gettime) \
    X(gettimeofday) \
    X(time) \
    X(malloc) \
    X(calloc) \
    X(realloc) \
    X(free)

#define WRAPPED_NAME(call) WRAPPED_##call,

/* WRAPPED_read, WRAPPED_write, … */
enum wrapped { WRAPPED_CALLS(WRAPPED_NAME) WRAPPED_COUNT };

#undef WRAPPED_NAME

#endif
