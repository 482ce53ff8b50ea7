/*
 * A failed sync, and somebody who tries it again.
 *
 * The disk is a small model, made up: one page of a file, in the
 * system's memory and on the disk. It fails as Linux does with most of
 * its file systems: a page that could not be written counts as clean
 * from then on, and the error is told once.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
    char in_memory[16], on_disk[16];
    bool dirty;
} page = {"owes 10", "owes 10", false};

static bool broken; /* the disk */

static void
model_write(const char *text)
{
    snprintf(page.in_memory, sizeof page.in_memory, "%s", text);
    page.dirty = true;
}

/* book: sync */
static int
model_sync(void)
{
    if (!page.dirty)
        return 0;       /* @nothing */
    page.dirty = false; /* @clean */
    if (broken)
        return EIO;
    memcpy(page.on_disk, page.in_memory, sizeof page.on_disk);
    return 0;
}
/* book: end sync */

static void
show(const char *step, const char *result)
{
    printf("%-12s %-6s  %-8s  %-8s  %s\n", step, result, page.in_memory,
        page.on_disk, page.dirty ? "dirty" : "clean");
}

static const char *
name(int error)
{
    return error == EIO ? "EIO" : "0";
}

int
main(void)
{
    printf("%-12s %-6s  %-8s  %-8s  %s\n", "", "", "memory", "disk",
        "page");
    show("at first", "");
    /* book: again */
    model_write("paid");
    show("write", "");
    broken = true;
    show("sync", name(model_sync()));
    broken = false; /* somebody has put the cable back */
    show("sync again", name(model_sync()));
    /* book: end again */
    memcpy(page.in_memory, page.on_disk, sizeof page.in_memory);
    show("power cut", "");
    return 0;
}
