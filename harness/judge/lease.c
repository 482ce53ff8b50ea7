#include "judge/lease.h"

#include "judge/judge.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The signal is blocked, and read from a signalfd; it tells the descriptor.
 * Where /proc tells which system call a thread sleeps in, those in open()
 * are counted, too: an open() that does not wait asks for a lease as well.
 */
struct lease {
    struct world world;
    struct turnstile *turnstile;
    int threads;
    int fds[LEASE_MOST], count;
    bool wanted[LEASE_MOST];
    int wanted_count;
    int signals;
    bool open;
};

static int
lease_signal(void)
{
    return SIGRTMIN + 3;
}

static void
let_go(struct lease *lease)
{
    for (int i = 0; i < lease->count; i++)
        fcntl(lease->fds[i], F_SETLEASE, F_UNLCK);
    lease->open = true;
}

/* Take what was told; true when a file more is wanted. */
static bool
take_signals(struct lease *lease)
{
    struct signalfd_siginfo told;
    bool more = false;

    while (read(lease->signals, &told, sizeof told) == sizeof told) {
        for (int i = 0; i < lease->count; i++) {
            if (lease->fds[i] != told.ssi_fd || lease->wanted[i])
                continue;
            lease->wanted[i] = more = true;
            if (lease->wanted_count++ == 0)
                turnstile_ping(lease->turnstile);
        }
    }
    return more;
}

/* Does it sleep in open()? True, too, where that is not told. */
static bool
is_in_open(const char *thread)
{
    char path[300], line[64] = "";
    long number;

    snprintf(
        path, sizeof path, "/proc/%d/task/%.20s/syscall", ask_probe(), thread);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return true;
    bool told = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (!told || sscanf(line, "%ld", &number) != 1)
        return true;
#ifdef SYS_open
    if (number == SYS_open)
        return true;
#endif
    return number == SYS_openat;
}

static int
count_in_open(void)
{
    char path[64];
    struct dirent *entry;
    int count = 0;

    snprintf(path, sizeof path, "/proc/%d/task", ask_probe());
    DIR *threads = opendir(path);
    if (threads == NULL)
        return 0;
    while ((entry = readdir(threads)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]))
            count += is_in_open(entry->d_name);
    }
    closedir(threads);
    return count;
}

/* As a world: that of the turnstile, and the signals. ------------------- */

static int
wish(struct world *world, struct pollfd *fds)
{
    struct lease *lease = world->self;
    struct world *inner = turnstile_world(lease->turnstile);
    int count = inner->wish(inner, fds);

    fds[count++] = (struct pollfd){lease->signals, POLLIN, 0};
    return count;
}

static bool
move(struct world *world, int64_t now_ns)
{
    struct lease *lease = world->self;
    struct world *inner = turnstile_world(lease->turnstile);
    bool moved = inner->move(inner, now_ns);

    return take_signals(lease) || moved;
}

static bool
asleep(struct world *world)
{
    struct lease *lease = world->self;
    struct world *inner = turnstile_world(lease->turnstile);

    if (!lease->open && lease->wanted_count >= lease->threads &&
        turnstile_answers(lease->turnstile) > 0 &&
        count_in_open() >= lease->threads) {
        let_go(lease);
        return true;
    }
    return inner->asleep(inner);
}

static bool
stuck(struct world *world)
{
    struct lease *lease = world->self;
    struct world *inner = turnstile_world(lease->turnstile);

    if (lease->open || lease->wanted_count == 0)
        return inner->stuck(inner);
    if (turnstile_answers(lease->turnstile) == 0)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "While a file was being opened, which took its time, the loop was "
            "sent a byte and did not answer: it stands in open(), or waits "
            "for who does.");
    judge_fail(VERDICT_NOT_CONCURRENT,
        "open() took its time until %d files were being opened at once, each "
        "by a thread of its own. There were never more than %d.",
        lease->threads, lease->wanted_count);
}

static bool
spent(struct world *world)
{
    struct lease *lease = world->self;
    struct world *inner = turnstile_world(lease->turnstile);

    return inner->spent(inner);
}

/* What a judge calls ----------------------------------------------------- */

struct lease *
lease_new(struct turnstile *turnstile, int threads)
{
    struct lease *lease = text_zeroed(1, sizeof *lease);
    sigset_t set;

    lease->turnstile = turnstile;
    lease->threads = threads;
    sigemptyset(&set);
    sigaddset(&set, lease_signal());
    sigprocmask(SIG_BLOCK, &set, NULL);
    lease->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (lease->signals < 0)
        die("open a descriptor for signals:");
    lease->world = (struct world){.wish = wish,
        .move = move,
        .asleep = asleep,
        .stuck = stuck,
        .spent = spent,
        .self = lease};
    return lease;
}

void
lease_free(struct lease *lease)
{
    for (int i = 0; i < lease->count; i++)
        close(lease->fds[i]);
    close(lease->signals);
    free(lease);
}

void
lease_hold(struct lease *lease, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || lease->count == LEASE_MOST)
        die("open %s:", path);
    if (fcntl(fd, F_SETSIG, lease_signal()) != 0 ||
        fcntl(fd, F_SETLEASE, F_WRLCK) != 0)
        judge_skip("the file system of the test's folder has no leases, so "
                   "that open() cannot be made to wait");
    lease->fds[lease->count++] = fd;
}

void
lease_hand_in(struct lease *lease, struct ask *ask)
{
    ask->world = &lease->world;
}
