#include "probe/turnstile.h"

#include "probe/ring.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * Bell and doors are those of items (probe/bell.h). Who comes takes the next
 * number, from a counter in memory that forked processes share, rings with
 * it, and sleeps at the door of that number. A call for which there is no
 * door is told as a stray and goes on.
 */
struct turnstile {
    const struct items_door *doors;
    uint64_t count;
    int bell, ping;
    _Atomic uint64_t *next; /* number of the next call */
};

static void *
map(size_t bytes, int protection, int flags, int fd)
{
    void *memory = mmap(NULL, bytes, protection, flags, fd, 0);

    if (memory == MAP_FAILED)
        die("map the doors of a turnstile:");
    return memory;
}

struct turnstile *
turnstile_take(struct call *call)
{
    struct turnstile *turnstile = text_zeroed(1, sizeof *turnstile);

    turnstile->count = call_size(call);
    int doors = call_fd(call);
    turnstile->bell = call_fd(call);
    turnstile->ping = call_fd(call);
    turnstile->doors = map(turnstile->count * sizeof *turnstile->doors,
        PROT_READ, MAP_SHARED, doors);
    turnstile->next = map(sizeof *turnstile->next, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1);
    return turnstile;
}

void
turnstile_release(struct turnstile *turnstile)
{
    munmap(
        (void *)turnstile->doors, turnstile->count * sizeof *turnstile->doors);
    munmap((void *)turnstile->next, sizeof *turnstile->next);
    free(turnstile);
}

struct turnstile_pass
turnstile_enter(struct turnstile *turnstile, uint64_t kind, uint64_t asked,
    uint64_t asked_1, uint64_t asked_2, uint64_t asked_3)
{
    struct turnstile_pass pass = {
        .number = atomic_fetch_add(turnstile->next, 1)};
    bool has_door = pass.number < turnstile->count;

    ring_bell(turnstile->bell,
        (struct items_bell){.ring = has_door ? ITEMS_ENTER : ITEMS_STRAY,
            .item = pass.number,
            .asked = {asked, asked_1, asked_2, asked_3},
            .kind = kind});
    if (has_door) {
        ring_wait(&turnstile->doors[pass.number]);
        memcpy(pass.values, turnstile->doors[pass.number].values,
            sizeof pass.values);
    }
    return pass;
}

void
turnstile_leave(
    struct turnstile *turnstile, struct turnstile_pass pass, int64_t result)
{
    if (pass.number < turnstile->count)
        ring_bell(turnstile->bell, (struct items_bell){.ring = ITEMS_LEAVE,
                                       .item = pass.number,
                                       .asked = {(uint64_t)result}});
}

void
turnstile_tell(struct turnstile *turnstile, uint64_t kind, uint64_t told,
    uint64_t told_1, uint64_t told_2, uint64_t told_3)
{
    ring_bell(turnstile->bell, (struct items_bell){.ring = ITEMS_TELL,
                                   .asked = {told, told_1, told_2, told_3},
                                   .kind = kind});
}

int
turnstile_ping_fd(struct turnstile *turnstile)
{
    return turnstile->ping;
}

bool
turnstile_answer(struct turnstile *turnstile)
{
    int error = errno;
    char byte;

    long n = syscall(
        SYS_recvfrom, turnstile->ping, &byte, 1, MSG_DONTWAIT, NULL, NULL);
    if (n == 1)
        syscall(SYS_sendto, turnstile->ping, &byte, 1, MSG_NOSIGNAL, NULL, 0);
    errno = error;
    return n == 1;
}
