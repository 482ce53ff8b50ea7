#include "watch.h"

#include "text.h"
#include "warn.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* What stands at the path now; false when nothing does. */
static bool
find(const char *path, struct stat *status)
{
    return stat(path, status) == 0 || lstat(path, status) == 0;
}

/* The kernel's number for the folder of that path, or -1. */
static int
watch_folder(int fd, const char *path)
{
    char *copy = text_copy(path);
    int folder = inotify_add_watch(
        fd, dirname(copy), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE);

    free(copy);
    return folder;
}

struct watch
watch_open(const char *const *paths, size_t count, bool only_looks)
{
    struct watch watch = {
        only_looks ? -1 : inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
        text_zeroed(count, sizeof *watch.files), count};
    int error = !only_looks && watch.fd < 0 ? errno : 0;

    for (size_t i = 0; i < count; i++) {
        struct watch_file *file = &watch.files[i];
        file->path = text_copy(paths[i]);
        file->folder = watch.fd >= 0 ? watch_folder(watch.fd, paths[i]) : -1;
        if (watch.fd >= 0 && file->folder < 0)
            error = errno;
        file->there = find(file->path, &file->seen);
    }
    if (error != 0)
        warn("saves are looked for once a second, since inotify cannot be "
             "had (%s)",
            strerror(error));
    return watch;
}

void
watch_close(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        free(watch->files[i].path);
    free(watch->files);
    if (watch->fd >= 0)
        close(watch->fd);
    *watch = (struct watch){.fd = -1};
}

static bool
is_of(const struct inotify_event *event, const struct watch_file *file)
{
    const char *name = strrchr(file->path, '/');

    name = name != NULL ? name + 1 : file->path;
    return event->wd == file->folder && event->len > 0 &&
           strcmp(event->name, name) == 0;
}

static bool
take_event(struct watch *watch, const struct inotify_event *event)
{
    bool saved = false;

    for (size_t i = 0; i < watch->count; i++) {
        if (is_of(event, &watch->files[i]))
            saved = watch->files[i].saved = true;
    }
    return saved;
}

/* All that the kernel has to tell. */
static bool
take_events(struct watch *watch)
{
    _Alignas(struct inotify_event) char events[8192];
    bool saved = false;
    ssize_t n;

    while ((n = read(watch->fd, events, sizeof events)) > 0) {
        for (char *at = events; at < events + n;) {
            const struct inotify_event *event = (const void *)at;
            saved = take_event(watch, event) || saved;
            at += sizeof *event + event->len;
        }
    }
    return saved;
}

static bool
differs(const struct stat *a, const struct stat *b)
{
    return a->st_ino != b->st_ino || a->st_size != b->st_size ||
           a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
           a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

bool
watch_look(struct watch *watch)
{
    bool saved = watch->fd >= 0 && take_events(watch);

    for (size_t i = 0; i < watch->count; i++) {
        struct watch_file *file = &watch->files[i];
        struct stat now;
        file->there = find(file->path, &now);
        if (file->there && differs(&file->seen, &now)) {
            file->seen = now;
            saved = file->saved = true;
        }
    }
    return saved;
}
