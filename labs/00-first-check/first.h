#ifndef FIRST_H
#define FIRST_H

/*
 * Lab 00: the first byte, and not for ever.
 *
 * System calls it may make: read, poll, clock_gettime. The rest of the
 * C library may be used as far as it neither waits nor touches a file.
 */

/* The input ended before a byte came. */
#define FIRST_END (-2)

/*
 * Wait for the first byte that arrives on `fd`, for at most
 * `timeout_ms` milliseconds (for ever when that is negative), and take
 * it, and no other, off the descriptor.
 *
 * Returns the byte, 0 to 255; FIRST_END at the end of the input; -1
 * with errno set: ETIMEDOUT when no byte came in time, else what poll()
 * or read() said. A signal that interrupts the wait does not end it,
 * and does not make it longer. While it waits it sleeps.
 */
int first_byte(int fd, int timeout_ms);

#endif
