#include "doctor_place.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

/* File systems whose other side can change a file without this kernel's
 * noticing. Those that linux/magic.h lacks are out of their own sources. */
static const struct {
    long magic;
    const char *name;
} shared[] = {
    {V9FS_MAGIC, "9p"},
    {FUSE_SUPER_MAGIC, "FUSE or virtiofs"},
    {NFS_SUPER_MAGIC, "NFS"},
    {CIFS_SUPER_MAGIC, "SMB"},
    {SMB2_SUPER_MAGIC, "SMB"},
    {0x786f4256, "vboxsf"},
    {0xbacbacbc, "vmhgfs"},
};

static bool
file_says(const char *path, const char *word)
{
    struct text text = {0};
    char block[4096];
    size_t n;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    while ((n = fread(block, 1, sizeof block, file)) > 0) {
        for (size_t i = 0; i < n; i++) /* as in /proc/1/environ */
            block[i] = block[i] == '\0' ? '\n' : block[i];
        text_add(&text, block, n);
    }
    fclose(file);
    bool says = strstr(text_string(&text), word) != NULL;
    text_free(&text);
    return says;
}

static const char *
find_container(void)
{
    if (access("/.dockerenv", F_OK) == 0)
        return "Docker";
    if (access("/run/.containerenv", F_OK) == 0)
        return "Podman";
    if (file_says("/proc/1/cgroup", "/docker") ||
        file_says("/proc/1/cgroup", "/kubepods") ||
        file_says("/proc/1/cgroup", "/lxc") ||
        file_says("/proc/1/environ", "\ncontainer=") ||
        access("/run/systemd/container", F_OK) == 0)
        return "a container";
    return NULL;
}

void
place_find(struct place *place)
{
    const char *codespaces = getenv("CODESPACES");
    FILE *file = fopen("/proc/sys/kernel/osrelease", "re");
    struct statfs mount;

    *place = (struct place){.container = find_container()};
    if (file != NULL) {
        if (fgets(place->release, sizeof place->release, file) != NULL)
            place->release[strcspn(place->release, "\n")] = '\0';
        fclose(file);
    }
    place->codespace = codespaces != NULL && strcmp(codespaces, "true") == 0;
    if (statfs(".", &mount) == 0)
        place->file_system = (long)mount.f_type;
    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0)
        place->inotify = errno;
    else
        close(fd);
}

static bool
is_wsl(const struct place *place)
{
    return strcasestr(place->release, "microsoft") != NULL;
}

void
place_judge(struct finding *finding, const struct place *place)
{
    const char *where = place->codespace ? "GitHub Codespaces"
                        : is_wsl(place)  ? "WSL"
                                         : place->container;

    if (where != NULL)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%s: verdicts stand, but other work on this computer is not "
            "seen, and whether it disturbs a measured time is not checked",
            where);
    else
        doctor_found(finding, LEVEL_OK, NULL,
            "neither container, WSL nor codespace, as far as can be seen");
}

static const char *
shared_name(long magic)
{
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        if (shared[i].magic == magic)
            return shared[i].name;
    }
    return NULL;
}

void
place_judge_watching(struct finding *finding, const struct place *place)
{
    const char *name = shared_name(place->file_system);

    if (name != NULL && is_wsl(place) && place->file_system == V9FS_MAGIC)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "9p, a folder of Windows: what Windows saves there is noticed up "
            "to a second late, and all files are slow; keep the repository "
            "in your Linux home");
    else if (name != NULL)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%s, a shared folder: what is saved on its other side is "
            "noticed up to a second late",
            name);
    else if (place->inotify != 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "inotify: %s; a save is noticed up to a second late",
            strerror(place->inotify));
    else
        doctor_found(finding, LEVEL_OK, NULL, "inotify");
}

static void
look_place(struct finding *finding, const char *subject)
{
    struct place place;

    (void)subject;
    place_find(&place);
    place_judge(finding, &place);
}

static void
look_watching(struct finding *finding, const char *subject)
{
    struct place place;

    (void)subject;
    place_find(&place);
    place_judge_watching(finding, &place);
}

const struct check doctor_place[] = {
    {"place", look_place, NULL},
    {"watching", look_watching, NULL},
    {NULL, NULL, NULL},
};
