#include "clock.h"
#include "spawn.h"
#include "warn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/*
 * The counter: twelve forms go through io_copy(), and the clerk hands
 * over three of them every 50 ms. Who takes one read for all of it goes
 * home with three, and thinks that all is well.
 *
 * What is printed is a timeline (harness/timeline.h): a lane for every
 * three forms, which wait until they have come out at the other end.
 */
enum { PIECES = 4, FORMS = 3, EACH_MS = 50 };

static const char forms[FORMS] = "abc";

/* What one copy did with them. */
struct copy {
    size_t bytes; /* that came out */
    int arrived;  /* pieces of them, whole */
    double arrived_s[PIECES];
    double total_s; /* until the copy ended */
    struct outcome outcome;
};

/* What comes out within `ms`, and when. Returns 0 at the end. */
static int
take(struct copy *copy, int fd, double zero_s, int ms)
{
    double until_s = clock_now_s() + ms / 1e3;
    struct pollfd out = {.fd = fd, .events = POLLIN};
    char block[PIECES * FORMS];

    for (;;) {
        double left_s = until_s - clock_now_s();
        if (left_s < 0 || poll(&out, 1, (int)(left_s * 1e3) + 1) == 0)
            return 1;
        ssize_t got = read(fd, block, sizeof block);
        double now_s = clock_now_s() - zero_s;
        copy->total_s = now_s;
        if (got <= 0)
            return 0;
        copy->bytes += (size_t)got;
        while (copy->arrived < (int)(copy->bytes / FORMS))
            copy->arrived_s[copy->arrived++] = now_s;
    }
}

/* Hand over all the forms to `probe copy`. */
static struct copy
hand_over(const char *probe)
{
    const char *argv[] = {probe, "copy", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct copy copy = {0};
    int in[2], out[2], going = 1;

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        die("pipe:");
    spawn.fds[0] = in[0];
    spawn.fds[1] = out[1];
    double zero_s = clock_now_s();
    pid_t pid = spawn_start(&spawn);
    if (pid == -1)
        die("start %s:", probe);
    close(in[0]);
    close(out[1]);
    for (int i = 0; i < PIECES && going; i++) {
        going = take(&copy, out[0], zero_s, EACH_MS);
        if (going && write(in[1], forms, FORMS) != FORMS)
            break; /* the copy has just gone home */
    }
    close(in[1]);
    while (going)
        going = take(&copy, out[0], zero_s, EACH_MS);
    close(out[0]);
    if (spawn_wait(pid, &copy.outcome) != 0)
        die("wait for %s:", probe);
    return copy;
}

static void
draw(const struct copy *copy)
{
    for (int i = 0; i < PIECES; i++) {
        int here = i < copy->arrived;
        printf("lane\tforms %d to %d\t%s\n", FORMS * i + 1,
            FORMS * (i + 1), here ? "copied" : "lost");
        printf("wait\t0\t%.6f\n",
            here ? copy->arrived_s[i] : copy->total_s);
    }
    printf("lane\tprocessor\t%.0f ms\nwork\t0\t%.6f\n",
        copy->outcome.cpu_s * 1e3, copy->outcome.cpu_s);
    printf("note\t%d of %d forms; exit status %d.\n",
        FORMS * copy->arrived, FORMS * PIECES, copy->outcome.status);
}

int
main(int argc, char **argv)
{
    warn_program("experiment");
    if (argc != 3)
        die("usage: experiment STARTER REFERENCE");
    signal(SIGPIPE, SIG_IGN);
    printf("note\tThe counter: %d forms are to be copied, and %d of "
           "them are handed over every %d ms.\n",
        FORMS * PIECES, FORMS, EACH_MS);
    printf("chart\tOne read (the starter)\n");
    struct copy one_read = hand_over(argv[1]);
    draw(&one_read);
    printf("chart\tUntil the end (the reference)\n");
    struct copy every_byte = hand_over(argv[2]);
    draw(&every_byte);
    printf("note\tBoth say that all went well. Only one of them asked "
           "until there was no more.\n");
    return 0;
}
