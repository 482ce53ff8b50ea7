#include "hogs.h"

#include "sweep.h"
#include "text.h"
#include "warn.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * Children that share nothing with us: they hold no descriptor of ours, so
 * that nobody waits for the end of a pipe because of them, and lead sessions
 * of their own, so that a Ctrl-C is ours alone. The kernel kills them when
 * we die, and when their time is up.
 */
struct hogs {
    int count;
    pid_t pids[];
};

_Static_assert((int)HOGS_MOST <= (int)SWEEP_MOST_SPARED, "all are spared");

static _Noreturn void
spin(pid_t parent, unsigned most_s)
{
    struct rlimit time;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
        getppid() != parent || getrlimit(RLIMIT_CPU, &time) != 0)
        _exit(1);
    if (time.rlim_max > most_s)
        time.rlim_max = most_s;
    time.rlim_cur = time.rlim_max; /* so that it is SIGKILL, and no core */
    if (setrlimit(RLIMIT_CPU, &time) != 0)
        _exit(1);
    prctl(PR_SET_NAME, "hog", 0, 0, 0);
    setsid();
    close_range(0, ~0U, 0);
    for (volatile unsigned long turns = 0;; turns++)
        continue;
}

struct hogs *
hogs_start(int count, unsigned most_s)
{
    pid_t parent = getpid();

    assert(count >= 0 && count <= HOGS_MOST && most_s > 0);
    struct hogs *hogs =
        text_zeroed(1, sizeof *hogs + (size_t)count * sizeof hogs->pids[0]);
    while (hogs->count < count) {
        pid_t pid = fork();
        if (pid < 0)
            die("start a process that keeps a processor busy:");
        if (pid == 0)
            spin(parent, most_s);
        sweep_spare(pid);
        hogs->pids[hogs->count++] = pid;
    }
    return hogs;
}

void
hogs_stop(struct hogs *hogs)
{
    if (hogs == NULL)
        return;
    for (int i = 0; i < hogs->count; i++)
        kill(hogs->pids[i], SIGKILL);
    for (int i = 0; i < hogs->count; i++) {
        waitpid(hogs->pids[i], NULL, 0);
        sweep_unspare(hogs->pids[i]);
    }
    free(hogs);
}
