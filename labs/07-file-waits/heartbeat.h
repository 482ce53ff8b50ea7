#ifndef HEARTBEAT_H
#define HEARTBEAT_H

/*
 * For the chapter's experiment, and for people: a loop that beats every
 * 10 ms, and in between asks a pool for four reads, each of which takes
 * 300 ms on a made-up disk. Prints lanes of a timeline: when the loop
 * was beating, and how long it waited for each read, from the moment at
 * which it wanted it. Included by probe.c, which holds the pool.
 *
 * usage: probe heartbeat THREADS
 */
#include "files.h"
#include "warn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEART_READS = 4, HEART_READ_MS = 300, HEART_BEAT_MS = 10 };
enum { HEART_BEFORE = 5, HEART_BEATS_MOST = 1000 };

struct heart {
    double zero_s, beats_s[HEART_BEATS_MOST];
    double asked_s[HEART_READS], came_s[HEART_READS];
    int beats, asked, came;
};

static double
heart_now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static ssize_t
heart_pread(int fd, void *to, size_t length, off_t offset)
{
    struct timespec slow = {.tv_nsec = HEART_READ_MS * 1000000L};

    (void)fd;
    (void)offset;
    while (nanosleep(&slow, &slow) == -1 && errno == EINTR)
        continue;
    memset(to, 'x', length);
    return (ssize_t)length;
}

static ssize_t
heart_pwrite(int fd, const void *from, size_t length, off_t offset)
{
    (void)fd;
    (void)from;
    (void)offset;
    return (ssize_t)length;
}

static int
heart_sync(int fd)
{
    (void)fd;
    return 0;
}

static void
heart_print(const struct heart *heart)
{
    double longest_s = 0, begin_s = heart->beats_s[0];

    printf("lane\theart\t%d beats\n", heart->beats);
    for (int i = 1; i < heart->beats; i++) {
        double last_s = heart->beats_s[i - 1];
        double pause_s = heart->beats_s[i] - last_s;
        longest_s = pause_s > longest_s ? pause_s : longest_s;
        if (pause_s > 5 * HEART_BEAT_MS / 1e3) {
            printf("work\t%.6f\t%.6f\n", begin_s, last_s);
            begin_s = heart->beats_s[i];
        }
    }
    printf("work\t%.6f\t%.6f\n", begin_s,
        heart->beats_s[heart->beats - 1]);
    for (int i = 0; i < HEART_READS; i++) {
        printf("lane\tread %d\n", i + 1);
        printf(
            "wait\t%.6f\t%.6f\n", heart->asked_s[i], heart->came_s[i]);
    }
    printf("note\tThe longest pause between two beats: %.0f ms.\n",
        longest_s * 1e3);
}

/* The loop sleeps until the next beat, or until a read has come. */
static void
heart_turn(struct heart *heart, struct af_pool *pool)
{
    struct pollfd tells = {.fd = af_fd(pool), .events = POLLIN};
    double left_s = heart->beats_s[heart->beats - 1] +
                    HEART_BEAT_MS / 1e3 -
                    (heart_now_s() - heart->zero_s);
    int left_ms = left_s > 0 ? (int)(left_s * 1e3) + 1 : 0;
    struct af_done done;

    if (poll(&tells, 1, left_ms) == 1) {
        while (af_reap(pool, &done, 1) == 1) {
            heart->came_s[done.tag] = heart_now_s() - heart->zero_s;
            heart->came++;
        }
        return;
    }
    heart->beats_s[heart->beats++] = heart_now_s() - heart->zero_s;
}

static int
run_heartbeat(int argc, char **argv)
{
    static struct heart heart;
    static char to[HEART_READS][16];
    const struct af_disk disk = {heart_pread, heart_pwrite, heart_sync};
    struct af_pool *pool =
        af_open(argc > 1 ? atoi(argv[1]) : 1, HEART_READS, &disk);
    int last = HEART_BEATS_MOST;

    if (pool == NULL)
        die("af_open:");
    heart.zero_s = heart_now_s();
    heart.beats = 1; /* at 0 */
    while (heart.beats < last && heart.beats < HEART_BEATS_MOST) {
        while (
            heart.beats >= HEART_BEFORE && heart.asked < HEART_READS) {
            int i = heart.asked++;
            /* It wanted all four at once, however long asking takes. */
            for (int k = i; i == 0 && k < HEART_READS; k++)
                heart.asked_s[k] = heart_now_s() - heart.zero_s;
            if (af_read(pool, 0, to[i], sizeof to[i], 0, (uint64_t)i) !=
                0)
                die("af_read:");
        }
        heart_turn(&heart, pool);
        if (heart.came == HEART_READS && last == HEART_BEATS_MOST)
            last = heart.beats + HEART_BEFORE;
    }
    af_close(pool);
    heart_print(&heart);
    return 0;
}

#endif
