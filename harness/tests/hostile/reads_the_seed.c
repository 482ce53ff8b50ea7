/* expect: wrong answer: first_byte() returned 0 */
/* Looks for the seed in its judge's command line, and is right if it can. */
#include "../../harness/tests/hostile/raw.h"

static int
knows_the_seed(void)
{
    char path[] = "/proc/0000000000/cmdline", line[4096];
    long pid = RAW(SYS_getppid);

    for (int i = 15; i > 5; i--, pid /= 10)
        path[i] = (char)('0' + pid % 10);
    char *number = path + 6;
    while (*number == '0')
        number++;
    memmove(path + 6, number, strlen(number) + 1);
    long fd = RAW(SYS_openat, -100, path, 0);
    long n = RAW(SYS_read, fd, line, sizeof line - 1);
    for (long i = 0; i < n - 10; i++) {
        if (memcmp(line + i, "--seed", 7) == 0)
            return line[i + 7] != '0';
    }
    return 0;
}

int
first_byte(int fd, int timeout_ms)
{
    return knows_the_seed() ? right_byte(fd, timeout_ms) : 0;
}
