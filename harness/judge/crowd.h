#ifndef JUDGE_CROWD_H
#define JUDGE_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Who is inside an item at the moment: the threads of a team, for the gates
 * of items.h. Some of them may be marked as a gathering, to be let out one
 * after the other.
 */
enum { CROWD_MOST = 65 };

struct crowd {
    int count;
    int gathered; /* so many of them belong to the gathering */
    struct guest {
        pid_t thread;
        size_t item;
        bool gathered;
    } inside[CROWD_MOST];
};

/* Is it a thread of the probe, or of a process that descends from it? */
bool crowd_is_of_probe(pid_t thread);

/* A thread comes in, with an item of its own. */
void crowd_enter(struct crowd *crowd, pid_t thread, size_t item);

/* Whoever has this item leaves. False if nobody has. */
bool crowd_leave(struct crowd *crowd, size_t item);

/* All who are inside are the gathering now. Ends the test, "run-time
 * error", if one of them is no thread of the probe. */
void crowd_gather(struct crowd *crowd);

/* The largest item of the gathering, or SIZE_MAX if it has gone. */
size_t crowd_last(const struct crowd *crowd);

#endif
