#include "judge/crowd.h"

#include "judge/ask.h"
#include "judge/process.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The parent of a process; that of a thread is its process's. */
static pid_t
parent_of(pid_t pid)
{
    char path[64], line[512] = "";
    int parent = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    const char *name_end = strrchr(line, ')');
    if (name_end == NULL || sscanf(name_end, ") %*c %d", &parent) != 1)
        return 0;
    return parent;
}

bool
crowd_is_of_probe(pid_t thread)
{
    char path[64];
    pid_t probe = ask_probe();

    snprintf(path, sizeof path, "/proc/%d/task/%d", probe, thread);
    if (access(path, F_OK) == 0)
        return true;
    while (thread > 1 && thread != probe)
        thread = parent_of(thread);
    return thread == probe;
}

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
    for (int i = 0; i < crowd->count; i++) {
        if (!crowd_is_of_probe(crowd->inside[i].thread))
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
