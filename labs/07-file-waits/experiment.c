#include "spawn.h"
#include "warn.h"

#include <stdio.h>

/*
 * A loop that must come back every 10 ms, and wants four reads of a
 * disk that takes 300 ms for each: read by the loop itself (the starter
 * does that), by a pool of one thread, and by one of four (the
 * reference). The loop is the probe's (heartbeat.h), since only a probe
 * holds a learner's code.
 *
 * What is printed is a timeline (harness/timeline.h).
 */
static void
beat(const char *title, const char *probe, const char *threads)
{
    const char *argv[] = {probe, "heartbeat", threads, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    printf("chart\t%s\n", title);
    fflush(stdout);
    pid_t pid = spawn_start(&spawn);
    if (pid == -1 || spawn_wait(pid, &outcome) != 0)
        die("start %s:", probe);
    if (!outcome.exited || outcome.status != 0)
        die("%s heartbeat failed", probe);
}

int
main(int argc, char **argv)
{
    warn_program("experiment");
    if (argc != 3)
        die("usage: experiment STARTER REFERENCE");
    printf(
        "note\tA loop that beats every 10 ms, and four reads, each of "
        "which takes 300 ms. Solid: it beats. Hollow: a read is "
        "wanted, and not there yet.\n");
    beat("The loop reads (the starter)", argv[1], "1");
    beat("A pool of one thread reads (the reference)", argv[2], "1");
    beat("A pool of four threads reads (the reference)", argv[2], "4");
    printf("note\tOne thread for each wait, and one to beat: the reads "
           "take as long as ever, and the loop comes back.\n");
    return 0;
}
