#include "probe/faults.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Memory that the learner's code takes, so that what it does not give back
 * can be counted. (LeakSanitizer needs ptrace, which containers may deny.)
 * The blocks are remembered in an open-addressed table that grows; what
 * strdup() and its like allocate is not seen, and freeing it is allowed.
 */

static void **blocks; /* NULL: empty. All under faults_lock() */
static size_t room;   /* a power of two */
static size_t count;
static _Atomic bool watching; /* changes between calls alone */

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *block);

void
memory_begin(void)
{
    faults_lock();
    for (size_t i = 0; i < room; i++)
        blocks[i] = NULL;
    count = 0;
    faults_unlock();
    watching = true;
}

void
memory_end(void)
{
    watching = false;
}

int64_t
memory_left(void)
{
    faults_lock();
    size_t left = count;
    faults_unlock();
    return (int64_t)left;
}

static size_t
place_of(const void *block)
{
    uint64_t hash = ((uintptr_t)block >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    size_t place = (size_t)(hash >> 32) & (room - 1);

    while (blocks[place] != NULL && blocks[place] != block)
        place = (place + 1) & (room - 1);
    return place;
}

static void
grow(void)
{
    void **old = blocks;
    size_t old_room = room;

    room = room > 0 ? room * 2 : 1024;
    blocks = text_zeroed(room, sizeof *blocks);
    for (size_t i = 0; i < old_room; i++) {
        if (old[i] != NULL)
            blocks[place_of(old[i])] = old[i];
    }
    free(old);
}

static void
remember(void *block)
{
    if (!watching || block == NULL)
        return;
    faults_lock();
    if (2 * count >= room)
        grow();
    size_t place = place_of(block);
    count += blocks[place] == NULL; /* else the library freed that one */
    blocks[place] = block;
    faults_unlock();
}

/* Take it out and put those that stood behind it in their places. */
static void
take_out(const void *block)
{
    size_t place = place_of(block);

    if (blocks[place] == NULL)
        return;
    blocks[place] = NULL;
    count--;
    for (;;) {
        place = (place + 1) & (room - 1);
        void *moved = blocks[place];
        if (moved == NULL)
            return;
        blocks[place] = NULL;
        blocks[place_of(moved)] = moved;
    }
}

static void
forget(const void *block)
{
    if (!watching || block == NULL)
        return;
    faults_lock();
    if (room > 0)
        take_out(block);
    faults_unlock();
}

/* Memory was refused: the limit of the lab, seen where it is met. */
static void
check(const void *block, size_t size)
{
    if (block != NULL || size == 0 || !watching)
        return;
    serve_note(VERDICT_MEMORY_LIMIT,
        "Your program asked for %zu bytes more and was refused: it holds "
        "%zu blocks of memory already and is at the limit of this lab.",
        size, (size_t)memory_left());
}

/* The script says that there is no memory. */
static void *
refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

void *
__wrap_malloc(size_t size)
{
    if (faults_take(WRAPPED_malloc).fault == FAULT_ERROR)
        return refuse();
    void *block = malloc(size);
    check(block, size);
    remember(block);
    return block;
}

void *
__wrap_calloc(size_t number, size_t size)
{
    if (faults_take(WRAPPED_calloc).fault == FAULT_ERROR)
        return refuse();
    void *block = calloc(number, size);
    check(block, number * size);
    remember(block);
    return block;
}

void *
__wrap_realloc(void *old, size_t size)
{
    if (faults_take(WRAPPED_realloc).fault == FAULT_ERROR)
        return refuse();
    forget(old);
    void *block = realloc(old, size);
    check(block, size);
    remember(block);
    return block;
}

void
__wrap_free(void *block)
{
    faults_take(WRAPPED_free);
    forget(block);
    free(block);
}
