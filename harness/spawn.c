#include "spawn.h"

#include "clock.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * spawn_start() forks; the child leaves the session, so that a learner's
 * program has no /dev/tty to draw a report on, moves the declared
 * descriptors to their numbers, closes all others, sets limits and signals,
 * and executes the program. A pipe that exec closes carries errno back when
 * that fails.
 */

struct spawn
spawn_plain(const char *const *argv)
{
    struct spawn spawn = {.argv = argv};

    spawn.fds[0] = SPAWN_NULL;
    spawn.fds[1] = 1;
    spawn.fds[2] = 2;
    for (int i = 3; i < SPAWN_FDS; i++)
        spawn.fds[i] = SPAWN_CLOSED;
    return spawn;
}

static int
limit(int what, rlim_t soft, rlim_t hard)
{
    struct rlimit old;

    if (getrlimit((__rlimit_resource_t)what, &old) != 0)
        return -1;
    if (old.rlim_max != RLIM_INFINITY && hard > old.rlim_max)
        hard = old.rlim_max;
    struct rlimit new = {soft < hard ? soft : hard, hard};
    return setrlimit((__rlimit_resource_t)what, &new);
}

static int
set_limits(const struct spawn_limits *limits)
{
    const rlim_t mib = 1024 * 1024;

    if (limits->cpu_s > 0 &&
        limit(RLIMIT_CPU, limits->cpu_s, limits->cpu_s + 1) != 0)
        return -1;
    if (limits->memory_mib > 0 &&
        limit(RLIMIT_AS, limits->memory_mib * mib, limits->memory_mib * mib))
        return -1;
    if (limits->nofile > 0 &&
        limit(RLIMIT_NOFILE, limits->nofile, limits->nofile) != 0)
        return -1;
    if (limits->file_mib > 0 &&
        limit(RLIMIT_FSIZE, limits->file_mib * mib, limits->file_mib * mib))
        return -1;
    return 0;
}

/* Without capabilities even user 0 cannot write a memory that is not
 * dumpable; an empty bounding set keeps them away through exec. */
static int
drop_privileges(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    if (syscall(SYS_capset, &head, none) != 0)
        return -1;
    if (limit(RLIMIT_CORE, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Put every declared descriptor in its place. They are first lifted above
 * all places (and above `report`), so that none is overwritten. */
static int
place_fds(const int *fds, int report)
{
    int lifted[SPAWN_FDS];

    for (int i = 0; i < SPAWN_FDS; i++) {
        lifted[i] = -1;
        if (fds[i] == SPAWN_CLOSED)
            continue;
        int from = fds[i];
        if (from == SPAWN_NULL)
            from = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (from < 0)
            return -1;
        lifted[i] = fcntl(from, F_DUPFD_CLOEXEC, report + 1);
        if (lifted[i] < 0)
            return -1;
    }
    for (int i = 0; i < SPAWN_FDS; i++) {
        if (lifted[i] >= 0 && dup2(lifted[i], i) < 0)
            return -1;
        if (lifted[i] < 0 && i != report)
            close(i);
    }
    return 0;
}

static void
close_others(int report)
{
    if (report > SPAWN_FDS)
        close_range(SPAWN_FDS, (unsigned)report - 1, 0);
    close_range((unsigned)report + 1, ~0U, 0);
}

/* The system call itself: the C library keeps two signals to itself, and a
 * caller of ours may have them ignored. */
static void
set_default(int signal_number)
{
    static const uint64_t all_zero[8]; /* SIG_DFL, no flags, no mask */

    syscall(SYS_rt_sigaction, signal_number, all_zero, NULL, sizeof(uint64_t));
}

static void
reset_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        set_default(i);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
prepare_child(const struct spawn *spawn, pid_t parent, int report)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(127);
    reset_signals();
    if (place_fds(spawn->fds, report) != 0)
        return -1;
    close_others(report);
    if (spawn->dir != NULL && chdir(spawn->dir) != 0)
        return -1;
    if (spawn->fixed_addresses)
        personality(ADDR_NO_RANDOMIZE);
    if (spawn->unprivileged && drop_privileges() != 0)
        return -1;
    return set_limits(&spawn->limits);
}

static _Noreturn void
run_child(const struct spawn *spawn, pid_t parent, int report)
{
    char **argv = (char **)(uintptr_t)spawn->argv;
    char **env = (char **)(uintptr_t)spawn->env;

    if (prepare_child(spawn, parent, report) == 0) {
        if (env != NULL)
            execvpe(argv[0], argv, env);
        else
            execvp(argv[0], argv);
    }
    int error = errno;
    ssize_t n = write(report, &error, sizeof error);
    _exit(n == sizeof error ? 126 : 127);
}

/* A pipe whose ends stand above every place a child may want. */
static int
report_pipe(int ends[2])
{
    int low[2];

    if (pipe2(low, O_CLOEXEC) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, SPAWN_FDS);
    int error = errno;
    for (int i = 0; i < 2; i++) {
        close(low[i]);
        if (ends[1] < 0 && ends[i] >= 0)
            close(ends[i]);
    }
    errno = error;
    return ends[1] >= 0 ? 0 : -1;
}

pid_t
spawn_start(const struct spawn *spawn)
{
    int report[2];
    int error = 0;

    if (report_pipe(report) != 0)
        return -1;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_child(spawn, parent, report[1]);
    int fork_error = errno;
    close(report[1]);
    ssize_t n = 0;
    if (pid > 0) {
        do {
            n = read(report[0], &error, sizeof error);
        } while (n < 0 && errno == EINTR);
    }
    close(report[0]);
    if (pid < 0)
        errno = fork_error;
    if (n == (ssize_t)sizeof error) {
        waitpid(pid, NULL, 0);
        errno = error;
        return -1;
    }
    return pid;
}

void
spawn_kill(pid_t pid)
{
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
}

int
spawn_wait(pid_t pid, struct outcome *outcome)
{
    struct rusage usage;
    int status;
    pid_t got;

    do {
        got = wait4(pid, &status, 0, &usage);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    outcome->exited = WIFEXITED(status);
    outcome->status = outcome->exited ? WEXITSTATUS(status) : WTERMSIG(status);
    outcome->cpu_s =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    outcome->peak_rss_kib = usage.ru_maxrss;
    return 0;
}

/* Read once. Returns how much there was, 0 at the end of the output. */
static size_t
take_output(int fd, struct text *output, size_t most)
{
    char block[65536];
    ssize_t n;

    do {
        n = read(fd, block, sizeof block);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 0;
    size_t room = output->length < most ? most - output->length : 0;
    text_add(output, block, (size_t)n < room ? (size_t)n : room);
    return (size_t)n;
}

/* Read what is there now and no more: a process that the child left behind
 * may go on writing for ever. */
static void
take_rest(int fd, struct text *output, size_t most)
{
    int there = 0;

    ioctl(fd, FIONREAD, &there);
    for (size_t n = 1, left = (size_t)there; left > 0 && n > 0;) {
        n = take_output(fd, output, most);
        left -= n < left ? n : left;
    }
}

/* Until the child has ended, and its output as far as it was written by
 * then, or until time is up. */
static int
watch(int out, int ended, double end_s, struct text *output, size_t most)
{
    struct pollfd fds[2] = {{out, POLLIN, 0}, {ended, POLLIN, 0}};

    while (!interrupted) {
        double left_s = end_s - clock_now_s();
        int timeout_ms = left_s <= 0     ? 0
                         : left_s < 3600 ? (int)(left_s * 1000) + 1
                                         : 3600 * 1000;
        int ready = interrupt_poll(fds, 2, timeout_ms);
        if (ready > 0 && fds[1].revents) {
            take_rest(out, output, most);
            return 0;
        }
        if (left_s <= 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        if (ready > 0 && fds[0].revents && take_output(out, output, most) == 0)
            fds[0].fd = -1;
    }
    errno = EINTR;
    return -1;
}

int
spawn_capture(const struct spawn *spawn, unsigned wall_s, struct text *output,
    size_t most, struct outcome *outcome)
{
    struct spawn captured = *spawn;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    captured.fds[1] = ends[1];
    captured.fds[2] = ends[1];
    double end_s = clock_now_s() + wall_s;
    pid_t pid = spawn_start(&captured);
    close(ends[1]);
    int ended = pid > 0 ? pidfd_open(pid, 0) : -1;
    int result = ended < 0 ? -1 : watch(ends[0], ended, end_s, output, most);
    int error = errno;
    close(ends[0]);
    if (ended >= 0)
        close(ended);
    if (pid > 0) {
        spawn_kill(pid);
        spawn_wait(pid, outcome);
    }
    errno = error;
    return result;
}
