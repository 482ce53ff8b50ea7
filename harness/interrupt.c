#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <time.h>

volatile sig_atomic_t interrupted;

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

static void
note_signal(int signal_number)
{
    interrupted = signal_number;
}

static bool
is_ignored(int signal_number)
{
    struct sigaction old;

    return sigaction(signal_number, NULL, &old) == 0 &&
           old.sa_handler == SIG_IGN;
}

void
interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t set;

    sigemptyset(&set);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++) {
        if (caught[i] == SIGHUP && is_ignored(SIGHUP))
            continue;
        sigaddset(&set, caught[i]);
        sigaction(caught[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
}

int
interrupt_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
    struct timespec timeout = {
        timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    sig_atomic_t before = interrupted;
    sigset_t mask, blocked;

    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigdelset(&mask, caught[i]);
    /* ppoll() lets none through while a descriptor is ready. */
    sigprocmask(SIG_SETMASK, &mask, &blocked);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    if (interrupted != before) {
        errno = EINTR;
        return -1;
    }
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, &mask);
}
