/*
 * POSIX AIO: sixteen reads that nobody waits for, and who it is that
 * does. Counts the threads of this process before and after.
 */
#define _GNU_SOURCE /* aio_init */

#include <aio.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READS = 16, EACH = 4096 };

static void
must(int went_well, const char *what)
{
    if (went_well)
        return;
    perror(what);
    exit(1);
}

static int
threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    must(tasks != NULL, "/proc/self/task");
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

int
main(void)
{
    static char buffer[READS][EACH];
    static struct aiocb reads[READS];
    /* An idle thread of the library ends after a second; on a busy
     * machine the count may come later than that. */
    struct aioinit patience = {
        .aio_threads = 20, .aio_num = 64, .aio_idle_time = 600};

    aio_init(&patience);
    int fd = open("/proc/self/exe", O_RDONLY);
    must(fd != -1, "/proc/self/exe");
    printf("threads before: %d\n", threads());
    /* book: submit */
    for (int i = 0; i < READS; i++) {
        reads[i].aio_fildes = fd;
        reads[i].aio_buf = buffer[i];
        reads[i].aio_nbytes = EACH;
        reads[i].aio_offset = (off_t)i * EACH;
        must(aio_read(&reads[i]) == 0, "aio_read");
    }
    printf("threads after:  %d\n", threads());
    /* book: end submit */
    for (int i = 0; i < READS; i++) {
        const struct aiocb *one[] = {&reads[i]};
        while (aio_error(&reads[i]) != 0)
            aio_suspend(one, 1, NULL);
    }
    return 0;
}
