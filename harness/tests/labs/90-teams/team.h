#ifndef TEAM_H
#define TEAM_H

#include <stddef.h>

/* The sum of so many values. */
long team_sum(const int *values, size_t count);

/* 1 when something can be read, 0 when not yet; -1 with errno (EINVAL: a
 * descriptor that select() cannot wait for). */
int team_watch(int fd);

#endif
