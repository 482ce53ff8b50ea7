#ifndef WARN_H
#define WARN_H

/*
 * Messages of the harness about itself.
 *
 * A format that ends in ':' gets a blank and the text of errno appended.
 * Every message is one line on standard error, led by the program's name.
 * What is wrong with a learner's program is a value (terms.h), never a
 * message of this kind.
 */

/* The name that leads every message; kept, not copied. Default "lab". */
void warn_program(const char *name);

/* Say it and go on. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Say it and exit with status 2: the harness or the machine is at fault. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
