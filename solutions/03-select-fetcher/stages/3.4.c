/*
 * The select() fetcher, after section 3.4, and whole.
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

enum {
    BLOCK = 16 * 1024,
    LONGEST_HEAD = 64 * 1024, /* status line and headers */
};

/* What take() says while the answer is not whole: no errno. */
enum { MORE = -1 };

/* An answer, as it comes. */
struct answer {
    char *text; /* head and body */
    size_t room;
    size_t have;
    size_t head; /* length of the head, 0 until all of it is there */
    int status;
    bool sized; /* there was a Content-Length: */
    unsigned long long size;
};

enum state { FREE, CONNECTING, SENDING, RECEIVING };

struct task {
    enum state state;
    size_t i; /* the number of its request */
    int fd;
    int64_t deadline_ns;
    char *request; /* the text to send */
    size_t request_length;
    size_t sent;          /* how much of it is gone */
    struct answer answer; /* what has come so far */
};

/* What all tasks share. */
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

/* The digits of a Content-Length; returns 0, or EPROTO. */
static int
read_size(struct answer *answer, const char *value)
{
    char *end;

    value += strspn(value, " \t");
    if (!isdigit((unsigned char)*value))
        return EPROTO;
    answer->size = strtoull(value, &end, 10); /* or the largest */
    answer->sized = true;
    return strncmp(end, "\r\n", 2) == 0 ? 0 : EPROTO;
}

/* Returns 0, or EPROTO. */
static int
read_head(struct answer *answer)
{
    static const char name[] = "\r\nContent-Length:";
    char *text = answer->text;

    text[answer->head - 1] = '\0'; /* the last '\n' */
    if (strncmp(text, "HTTP/1.", 7) != 0)
        return EPROTO;
    size_t version = 7 + strspn(text + 7, "0123456789");
    if (text[version] != ' ' ||
        strspn(text + version + 1, "0123456789") != 3 ||
        strchr(" \r", text[version + 4]) == NULL)
        return EPROTO;
    answer->status = atoi(text + version + 1);
    for (char *at = text; (at = strstr(at, "\r\n")) != NULL; at += 2) {
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return read_size(answer, at + sizeof name - 1);
    }
    return 0;
}

/* More has come: is the answer whole? Then 0, else MORE, or what is
 * wrong with it. */
static int
take(struct answer *answer, size_t most)
{
    for (size_t i = 0; answer->head == 0 && i + 4 <= answer->have;
         i++) {
        if (memcmp(answer->text + i, "\r\n\r\n", 4) == 0) {
            answer->head = i + 4;
            int error = read_head(answer);
            if (error != 0)
                return error;
        }
    }
    if (answer->head == 0)
        return answer->have > LONGEST_HEAD ? EPROTO : MORE;
    size_t body = answer->have - answer->head;
    if (answer->sized ? answer->size > most : body > most)
        return EMSGSIZE;
    return answer->sized && body >= answer->size ? 0 : MORE;
}

static void
give(struct answer *answer, struct fetch_result *result)
{
    result->status = answer->status;
    result->length = answer->have - answer->head;
    if (answer->sized)
        result->length = (size_t)answer->size;
    memmove(answer->text, answer->text + answer->head, result->length);
    result->body = answer->text;
    answer->text = NULL;
}

/* The one place where a task ends, well (0) or badly (an errno). */
static void
finish(struct fetch *fetch, struct task *task, int error)
{
    struct fetch_result *result = &fetch->results[task->i];

    *result = (struct fetch_result){.error = error};
    if (error == 0)
        give(&task->answer, result);
    free(task->answer.text);
    free(task->request);
    if (task->fd != -1)
        close(task->fd);
    task->state = FREE;
    fetch->done++;
    if (fetch->options->on_done != NULL)
        fetch->options->on_done(task->i, result, fetch->options->arg);
}

static bool
not_now(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static void
receive(struct fetch *fetch, struct task *task)
{
    struct answer *answer = &task->answer;

    if (answer->room - answer->have < BLOCK) {
        size_t room = 2 * answer->room + BLOCK;
        char *text = realloc(answer->text, room);
        if (text == NULL) {
            finish(fetch, task, ENOMEM);
            return;
        }
        answer->text = text;
        answer->room = room;
    }
    ssize_t got = recv(task->fd, answer->text + answer->have,
        answer->room - answer->have, 0);
    if (got > 0) {
        answer->have += (size_t)got;
        int error = take(answer, fetch->options->max_body);
        if (error != MORE)
            finish(fetch, task, error);
    } else if (got == 0) {
        bool whole = answer->head > 0 && !answer->sized;
        finish(fetch, task, whole ? 0 : EPROTO);
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
    if (error != 0)
        finish(fetch, task, error);
    else
        task->state = SENDING;
}

/* Do the one thing that the task's state says, and return. */
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

/* 3.3 Deadlines */

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A socket that never makes anybody wait; -1 with errno. */
static int
open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= FD_SETSIZE) {
        close(fd);
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

static void
begin(struct fetch *fetch, struct task *task)
{
    size_t i = fetch->begun++;
    const struct fetch_request *request = &fetch->requests[i];
    static const char form[] = "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n";
    size_t room =
        sizeof form + strlen(request->path) + strlen(request->host);

    *task = (struct task){.state = CONNECTING, .i = i, .fd = -1};
    task->request = malloc(room);
    if (task->request == NULL) {
        finish(fetch, task, ENOMEM);
        return;
    }
    task->request_length = (size_t)snprintf(
        task->request, room, form, request->path, request->host);
    task->fd = open_socket();
    if (task->fd == -1) {
        finish(fetch, task, errno);
        return;
    }
    task->deadline_ns =
        now_ns() + fetch->options->timeout_ms * INT64_C(1000000);
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

/* Wait until a task can move on, or its time is up. */
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

/* 3.4 Rough weather */

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
        free(task->answer.text);
    }
    fetch_free(fetch->results, fetch->begun);
}

/* TODO 3.5 One thread, asleep */

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
    for (size_t i = 0; i < n; i++)
        free(results[i].body);
}
