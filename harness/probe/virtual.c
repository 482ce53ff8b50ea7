#include "probe/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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
static int64_t waited_until_ns; /* when the last wait had its full length */
/* In a row, the program doing nothing in between: waits of no length that
 * found nothing, looks at the clock, waits that found something, and looks
 * at the clock by a library that it calls. */
static _Atomic int idle_looks, idle_times, idle_wakes, library_times;
static bool steps; /* the wall clock is put back after a look at it */
static int64_t start_wall_ns; /* virtual CLOCK_REALTIME at 0 */

static const int64_t second_ns = 1000000000;
static const int64_t epoch_ns = INT64_C(1700000000000000000);
static const int64_t step_ns = INT64_C(3600000000000);

void
virtual_moved(void)
{
    idle_looks = idle_times = idle_wakes = library_times = 0;
}

void
virtual_begin(bool is_on, int64_t start_ns)
{
    on = is_on;
    now_ns = start_ns;
    waited_until_ns = -1;
    virtual_moved();
    steps = false;
    start_wall_ns = epoch_ns;
}

void
virtual_step_clock(void)
{
    steps = true;
}

void
virtual_end(void)
{
    on = false;
}

static void
count_idle(_Atomic int *count, const char *what)
{
    if (!faults_active() || ++*count < FAULTS_PATIENCE)
        return;
    serve_note(VERDICT_BUSY_WAITING,
        "Your program %s %d times in a row without ever waiting. It burns "
        "a processor to wait.",
        what, FAULTS_PATIENCE);
}

/* A wait is over: with something ready, with nothing or with an error. */
static void
end_wait(const char *call, int ready, bool no_wait)
{
    int error = errno;
    char what[200];

    if (ready > 0 && faults_active() && ++idle_wakes == FAULTS_PATIENCE)
        serve_note(VERDICT_BUSY_WAITING,
            "%s() came back at once %d times in a row, since something was "
            "ready, and your program moved not one byte in between. It burns "
            "a processor to wait. Ask only about what you would do now.",
            call, FAULTS_PATIENCE);
    idle_times = 0;
    snprintf(what, sizeof what,
        "asked %s() without a wait (a time-out of 0)%s", call,
        on && waited_until_ns == now_ns
            ? ", at just the moment until which it had waited (a deadline has "
              "come when it is now, not only when it is over),"
            : "");
    if (ready != 0 || !no_wait)
        idle_looks = 0;
    else
        count_idle(&idle_looks, what);
    errno = error;
}

/* Is there something on its way between this descriptor and its other end? */
static void
count_traffic(int fd, struct traffic *traffic)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    int unsent = 0, error = errno;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        errno = error; /* no TCP socket */
    else if (info.tcpi_state == TCP_SYN_SENT)
        traffic->connecting++;
    else if (ioctl(fd, SIOCOUTQ, &unsent) == 0 && unsent > 0)
        traffic->unsent++;
}

/* Let virtual time pass until the deadline or an event. */
static int
pass(int64_t deadline_ns, const struct traffic *traffic)
{
    virtual_moved();
    int result = serve_sleep(&now_ns, deadline_ns, traffic);
    if (now_ns == deadline_ns)
        waited_until_ns = now_ns;
    return result;
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
        struct traffic traffic = {0, 0};
        for (nfds_t i = 0; i < count; i++)
            count_traffic(fds[i].fd, &traffic);
        if (pass(deadline_ns, &traffic) != 0) {
            errno = EINTR;
            return -1;
        }
    }
}

int
__wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct fault_action action = faults_take(WRAPPED_poll);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    for (nfds_t i = 0; i < count; i++)
        faults_waited(fds[i].fd, (fds[i].events & (POLLIN | POLLRDNORM)) != 0,
            (fds[i].events & (POLLOUT | POLLWRNORM)) != 0);
    int ready = on ? poll_virtually(fds, count, timeout_ms)
                   : (int)REAL(poll, fds, count, timeout_ms);
    end_wait("poll", ready, timeout_ms == 0);
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
        struct traffic traffic = {0, 0};
        for (int i = 0; i < 3; i++) {
            if (sets[i] != NULL)
                asked[i] = *sets[i];
        }
        for (int fd = 0; fd < count && fd < FD_SETSIZE; fd++) {
            if ((sets[0] && FD_ISSET(fd, sets[0])) ||
                (sets[1] && FD_ISSET(fd, sets[1])))
                count_traffic(fd, &traffic);
        }
        if (pass(deadline_ns, &traffic) != 0) {
            errno = EINTR;
            return -1;
        }
    }
}

/* A descriptor in a set that select() is told not to look at: nobody means
 * that. One that is closed by now is left over, and does no harm. */
static void
check_highest(int count, fd_set *sets[3])
{
    if (!faults_active())
        return;
    for (int fd = count < 0 ? 0 : count; fd < FD_SETSIZE; fd++) {
        bool set = false;
        for (int i = 0; i < 3; i++)
            set = set || (sets[i] != NULL && FD_ISSET(fd, sets[i]));
        if (set && fcntl(fd, F_GETFD) != -1)
            serve_note(VERDICT_WRONG_ANSWER,
                "Descriptor %d is in a set, but select() was told to look "
                "below %d only: its first parameter is the highest "
                "descriptor plus one.",
                fd, count);
    }
}

/* Linux takes what was waited off the time limit: select(2). */
static void
take_off(struct timeval *timeout, int64_t waited_ns)
{
    int64_t left_ns =
        span_ns(timeout->tv_sec, timeout->tv_usec * 1000) - waited_ns;

    if (waited_ns == 0)
        return;
    if (left_ns < 0)
        left_ns = 0;
    timeout->tv_sec = left_ns / second_ns;
    timeout->tv_usec = left_ns % second_ns / 1000;
}

int
__wrap_select(int count, fd_set *reading, fd_set *writing, fd_set *exceptions,
    struct timeval *timeout)
{
    struct fault_action action = faults_take(WRAPPED_select);
    bool no_wait =
        timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;
    fd_set *sets[3] = {reading, writing, exceptions};
    int64_t begun_ns = now_ns;

    check_highest(count, sets);
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    for (int fd = 0; fd < count && fd < FD_SETSIZE; fd++)
        faults_waited(fd, reading != NULL && FD_ISSET(fd, reading),
            writing != NULL && FD_ISSET(fd, writing));
    int ready =
        on ? select_virtually(count, sets, timeout)
           : (int)REAL(select, count, reading, writing, exceptions, timeout);
    if (on && timeout != NULL)
        take_off(timeout, now_ns - begun_ns);
    end_wait("select", ready, no_wait);
    return ready;
}

int
__wrap_nanosleep(const struct timespec *wait, struct timespec *left)
{
    struct fault_action action = faults_take(WRAPPED_nanosleep);

    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    if (!on)
        return (int)REAL(nanosleep, wait, left);
    if (wait->tv_sec < 0 || wait->tv_nsec < 0 || wait->tv_nsec >= second_ns) {
        errno = EINVAL;
        return -1;
    }
    int64_t deadline_ns = deadline_in(span_ns(wait->tv_sec, wait->tv_nsec));
    while (now_ns < deadline_ns) {
        if (pass(deadline_ns, &(struct traffic){0, 0}) == 0)
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

/* What the clock shows at this look. */
static struct timespec
look(clockid_t clock)
{
    int64_t ns = now_ns + 1000 * second_ns;

    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        ns = start_wall_ns + now_ns;
        if (steps)
            start_wall_ns -= step_ns;
        steps = false;
    }
    return (struct timespec){ns / second_ns, ns % second_ns};
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
    *time = look(clock);
    return 0;
}

bool
virtual_look(clockid_t clock, struct timespec *time)
{
    if (!on)
        return false;
    if (++library_times == VIRTUAL_LIBRARY_PATIENCE)
        serve_note(VERDICT_BUSY_WAITING,
            "Your program called the library again and again without ever "
            "waiting: it looked at the clock %d times, and not one byte "
            "moved in between. Such a loop burns a processor to wait.",
            VIRTUAL_LIBRARY_PATIENCE);
    *time = look(clock);
    return true;
}

int
__wrap_gettimeofday(struct timeval *time, void *zone)
{
    faults_take(WRAPPED_gettimeofday);
    if (!on)
        return gettimeofday(time, zone);
    count_idle(&idle_times, "looked at the clock");
    struct timespec now = look(CLOCK_REALTIME);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
__wrap_time(time_t *time_out)
{
    faults_take(WRAPPED_time);
    if (!on)
        return time(time_out);
    count_idle(&idle_times, "looked at the clock");
    time_t seconds = look(CLOCK_REALTIME).tv_sec;
    if (time_out != NULL)
        *time_out = seconds;
    return seconds;
}
