#include "doctor_machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
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

const struct check doctor_kernel[] = {
    {"kernel", look_kernel, NULL},
    {NULL, NULL, NULL},
};

const struct check doctor_machine[] = {
    {"memory", look_memory, NULL},
    {"build/", look_build, NULL},
    {"user", look_user, NULL},
    {NULL, NULL, NULL},
};
