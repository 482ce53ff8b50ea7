#include "judge/look.h"

#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A small file of one thread, as a string; "" when the thread is gone. */
static void
read_thread(
    pid_t pid, const char *thread, const char *file, char *line, size_t room)
{
    char path[300];

    snprintf(path, sizeof path, "/proc/%d/task/%s/%s", pid, thread, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == EMFILE)
        die("open %s:", path);
    ssize_t n = fd >= 0 ? read(fd, line, room - 1) : 0;
    if (fd >= 0)
        close(fd);
    line[n > 0 ? n : 0] = '\0';
}

/* The state letter of a thread: R, S, D, T, Z, …; 0 when it is gone. */
static char
state_of(pid_t pid, const char *thread)
{
    char line[512];

    read_thread(pid, thread, "stat", line, sizeof line);
    const char *name_end = strrchr(line, ')');
    return name_end != NULL && name_end[1] == ' ' ? name_end[2] : 0;
}

/* The number of the system call that a thread sleeps in, or -1. */
static long
call_of(pid_t pid, const char *thread)
{
    char line[256];
    long number;

    read_thread(pid, thread, "syscall", line, sizeof line);
    return sscanf(line, "%ld", &number) == 1 ? number : -1;
}

/* Who sleeps in one of these waits for the child of a vfork(). */
static bool
is_vfork(long number)
{
#ifdef SYS_vfork
    if (number == SYS_vfork)
        return true;
#endif
    return number == SYS_clone || number == SYS_clone3;
}

/* D is a wait for a disk, but in vfork() it is one for the child. */
static bool
is_running(pid_t pid, const char *thread)
{
    switch (state_of(pid, thread)) {
    case 'S':
    case 'T':
    case 't':
    case 'Z':
    case 'X':
        return false;
    case 'D':
        return !is_vfork(call_of(pid, thread));
    default:
        return true;
    }
}

/* Does a process that this thread forked run? */
static bool
has_running_child(pid_t pid, const char *thread)
{
    char children[4096], *rest;

    read_thread(pid, thread, "children", children, sizeof children);
    for (char *child = strtok_r(children, " ", &rest); child != NULL;
         child = strtok_r(NULL, " ", &rest)) {
        if (look_at((pid_t)strtol(child, NULL, 10)) == LOOK_RUNNING)
            return true;
    }
    return false;
}

enum look
look_at(pid_t pid)
{
    char path[64];
    struct dirent *entry;
    enum look look = LOOK_ASLEEP;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    if (threads == NULL && errno != ENOENT)
        die("open %s:", path);
    if (threads == NULL)
        return LOOK_RUNNING;
    while ((entry = readdir(threads)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]) &&
            (is_running(pid, entry->d_name) ||
                has_running_child(pid, entry->d_name)))
            look = LOOK_RUNNING;
    }
    closedir(threads);
    return look;
}

static const struct {
    long number;
    const char *name;
} waits[] = {
    {SYS_read, "read()"},
    {SYS_write, "write()"},
#ifdef SYS_poll
    {SYS_poll, "poll()"},
#endif
#ifdef SYS_select
    {SYS_select, "select()"},
#endif
    {SYS_ppoll, "poll()"},
    {SYS_pselect6, "select()"},
    {SYS_nanosleep, "nanosleep()"},
    {SYS_clock_nanosleep, "nanosleep()"},
    {SYS_futex, "a lock or a join"},
    {SYS_wait4, "wait()"},
};

const char *
look_where(pid_t pid)
{
    static char where[64];
    char thread[16];

    snprintf(thread, sizeof thread, "%d", pid);
    if (state_of(pid, thread) == 'T')
        return "stopped by a signal";
    long number = call_of(pid, thread);
    if (is_vfork(number))
        return "asleep in vfork()";
    snprintf(where, sizeof where, "asleep");
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        if (waits[i].number == number)
            snprintf(where, sizeof where, "asleep in %s", waits[i].name);
    }
    return where;
}

double
look_cpu_s(pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 ||
        clock_gettime(clock, &used) != 0)
        return 0;
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

struct look_memory
look_memory(pid_t pid)
{
    struct look_memory memory = {0, 0};
    char path[64];
    long mapped, resident;
    long page_kib = sysconf(_SC_PAGESIZE) / 1024;

    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return memory;
    if (fscanf(file, "%ld %ld", &mapped, &resident) == 2) {
        memory.mapped_mib = mapped * page_kib / 1024;
        memory.resident_mib = resident * page_kib / 1024;
    }
    fclose(file);
    return memory;
}

long
look_program_mib(const char *path)
{
    Elf64_Ehdr head;
    Elf64_Phdr part;
    uint64_t size = 0;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fread(&head, sizeof head, 1, file) == 1 &&
        head.e_ident[EI_CLASS] == ELFCLASS64 &&
        fseek(file, (long)head.e_phoff, SEEK_SET) == 0) {
        for (int i = 0; i < head.e_phnum; i++) {
            if (fread(&part, sizeof part, 1, file) == 1 &&
                part.p_type == PT_LOAD)
                size += part.p_memsz;
        }
    }
    fclose(file);
    return (long)(size >> 20);
}
