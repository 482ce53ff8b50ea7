#include "__NAME__.h"

#include <errno.h>
#include <unistd.h>

/* Slow, and right. */
long
count_spaces(int fd)
{
    long spaces = 0;
    ssize_t n;
    char byte;

    while ((n = read(fd, &byte, 1)) != 0) {
        if (n == 1)
            spaces += byte == ' ';
        else if (errno != EINTR)
            return -1;
    }
    return spaces;
}
