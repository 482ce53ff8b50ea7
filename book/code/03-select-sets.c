/* What select() leaves of what it was given. */
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>

static int quiet[2], talks[2]; /* two pipes */

static void
say(int ready, fd_set *set, struct timeval left)
{
    int q = FD_ISSET(quiet[0], set) != 0;
    int t = FD_ISSET(talks[0], set) != 0;
    double left_s = (double)left.tv_sec + (double)left.tv_usec / 1e6;

    printf("%d ready, %.0f s left; ", ready, left_s);
    printf("in the set: quiet %d, talks %d\n", q, t);
}

int
main(void)
{
    char byte = '!';

    if (pipe(quiet) == -1 || pipe(talks) == -1)
        return 1;
    if (write(talks[1], &byte, 1) != 1)
        return 1;

    /* book: ask */
    fd_set set;
    struct timeval left = {.tv_sec = 1}; /* @time */

    FD_ZERO(&set);
    FD_SET(quiet[0], &set); /* @quiet */
    FD_SET(talks[0], &set); /* @talks */
    int most = quiet[0] > talks[0] ? quiet[0] : talks[0];
    int ready = select(most + 1, &set, NULL, NULL, &left); /* @call */
    say(ready, &set, left);
    /* book: end ask */

    if (read(talks[0], &byte, 1) != 1)
        return 1;
    /* book: again */
    if (write(quiet[1], &byte, 1) != 1) /* @speaks */
        return 1;
    ready = select(most + 1, &set, NULL, NULL, &left); /* @deaf */
    say(ready, &set, left);
    /* book: end again */
    return 0;
}
