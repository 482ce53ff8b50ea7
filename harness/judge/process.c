#include "judge/process.h"

#include "judge/judge.h"
#include "probe/wire.h"
#include "clock.h"
#include "spawn.h"
#include "sweep.h"
#include "toolchain.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    MOST_OUTPUT = 4 << 20,  /* bytes printed before it is a flood */
    KEPT_OUTPUT = 64 << 10, /* bytes of them kept for the report */
    SANITIZED_EXIT = 99,
    SANITIZED_MIB = 1024 /* a sanitizer's own memory, on top */
};

struct process_settings process_settings;

/* Teams of three sleep while they wait, as `look` expects, whatever the
 * machine; one arena, since each takes 64 MiB of a limited address space. */
#define ENVIRONMENT \
    "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "OMP_NUM_THREADS=3", \
        "OMP_DYNAMIC=false", "OMP_WAIT_POLICY=passive", \
        "KMP_LOCK_KIND=futex", "MALLOC_ARENA_MAX=1"

static const char *const environment[] = {
    ENVIRONMENT,
    "OMP_TOOL=disabled",
    "ASAN_OPTIONS=exitcode=99:detect_leaks=0:handle_abort=1:"
    "allocator_may_return_null=1:detect_stack_use_after_return=1:"
    "print_legend=0:color=never",
    "UBSAN_OPTIONS=exitcode=99:print_stacktrace=1:halt_on_error=1:"
    "color=never",
    NULL,
};

/* Without Archer, or with what it says of code that is not instrumented,
 * clean programs are reported. Lines are found outside, by addr2line. */
static const char *const races_environment[] = {
    ENVIRONMENT,
    "OMP_TOOL_LIBRARIES=" TOOLCHAIN_ARCHER,
    "TSAN_OPTIONS=exitcode=99:halt_on_error=1:symbolize=0:"
    "ignore_noninstrumented_modules=1:color=never",
    NULL,
};

/* Does its run-time library map more than any limit on address space? */
static bool
has_shadow(void)
{
    return process_settings.build == BUILD_SANITIZED ||
           process_settings.build == BUILD_RACES;
}

/* It was built a moment ago: what the kernel cannot load is the file's. */
static _Noreturn void
fail_start(void)
{
    if (errno == ENOENT || errno == ENOEXEC || errno == ELIBBAD ||
        errno == EINVAL || errno == ENOMEM)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program cannot be started (%s).", strerror(errno));
    die("start %s:", process_settings.program);
}

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
    spawn.env = process_settings.build == BUILD_RACES ? races_environment
                                                      : environment;
    spawn.dir = process_settings.dir;
    spawn.fds[1] = spawn.fds[2] = out[1];
    spawn.fds[WIRE_FD] = wire[1];
    spawn.unprivileged = true;
    spawn.fixed_addresses = has_shadow();
    spawn.limits.cpu_s = process_settings.cpu_s + 1;
    spawn.limits.nofile = process_settings.nofile;
    spawn.limits.file_mib = 64;
    if (!has_shadow())
        spawn.limits.memory_mib = process_settings.memory_mib;
    *process = (struct process){.wire = wire[0], .out = out[0]};
    process->pid = spawn_start(&spawn);
    if (process->pid < 0)
        fail_start();
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
    if (n == 0) { /* no longer to be polled: it would always be ready */
        close(process->out);
        process->out = -1;
    }
}

bool
process_is_spent(const struct process *process)
{
    return process->cpu_s > process_settings.cpu_s;
}

static void
check_limits(const struct process *process)
{
    long limit_mib = process_settings.memory_mib;

    if (has_shadow())
        limit_mib += SANITIZED_MIB;
    if (process_is_spent(process))
        judge_fail(VERDICT_TIME_LIMIT,
            "Your program worked for more than %u s of processor time in "
            "this test, and was not done. It goes round in a loop.",
            process_settings.cpu_s);
    if (look_memory(process->pid).resident_mib > limit_mib)
        judge_fail(VERDICT_MEMORY_LIMIT,
            "Your program holds more than %ld MiB of memory, the limit of "
            "this lab.",
            limit_mib);
}

enum look
process_look(struct process *process, int ms)
{
    double cpu_s = look_cpu_s(process->pid);
    double idle_s = process->idle_s - 2 * (cpu_s - process->cpu_s);

    check_limits(process); /* who asks why it is spent has been asked */
    process->cpu_s = cpu_s;
    enum look look = look_at(process->pid);
    if (look == LOOK_ASLEEP)
        idle_s += ms / 1000.0;
    process->idle_s = idle_s > 0 ? idle_s : 0;
    return look;
}

/* The kernel has refused it memory, and it sleeps over that. */
static bool
is_full(const struct process *process)
{
    return !has_shadow() && look_memory(process->pid).mapped_mib + 1 >=
                                process_settings.memory_mib;
}

void
process_stuck(struct process *process)
{
    const char *where = look_where(process->pid);

    if (is_full(process))
        judge_fail(VERDICT_MEMORY_LIMIT,
            "Your program has taken all of the %u MiB of memory that are "
            "the limit of this lab, and is %s.",
            process_settings.memory_mib, where);
    judge_fail(VERDICT_TIME_LIMIT,
        "Your program is %s and nothing will wake it: it waits for bytes "
        "that nobody will send, or for room that nobody will make.",
        where);
}

bool
process_wait(struct process *process)
{
    double look_s = clock_now_s() + PROCESS_LOOK_MS / 1000.0;

    process->idle_s = 0;
    while (process->idle_s < PROCESS_STUCK_S) {
        struct pollfd fds[2] = {
            {process->ended, POLLIN, 0}, {process->out, POLLIN, 0}};
        if (poll(fds, 2, PROCESS_LOOK_MS) < 0 && errno != EINTR)
            die("wait for the probe:");
        if (fds[0].revents)
            process->ended_s = clock_now_s();
        process_take_output(process);
        if (fds[0].revents)
            return true;
        if (clock_now_s() < look_s)
            continue;
        if (poll(fds, 1, 1) > 0) { /* let it go on after what it printed */
            process->ended_s = clock_now_s();
            return true;
        }
        process_look(process, PROCESS_LOOK_MS);
        look_s = clock_now_s() + PROCESS_LOOK_MS / 1000.0;
    }
    return false;
}

void
process_kill(struct process *process)
{
    if (process->pid > 0)
        spawn_kill(process->pid);
    process->pid = 0;
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
    if (signal_number == SIGSEGV && !has_shadow() &&
        look_program_mib(process_settings.program) >=
            process_settings.memory_mib)
        judge_fail(VERDICT_MEMORY_LIMIT,
            "Your program cannot be started: its global and static variables "
            "need more than the %u MiB of memory that are the limit of this "
            "lab.",
            process_settings.memory_mib);
    if (signal_number == SIGSEGV || signal_number == SIGBUS)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program crashed %s: it used memory that is not its own "
            "(%s).",
            doing, strsignal(signal_number));
    if (signal_number == WIRE_LOST)
        process_meddled("closed the harness's channel");
    if (signal_number == SIGPIPE)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program was ended %s by SIGPIPE: it sent to somebody who "
            "had hung up. Give send() MSG_NOSIGNAL; then it returns -1 with "
            "EPIPE.",
            doing);
    if (signal_number == SIGXFSZ)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program was stopped %s: it wrote a file of more than "
            "64 MiB.",
            doing);
    judge_fail(VERDICT_RUN_TIME_ERROR,
        "Your program was ended %s by signal %d (%s).", doing, signal_number,
        strsignal(signal_number));
}

/* ThreadSanitizer of clang 14 finds no place for itself where addresses are
 * randomised more than this and that cannot be switched off. */
enum { MOST_RANDOM_BITS = 28 };

static bool
may_find_no_place(void)
{
    FILE *file = fopen("/proc/sys/vm/mmap_rnd_bits", "re");
    int bits = MOST_RANDOM_BITS + 1;

    if (file == NULL)
        return true;
    bool known = fscanf(file, "%d", &bits) == 1;
    fclose(file);
    return !known || bits > MOST_RANDOM_BITS;
}

/* Did the run-time library give up at once? A program may say so too, but
 * is believed only on such a machine. */
static void
check_races_can_be_found(const struct process *process)
{
    if (process_settings.build == BUILD_RACES && !process->answered &&
        strstr(text_string(&process->output), "FATAL: ThreadSanitizer: ") &&
        may_find_no_place())
        judge_skip("ThreadSanitizer cannot run on this machine: its memory "
                   "lies elsewhere (vm.mmap_rnd_bits is too large)");
}

static _Noreturn void
fail_sanitized(const struct process *process, const char *doing)
{
    if (strstr(text_string(&process->output), "ThreadSanitizer: data race"))
        judge_fail(VERDICT_DATA_RACE,
            "Two threads used the same memory at the same time %s, and at "
            "least one of them wrote to it.",
            doing);
    judge_fail(
        VERDICT_RUN_TIME_ERROR, "The sanitizer found an error %s.", doing);
}

_Noreturn static void
exited_with(const struct process *process, int status, const char *doing)
{
    if (status == SANITIZED_EXIT && has_shadow())
        fail_sanitized(process, doing);
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
    /* One that traces the probe would keep us from collecting it. */
    int strays = sweep_children(&process->pid, 1, &name);
    if (spawn_wait(process->pid, &outcome) != 0)
        die("wait for the probe:");
    process->pid = 0;
    check_races_can_be_found(process);
    if (!outcome.exited)
        killed_by(outcome.status, outcome.cpu_s, doing);
    if (strays > 0)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program ended %s, but left %d process%s behind that it "
            "had started (%s). All were stopped.",
            doing, strays, strays == 1 ? "" : "es", text_string(&name));
    text_free(&name);
    if (outcome.status != 0 || !answered)
        exited_with(process, outcome.status, doing);
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
    char byte;

    shutdown(process->wire, SHUT_WR);
    bool ended = process_wait(process);
    if (recv(process->wire, &byte, 1, MSG_DONTWAIT) > 0)
        process_meddled("sent more than one answer");
    if (!ended)
        judge_fail(VERDICT_TIME_LIMIT,
            "Your program gave its answers, but does not end: it is %s.",
            look_where(process->pid));
    process_reap(process, "after its last answer", true);
}
