#include "sweep.h"

#include "warn.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * `lab` starts judges, a judge starts probes; both are subreapers. When a
 * probe's child outlives it, the kernel hands it to the judge; when a judge
 * dies, its children come to `lab`. Killing until no child is left
 * therefore reaches every descendant, one that called setsid() too. Nobody
 * is found by name or by process group alone.
 *
 * The kernel's own list of our children is quick to read, so that a process
 * which forks and ends again and again is met while it lives; but it may
 * leave one out while others end (proc(5)). That none is left is therefore
 * asked of waitid() or, where some are kept, of the whole of /proc. All are
 * killed before one is collected: a process that another one traces can be
 * collected only after that other one has died.
 */

enum { BATCH = 256 };

/* Some children that are not kept. */
struct batch {
    const pid_t *keep;
    size_t keep_count;
    pid_t pids[BATCH];
    size_t count;
};

static pid_t spared[SWEEP_MOST_SPARED];
static size_t spared_count;

void
sweep_guard(void)
{
    signal(SIGCHLD, SIG_DFL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        die("become a subreaper:");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        die("become not dumpable:");
}

/* The parent of a process and its program's name; false when it is gone. */
static bool
read_stat(pid_t pid, pid_t *parent, char *name, size_t room)
{
    char path[64], line[512];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t n = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[n] = '\0';
    char *open = strchr(line, '(');
    char *close = strrchr(line, ')');
    if (open == NULL || close == NULL || strlen(close) < 5)
        return false;
    *close = '\0';
    snprintf(name, room, "%s", open + 1);
    *parent = (pid_t)strtol(close + 3, NULL, 10);
    return true;
}

static bool
is_one_of(const pid_t *pids, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid)
            return true;
    }
    return false;
}

void
sweep_spare(pid_t pid)
{
    assert(spared_count < SWEEP_MOST_SPARED);
    spared[spared_count++] = pid;
}

void
sweep_unspare(pid_t pid)
{
    size_t i = 0;

    while (i < spared_count && spared[i] != pid)
        i++;
    assert(i < spared_count);
    spared[i] = spared[--spared_count];
}

static void
add(struct batch *batch, pid_t pid)
{
    if (batch->count < BATCH &&
        !is_one_of(batch->keep, batch->keep_count, pid) &&
        !is_one_of(spared, spared_count, pid))
        batch->pids[batch->count++] = pid;
}

/* From the kernel's list, where it keeps one. */
static void
list_children(struct batch *batch)
{
    int pid;

    FILE *file = fopen("/proc/thread-self/children", "re");
    if (file == NULL)
        return;
    while (fscanf(file, "%d", &pid) == 1)
        add(batch, pid);
    fclose(file);
}

/* From all processes there are. */
static void
scan_processes(struct batch *batch)
{
    struct dirent *entry;
    char program[64];
    pid_t parent;

    DIR *proc = opendir("/proc");
    if (proc == NULL)
        die("open /proc:");
    while ((entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && read_stat(pid, &parent, program, sizeof program) &&
            parent == getpid())
            add(batch, pid);
    }
    closedir(proc);
}

static bool
has_children(void)
{
    siginfo_t ended;

    return waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) ==
               0 ||
           errno != ECHILD;
}

static bool
find_children(struct batch *batch)
{
    batch->count = 0;
    list_children(batch);
    if (batch->count == 0 && has_children())
        scan_processes(batch);
    return batch->count > 0;
}

static void
note_name(const struct batch *batch, struct text *name)
{
    char program[64];
    pid_t parent;

    for (size_t i = 0; i < batch->count && name->length == 0; i++) {
        if (read_stat(batch->pids[i], &parent, program, sizeof program))
            text_add_clean(name, program, strlen(program));
    }
}

int
sweep_children(const pid_t *keep, size_t keep_count, struct text *name)
{
    struct batch batch = {.keep = keep, .keep_count = keep_count};
    const struct timespec moment = {0, 200000};
    int killed = 0;

    while (find_children(&batch)) {
        int collected = 0;
        for (size_t i = 0; i < batch.count; i++)
            kill(batch.pids[i], SIGKILL);
        if (name != NULL)
            note_name(&batch, name);
        for (size_t i = 0; i < batch.count; i++)
            collected += waitpid(batch.pids[i], NULL, WNOHANG | __WALL) > 0;
        killed += collected;
        if (collected == 0)
            nanosleep(&moment, NULL);
    }
    return killed;
}
