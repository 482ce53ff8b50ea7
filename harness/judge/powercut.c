#include "judge/powercut.h"

#include "judge/process.h"
#include "probe/vfs_step.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 64 << 20 };

/* What a file holds; one that is not there holds nothing. */
struct image {
    bool there;
    struct text bytes;
};

static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};

enum { KEPT = 3, ALL = 4 };

struct powercut {
    struct image start[KEPT];
    struct image disk[KEPT], now[KEPT]; /* synced; written */
    bool dirty[KEPT];                   /* they may differ */
};

static void
copy_image(struct image *to, const struct image *from)
{
    to->there = from->there;
    to->bytes.length = 0;
    text_add(&to->bytes, text_string(&from->bytes), from->bytes.length);
}

static void
read_image(struct image *image, const char *path)
{
    char block[65536];
    ssize_t n;

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    image->there = fd >= 0;
    if (fd < 0)
        return;
    while ((n = read(fd, block, sizeof block)) > 0)
        text_add(&image->bytes, block, (size_t)n);
    close(fd);
    if (n < 0)
        die("read %s:", path);
}

struct powercut *
powercut_new(const char *database)
{
    struct powercut *cut = text_zeroed(1, sizeof *cut);

    for (int i = 0; i < KEPT; i++) {
        char *path = text_format("%s%s", database, suffixes[i]);
        read_image(&cut->start[i], path);
        free(path);
    }
    return cut;
}

void
powercut_free(struct powercut *cut)
{
    for (int i = 0; i < KEPT; i++) {
        text_free(&cut->start[i].bytes);
        text_free(&cut->disk[i].bytes);
        text_free(&cut->now[i].bytes);
    }
    free(cut);
}

/* Make it so long, with zeros where there was nothing. */
static void
set_length(struct image *image, size_t length)
{
    static const char zeros[4096];

    image->there = true;
    while (image->bytes.length < length) {
        size_t some = length - image->bytes.length;
        text_add(
            &image->bytes, zeros, some < sizeof zeros ? some : sizeof zeros);
    }
    image->bytes.length = length;
}

static void
take(struct powercut *cut, const struct vfs_step *step, const char *bytes)
{
    struct image *now = &cut->now[step->file];
    size_t offset = (size_t)step->offset, end = offset + (size_t)step->length;

    switch ((enum vfs_op)step->op) {
    case VFS_WRITE:
        if (now->bytes.length < end)
            set_length(now, end);
        memcpy(now->bytes.bytes + offset, bytes, (size_t)step->length);
        break;
    case VFS_TRUNCATE:
        set_length(now, offset);
        break;
    case VFS_DELETE:
        now->there = false;
        now->bytes.length = 0;
        copy_image(&cut->disk[step->file], now);
        break;
    case VFS_SYNC:
        copy_image(&cut->disk[step->file], now);
        cut->dirty[step->file] = false;
        return;
    case VFS_MARK:
    case VFS_OPS:
        return;
    }
    cut->dirty[step->file] = step->op != VFS_DELETE;
}

static void
write_image(const struct image *image, const char *path)
{
    if (!image->there) {
        if (unlink(path) != 0 && errno != ENOENT)
            die("remove %s:", path);
        return;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL ||
        fwrite(text_string(&image->bytes), 1, image->bytes.length, file) !=
            image->bytes.length ||
        fclose(file) != 0)
        die("write %s:", path);
}

/* The state in which the files of `lost` are as they were last synced. */
static void
write_state(struct powercut *cut, unsigned lost, const char *scratch)
{
    static const struct image none;

    for (int i = 0; i < ALL; i++) {
        char *path = text_format("%s%s", scratch, suffixes[i]);
        if (i >= KEPT)
            write_image(&none, path);
        else
            write_image(lost >> i & 1 ? &cut->disk[i] : &cut->now[i], path);
        free(path);
    }
}

/* All states that there may be now. */
static int
check_states(struct powercut *cut, const char *scratch, size_t done,
    int64_t mark, powercut_check *check, void *arg)
{
    int result = 0;

    for (unsigned lost = 0; lost < 1u << KEPT && result == 0; lost++) {
        bool is_state = true;
        for (int i = 0; i < KEPT; i++)
            is_state = is_state && (!(lost >> i & 1) || cut->dirty[i]);
        if (!is_state)
            continue;
        write_state(cut, lost, scratch);
        result = check(done, mark, arg);
    }
    return result;
}

/* The next step of the log; false when what is there is none. */
static bool
next_step(const char **at, size_t *left, struct vfs_step *step)
{
    if (*left < sizeof *step)
        return false;
    memcpy(step, *at, sizeof *step);
    *at += sizeof *step;
    *left -= sizeof *step;
    return step->op >= 0 && step->op < VFS_OPS && step->file >= 0 &&
           step->file < VFS_FILES && step->length >= 0 &&
           (size_t)step->length <= *left &&
           (step->op == VFS_MARK ||
               (step->offset >= 0 &&
                   step->offset <= MOST_BYTES - step->length));
}

int
powercut_replay(struct powercut *cut, const void *log, size_t length,
    const char *scratch, powercut_check *check, void *arg)
{
    const char *at = log;
    struct vfs_step step;
    int64_t mark = 0;
    size_t done = 0;

    for (int i = 0; i < KEPT; i++) {
        copy_image(&cut->disk[i], &cut->start[i]);
        copy_image(&cut->now[i], &cut->start[i]);
        cut->dirty[i] = false;
    }
    int result = check_states(cut, scratch, done, mark, check, arg);
    while (length > 0 && result == 0) {
        if (!next_step(&at, &length, &step))
            process_meddled("sent a log of its own to the harness");
        if (step.op == VFS_MARK)
            mark = step.offset;
        else if (step.file < KEPT)
            take(cut, &step, at);
        at += step.length;
        length -= (size_t)step.length;
        done++;
        if (step.file < KEPT)
            result = check_states(cut, scratch, done, mark, check, arg);
    }
    return result;
}
