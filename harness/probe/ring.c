#include "probe/ring.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void
ring_bell(int bell, struct items_bell ring)
{
    int error = errno;

    ring.thread = (int32_t)syscall(SYS_gettid);
    while (syscall(SYS_write, bell, &ring, sizeof ring) < 0 && errno == EINTR)
        ;
    errno = error;
}

void
ring_wait(const struct items_door *door)
{
    int error = errno;

    while (atomic_load(&door->open) == 0)
        syscall(SYS_futex, &door->open, FUTEX_WAIT, 0, NULL, NULL, 0);
    errno = error;
}
