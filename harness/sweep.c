#include "sweep.h"

#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * `lab` starts judges, a judge starts probes; both are subreapers. When a
 * probe's child outlives it, the kernel hands it to the judge; when a judge
 * dies, its children come to `lab`. Killing until no child is left
 * therefore reaches every descendant, one that called setsid() too. Nobody
 * is found by name or by process group alone.
 */

void
sweep_guard(void)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        die("become a subreaper:");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        die("become not dumpable:");
}

/* The parent of process `pid` and its program's name; false when gone. */
static bool
read_stat(const char *pid, pid_t *parent, char *name, size_t room)
{
    char path[64], line[512];

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
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
is_kept(pid_t pid, const pid_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keep[i] == pid)
            return true;
    }
    return false;
}

/* Kill and count the children there are now; the first one's name. */
static int
kill_children(const pid_t *keep, size_t keep_count, struct text *name)
{
    struct dirent *entry;
    char program[64];
    pid_t parent;
    int killed = 0;

    DIR *proc = opendir("/proc");
    if (proc == NULL)
        die("open /proc:");
    while ((entry = readdir(proc)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !read_stat(entry->d_name, &parent, program, sizeof program))
            continue;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (parent != getpid() || is_kept(pid, keep, keep_count))
            continue;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        if (name != NULL && name->length == 0)
            text_add_clean(name, program, strlen(program));
        killed++;
    }
    closedir(proc);
    return killed;
}

int
sweep_children(const pid_t *keep, size_t keep_count, struct text *name)
{
    int killed = 0;
    int now;

    while ((now = kill_children(keep, keep_count, name)) > 0)
        killed += now;
    return killed;
}
