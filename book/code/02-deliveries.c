/*
 * A text of 13 bytes, cut in every way there is: each read brings 1, 2
 * or 3 bytes, or is interrupted, for up to four reads; then the rest
 * comes whole. Four people wrote a function that is to read it all; how
 * many deliveries does each of them survive? With --each, a line a
 * delivery.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

enum { LENGTH = 13, DELIVERIES = 341 };

static const char text[LENGTH] = "every byte ok";

/* The delivery that is played: what is still to happen, and where in
 * the text it stands. */
static int actions[4], action, action_count;
static size_t sent;

/* Number 0 is no action at all, 1 to 4 are one, then come two. */
static void
prepare(int number)
{
    action = action_count = 0;
    sent = 0;
    for (int many = 1; number >= many; many *= 4) {
        number -= many;
        action_count++;
    }
    for (int i = 0; i < action_count; i++, number /= 4)
        actions[i] = number % 4;
}

/* book: stage */
/* Stands where the system was, and does what the script says. */
static ssize_t
play_read(void *b, size_t n)
{
    size_t brings = LENGTH - sent;

    if (action < action_count) {
        int next = actions[action++]; /* @next */
        if (next == 0) {
            errno = EINTR; /* @interrupted */
            return -1;
        }
        if ((size_t)next < brings)
            brings = (size_t)next; /* 1, 2 or 3 bytes */
    }
    if (brings > n)
        brings = n;
    memcpy(b, text + sent, brings);
    sent += brings;
    return (ssize_t)brings;
}
/* book: end stage */

static ssize_t
one_call(char *b, size_t n)
{
    return play_read(b, n);
}

static ssize_t
gives_up(char *b, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = play_read(b + done, n - done);
        if (got <= 0)
            return got == 0 ? (ssize_t)done : -1;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static ssize_t
always_to_the_front(char *b, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = play_read(b, n - done);
        if (got == 0)
            break;
        if (got != -1)
            done += (size_t)got;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)done;
}

static ssize_t
right(char *b, size_t n)
{
    if (n == 0)
        return 0;
    ssize_t got = play_read(b, n);
    if (got == -1)
        return errno == EINTR ? right(b, n) : -1;
    if (got == 0)
        return 0;
    ssize_t rest = right(b + got, n - (size_t)got);
    return rest == -1 ? -1 : got + rest;
}

static int
survives(ssize_t (*read_full)(char *b, size_t n), int number)
{
    char b[LENGTH] = {0};

    prepare(number);
    if (read_full(b, LENGTH) != LENGTH)
        return 0;
    return memcmp(b, text, LENGTH) == 0;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        ssize_t (*read_full)(char *b, size_t n);
    } versions[] = {
        {"one call", one_call},
        {"gives up on every -1", gives_up},
        {"always to the front", always_to_the_front},
        {"right", right},
    };
    int each = argc == 2 && strcmp(argv[1], "--each") == 0;

    for (int v = 0; v < 4; v++) {
        int survived = 0;
        for (int i = 0; i < DELIVERIES; i++) {
            int ok = survives(versions[v].read_full, i);
            survived += ok;
            if (each)
                printf("%d\t%d\t%d\n", v, i, ok);
        }
        if (!each)
            printf("%-21s %3d of 341\n", versions[v].name, survived);
    }
    return 0;
}
