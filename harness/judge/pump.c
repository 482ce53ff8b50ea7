#include "judge/pump.h"

#include <errno.h>
#include <unistd.h>

struct pollfd
pump_wish(const struct pump *pump, bool asleep)
{
    struct pollfd wish = {pump->fd, 0, 0};

    if (pump->when_asleep && !asleep)
        wish.fd = -1;
    wish.events = pump->receives ? POLLIN : POLLOUT;
    if (!pump->receives && pump->done == pump->length && pump->keep_open)
        wish.fd = -1;
    return wish;
}

static void
end_pump(struct pump *pump)
{
    if (pump->fd >= 0)
        close(pump->fd);
    pump->fd = -1;
}

static bool
receive(struct pump *pump)
{
    char block[65536];
    size_t room = sizeof block;

    if (pump->step > 0 && pump->step < room)
        room = pump->step;
    ssize_t n = read(pump->fd, block, room);
    if (n > 0) {
        text_add(pump->into, block, (size_t)n);
        pump->done += (size_t)n;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end_pump(pump);
    return n > 0;
}

bool
pump_move(struct pump *pump)
{
    if (pump->fd < 0)
        return false;
    if (pump->receives)
        return receive(pump);
    size_t left = pump->length - pump->done;
    if (pump->step > 0 && left > pump->step)
        left = pump->step;
    ssize_t n = left > 0 ? write(pump->fd, pump->bytes + pump->done, left) : 0;
    if (n > 0)
        pump->done += (size_t)n;
    bool failed = n < 0 && errno != EAGAIN && errno != EINTR;
    if (failed || (pump->done == pump->length && !pump->keep_open))
        end_pump(pump);
    return n > 0;
}

void
pump_finish(struct pump *pump)
{
    while (pump->receives && pump->fd >= 0 && pump->done <= PUMP_MOST &&
           receive(pump))
        ;
    end_pump(pump);
}
