/*
 * select() with the deadlines in a heap (the earliest on top), the
 * tasks in a linked list, each allocated when it begins. A receive goes
 * on until EAGAIN, so that many small pieces cost one select().
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
#include <time.h>
#include <unistd.h>

struct task {
    struct task *next;
    size_t i, place; /* in the heap */
    int64_t due_ms;
    int fd;
    bool connected;
    size_t to_send; /* bytes at the end of `request` */
    size_t request_length;
    char *head; /* grows with the body behind it */
    size_t have, room, body;
    bool bounded;
    size_t length;
    int status;
    char request[];
};

struct run {
    const struct fetch_request *requests;
    struct fetch_result *results;
    const struct fetch_options *options;
    struct task *first;
    struct task **heap;
    size_t count; /* of tasks, and of the heap */
    size_t done;
};

static int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
put(struct run *run, size_t place, struct task *task)
{
    run->heap[place] = task;
    task->place = place;
}

static void
sift_up(struct run *run, struct task *task)
{
    size_t at = task->place;

    while (at > 0 && run->heap[(at - 1) / 2]->due_ms > task->due_ms) {
        put(run, at, run->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(run, at, task);
}

static void
sift_down(struct run *run, struct task *task)
{
    size_t at = task->place;

    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= run->count)
            break;
        if (child + 1 < run->count &&
            run->heap[child + 1]->due_ms < run->heap[child]->due_ms)
            child++;
        if (run->heap[child]->due_ms >= task->due_ms)
            break;
        put(run, at, run->heap[child]);
        at = child;
    }
    put(run, at, task);
}

static void
remove_from_heap(struct run *run, struct task *task)
{
    size_t place = task->place;
    struct task *last = run->heap[--run->count];

    if (last == task)
        return;
    put(run, place, last);
    sift_up(run, last);
    sift_down(run, last);
}

static void
tell(struct run *run, size_t i)
{
    run->done++;
    if (run->options->on_done)
        run->options->on_done(i, &run->results[i], run->options->arg);
}

static void
end_task(struct run *run, struct task *task, int error)
{
    struct fetch_result *result = &run->results[task->i];
    struct task **link = &run->first;

    memset(result, 0, sizeof *result);
    result->error = error;
    if (error == 0) {
        result->status = task->status;
        result->length =
            task->bounded ? task->length : task->have - task->body;
        result->body = malloc(result->length + 1);
        if (result->body == NULL)
            *result = (struct fetch_result){.error = ENOMEM};
        else
            memcpy(
                result->body, task->head + task->body, result->length);
    }
    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
    remove_from_heap(run, task);
    close(task->fd);
    size_t i = task->i;
    free(task->head);
    free(task);
    tell(run, i);
}

static int
read_head(struct task *task, size_t max_body)
{
    int minor, used = 0;
    char *line = task->head;

    line[task->body - 1] = '\0';
    if (sscanf(line, "HTTP/1.%1d %3d%n", &minor, &task->status,
            &used) != 2 ||
        used != 12 || line[8] != ' ' || line[9] < '0' ||
        (line[12] != ' ' && line[12] != '\r'))
        return EPROTO;
    while ((line = strstr(line, "\r\n")) && line[2] != '\r') {
        line += 2;
        if (strncasecmp(line, "Content-Length:", 15) != 0)
            continue;
        line += 15;
        line += strspn(line, " \t");
        task->bounded = true;
        if (strspn(line, "0123456789") == 0 ||
            line[strspn(line, "0123456789")] != '\r')
            return EPROTO;
        while (*line == '0')
            line++;
        if (strspn(line, "0123456789") > 18)
            return EMSGSIZE;
        task->length = (size_t)strtoull(line, NULL, 10);
        if (task->length > max_body)
            return EMSGSIZE;
    }
    return 0;
}

/* Returns 0 to go on, -1 when all is there, or an error. */
static int
digest(struct task *task, size_t max_body)
{
    if (task->body == 0) {
        char *end = NULL;
        task->head[task->have] = '\0';
        for (char *at = task->head;
             !end && (at = memchr(at, '\r',
                          (size_t)(task->head + task->have - at)));
             at++) {
            if (strncmp(at, "\r\n\r\n", 4) == 0)
                end = at + 4;
        }
        if (end == NULL)
            return task->have > 100000 ? EPROTO : 0;
        task->body = (size_t)(end - task->head);
        int error = read_head(task, max_body);
        if (error != 0)
            return error;
    }
    size_t have = task->have - task->body;
    if (task->bounded)
        return have >= task->length ? -1 : 0;
    return have > max_body ? EMSGSIZE : 0;
}

static void
receive(struct run *run, struct task *task)
{
    int end = 0;

    while (end == 0) {
        if (task->have + 1 >= task->room) {
            size_t room = 2 * task->room + 2000;
            char *head = realloc(task->head, room);
            if (head == NULL) {
                end = ENOMEM;
                break;
            }
            task->head = head;
            task->room = room;
        }
        ssize_t n = recv(task->fd, task->head + task->have,
            task->room - task->have - 1, 0);
        if (n > 0) {
            task->have += (size_t)n;
            end = digest(task, run->options->max_body);
        } else if (n == 0) {
            end = task->body && !task->bounded ? -1 : EPROTO;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            end = errno;
        }
    }
    end_task(run, task, end == -1 ? 0 : end);
}

static void
give(struct run *run, struct task *task)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (!task->connected)
        getsockopt(task->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    task->connected = true;
    while (error == 0 && task->to_send > 0) {
        const char *rest =
            task->request + task->request_length - task->to_send;
        ssize_t n = send(task->fd, rest, task->to_send, MSG_NOSIGNAL);
        if (n > 0)
            task->to_send -= (size_t)n;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            error = errno;
    }
    if (error != 0)
        end_task(run, task, error);
}

static int
open_it(int *fd)
{
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    if (*fd == -1)
        return errno;
    if (*fd < FD_SETSIZE)
        return fcntl(*fd, F_SETFL, O_NONBLOCK) == -1 ? errno : 0;
    close(*fd);
    return EMFILE;
}

static void
start(struct run *run, size_t i)
{
    const struct fetch_request *request = &run->requests[i];
    size_t room = strlen(request->path) + strlen(request->host) + 40;
    struct task *task = malloc(sizeof *task + room);
    int fd, error = ENOMEM;

    if (task == NULL || (error = open_it(&fd)) != 0) {
        free(task);
        run->results[i] = (struct fetch_result){.error = error};
        tell(run, i);
        return;
    }
    *task = (struct task){.next = run->first,
        .i = i,
        .place = run->count,
        .fd = fd,
        .due_ms = now_ms() + run->options->timeout_ms};
    task->request_length = (size_t)snprintf(task->request, room,
        "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", request->path,
        request->host);
    task->to_send = task->request_length;
    run->first = task;
    run->heap[run->count++] = task;
    sift_up(run, task);
    if (connect(fd, (const struct sockaddr *)&request->address,
            sizeof request->address) == -1 &&
        errno != EINPROGRESS)
        end_task(run, task, errno);
}

static int
turn(struct run *run)
{
    fd_set in, out;
    int top = 0;

    FD_ZERO(&in);
    FD_ZERO(&out);
    for (struct task *task = run->first; task; task = task->next) {
        FD_SET(task->fd, task->to_send > 0 ? &out : &in);
        if (task->fd > top)
            top = task->fd;
    }
    int64_t left = run->heap[0]->due_ms - now_ms();
    if (left < 0)
        left = 0;
    struct timeval time = {
        (time_t)(left / 1000), (suseconds_t)(left % 1000 * 1000)};
    int ready = select(top + 1, &in, &out, NULL, &time);
    if (ready == -1)
        return errno == EINTR ? 0 : -1;
    struct task *next;
    for (struct task *task = run->first; task && ready; task = next) {
        next = task->next;
        if (FD_ISSET(task->fd, &in))
            receive(run, task);
        else if (FD_ISSET(task->fd, &out))
            give(run, task);
    }
    while (run->count > 0 && run->heap[0]->due_ms <= now_ms())
        end_task(run, run->heap[0], ETIMEDOUT);
    return 0;
}

int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
    struct run run = {
        .requests = requests, .results = results, .options = options};
    size_t begun = 0;
    size_t window = (size_t)options->max_in_flight;

    if (options->max_in_flight < 1) {
        errno = EINVAL;
        return -1;
    }
    run.heap = malloc((n + 1) * sizeof *run.heap);
    if (run.heap == NULL)
        return -1;
    while (run.done < n) {
        while (begun < n && run.count < window)
            start(&run, begun++);
        if (run.count == 0 || turn(&run) == 0)
            continue;
        int error = errno;
        struct task *task;
        while ((task = run.first) != NULL) {
            run.first = task->next;
            results[task->i].body = NULL;
            close(task->fd);
            free(task->head);
            free(task);
        }
        free(run.heap);
        fetch_free(results, begun);
        errno = error;
        return -1;
    }
    free(run.heap);
    return 0;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    for (; n > 0; n--, results++) {
        free(results->body);
        results->body = NULL;
    }
}
