#ifndef __GUARD__
#define __GUARD__

/*
 * Lab __NN__: count the spaces.
 *
 * System calls it may make: read. The rest of the C library may be used
 * as far as it neither waits nor touches a file.
 */

/*
 * Read `fd` to the end of its input, and count the spaces (' ') in what
 * came.
 *
 * Returns how many there were; -1 with errno as read() set it when
 * reading fails. A signal is no failure.
 */
long count_spaces(int fd);

#endif
