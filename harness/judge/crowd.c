#include "judge/crowd.h"

#include "judge/ask.h"
#include "judge/process.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

void
crowd_enter(struct crowd *crowd, pid_t thread, size_t item)
{
    assert(crowd->count < CROWD_MOST);
    crowd->inside[crowd->count++] =
        (struct guest){.thread = thread, .item = item};
}

bool
crowd_leave(struct crowd *crowd, size_t item)
{
    int i = crowd->count - 1;

    while (i >= 0 && crowd->inside[i].item != item)
        i--;
    if (i < 0)
        return false;
    crowd->gathered -= crowd->inside[i].gathered;
    crowd->inside[i] = crowd->inside[--crowd->count];
    return true;
}

void
crowd_gather(struct crowd *crowd)
{
    char path[64];

    for (int i = 0; i < crowd->count; i++) {
        snprintf(path, sizeof path, "/proc/%d/task/%d", ask_probe(),
            crowd->inside[i].thread);
        if (access(path, F_OK) != 0)
            process_meddled("told the harness of a thread that it has not");
        crowd->inside[i].gathered = true;
    }
    crowd->gathered = crowd->count;
}

size_t
crowd_last(const struct crowd *crowd)
{
    size_t last = SIZE_MAX;

    for (int i = 0; i < crowd->count; i++) {
        const struct guest *guest = &crowd->inside[i];
        if (guest->gathered && (last == SIZE_MAX || guest->item > last))
            last = guest->item;
    }
    return last;
}
