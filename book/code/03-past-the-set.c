/* FD_SET() beyond the set: nobody says a word. */
#include <stdio.h>
#include <sys/select.h>

int
main(void)
{
    /* book: past */
    struct {
        fd_set reading;
        int neighbour;
    } both = {.neighbour = 0};
    int fd = FD_SETSIZE + 3;

    FD_SET(fd, &both.reading); /* @past */
    printf("the neighbour was 0, and is %d\n", both.neighbour);
    /* book: end past */
    return 0;
}
