#include "judge/process.h"

#include "judge/judge.h"
#include "probe/wire.h"
#include "clock.h"
#include "spawn.h"
#include "sweep.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_OUTPUT = 4 << 20,  /* bytes printed before it is a flood */
    KEPT_OUTPUT = 64 << 10, /* bytes of them kept for the report */
    SANITIZED_EXIT = 99,
    SANITIZED_MIB = 1024 /* a sanitizer's own memory, on top */
};

struct process_settings process_settings;

static const char *const environment[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LANG=C.UTF-8",
    "ASAN_OPTIONS=exitcode=99:detect_leaks=0:handle_abort=1:"
    "allocator_may_return_null=1:detect_stack_use_after_return=1:"
    "print_legend=0:color=never",
    "UBSAN_OPTIONS=exitcode=99:print_stacktrace=1:halt_on_error=1:"
    "color=never",
    NULL,
};

void
process_start(struct process *process)
{
    const char *argv[] = {process_settings.program, "--wire", NULL};
    struct spawn spawn = spawn_plain(argv);
    int wire[2], out[2];
    struct timeval patience = {60, 0};

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wire) != 0 ||
        pipe2(out, O_CLOEXEC | O_NONBLOCK) != 0)
        die("open a channel to the probe:");
    fcntl(out[1], F_SETFL, 0);
    setsockopt(wire[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    spawn.env = environment;
    spawn.dir = process_settings.dir;
    spawn.fds[1] = spawn.fds[2] = out[1];
    spawn.fds[WIRE_FD] = wire[1];
    spawn.unprivileged = true;
    spawn.limits.cpu_s = process_settings.cpu_s + 1;
    spawn.limits.nofile = process_settings.nofile;
    spawn.limits.file_mib = 64;
    if (!process_settings.sanitized)
        spawn.limits.memory_mib = process_settings.memory_mib;
    *process = (struct process){.wire = wire[0], .out = out[0]};
    process->pid = spawn_start(&spawn);
    if (process->pid < 0)
        die("start %s:", process_settings.program);
    process->ended = pidfd_open(process->pid, 0);
    if (process->ended < 0)
        die("pidfd_open:");
    close(wire[1]);
    close(out[1]);
}

void
process_take_output(struct process *process)
{
    char block[65536];
    ssize_t n;

    while ((n = read(process->out, block, sizeof block)) > 0) {
        size_t kept = process->output.length;
        size_t room = KEPT_OUTPUT - kept;
        text_add(&process->output, block, (size_t)n < room ? (size_t)n : room);
        process->output_total += (size_t)n;
        if (process->output_total > MOST_OUTPUT)
            judge_fail(VERDICT_RUN_TIME_ERROR,
                "Your program printed more than %d MiB and was stopped. "
                "It floods its output.",
                MOST_OUTPUT >> 20);
    }
}

double
process_cpu_s(const struct process *process)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(process->pid, &clock) != 0 ||
        clock_gettime(clock, &used) != 0)
        return 0;
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static long
resident_mib(pid_t pid)
{
    char path[64];
    long size, resident = 0;

    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024) / 1024;
}

static void
check_limits(struct process *process)
{
    long limit_mib = process_settings.memory_mib;
    double cpu_s = process_cpu_s(process);

    if (process_settings.sanitized)
        limit_mib += SANITIZED_MIB;
    if (cpu_s > process_settings.cpu_s)
        judge_fail(VERDICT_TIME_LIMIT,
            "Your program worked for more than %u s of processor time in "
            "this test, and was not done. It goes round in a loop.",
            process_settings.cpu_s);
    if (resident_mib(process->pid) > limit_mib)
        judge_fail(VERDICT_MEMORY_LIMIT,
            "Your program holds more than %ld MiB of memory, the limit of "
            "this lab.",
            limit_mib);
}

/* The state letter of one thread: R, S, D, T, Z, …; 0 when it is gone. */
static char
thread_state(pid_t pid, const char *thread)
{
    char path[300], line[512];

    snprintf(path, sizeof path, "/proc/%d/task/%s/stat", pid, thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, line, sizeof line - 1) : 0;
    if (fd >= 0)
        close(fd);
    line[n > 0 ? n : 0] = '\0';
    const char *name_end = strrchr(line, ')');
    return name_end != NULL && name_end[1] == ' ' ? name_end[2] : 0;
}

enum look
process_look(struct process *process)
{
    char path[64];
    struct dirent *entry;
    enum look look = LOOK_ASLEEP;

    check_limits(process);
    snprintf(path, sizeof path, "/proc/%d/task", process->pid);
    DIR *threads = opendir(path);
    if (threads == NULL)
        return LOOK_RUNNING;
    while ((entry = readdir(threads)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        char state = thread_state(process->pid, entry->d_name);
        if (state != 'S' && state != 'T' && state != 't')
            look = LOOK_RUNNING;
    }
    closedir(threads);
    return look;
}

static const struct {
    long number;
    const char *name;
} waits[] = {
    {SYS_read, "read()"},
    {SYS_write, "write()"},
#ifdef SYS_poll
    {SYS_poll, "poll()"},
#endif
#ifdef SYS_select
    {SYS_select, "select()"},
#endif
    {SYS_ppoll, "poll()"},
    {SYS_pselect6, "select()"},
    {SYS_nanosleep, "nanosleep()"},
    {SYS_clock_nanosleep, "nanosleep()"},
    {SYS_futex, "a lock or a join"},
    {SYS_wait4, "wait()"},
};

const char *
process_where(const struct process *process)
{
    static char where[64];
    char path[64];
    long number = -1;

    snprintf(path, sizeof path, "/proc/%d/syscall", process->pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%ld", &number) != 1)
            number = -1;
        fclose(file);
    }
    snprintf(where, sizeof where, "asleep");
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        if (waits[i].number == number)
            snprintf(where, sizeof where, "asleep in %s", waits[i].name);
    }
    return where;
}

void
process_kill(struct process *process)
{
    struct outcome outcome;

    if (process->pid > 0) {
        kill(-process->pid, SIGKILL);
        kill(process->pid, SIGKILL);
        spawn_wait(process->pid, &outcome);
        process->pid = 0;
    }
    sweep_children(NULL, 0, NULL);
}

static _Noreturn void
killed_by(int signal_number, double cpu_s, const char *doing)
{
    if (signal_number == SIGXCPU ||
        (signal_number == SIGKILL && cpu_s >= process_settings.cpu_s))
        judge_fail(VERDICT_TIME_LIMIT,
            "Your program worked for more than %u s of processor time in "
            "this test, and was not done. It goes round in a loop.",
            process_settings.cpu_s);
    if (signal_number == SIGSEGV || signal_number == SIGBUS)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program crashed %s: it used memory that is not its own "
            "(%s).",
            doing, strsignal(signal_number));
    if (signal_number == SIGXFSZ)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program was stopped %s: it wrote a file of more than "
            "64 MiB.",
            doing);
    judge_fail(VERDICT_RUN_TIME_ERROR,
        "Your program was ended %s by signal %d (%s).", doing, signal_number,
        strsignal(signal_number));
}

_Noreturn static void
exited_with(int status, const char *doing)
{
    if (status == SANITIZED_EXIT && process_settings.sanitized)
        judge_fail(
            VERDICT_RUN_TIME_ERROR, "The sanitizer found an error %s.", doing);
    judge_fail(VERDICT_RUN_TIME_ERROR,
        "Your program ended %s with exit status %d instead of returning "
        "its answer.",
        doing, status);
}

void
process_reap(struct process *process, const char *doing, bool answered)
{
    struct outcome outcome;
    struct text name = {0};

    process_take_output(process);
    if (spawn_wait(process->pid, &outcome) != 0)
        die("wait for the probe:");
    kill(-process->pid, SIGKILL);
    process->pid = 0;
    int strays = sweep_children(NULL, 0, &name);
    if (!outcome.exited)
        killed_by(outcome.status, outcome.cpu_s, doing);
    if (strays > 0)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program ended %s, but left %d process%s behind that it "
            "had started (%s). All were stopped.",
            doing, strays, strays == 1 ? "" : "es", text_string(&name));
    text_free(&name);
    if (outcome.status != 0 || !answered)
        exited_with(outcome.status, doing);
}

void
process_meddled(const char *how)
{
    judge_fail(VERDICT_RUN_TIME_ERROR,
        "Your program %s. That is a descriptor it did not open and must "
        "leave alone.",
        how);
}

void
process_finish(struct process *process)
{
    int asleep = 0;

    shutdown(process->wire, SHUT_RDWR);
    for (;;) {
        struct pollfd fds[2] = {
            {process->ended, POLLIN, 0}, {process->out, POLLIN, 0}};
        int ready = poll(fds, 2, 100);
        process_take_output(process);
        if (fds[0].revents) {
            process_reap(process, "after its last answer", true);
            return;
        }
        if (ready > 0 && !(fds[1].revents & POLLHUP)) {
            asleep = 0;
            continue;
        }
        if (ready > 0)
            poll(fds, 1, 100);
        asleep = process_look(process) == LOOK_ASLEEP ? asleep + 1 : 0;
        if (asleep == 20)
            judge_fail(VERDICT_TIME_LIMIT,
                "Your program gave its answers, but does not end: it is "
                "%s.",
                process_where(process));
    }
}
