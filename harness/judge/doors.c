#include "judge/doors.h"

#include "judge/judge.h"
#include "judge/process.h"
#include "warn.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
make_memory(struct doors *doors)
{
    size_t bytes = doors->count * sizeof *doors->door;

    doors->memory = memfd_create("doors", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (doors->memory < 0 || ftruncate(doors->memory, (off_t)bytes) != 0)
        die("memory for %zu doors:", doors->count);
    if (bytes == 0)
        return;
    doors->door = mmap(
        NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, doors->memory, 0);
    if (doors->door == MAP_FAILED)
        die("map %zu doors:", doors->count);
    /* Whoever maps it from here on can only read it. */
    if (fcntl(doors->memory, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0)
        die("seal the doors:");
}

struct doors
doors_new(size_t count)
{
    struct doors doors = {.count = count};
    int ends[2];

    if (count > ITEMS_MOST)
        die("more than %d items", ITEMS_MOST);
    make_memory(&doors);
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < ITEMS_VALUES; k++)
            doors.door[i].values[k] = judge_random();
        atomic_store(&doors.door[i].open, 1);
    }
    if (pipe2(ends, O_CLOEXEC) != 0)
        die("open a bell:");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    doors.bell = ends[0];
    doors.their_bell = ends[1];
    return doors;
}

void
doors_free(struct doors *doors)
{
    if (doors->count > 0)
        munmap(doors->door, doors->count * sizeof *doors->door);
    if (doors->bell >= 0)
        close(doors->bell);
}

void
doors_close(struct doors *doors)
{
    for (size_t i = 0; i < doors->count; i++)
        atomic_store(&doors->door[i].open, 0);
}

void
doors_open(struct doors *doors, size_t i)
{
    _Atomic uint32_t *open = &doors->door[i].open;

    atomic_store(open, 1);
    syscall(SYS_futex, open, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void
doors_open_all_but(struct doors *doors, size_t closed)
{
    for (size_t i = 0; i < doors->count; i++) {
        if (i != closed)
            doors_open(doors, i);
    }
}

size_t
doors_hear(struct doors *doors, struct items_bell bells[DOORS_MOST_RINGS])
{
    if (doors->bell < 0)
        return 0;
    ssize_t n = read(doors->bell, bells, DOORS_MOST_RINGS * sizeof bells[0]);
    if (n == 0) { /* no longer to be polled: it would always be ready */
        close(doors->bell);
        doors->bell = -1;
    }
    if (n <= 0)
        return 0;
    if ((size_t)n % sizeof bells[0] != 0)
        process_meddled("wrote into the harness's own channel");
    return (size_t)n / sizeof bells[0];
}
