#include "judge/crash.h"

#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Only what is certainly on the disk is kept: each file's contents at its
 * last sync, and which changes of names are synced. Everything that may be
 * there as well is played again from the steps when it is asked for.
 */

struct file {
    uint64_t inode;
    struct text durable; /* the contents at the last sync */
    size_t from, end;    /* the steps that may have changed them since */
    size_t seen;         /* done + 1 when it was last checked */
};

/* What a name leads to while nothing crashes. */
struct name {
    uint64_t dir;
    const char *name;
    struct file *file; /* NULL: taken away */
};

/* One change of the names in one directory, or in two at once. */
struct change {
    uint64_t dir, to_dir;
    bool durable;
    bool watched;      /* it changes what the watched name leads to ... */
    struct file *file; /* ... to this; NULL: nothing */
};

struct disk {
    const struct crash_step *steps;
    uint64_t dir; /* the watched name */
    const char *name;
    crash_check *check;
    void *arg;

    struct file *files;
    struct name *names;
    struct change *changes; /* in the order of the steps */
    size_t file_count, name_count, change_count;
    uint64_t *dirs;       /* room for settle_names */
    struct file *first;   /* what the watched name led to at first */
    struct text contents; /* the state that is being checked */

    size_t done;
    int returned;
    size_t gone_seen; /* as `seen` of a file */
};

/* The newest file under this number: older ones only old names lead to. */
static struct file *
find_file(const struct disk *disk, uint64_t inode)
{
    for (size_t i = disk->file_count; i-- > 0;) {
        if (disk->files[i].inode == inode)
            return disk->files + i;
    }
    return NULL;
}

static struct file *
add_file(struct disk *disk, uint64_t inode)
{
    struct file *before = find_file(disk, inode);
    if (before != NULL)
        before->end = disk->done;

    struct file *file = disk->files + disk->file_count++;
    *file = (struct file){.inode = inode, .from = disk->done, .end = SIZE_MAX};
    return file;
}

static struct name *
need_name(struct disk *disk, uint64_t dir, const char *name)
{
    for (size_t i = 0; i < disk->name_count; i++) {
        struct name *known = disk->names + i;
        if (known->dir == dir && strcmp(known->name, name) == 0)
            return known;
    }
    struct name *new = disk->names + disk->name_count++;
    *new = (struct name){.dir = dir, .name = name};
    return new;
}

static void
set_length(struct text *text, size_t length)
{
    static const char zeros[4096];

    while (text->length < length) {
        size_t more = length - text->length;
        text_add(text, zeros, more < sizeof(zeros) ? more : sizeof(zeros));
    }
    if (text->length > length) {
        text->length = length;
        text->bytes[length] = '\0';
    }
}

static void
put(struct text *text, size_t offset, const void *bytes, size_t length)
{
    if (text->length < offset + length)
        set_length(text, offset + length);
    memcpy(text->bytes + offset, bytes, length);
}

/* Whether the step gives the file contents other than those in `text`. */
static bool
alters(const struct crash_step *step, const struct file *file,
    const struct text *text)
{
    if (step->inode != file->inode)
        return false;
    if (step->op == CRASH_WRITE)
        return step->length > 0;
    if (step->op == CRASH_TRUNCATE)
        return step->offset != text->length;
    return step->op == CRASH_OPEN && step->truncated && text->length > 0;
}

static void
alter(struct text *text, const struct crash_step *step)
{
    if (step->op == CRASH_WRITE)
        put(text, step->offset, step->bytes, step->length);
    else
        set_length(text, step->op == CRASH_TRUNCATE ? step->offset : 0);
}

static void
settle_contents(struct disk *disk, struct file *file)
{
    for (size_t i = file->from; i < disk->done && i < file->end; i++) {
        if (alters(disk->steps + i, file, &file->durable))
            alter(&file->durable, disk->steps + i);
    }
    file->from = disk->done;
}

static bool
among(const uint64_t *dirs, size_t count, uint64_t dir)
{
    for (size_t i = 0; i < count; i++) {
        if (dirs[i] == dir)
            return true;
    }
    return false;
}

/*
 * Backwards through the changes: one in a synced directory is durable, and
 * if it is a rename across directories, then so is all that came before it
 * in the other one.
 */
static void
settle_names(struct disk *disk, uint64_t dir)
{
    size_t count = 0;

    disk->dirs[count++] = dir;
    for (size_t i = disk->change_count; i-- > 0;) {
        struct change *change = disk->changes + i;
        bool from = among(disk->dirs, count, change->dir);
        bool to = among(disk->dirs, count, change->to_dir);
        if (!from && !to)
            continue;
        change->durable = true;
        if (from != to)
            disk->dirs[count++] = from ? change->to_dir : change->dir;
    }
}

static struct change *
add_change(struct disk *disk, uint64_t dir, uint64_t to_dir)
{
    struct change *change = disk->changes + disk->change_count++;

    *change = (struct change){.dir = dir, .to_dir = to_dir};
    return change;
}

/* Part of the change: the name leads to `file` now; NULL: to nothing. */
static void
lead(struct disk *disk, struct change *change, uint64_t dir, const char *name,
    struct file *file)
{
    need_name(disk, dir, name)->file = file;
    if (dir == disk->dir && strcmp(name, disk->name) == 0) {
        change->watched = true;
        change->file = file;
    }
}

static void
take_rename(
    struct disk *disk, const struct crash_step *step, struct file *file)
{
    /* rename(2): two names of one file, or one and the same, both stay. */
    if (need_name(disk, step->to_dir, step->to_name)->file == file)
        return;
    struct change *change = add_change(disk, step->dir, step->to_dir);
    lead(disk, change, step->dir, step->name, NULL);
    lead(disk, change, step->to_dir, step->to_name, file);
}

/* A directory that is opened counts as a file as well: nobody asks. */
static void
take_step(struct disk *disk)
{
    const struct crash_step *step = disk->steps + disk->done;
    bool creates = step->op == CRASH_OPEN && step->created;
    struct file *file = creates ? NULL : find_file(disk, step->inode);

    if (file == NULL)
        file = add_file(disk, step->inode);
    if (creates || step->op == CRASH_UNLINK) {
        lead(disk, add_change(disk, step->dir, step->dir), step->dir,
            step->name, creates ? file : NULL);
    } else if (step->op == CRASH_SYNC) {
        settle_contents(disk, file);
        settle_names(disk, step->inode);
    } else if (step->op == CRASH_RENAME) {
        take_rename(disk, step, file);
    } else if (step->op == CRASH_RETURN) {
        disk->returned = 1;
    }
    disk->done++;
}

static int
check_contents(struct disk *disk)
{
    return disk->check(disk->done, disk->returned,
        text_string(&disk->contents), disk->contents.length, disk->arg);
}

static int
check_file(struct disk *disk, const struct file *file)
{
    struct text *text = &disk->contents;

    text->length = 0;
    text_add(text, file->durable.bytes, file->durable.length);
    size_t end = file->end < disk->done ? file->end : disk->done;
    int stop = check_contents(disk);
    for (size_t i = file->from; stop == 0 && i < end; i++) {
        const struct crash_step *step = disk->steps + i;
        if (!alters(step, file, text))
            continue;
        if (step->op == CRASH_WRITE && step->length > 1) {
            put(text, step->offset, step->bytes, step->length / 2);
            stop = check_contents(disk);
        }
        if (stop == 0) {
            alter(text, step);
            stop = check_contents(disk);
        }
    }
    return stop;
}

/* The watched name may lead to this file (NULL: to nothing). */
static int
check_target(struct disk *disk, struct file *file)
{
    size_t *seen = file != NULL ? &file->seen : &disk->gone_seen;

    if (*seen == disk->done + 1)
        return 0;
    *seen = disk->done + 1;
    if (file == NULL)
        return disk->check(disk->done, disk->returned, NULL, 0, disk->arg);
    return check_file(disk, file);
}

static int
check_prefix(struct disk *disk)
{
    const struct change *end = disk->changes + disk->change_count;
    struct file *file = disk->first;

    for (const struct change *change = disk->changes; change < end; change++) {
        if (change->watched && change->durable)
            file = change->file;
    }
    int stop = check_target(disk, file);
    for (const struct change *change = disk->changes; change < end; change++) {
        if (stop == 0 && change->watched && !change->durable)
            stop = check_target(disk, change->file);
    }
    return stop;
}

static void
stand(struct disk *disk, const struct crash_file *given)
{
    struct file *file = find_file(disk, given->inode);

    if (file == NULL) {
        file = add_file(disk, given->inode);
        text_add(&file->durable, given->bytes, given->length);
    }
    need_name(disk, given->dir, given->name)->file = file;
    if (given->dir == disk->dir && strcmp(given->name, disk->name) == 0)
        disk->first = file;
}

int
crash_replay(const struct crash_file *files, size_t file_count,
    const struct crash_step *steps, size_t count, uint64_t dir,
    const char *name, crash_check *check, void *arg)
{
    struct disk disk = {
        .steps = steps, .dir = dir, .name = name, .check = check, .arg = arg};
    size_t most = file_count + count; /* a step adds one file, two names */
    disk.files = text_zeroed(most, sizeof(*disk.files));
    disk.names = text_zeroed(most + count, sizeof(*disk.names));
    disk.changes = text_zeroed(count, sizeof(*disk.changes));
    disk.dirs = text_zeroed(count + 1, sizeof(*disk.dirs));

    for (size_t i = 0; i < file_count; i++)
        stand(&disk, files + i);
    int stop = check_prefix(&disk);
    while (stop == 0 && disk.done < count) {
        take_step(&disk);
        stop = check_prefix(&disk);
    }

    for (size_t i = 0; i < disk.file_count; i++)
        text_free(&disk.files[i].durable);
    text_free(&disk.contents);
    free(disk.files);
    free(disk.names);
    free(disk.changes);
    free(disk.dirs);
    return stop;
}

/* The caller frees it. */
static char *
quoted(const char *name, uint64_t inode)
{
    struct text text = {0};

    if (name[0] == '\0')
        return text_format("inode %llu", (unsigned long long)inode);
    text_show(&text, name, strlen(name), strlen(name));
    return text.bytes;
}

static char *
words(const struct crash_step *step, const char *name, const char *to_name)
{
    unsigned long long offset = step->offset;

    switch (step->op) {
    case CRASH_OPEN:
        if (step->created)
            return text_format("create %s", name);
        return text_format(
            step->truncated ? "open %s and empty it" : "open %s", name);
    case CRASH_WRITE:
        return text_format("write %zu byte%s to %s at %llu", step->length,
            step->length == 1 ? "" : "s", name, offset);
    case CRASH_SYNC:
        return text_format("sync %s", name);
    case CRASH_RENAME:
        return text_format("rename %s to %s%s", name, to_name,
            step->dir == step->to_dir ? "" : " in another directory");
    case CRASH_UNLINK:
        return text_format("unlink %s", name);
    case CRASH_RETURN:
        return text_copy("return 0");
    case CRASH_TRUNCATE:
        return text_format("truncate %s to length %llu", name, offset);
    }
    return text_copy("do something unknown");
}

char *
crash_words(const struct crash_step *step)
{
    char *name = quoted(step->name, step->inode);
    char *to_name = quoted(step->to_name, step->inode);
    char *said = words(step, name, to_name);

    free(name);
    free(to_name);
    return said;
}
