#ifndef OWN_WORK_H
#define OWN_WORK_H

#include "judge/origin.h"

/*
 * A gate on an origin server (gate.h), for a program that waits for a
 * descriptor of its own beside its answers: all answers are withheld until
 * it has served that one several times.
 *
 * Each time the program waits, a byte is written to `fd`; what the program
 * does then reads it, and reports the page `bell`, which nobody asks for,
 * through origin_done_fd(). Once it has been reported so many times, all
 * answers are given. Stops: whoever waits for answers alone ("not
 * concurrent").
 */
void own_work_gate(
    struct origin *origin, struct origin_page *bell, int fd, int times);

#endif
