#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A probe: the only program that holds a learner's code.
 *
 * probe.c of a lab is a table of adapters and a main of one line:
 *
 *     static void
 *     call_read_full(struct call *call)
 *     {
 *         int fd = call_fd(call);
 *         size_t n = call_size(call);
 *         char *buffer = call_buffer(call, n);
 *
 *         call_return(call, io_read_full(fd, buffer, n));
 *         call_return_bytes(call, buffer, n);
 *     }
 *
 *     static const struct probe_entry table[] = {
 *         {"read_full", call_read_full, NULL, NULL},
 *         {"copy", call_copy, "< IN > OUT", run_copy},
 *         {NULL, NULL, NULL, NULL},
 *     };
 *
 *     int
 *     main(int argc, char **argv)
 *     {
 *         return probe_serve(argc, argv, table);
 *     }
 *
 * Started by a judge it answers calls over the wire; started by a person
 * it runs the `command` of an entry, or lists them.
 */

struct call; /* one call of the judge, being answered */

struct probe_entry {
    const char *name;
    void (*answer)(struct call *call);
    const char *usage; /* of the command; NULL when there is none */
    int (*command)(int argc, char **argv); /* returns the exit status */
};

/* Serve until the judge hangs up, or run a command. The last entry of the
 * table has no name. Returns main's status. */
int probe_serve(int argc, char **argv, const struct probe_entry *table);

/*
 * The arguments of a call, in the order in which the judge put them.
 * Descriptors are counted apart; they, and all memory, belong to the call
 * and are released when it has been answered. A missing argument ends the
 * probe: judge and probe disagree.
 */
int call_fd(struct call *call);
int64_t call_int(struct call *call);
size_t call_size(struct call *call);
const void *call_bytes(struct call *call, size_t *length);
const char *call_string(struct call *call);

/* A buffer of exactly `length` bytes for the learner's code to write in:
 * what it writes before or after it is noticed when the call is over. */
void *call_buffer(struct call *call, size_t length);

/* What the learner's function returned; the first of these keeps errno,
 * so it comes right after the function. */
void call_return(struct call *call, int64_t value);
void call_return_bytes(struct call *call, const void *bytes, size_t length);

#endif
