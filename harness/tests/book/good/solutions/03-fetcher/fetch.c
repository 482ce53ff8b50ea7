#include <poll.h>

int
window(struct pollfd *chairs, nfds_t n)
{
    /* book: window */
#pragma omp parallel for num_threads(2) schedule(dynamic, 1) \
    reduction(+ : n) ordered
    while (n > 0) {

        /* book: inner */
        if (poll(chairs, n, -1) == -1) /* @poll */
            return -1;
        /* book: end inner */
        n--;
    }
    /* book: end window */
    return 0;
}
