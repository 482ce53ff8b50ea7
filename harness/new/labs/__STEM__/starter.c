#include "__NAME__.h"

#include <unistd.h>

/* TODO __N__.1 Right answers */
/* TODO __N__.2 Rough weather */
long
count_spaces(int fd)
{
    char block[64];
    long spaces = 0;

    ssize_t n = read(fd, block, sizeof block);
    for (ssize_t i = 0; i < n; i++)
        spaces += block[i] == ' ';
    return spaces;
}
