#include "doctor_machine.h"

#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

/* `lab` waits for its children by pidfd: without it nothing can be run. */
static void
look_kernel(struct finding *finding, const char *subject)
{
    struct utsname name;
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    (void)subject;
    if (fd < 0) {
        doctor_found(finding, LEVEL_FAULT, NULL,
            "pidfd_open: %s; Linux 5.3 or newer is needed, and a container "
            "that lets the call through",
            strerror(errno));
        return;
    }
    close(fd);
    uname(&name);
    doctor_found(finding, LEVEL_OK, NULL, "%s %s, with pidfd_open",
        name.sysname, name.release);
}

/* Processors that a container's quota allows; `otherwise` without one. */
static double
quota(double otherwise)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    double used_us, period_us;

    if (file == NULL)
        return otherwise;
    int read = fscanf(file, "%lf %lf", &used_us, &period_us);
    fclose(file);
    return read == 2 && period_us > 0 ? used_us / period_us : otherwise;
}

static void
look_cores(struct finding *finding, const char *subject)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int allowed = (int)online;
    cpu_set_t set;

    (void)subject;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        allowed = CPU_COUNT(&set);
    double share = quota(allowed);
    if (allowed < 2 || share < 2)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%d of %ld, %.1f at a time: parallel programs are proved, but "
            "their speed-up cannot be measured",
            allowed, online, share < allowed ? share : allowed);
    else if (share < allowed)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%d of %ld, but only %.1f at a time: measured times are too long",
            allowed, online, share);
    else
        doctor_found(finding, LEVEL_OK, NULL, "%d of %ld may be used here",
            allowed, online);
}

static void
look_load(struct finding *finding, const char *subject)
{
    double load = 0;

    (void)subject;
    getloadavg(&load, 1);
    if (load > 0.5 * (double)sysconf(_SC_NPROCESSORS_ONLN))
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%.1f: verdicts stand, but times may be too noisy to compare",
            load);
    else
        doctor_found(finding, LEVEL_OK, NULL, "%.1f", load);
}

static void
look_memory(struct finding *finding, const char *subject)
{
    FILE *file = fopen("/proc/meminfo", "re");
    char line[256];
    long available_kib = -1;

    (void)subject;
    while (file != NULL && available_kib < 0 &&
           fgets(line, sizeof line, file) != NULL)
        sscanf(line, "MemAvailable: %ld kB", &available_kib);
    if (file != NULL)
        fclose(file);
    if (available_kib < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL, "/proc/meminfo is silent");
    else if (available_kib < 1024L * 1024)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%ld MiB free: sanitized programs may run out of it",
            available_kib / 1024);
    else
        doctor_found(finding, LEVEL_OK, NULL, "%.1f GiB free",
            (double)available_kib / 1048576);
}

/* Write into build/ as the harness will: a mode does not tell of a disk that
 * is full or read-only. Returns 0, or -1 with errno. */
static int
write_in_build(void)
{
    char path[] = "build/doctor-XXXXXX";
    char block[65536] = {0};

    if (mkdir("build", 0777) != 0 && errno != EEXIST)
        return -1;
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, block, sizeof block);
    int error = n < 0 ? errno : ENOSPC;
    unlink(path);
    close(fd);
    errno = error;
    return n == sizeof block ? 0 : -1;
}

static void
look_build(struct finding *finding, const char *subject)
{
    struct statvfs disk;

    (void)subject;
    if (write_in_build() != 0) {
        const char *remedy = errno == ENOSPC || errno == EDQUOT ? "make clean"
                             : errno == EACCES ? "chmod -R u+w build"
                                               : NULL;
        doctor_found(finding, LEVEL_FAULT, remedy,
            "nothing can be written into build/: %s", strerror(errno));
        return;
    }
    double free_mib = 0;
    if (statvfs("build", &disk) == 0)
        free_mib = (double)disk.f_bavail * (double)disk.f_frsize / 1048576;
    if (free_mib < 256)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "%.0f MiB free: builds and their logs may fill the disk",
            free_mib);
    else
        doctor_found(finding, LEVEL_OK, NULL, "writable, %.1f GiB free",
            free_mib / 1024);
}

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
    bool says = strcasestr(text_string(&text), word) != NULL;
    text_free(&text);
    return says;
}

/* Is the working directory on a mount whose other side can change files
 * without this kernel's noticing? */
static bool
shared_mount(void)
{
    struct statfs mount;

    if (statfs(".", &mount) != 0)
        return false;
    return mount.f_type == V9FS_MAGIC || mount.f_type == NFS_SUPER_MAGIC ||
           mount.f_type == FUSE_SUPER_MAGIC;
}

static void
look_watch(struct finding *finding, const char *subject)
{
    int fd = inotify_init1(IN_CLOEXEC);

    (void)subject;
    if (fd >= 0)
        close(fd);
    if (file_says("/proc/version", "microsoft") && shared_mount())
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "WSL, in a folder of Windows: saving is noticed late, and all "
            "files are slow; work in your Linux home");
    else if (shared_mount())
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "a shared folder: saving on its other side is noticed late");
    else if (fd < 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "inotify: %s; saving is noticed late", strerror(errno));
    else
        doctor_found(finding, LEVEL_OK, NULL, "inotify%s",
            file_says("/proc/version", "microsoft") ? ", on WSL" : "");
}

static void
look_user(struct finding *finding, const char *subject)
{
    (void)subject;
    if (geteuid() == 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "you are root: a program that is judged can change all that root "
            "owns; an ordinary user is safer");
    else
        doctor_found(finding, LEVEL_OK, NULL, "not root");
}

static void
look_container(struct finding *finding, const char *subject)
{
    const char *kind = NULL;

    (void)subject;
    if (access("/.dockerenv", F_OK) == 0)
        kind = "Docker";
    else if (access("/run/.containerenv", F_OK) == 0)
        kind = "Podman";
    else if (access("/run/systemd/container", F_OK) == 0 ||
             file_says("/proc/1/environ", "\ncontainer="))
        kind = "a container";
    if (kind != NULL)
        doctor_found(finding, LEVEL_OK, NULL,
            "%s: other work on this machine is not seen from here", kind);
    else
        doctor_found(finding, LEVEL_OK, NULL, "none that can be seen");
}

const struct check doctor_kernel[] = {
    {"kernel", look_kernel, NULL},
    {NULL, NULL, NULL},
};

const struct check doctor_machine[] = {
    {"cores", look_cores, NULL},
    {"load", look_load, NULL},
    {"memory", look_memory, NULL},
    {"build/", look_build, NULL},
    {"watching", look_watch, NULL},
    {"user", look_user, NULL},
    {"container", look_container, NULL},
    {NULL, NULL, NULL},
};
