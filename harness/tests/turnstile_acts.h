#ifndef TURNSTILE_ACTS_H
#define TURNSTILE_ACTS_H

/*
 * For test_turnstile.c: pools of threads, and what is no pool, that call
 * functions which were handed in. Each act is a whole program of a learner,
 * in small: its owner submits `jobs` pieces of work, answers pings like any
 * loop until all are done, and ends.
 */
#include "probe/turnstile.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORK, SYNC, APPENDED };
enum { ACTS_MOST_THREADS = 16 };

static struct turnstile *turnstile;
static int jobs, threads;
static uint64_t done; /* how many; __atomic */
static int done_fd;   /* an eventfd: one is done */

static void
pass(uint64_t kind, int job)
{
    struct turnstile_pass at =
        turnstile_enter(turnstile, kind, (uint64_t)job, 0, 0, 0);

    turnstile_leave(turnstile, at, job);
}

static void
do_job(int job)
{
    uint64_t one = 1;

    pass(WORK, job);
    if (write(done_fd, &one, sizeof one) != sizeof one)
        _exit(3);
}

/* The loop: answer pings, until so many jobs are done; or until a ping
 * came, when `pinged`. */
static void
loop_until(uint64_t count, bool pinged)
{
    while (done < count) {
        struct pollfd fds[2] = {
            {done_fd, POLLIN, 0}, {turnstile_ping_fd(turnstile), POLLIN, 0}};
        uint64_t more;
        poll(fds, 2, -1);
        if (turnstile_answer(turnstile) && pinged)
            return;
        if (fds[0].revents && read(done_fd, &more, sizeof more) > 0)
            done += more;
    }
}

/* One queue: numbers, taken under a lock. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t ids[ACTS_MOST_THREADS];
static int next_job;

static int
take_job(void)
{
    pthread_mutex_lock(&lock);
    int job = next_job < jobs ? next_job++ : -1;
    pthread_mutex_unlock(&lock);
    return job;
}

static void *
take_all(void *arg)
{
    for (int job; (job = take_job()) >= 0;)
        do_job(job);
    return arg;
}

static void
run_threads(int count, void *(*work)(void *))
{
    next_job = 0;
    for (intptr_t i = 0; i < count; i++)
        pthread_create(&ids[i], NULL, work, (void *)i);
    loop_until((uint64_t)jobs, false);
    for (int i = 0; i < count; i++)
        pthread_join(ids[i], NULL);
}

static void
one_queue(void)
{
    run_threads(threads, take_all);
}

/* A queue a thread: every so-many-th job. */

static void *
take_own(void *arg)
{
    for (int job = (int)(intptr_t)arg; job < jobs; job += threads)
        do_job(job);
    return arg;
}

static void
own_queues(void)
{
    run_threads(threads, take_own);
}

/* Processes that were forked share the turnstile. */
static void
processes(void)
{
    pid_t children[ACTS_MOST_THREADS];

    for (int i = 0; i < threads; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            take_own((void *)(intptr_t)i);
            _exit(0);
        }
    }
    loop_until((uint64_t)jobs, false);
    for (int i = 0; i < threads; i++)
        waitpid(children[i], NULL, 0);
}

/* Wrong: the owner does it; one thread for all; a lock around the call; a
 * thread more than were asked for; a loop that waits for the first one. */

static void
by_itself(void)
{
    next_job = 0;
    take_all(NULL);
}

static void
one_thread(void)
{
    run_threads(1, take_all);
}

static void *
take_locked(void *arg)
{
    static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

    for (int job; (job = take_job()) >= 0;) {
        pthread_mutex_lock(&disk);
        do_job(job);
        pthread_mutex_unlock(&disk);
    }
    return arg;
}

static void
one_lock(void)
{
    run_threads(threads, take_locked);
}

static void
one_more(void)
{
    run_threads(threads + 1, take_all);
}

/* One thread does all but the first job of each. */
static void *
take_once(void *arg)
{
    do_job(take_job());
    return (intptr_t)arg == 0 ? take_all(arg) : arg;
}

static void
decoys(void)
{
    run_threads(threads, take_once);
}

static void
waits(void)
{
    uint64_t more;

    next_job = 0;
    pthread_create(&ids[0], NULL, take_all, NULL);
    if (read(done_fd, &more, sizeof more) < 0)
        _exit(3);
    done += more;
    loop_until((uint64_t)jobs, false);
    pthread_join(ids[0], NULL);
}

/* Jobs, and then a sync that has to come after them. */

static pthread_barrier_t barrier;

static void *
take_and_meet(void *arg)
{
    take_all(arg);
    pthread_barrier_wait(&barrier);
    if ((intptr_t)arg == 0)
        pass(SYNC, 0);
    return arg;
}

static void
in_order(void)
{
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    run_threads(threads, take_and_meet);
    pthread_barrier_destroy(&barrier);
}

static void *
take_and_sync(void *arg)
{
    for (int job; (job = take_job()) >= 0;) {
        if (job == jobs - 1)
            pass(SYNC, 0);
        do_job(job);
    }
    return arg;
}

static void
overtakes(void)
{
    run_threads(threads, take_and_sync);
}

/* A log: one record, and when it is being synced all the others. */

static int appended, written; /* __atomic, as all here */
static sem_t more;

static void
append(void)
{
    turnstile_tell(turnstile, APPENDED, 0, 0, 0, 0);
    __atomic_fetch_add(&appended, 1, __ATOMIC_SEQ_CST);
    sem_post(&more);
}

static int
appended_now(void)
{
    return __atomic_load_n(&appended, __ATOMIC_SEQ_CST);
}

/* Write up to so many that were appended, and sync; to the end. */
static void
log_by(int most)
{
    for (int from = 0; from < jobs;) {
        while (appended_now() == from)
            sem_wait(&more);
        int to = appended_now();
        if (to - from > most)
            to = from + most;
        for (int job = from; job < to; job++)
            pass(WORK, job);
        pass(SYNC, 0);
        uint64_t count = (uint64_t)(to - from);
        if (write(done_fd, &count, sizeof count) != sizeof count)
            _exit(3);
        from = to;
    }
}

static void *
log_all(void *arg)
{
    log_by(1000);
    return arg;
}

static void *
log_one(void *arg)
{
    log_by(1);
    return arg;
}

/* Writes while another thread syncs. */
static void *
log_write(void *arg)
{
    sem_t *wrote = arg;

    for (int job = 0; job < jobs; job++) {
        sem_wait(&more);
        pass(WORK, job);
        __atomic_fetch_add(&written, 1, __ATOMIC_SEQ_CST);
        sem_post(wrote);
    }
    return arg;
}

static void *
log_sync(void *arg)
{
    sem_t wrote;
    pthread_t writer;
    int from = 0;

    sem_init(&wrote, 0, 0);
    pthread_create(&writer, NULL, log_write, &wrote);
    while (from < jobs) {
        while (__atomic_load_n(&written, __ATOMIC_SEQ_CST) == from)
            sem_wait(&wrote);
        int to = __atomic_load_n(&written, __ATOMIC_SEQ_CST);
        pass(SYNC, 0);
        uint64_t count = (uint64_t)(to - from);
        if (write(done_fd, &count, sizeof count) != sizeof count)
            _exit(3);
        from = to;
    }
    pthread_join(writer, NULL);
    sem_destroy(&wrote);
    return arg;
}

static void
keep_log(void *(*work)(void *))
{
    appended = written = 0;
    sem_init(&more, 0, 0);
    pthread_create(&ids[0], NULL, work, NULL);
    append();
    loop_until((uint64_t)jobs, true);
    while (appended < jobs)
        append();
    loop_until((uint64_t)jobs, false);
    pthread_join(ids[0], NULL);
    sem_destroy(&more);
}

static void
group(void)
{
    keep_log(log_all);
}

static void
sync_thread(void)
{
    keep_log(log_sync);
}

static void
sync_each(void)
{
    keep_log(log_one);
}

/* Each append waits for its sync. */
static void
append_and_wait(void)
{
    appended = 0;
    sem_init(&more, 0, 0);
    pthread_create(&ids[0], NULL, log_all, NULL);
    for (int i = 1; i <= jobs; i++) {
        append();
        loop_until((uint64_t)i, false);
    }
    pthread_join(ids[0], NULL);
    sem_destroy(&more);
}

#endif
