#include "judge/own_work.h"

#include "judge/judge.h"
#include "warn.h"

#include <unistd.h>

static struct {
    const struct origin_page *bell;
    int fd;
    int rung, times;
} gate; /* a judge judges one test, so it has one */

static void
allow(struct origin *origin, size_t bytes)
{
    for (size_t i = 0; i < origin_pages(origin); i++)
        origin_at(origin, i)->allowed = bytes;
}

static void
changed(struct origin *origin, void *self)
{
    (void)self;
    if (gate.bell->dones >= gate.times)
        allow(origin, SIZE_MAX);
}

/* It waits, and has done all that it was rung for: ring again. */
static bool
asleep(struct origin *origin, void *self)
{
    (void)origin;
    (void)self;
    if (gate.rung == gate.times || gate.bell->dones < gate.rung)
        return false;
    if (write(gate.fd, "!", 1) != 1)
        die("ring the bell of a program:");
    gate.rung++;
    return true;
}

static bool
stuck(struct origin *origin, void *self)
{
    (void)origin;
    (void)self;
    if (gate.bell->dones >= gate.times)
        return false;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The server withheld its answers, and meanwhile there was something "
        "to be read from the descriptor of your program's own work%s; your "
        "program did not read it, and waited for the answers. It waits for "
        "them alone.",
        gate.rung > 1 ? " once more" : "");
}

void
own_work_gate(
    struct origin *origin, struct origin_page *bell, int fd, int times)
{
    const struct origin_gate hooks = {changed, asleep, stuck, NULL};

    gate.bell = bell;
    gate.fd = fd;
    gate.rung = 0;
    gate.times = times;
    allow(origin, 0);
    origin_set_gate(origin, &hooks);
}
