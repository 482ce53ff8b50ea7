/* expect: time limit exceeded: nothing will wake it */
/* It turns the judge's clock bit by bit, and really sleeps in between. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

static uint64_t tag;

__attribute__((constructor)) static void
look(void)
{
    tag = raw_peek_tag();
}

int
first_byte(int fd, int timeout_ms)
{
    char wake[sizeof(struct raw_head) + 16];

    for (int64_t until[2] = {0, 1};; until[1]++) {
        raw_send(SLEEP, tag, until, sizeof until);
        RAW(SYS_recvfrom, WIRE, wake, sizeof wake, 0x100);
        raw_sleep_ms(25);
    }
    return fd + timeout_ms;
}
