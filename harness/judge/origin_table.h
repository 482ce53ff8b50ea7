#ifndef ORIGIN_TABLE_H
#define ORIGIN_TABLE_H

#include "judge/origin_connection.h"
#include "judge/origin_listener.h"

#include <stdbool.h>

/*
 * The connections of an origin server, and how many of them there are and
 * were, of each host. Used by origin.c alone.
 */
enum { ORIGIN_MOST_CONNECTIONS = 300, ORIGIN_HOSTS = 256 };

struct origin_table {
    struct origin_connection list[ORIGIN_MOST_CONNECTIONS];
    int used; /* entries, open or not */
    struct origin_count {
        int accepted, most_in_flight, most_open;
    } counts[ORIGIN_HOSTS]; /* by the last number of the address; 0: all */
};

/* Accept all that have connected there; were there any? Those for which there
 * is no room are closed at once. */
bool origin_table_accept(struct origin_table *table,
    const struct origin_listener *listener, int64_t now_ns);

/* When the next of them does something by itself; INT64_MAX: never. */
int64_t origin_table_next_ns(const struct origin_table *table, int64_t now_ns);

/* How many are in flight now, of one host or (0) of all. */
int origin_table_in_flight(const struct origin_table *table, int host);

/* Note how many are in flight and open, where it is the most so far. */
void origin_table_note(struct origin_table *table);

#endif
