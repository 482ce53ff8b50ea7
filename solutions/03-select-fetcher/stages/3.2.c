/*
 * The select() fetcher, after section 3.2: many in flight, and no
 * deadlines yet.
 */

#include "fetch.h"

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
#include <unistd.h>

enum { BLOCK = 16 * 1024 };

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

static void
read_head(struct answer *answer)
{
    static const char name[] = "\r\nContent-Length:";

    answer->text[answer->head - 1] = '\0'; /* the last '\n' */
    answer->status = atoi(answer->text + strlen("HTTP/1.0 "));
    for (char *at = answer->text; (at = strstr(at, "\r\n")) != NULL;
         at += 2) {
        if (strncasecmp(at, name, sizeof name - 1) == 0) {
            answer->size = strtoull(at + sizeof name - 1, NULL, 10);
            answer->sized = true;
        }
    }
}

/* More has come: is the answer whole? Then 0, else MORE. */
static int
take(struct answer *answer)
{
    for (size_t i = 0; answer->head == 0 && i + 4 <= answer->have;
         i++) {
        if (memcmp(answer->text + i, "\r\n\r\n", 4) == 0) {
            answer->head = i + 4;
            read_head(answer);
        }
    }
    if (answer->head == 0 || !answer->sized)
        return MORE;
    return answer->have - answer->head >= answer->size ? 0 : MORE;
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
}

/* The one place where a task ends, well (0) or badly (an errno). */
static void
finish(struct fetch *fetch, struct task *task, int error)
{
    struct fetch_result *result = &fetch->results[task->i];

    *result = (struct fetch_result){.error = error};
    if (error == 0)
        give(&task->answer, result);
    free(task->request);
    if (task->fd != -1)
        close(task->fd);
    task->state = FREE;
    fetch->done++;
    if (fetch->options->on_done != NULL)
        fetch->options->on_done(task->i, result, fetch->options->arg);
}

static void
receive(struct fetch *fetch, struct task *task)
{
    struct answer *answer = &task->answer;

    if (answer->room - answer->have < BLOCK) {
        answer->room = 2 * answer->room + BLOCK;
        answer->text = realloc(answer->text, answer->room);
    }
    ssize_t got = recv(task->fd, answer->text + answer->have,
        answer->room - answer->have, 0);
    if (got > 0) {
        answer->have += (size_t)got;
        int error = take(answer);
        if (error != MORE)
            finish(fetch, task, error);
    } else if (got == 0) {
        finish(fetch, task, answer->head > 0 ? 0 : EPROTO);
    } else if (errno != EAGAIN) {
        finish(fetch, task, errno);
    }
}

static void
send_more(struct fetch *fetch, struct task *task)
{
    ssize_t put = send(task->fd, task->request + task->sent,
        task->request_length - task->sent, 0);

    if (put == -1) {
        if (errno != EAGAIN)
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

    getsockopt(task->fd, SOL_SOCKET, SO_ERROR, &error, &size);
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
    task->request_length = (size_t)snprintf(
        task->request, room, form, request->path, request->host);
    task->fd = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(task->fd, F_SETFL, O_NONBLOCK);
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

/* Wait until a task can move on. */
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
    return select(highest + 1, reading, writing, NULL, NULL);
}

/* book: run */
static int
run(struct fetch *fetch)
{
    fd_set reading, writing;

    for (;;) {
        begin_more(fetch); /* @begin */
        if (fetch->done == fetch->n)
            return 0;
        if (wait_for_any(fetch, &reading, &writing) == -1) /* @wait */
            return -1;
        for (size_t k = 0; k < fetch->slots; k++) {
            struct task *task = &fetch->tasks[k];
            if (task->state != FREE &&
                (FD_ISSET(task->fd, &reading) ||
                    FD_ISSET(task->fd, &writing)))
                move_on(fetch, task); /* @move */
        }
    }
}
/* book: end run */

/* TODO 3.3 Deadlines */

/* TODO 3.4 Rough weather */

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
    free(fetch.tasks);
    return result;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(results[i].body);
}
