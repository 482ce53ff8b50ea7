/*
 * poll() instead of select(), one struct for each of the n requests,
 * and the state as a function: what is to be called when its descriptor
 * is ready. Descriptors past FD_SETSIZE are like any other.
 */

#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct job;
typedef int step_function(struct job *job, size_t max_body);

enum { GO_ON = -1 }; /* else a step returns how the job ended */

struct job {
    step_function *step;
    short events;
    int fd;
    int64_t until_us;
    char *out;
    size_t out_length, out_done;
    char *in;
    size_t in_length, in_room, body;
    int status;
    unsigned long long length;
    int has_length;
};

static int64_t
clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
failed(void)
{
    return errno == EINTR || errno == EAGAIN ? GO_ON : errno;
}

static int
parse(struct job *job)
{
    int used = 0;
    char *line = job->in;
    char version, c;

    if (sscanf(line, "HTTP/1.%c%n", &version, &used) != 1 || !used)
        return EPROTO;
    if (sscanf(line + used, " %3d%c", &job->status, &c) != 2 ||
        line[used] != ' ' || strspn(line + used + 1, "0123456789") != 3)
        return EPROTO;
    if (c != ' ' && c != '\r')
        return EPROTO;
    while ((line = strchr(line, '\n')) != NULL && *++line != '\0') {
        if (strncasecmp(line, "content-length:", 15) != 0)
            continue;
        line += 15 + strspn(line + 15, " \t");
        size_t digits = strspn(line, "0123456789");
        if (digits == 0 || line[digits] != '\r')
            return EPROTO;
        errno = 0;
        job->length = strtoull(line, NULL, 10);
        job->has_length = 1;
    }
    return GO_ON;
}

static int
look(struct job *job, size_t before, size_t max_body)
{
    if (job->body == 0) {
        size_t i = before < 3 ? 0 : before - 3;
        while (i + 4 <= job->in_length &&
               memcmp(job->in + i, "\r\n\r\n", 4) != 0)
            i++;
        if (i + 4 > job->in_length)
            return job->in_length > 1 << 19 ? EPROTO : GO_ON;
        job->body = i + 4;
        char kept = job->in[job->body - 1];
        job->in[job->body - 1] = '\0';
        int end = parse(job);
        job->in[job->body - 1] = kept;
        if (end != GO_ON)
            return end;
    }
    size_t got = job->in_length - job->body;
    if (!job->has_length)
        return got > max_body ? EMSGSIZE : GO_ON;
    if (job->length > max_body)
        return EMSGSIZE;
    if (got < job->length)
        return GO_ON;
    job->in_length = job->body + (size_t)job->length;
    return 0;
}

static int
step_receive(struct job *job, size_t max_body)
{
    if (job->in_length + 4096 > job->in_room) {
        size_t room = job->in_room * 3 / 2 + 8192;
        char *in = realloc(job->in, room);
        if (in == NULL)
            return ENOMEM;
        job->in = in;
        job->in_room = room;
    }
    ssize_t n = recv(job->fd, job->in + job->in_length,
        job->in_room - job->in_length, 0);
    if (n < 0)
        return failed();
    if (n == 0)
        return job->body > 0 && !job->has_length ? 0 : EPROTO;
    job->in_length += (size_t)n;
    return look(job, job->in_length - (size_t)n, max_body);
}

static int
step_send(struct job *job, size_t max_body)
{
    ssize_t n = send(job->fd, job->out + job->out_done,
        job->out_length - job->out_done, MSG_NOSIGNAL);

    (void)max_body;
    if (n < 0)
        return failed();
    job->out_done += (size_t)n;
    if (job->out_done == job->out_length) {
        job->step = step_receive;
        job->events = POLLIN;
    }
    return GO_ON;
}

static int
step_connect(struct job *job, size_t max_body)
{
    int error;
    socklen_t size = sizeof error;

    (void)max_body;
    if (getsockopt(job->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    if (error != 0)
        return error;
    job->step = step_send;
    return GO_ON;
}

static int
start(struct job *job, const struct fetch_request *request, int ms)
{
    size_t room = strlen(request->path) + strlen(request->host) + 64;

    job->step = step_connect;
    job->events = POLLOUT;
    job->out = malloc(room);
    if (job->out == NULL)
        return ENOMEM;
    job->out_length = (size_t)snprintf(job->out, room,
        "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", request->path,
        request->host);
    job->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (job->fd < 0)
        return errno;
    if (fcntl(job->fd, F_SETFL, O_NONBLOCK) < 0)
        return errno;
    job->until_us = clock_us() + (int64_t)ms * 1000;
    const struct sockaddr *to = (const void *)&request->address;
    if (connect(job->fd, to, sizeof request->address) == 0)
        return GO_ON;
    return errno == EINPROGRESS ? GO_ON : errno;
}

static void
stop(struct job *job, int error, struct fetch_result *result)
{
    memset(result, 0, sizeof *result);
    result->error = error;
    if (error == 0) {
        result->status = job->status;
        result->length = job->in_length - job->body;
        memmove(job->in, job->in + job->body, result->length);
        result->body = job->in;
        job->in = NULL;
    }
    if (job->fd >= 0)
        close(job->fd);
    free(job->in);
    free(job->out);
    job->in = job->out = NULL;
    job->step = NULL;
}

/* In milliseconds, for poll(); rounded up. */
static int
wait_ms(const struct job *jobs, size_t n)
{
    int64_t first = INT64_MAX, now = clock_us();

    for (size_t i = 0; i < n; i++) {
        if (jobs[i].step != NULL && jobs[i].until_us < first)
            first = jobs[i].until_us;
    }
    return first <= now ? 0 : (int)((first - now + 999) / 1000);
}

static int
loop(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options,
    struct job *jobs, struct pollfd *polls)
{
    size_t begun = 0, done = 0, running = 0;

    while (done < n) {
        while (begun < n && running < (size_t)options->max_in_flight) {
            struct job *job = &jobs[begun];
            *job = (struct job){.fd = -1};
            running++;
            int end =
                start(job, &requests[begun++], options->timeout_ms);
            if (end == GO_ON)
                continue;
            stop(job, end, &results[job - jobs]);
            running--;
            done++;
            if (options->on_done)
                options->on_done((size_t)(job - jobs),
                    &results[job - jobs], options->arg);
        }
        if (running == 0)
            continue;
        for (size_t i = 0; i < begun; i++) {
            int active = jobs[i].step != NULL;
            polls[i].fd = active ? jobs[i].fd : -1;
            polls[i].events = jobs[i].events;
            polls[i].revents = 0;
        }
        if (poll(polls, begun, wait_ms(jobs, begun)) < 0 &&
            errno != EINTR)
            return -1;
        int64_t now = clock_us();
        for (size_t i = 0; i < begun; i++) {
            struct job *job = &jobs[i];
            int end = GO_ON;
            if (job->step != NULL && polls[i].revents)
                end = job->step(job, options->max_body);
            if (job->step != NULL && end == GO_ON &&
                now >= job->until_us)
                end = ETIMEDOUT;
            if (end == GO_ON)
                continue;
            stop(job, end, &results[i]);
            running--;
            done++;
            if (options->on_done)
                options->on_done(i, &results[i], options->arg);
        }
    }
    return 0;
}

int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
    if (options->max_in_flight < 1) {
        errno = EINVAL;
        return -1;
    }
    struct job *jobs = calloc(n + 1, sizeof *jobs);
    struct pollfd *polls = calloc(n + 1, sizeof *polls);
    int result = -1;
    if (jobs != NULL && polls != NULL) {
        for (size_t i = 0; i < n; i++)
            results[i].body = NULL;
        result = loop(requests, n, results, options, jobs, polls);
    }
    int error = errno;
    for (size_t i = 0; result != 0 && jobs && polls && i < n; i++) {
        if (jobs[i].step != NULL)
            stop(&jobs[i], ECANCELED, &results[i]);
        free(results[i].body);
    }
    free(jobs);
    free(polls);
    errno = error;
    return result;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    while (n-- > 0)
        free(results[n].body);
}
