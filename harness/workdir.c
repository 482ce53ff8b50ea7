#include "workdir.h"

#include "text.h"
#include "tree.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { LEAST_MIB = 32 };

static const char *const parent = "build/work";

/* Kill and count the processes whose program lies in a folder. */
static int
kill_programs(const char *folder)
{
    struct dirent *entry;
    char program[PATH_MAX];
    size_t length = strlen(folder);
    int killed = 0;

    DIR *proc = opendir("/proc");
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        char *path = text_format("/proc/%s/exe", entry->d_name);
        ssize_t n = isdigit((unsigned char)entry->d_name[0])
                        ? readlink(path, program, sizeof program)
                        : -1;
        free(path);
        if (n <= (ssize_t)length || program[length] != '/' ||
            memcmp(program, folder, length) != 0)
            continue;
        kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
        killed++;
    }
    if (proc != NULL)
        closedir(proc);
    return killed;
}

/* The harness of this folder was killed so that it could stop nobody:
 * what its program had started may live on. */
static void
end_run(const char *path)
{
    char *folder = realpath(path, NULL);

    for (int i = 0; folder != NULL && i < 100 && kill_programs(folder) > 0;
         i++)
        ;
    free(folder);
    tree_remove(path);
}

/* Remove the folders whose runs are gone: nobody holds their locks. */
static void
remove_stale(void)
{
    struct dirent *entry;

    DIR *folder = opendir(parent);
    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = text_format("%s/%s", parent, entry->d_name);
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            end_run(path);
        if (fd >= 0)
            close(fd);
        free(path);
    }
    closedir(folder);
}

static void
demand_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return;
    die("%s/ cannot be made (%s). The harness needs to write there: look "
        "at the free space and at who owns the folder.",
        path, strerror(errno));
}

/* A program that finds the disk full would be judged for it. */
static void
demand_room(void)
{
    struct statvfs status;

    if (statvfs(parent, &status) != 0 || status.f_blocks == 0)
        return;
    uintmax_t free_mib =
        (uintmax_t)status.f_bavail * status.f_frsize / (1024 * 1024);
    if (free_mib < LEAST_MIB)
        die("only %ju MiB are free where build/ is, and a check needs %d. "
            "Remove what you do not need there.",
            free_mib, LEAST_MIB);
}

/* Lock the new folder; -1 when another run took it for a stale one. */
static int
lock_folder(const char *path)
{
    struct stat held, there;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
        stat(path, &there) == 0 && held.st_ino == there.st_ino)
        return fd;
    close(fd);
    return -1;
}

struct workdir
workdir_open(const char *stem)
{
    struct workdir workdir = {.lock = -1};

    demand_folder("build");
    demand_folder(parent);
    remove_stale();
    demand_room();
    for (int tries = 0; workdir.lock < 0 && tries < 100; tries++) {
        free(workdir.path);
        workdir.path = text_format("%s/%s.XXXXXX", parent, stem);
        if (mkdtemp(workdir.path) == NULL)
            die("nothing can be written in %s/ (%s). The harness needs to: "
                "look at the free space and at who owns the folder.",
                parent, strerror(errno));
        workdir.lock = lock_folder(workdir.path);
    }
    if (workdir.lock < 0)
        die("lock a folder in %s/:", parent);
    return workdir;
}

void
workdir_close(struct workdir *workdir)
{
    if (workdir->path == NULL)
        return;
    tree_remove(workdir->path);
    close(workdir->lock);
    free(workdir->path);
    *workdir = (struct workdir){.lock = -1};
}
