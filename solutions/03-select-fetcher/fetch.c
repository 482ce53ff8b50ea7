/*
 * The select() fetcher: the reference solution of lab 03.
 *
 * A task is a request that was begun: everything that must be
 * remembered to put it down and pick it up again. There is one slot for
 * each that may be in flight. The loop in run() fills free slots, waits
 * for all tasks together, and moves each on as far as it goes without
 * waiting:
 *
 *   state       waits for     moved on by
 *   CONNECTING  writing       getsockopt(SO_ERROR): 0 -> SENDING
 *   SENDING     writing       send(): all is gone -> RECEIVING
 *   RECEIVING   reading       recv(): the body is there -> done
 */

#include "fetch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int64_t second_ns = 1000000000;

enum {
    BLOCK = 16 << 10,
    LONGEST_HEAD = 64 << 10, /* status line and headers */
};

enum state { FREE, CONNECTING, SENDING, RECEIVING };

struct task {
    enum state state;
    size_t i; /* the number of its request */
    int fd;
    int64_t deadline_ns;
    char *request;
    size_t request_length;
    size_t sent;
    char *answer; /* head and body, as they come */
    size_t room;
    size_t have;
    size_t head; /* length of the head, 0 until all of it is there */
    int status;
    bool sized; /* there was a Content-Length: */
    unsigned long long size;
};

struct fetch {
    const struct fetch_request *requests;
    struct fetch_result *results;
    const struct fetch_options *options;
    struct task *tasks; /* `slots` of them */
    size_t slots;
    size_t n;
    size_t begun;
    size_t done;
};

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * second_ns + now.tv_nsec;
}

/* A task is done: `error` is 0 or says why not well. */
static void
finish(struct fetch *fetch, struct task *task, int error)
{
    struct fetch_result *result = &fetch->results[task->i];

    *result = (struct fetch_result){.error = error};
    if (error == 0) {
        result->status = task->status;
        result->length = task->have - task->head;
        if (task->sized)
            result->length = (size_t)task->size;
        memmove(
            task->answer, task->answer + task->head, result->length);
        result->body = task->answer;
        task->answer = NULL;
    }
    free(task->answer);
    free(task->request);
    if (task->fd != -1)
        close(task->fd);
    task->state = FREE;
    fetch->done++;
    if (fetch->options->on_done != NULL)
        fetch->options->on_done(task->i, result, fetch->options->arg);
}

/* 3.1 One request, one answer */

static char *
write_request(const struct fetch_request *request, size_t *length)
{
    static const char form[] = "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n";
    size_t room =
        sizeof form + strlen(request->path) + strlen(request->host);
    char *text = malloc(room);

    if (text != NULL)
        *length = (size_t)snprintf(
            text, room, form, request->path, request->host);
    return text;
}

/* The digits of a Content-Length; returns 0, or EPROTO. */
static int
read_size(struct task *task, const char *value)
{
    char *end;

    value += strspn(value, " \t");
    if (!isdigit((unsigned char)*value))
        return EPROTO;
    task->size = strtoull(value, &end, 10); /* too large: the largest */
    task->sized = true;
    return strncmp(end, "\r\n", 2) == 0 ? 0 : EPROTO;
}

/* The head is there, up to and with the empty line; returns 0, or
 * EPROTO. */
static int
read_head(struct task *task)
{
    static const char name[] = "\r\nContent-Length:";
    char *text = task->answer;

    text[task->head - 1] = '\0'; /* instead of the last '\n' */
    if (strncmp(text, "HTTP/1.", 7) != 0)
        return EPROTO;
    size_t version = 7 + strspn(text + 7, "0123456789");
    if (text[version] != ' ' ||
        strspn(text + version + 1, "0123456789") != 3 ||
        strchr(" \r", text[version + 4]) == NULL)
        return EPROTO;
    task->status = atoi(text + version + 1);
    for (char *at = text; (at = strstr(at, "\r\n")) != NULL; at += 2) {
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return read_size(task, at + sizeof name - 1);
    }
    return 0;
}

/* Look for the end of the head in what came last, `from` on. */
static void
find_head(struct task *task, size_t from)
{
    for (size_t i = from > 3 ? from - 3 : 0; i + 4 <= task->have; i++) {
        if (memcmp(task->answer + i, "\r\n\r\n", 4) == 0) {
            task->head = i + 4;
            return;
        }
    }
}

/* Bytes have come, from `from` on. */
static void
take(struct fetch *fetch, struct task *task, size_t from)
{
    size_t most = fetch->options->max_body;

    if (task->head == 0) {
        find_head(task, from);
        int error = 0;
        if (task->head > 0)
            error = read_head(task);
        else if (task->have > LONGEST_HEAD)
            error = EPROTO;
        if (error != 0) {
            finish(fetch, task, error);
            return;
        }
        if (task->head == 0)
            return;
    }
    size_t body = task->have - task->head;
    if (task->sized ? task->size > most : body > most)
        finish(fetch, task, EMSGSIZE);
    else if (task->sized && body >= task->size)
        finish(fetch, task, 0);
}

/* The stream has ended. */
static void
end(struct fetch *fetch, struct task *task)
{
    bool whole = task->head > 0 && !task->sized;

    finish(fetch, task, whole ? 0 : EPROTO);
}

/* Room for another block. */
static bool
make_room(struct task *task)
{
    if (task->room - task->have >= BLOCK)
        return true;
    size_t room = 2 * task->room + BLOCK;
    char *answer = realloc(task->answer, room);
    if (answer == NULL)
        return false;
    task->answer = answer;
    task->room = room;
    return true;
}

/* 3.2 Many in flight */

static bool
not_now(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static void
receive(struct fetch *fetch, struct task *task)
{
    if (!make_room(task)) {
        finish(fetch, task, ENOMEM);
        return;
    }
    size_t from = task->have;
    ssize_t got =
        recv(task->fd, task->answer + from, task->room - from, 0);
    if (got > 0) {
        task->have += (size_t)got;
        take(fetch, task, from);
    } else if (got == 0) {
        end(fetch, task);
    } else if (!not_now()) {
        finish(fetch, task, errno);
    }
}

static void
send_more(struct fetch *fetch, struct task *task)
{
    ssize_t put = send(task->fd, task->request + task->sent,
        task->request_length - task->sent, MSG_NOSIGNAL);

    if (put == -1) {
        if (!not_now())
            finish(fetch, task, errno);
        return;
    }
    task->sent += (size_t)put;
    if (task->sent == task->request_length)
        task->state = RECEIVING;
}

/* Writable: the connection is made, or never will be. */
static void
see_connection(struct fetch *fetch, struct task *task)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(task->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        error = errno;
    if (error != 0) {
        finish(fetch, task, error);
        return;
    }
    task->state = SENDING;
    send_more(fetch, task);
}

/* What it waited for has come: do what can be done now. */
static void
move_on(struct fetch *fetch, struct task *task)
{
    if (task->state == CONNECTING)
        see_connection(fetch, task);
    else if (task->state == SENDING)
        send_more(fetch, task);
    else if (task->state == RECEIVING)
        receive(fetch, task);
}

/* A socket that never makes anybody wait; -1 with errno. */
static int
open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= FD_SETSIZE) {
        close(fd); /* FD_SET() would write outside the set */
        errno = EMFILE;
        return -1;
    }
    if (fd != -1 && fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Begin the next request in a free slot. */
static void
begin(struct fetch *fetch, struct task *task)
{
    size_t i = fetch->begun++;
    const struct fetch_request *request = &fetch->requests[i];

    *task = (struct task){.state = CONNECTING, .i = i, .fd = -1};
    task->request = write_request(request, &task->request_length);
    if (task->request == NULL) {
        finish(fetch, task, ENOMEM);
        return;
    }
    task->fd = open_socket();
    if (task->fd == -1) {
        finish(fetch, task, errno);
        return;
    }
    task->deadline_ns =
        now_ns() + fetch->options->timeout_ms * (second_ns / 1000);
    if (connect(task->fd, (const struct sockaddr *)&request->address,
            sizeof request->address) == -1 &&
        errno != EINPROGRESS)
        finish(fetch, task, errno);
}

static void
begin_more(struct fetch *fetch)
{
    for (size_t k = 0; k < fetch->slots; k++) {
        struct task *task = &fetch->tasks[k];
        while (task->state == FREE && fetch->begun < fetch->n)
            begin(fetch, task);
    }
}

/* 3.3 Deadlines */

/* The time until the earliest deadline, rounded up. */
static struct timeval
time_left(const struct fetch *fetch)
{
    int64_t first_ns = INT64_MAX;

    for (size_t k = 0; k < fetch->slots; k++) {
        const struct task *task = &fetch->tasks[k];
        if (task->state != FREE && task->deadline_ns < first_ns)
            first_ns = task->deadline_ns;
    }
    int64_t left_us = (first_ns - now_ns() + 999) / 1000;
    if (left_us < 0)
        left_us = 0;
    return (struct timeval){
        .tv_sec = left_us / 1000000, .tv_usec = left_us % 1000000};
}

static void
give_up_late_ones(struct fetch *fetch)
{
    int64_t now = now_ns();

    for (size_t k = 0; k < fetch->slots; k++) {
        struct task *task = &fetch->tasks[k];
        if (task->state != FREE && now >= task->deadline_ns)
            finish(fetch, task, ETIMEDOUT);
    }
}

/* 3.5 One thread, asleep */

/* Wait until a task can move on or its time is up. select() changes
 * what it is given, so all of that is made anew each time. */
static int
wait_for_any(struct fetch *fetch, fd_set *reading, fd_set *writing)
{
    int highest = -1;

    FD_ZERO(reading);
    FD_ZERO(writing);
    for (size_t k = 0; k < fetch->slots; k++) {
        const struct task *task = &fetch->tasks[k];
        if (task->state == FREE)
            continue;
        FD_SET(task->fd, task->state == RECEIVING ? reading : writing);
        if (task->fd > highest)
            highest = task->fd;
    }
    struct timeval left = time_left(fetch);
    return select(highest + 1, reading, writing, NULL, &left);
}

static int
run(struct fetch *fetch)
{
    fd_set reading, writing;

    for (;;) {
        begin_more(fetch);
        if (fetch->done == fetch->n)
            return 0;
        int ready = wait_for_any(fetch, &reading, &writing);
        if (ready == -1 && errno != EINTR)
            return -1;
        for (size_t k = 0; ready > 0 && k < fetch->slots; k++) {
            struct task *task = &fetch->tasks[k];
            if (task->state != FREE &&
                (FD_ISSET(task->fd, &reading) ||
                    FD_ISSET(task->fd, &writing)))
                move_on(fetch, task);
        }
        give_up_late_ones(fetch);
    }
}

/* The wait failed: let go of everything. */
static void
abandon(struct fetch *fetch)
{
    for (size_t k = 0; k < fetch->slots; k++) {
        struct task *task = &fetch->tasks[k];
        if (task->state == FREE)
            continue;
        fetch->results[task->i].body = NULL;
        close(task->fd);
        free(task->request);
        free(task->answer);
    }
    fetch_free(fetch->results, fetch->begun);
}

int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
    struct fetch fetch = {requests, results, options, NULL, 0, n, 0, 0};

    if (options->max_in_flight < 1) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    fetch.slots = (size_t)options->max_in_flight;
    if (fetch.slots > n)
        fetch.slots = n;
    fetch.tasks = calloc(fetch.slots, sizeof *fetch.tasks);
    if (fetch.tasks == NULL)
        return -1;
    int result = run(&fetch);
    int error = errno;
    if (result == -1)
        abandon(&fetch);
    free(fetch.tasks);
    errno = error;
    return result;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(results[i].body);
        results[i].body = NULL;
    }
}
