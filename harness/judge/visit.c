#include "judge/visit.h"

#include "clock.h"
#include "warn.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

static int64_t
ns_since(double start_s)
{
    return (int64_t)((clock_now_s() - start_s) * 1e9);
}

/* Wait until a descriptor is ready, or the origin wants to do something. */
static void
wait_for_something(
    struct world *world, struct pollfd *fds, int count, double start_s)
{
    int64_t next_ns = world->next_ns(world), left_ns = next_ns;
    struct timespec wait = {0, 0};

    if (next_ns != INT64_MAX)
        left_ns = next_ns - ns_since(start_s);
    if (left_ns > 0) {
        wait.tv_sec = left_ns / 1000000000;
        wait.tv_nsec = left_ns % 1000000000;
    }
    if (ppoll(fds, (nfds_t)count, next_ns == INT64_MAX ? NULL : &wait, NULL) <
            0 &&
        errno != EINTR)
        die("wait for a visitor:");
}

/* How many threads the process has now. */
static int
count_threads(pid_t pid)
{
    char *path = text_format("/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    int count = 0;

    free(path);
    if (folder == NULL)
        return 0; /* it has just ended */
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Serve until it ends; returns how many threads it had at most. */
static int
serve(struct world *world, pid_t pid, int ended, double start_s)
{
    struct pollfd fds[1 + WORLD_MOST_FDS];
    int most_threads = 0;

    do {
        fds[0] = (struct pollfd){ended, POLLIN, 0};
        int count = 1 + world->wish(world, fds + 1);
        wait_for_something(world, fds, count, start_s);
        world->move(world, ns_since(start_s));
        int threads = count_threads(pid);
        if (threads > most_threads)
            most_threads = threads;
    } while (!(fds[0].revents & POLLIN));
    return most_threads;
}

struct visit
visit_run(struct origin *origin, const char *const *argv)
{
    struct spawn spawn = spawn_plain(argv);
    struct visit visit;
    double start_s = clock_now_s();

    spawn.fds[1] = SPAWN_NULL;
    pid_t pid = spawn_start(&spawn);
    if (pid < 0)
        die("start %s:", argv[0]);
    int ended = pidfd_open(pid, 0);
    if (ended < 0)
        die("watch %s:", argv[0]);
    visit.most_threads = serve(origin_world(origin), pid, ended, start_s);
    visit.seconds = clock_now_s() - start_s;
    close(ended);
    if (spawn_wait(pid, &visit.outcome) != 0)
        die("wait for %s:", argv[0]);
    return visit;
}

char *
visit_url(const struct origin *origin, const struct origin_page *page)
{
    struct sockaddr_in address = origin_address(origin);

    return text_format(
        "http://127.0.0.1:%u%s", ntohs(address.sin_port), page->path);
}
