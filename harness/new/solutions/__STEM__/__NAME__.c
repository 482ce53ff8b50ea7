#include "__NAME__.h"

#include <errno.h>
#include <unistd.h>

long
count_spaces(int fd)
{
    char block[64];
    long spaces = 0;

    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue; /* a signal: nothing was lost */
        if (n < 0)
            return -1;
        if (n == 0)
            return spaces;
        for (ssize_t i = 0; i < n; i++)
            spaces += block[i] == ' ';
    }
}
