#include "probe/faults.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/*
 * Waiting and the clock.
 *
 * In real time the calls are the real ones, counted. In virtual time a wait
 * never waits here: the descriptors are looked at, and when none is ready
 * the judge is asked what happens next. It says what time it is then: at
 * an event of its script, or at the deadline. So a deadline is exact and
 * costs nothing, and a program that never waits sees a clock that stands
 * still.
 */

static bool on;
static int64_t now_ns;
static int idle_looks; /* waits of no length that found nothing, in a row */
static int idle_times; /* looks at the clock, in a row */

static const int64_t epoch_s = 1700000000; /* virtual CLOCK_REALTIME at 0 */
static const int64_t second_ns = 1000000000;

void
virtual_begin(bool is_on, int64_t start_ns)
{
    on = is_on;
    now_ns = start_ns;
    idle_looks = idle_times = 0;
}

void
virtual_end(void)
{
    on = false;
}

void
virtual_moved(void)
{
    idle_looks = idle_times = 0;
}

static void
count_idle(int *count, const char *what)
{
    if (!faults_active() || ++*count < FAULTS_PATIENCE)
        return;
    serve_note(VERDICT_BUSY_WAITING,
        "Your program %s %d times in a row without ever waiting. It burns "
        "a processor to wait.",
        what, FAULTS_PATIENCE);
}

/* Let virtual time pass until the deadline or an event. */
static int
pass(int64_t deadline_ns)
{
    idle_looks = idle_times = 0;
    return serve_sleep(&now_ns, deadline_ns);
}

static int64_t
deadline_in(int64_t wait_ns)
{
    return wait_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + wait_ns;
}

/* In nanoseconds; INT64_MAX when they are too many. */
static int64_t
span_ns(int64_t seconds, int64_t ns)
{
    if (seconds >= INT64_MAX / second_ns)
        return INT64_MAX;
    return seconds * second_ns + ns;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_select(int count, fd_set *reading, fd_set *writing,
    fd_set *exceptions, struct timeval *timeout);
int __wrap_nanosleep(const struct timespec *wait, struct timespec *left);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_gettimeofday(struct timeval *time, void *zone);
time_t __wrap_time(time_t *time);

static int
poll_virtually(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int64_t deadline_ns =
        timeout_ms < 0 ? INT64_MAX : deadline_in(timeout_ms * 1000000LL);

    for (;;) {
        int ready = poll(fds, count, 0);
        if (ready != 0)
            return ready;
        if (now_ns >= deadline_ns)
            return 0;
        if (pass(deadline_ns) != 0) {
            errno = EINTR;
            return -1;
        }
    }
}

int
__wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct fault_action action = faults_take(WRAPPED_poll);
    bool reading = false, writing = false;

    for (nfds_t i = 0; i < count; i++) {
        reading = reading || (fds[i].events & POLLIN);
        writing = writing || (fds[i].events & POLLOUT);
    }
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    faults_waited(reading, writing);
    int ready = on ? poll_virtually(fds, count, timeout_ms)
                   : poll(fds, count, timeout_ms);
    if (ready == 0 && timeout_ms == 0)
        count_idle(&idle_looks, "asked poll() with a time-out of 0");
    else
        idle_looks = 0;
    return ready;
}

static int
select_virtually(int count, fd_set *sets[3], struct timeval *timeout)
{
    int64_t deadline_ns = INT64_MAX;
    fd_set asked[3], *given[3];

    if (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0)) {
        errno = EINVAL;
        return -1;
    }
    if (timeout != NULL)
        deadline_ns =
            deadline_in(span_ns(timeout->tv_sec, timeout->tv_usec * 1000));
    for (int i = 0; i < 3; i++) {
        given[i] = sets[i] != NULL ? &asked[i] : NULL;
        if (sets[i] != NULL)
            asked[i] = *sets[i];
    }
    for (;;) {
        struct timeval none = {0, 0};
        int ready = select(count, given[0], given[1], given[2], &none);
        if (ready != 0 || now_ns >= deadline_ns) {
            for (int i = 0; ready >= 0 && i < 3; i++) {
                if (sets[i] != NULL)
                    *sets[i] = asked[i];
            }
            return ready;
        }
        if (pass(deadline_ns) != 0) {
            errno = EINTR;
            return -1;
        }
        for (int i = 0; i < 3; i++) {
            if (sets[i] != NULL)
                asked[i] = *sets[i];
        }
    }
}

int
__wrap_select(int count, fd_set *reading, fd_set *writing, fd_set *exceptions,
    struct timeval *timeout)
{
    struct fault_action action = faults_take(WRAPPED_select);
    bool no_wait =
        timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;
    fd_set *sets[3] = {reading, writing, exceptions};

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    faults_waited(reading != NULL, writing != NULL);
    int ready = on ? select_virtually(count, sets, timeout)
                   : select(count, reading, writing, exceptions, timeout);
    if (ready == 0 && no_wait)
        count_idle(&idle_looks, "asked select() with a time-out of 0");
    else
        idle_looks = 0;
    return ready;
}

int
__wrap_nanosleep(const struct timespec *wait, struct timespec *left)
{
    struct fault_action action = faults_take(WRAPPED_nanosleep);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    if (!on)
        return nanosleep(wait, left);
    if (wait->tv_sec < 0 || wait->tv_nsec < 0 || wait->tv_nsec >= second_ns) {
        errno = EINVAL;
        return -1;
    }
    int64_t deadline_ns = deadline_in(span_ns(wait->tv_sec, wait->tv_nsec));
    while (now_ns < deadline_ns) {
        if (pass(deadline_ns) == 0)
            continue;
        if (left != NULL) {
            left->tv_sec = (deadline_ns - now_ns) / second_ns;
            left->tv_nsec = (deadline_ns - now_ns) % second_ns;
        }
        errno = EINTR;
        return -1;
    }
    return 0;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    struct fault_action action = faults_take(WRAPPED_clock_gettime);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    if (!on)
        return clock_gettime(clock, time);
    count_idle(&idle_times, "looked at the clock");
    int64_t ns = now_ns + 1000 * second_ns;
    if (clock == CLOCK_REALTIME)
        ns = now_ns + epoch_s * second_ns;
    time->tv_sec = ns / second_ns;
    time->tv_nsec = ns % second_ns;
    return 0;
}

int
__wrap_gettimeofday(struct timeval *time, void *zone)
{
    faults_take(WRAPPED_gettimeofday);
    if (!on)
        return gettimeofday(time, zone);
    count_idle(&idle_times, "looked at the clock");
    time->tv_sec = epoch_s + now_ns / second_ns;
    time->tv_usec = now_ns % second_ns / 1000;
    return 0;
}

time_t
__wrap_time(time_t *time_out)
{
    faults_take(WRAPPED_time);
    if (!on)
        return time(time_out);
    count_idle(&idle_times, "looked at the clock");
    time_t seconds = epoch_s + now_ns / second_ns;
    if (time_out != NULL)
        *time_out = seconds;
    return seconds;
}
