#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <signal.h>
#include <stddef.h>

/*
 * Ctrl-C without a race.
 *
 * After interrupt_catch() the signals SIGINT, SIGTERM and SIGHUP only set
 * `interrupted`, and are let through nowhere but in interrupt_poll(); so a
 * program that looks at `interrupted` before each wait never misses one.
 * A SIGHUP that is ignored (nohup) stays so.
 */
void interrupt_catch(void);
extern volatile sig_atomic_t interrupted; /* the signal, or 0 */

struct pollfd;

/* poll(2) that a caught signal ends with EINTR, even when a descriptor is
 * ready. */
int interrupt_poll(struct pollfd *fds, size_t count, int timeout_ms);

#endif
