#ifndef PUMP_H
#define PUMP_H

#include "judge/ask.h"

#include <poll.h>
#include <stdbool.h>

/*
 * Moving the bytes of one pump (ask.h) as the other end lets us.
 */

/* What a pump receives of a program that floods: a little more than this. */
enum { PUMP_MOST = 64 << 20 };

/* What to wait for; an entry of no descriptor when there is nothing. */
struct pollfd pump_wish(const struct pump *pump, bool asleep);

/* Move what can be moved now; true when a byte was. */
bool pump_move(struct pump *pump);

/* The call is over: receive what is left and close our end. */
void pump_finish(struct pump *pump);

#endif
