#include "dbfile.h"

#include "clock.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const double patience_s = 10;

/* The caller frees it. */
static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return text_copy(".");
    int length = slash == path ? 1 : (int)(slash - path);
    return text_format("%.*s", length, path);
}

static int
make_folder(char *folder)
{
    for (char *at = folder + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char kept = *at;
        *at = '\0';
        int made = mkdir(folder, 0777);
        *at = kept;
        if (kept == '\0')
            return made != 0 && errno != EEXIST ? -1 : 0;
    }
}

/* Never a blocking lock: whoever holds it may have been stopped. */
static int
lock(int fd)
{
    static const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
    double give_up = clock_now_s() + patience_s;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK && clock_now_s() >= give_up)
            return -1;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return 0;
        nanosleep(&nap, NULL);
    }
    return 0;
}

int
dbfile_lock(const char *path)
{
    char *folder = folder_of(path);
    int fd = -1;

    if (make_folder(folder) == 0)
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd >= 0 && lock(fd) != 0) {
        close(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

static char *
free_name(const char *path)
{
    char stamp[32];
    struct tm tm;
    struct stat status;
    time_t now = time(NULL);

    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
    char *aside = text_format("%s.corrupt-%s", path, stamp);
    for (int i = 2; lstat(aside, &status) == 0; i++) {
        free(aside);
        aside = text_format("%s.corrupt-%s-%d", path, stamp, i);
    }
    return aside;
}

char *
dbfile_set_aside(const char *path)
{
    /* The database is last: were it gone first, a log that stayed behind
     * would be taken for that of the next one. */
    static const char *const endings[] = {"-wal", "-shm", "-journal", ""};
    char *aside = free_name(path);
    int result = 0;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *from = text_format("%s%s", path, endings[i]);
        char *to = text_format("%s%s", aside, endings[i]);
        if (result == 0 && rename(from, to) != 0 && errno != ENOENT)
            result = -1;
        int error = errno;
        free(from);
        free(to);
        errno = error;
    }
    if (result == 0)
        return aside;
    int error = errno;
    free(aside);
    errno = error;
    return NULL;
}
