#ifndef FLIGHT_H
#define FLIGHT_H

#include "judge/ask.h"
#include "judge/process.h"

/*
 * One call in flight: what ask_send() does, on a given process. Used by
 * ask.c alone.
 */
void flight_run(
    struct process *process, struct ask *ask, struct answer *answer);

#endif
