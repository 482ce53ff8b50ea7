#include "workdir.h"

#include "text.h"
#include "warn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const parent = "build/work";

static int
remove_one(
    const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)at;
    if (type == FTW_DNR && chmod(path, 0700) == 0)
        rmdir(path);
    remove(path);
    return 0;
}

static int
open_up(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)at;
    if ((type == FTW_D || type == FTW_DNR) && (status->st_mode & 0700) != 0700)
        chmod(path, 0700);
    return 0;
}

static void
remove_tree(const char *path)
{
    nftw(path, open_up, 16, FTW_PHYS);
    nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
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
            remove_tree(path);
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

struct workdir
workdir_open(const char *stem)
{
    struct workdir workdir = {.lock = -1};

    demand_folder("build");
    demand_folder(parent);
    remove_stale();
    for (int tries = 0; workdir.lock < 0 && tries < 100; tries++) {
        free(workdir.path);
        workdir.path = text_format("%s/%s.XXXXXX", parent, stem);
        if (mkdtemp(workdir.path) == NULL)
            die("nothing can be written in %s/ (%s). The harness needs to: "
                "look at the free space and at who owns the folder.",
                parent, strerror(errno));
        workdir.lock = open(workdir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (workdir.lock < 0 || flock(workdir.lock, LOCK_EX | LOCK_NB) != 0) {
            if (workdir.lock >= 0) /* another run took it for a stale one */
                close(workdir.lock);
            workdir.lock = -1;
        }
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
    remove_tree(workdir->path);
    close(workdir->lock);
    free(workdir->path);
    *workdir = (struct workdir){.lock = -1};
}
