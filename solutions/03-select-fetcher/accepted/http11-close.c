/*
 * HTTP/1.1 with "Connection: close", the sending side shut down after
 * the request, and the answer kept in a list of blocks until its end.
 * SO_ERROR is not asked: send() says as well what connect() came to.
 * The slots are kept in order of their beginning, which is that of
 * their deadlines.
 */

#include "fetch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct block {
    struct block *next;
    size_t used;
    char bytes[8000];
};

enum { WHOLE = -1 }; /* an answer that is all there */

struct slot {
    size_t i;
    int fd;
    bool sending;
    int64_t end_us;
    char *text;
    size_t length, sent;
    struct block *first, *last;
    size_t received;
    int matched; /* of "\r\n\r\n" */
    size_t head; /* 0: still in it */
    size_t body; /* bytes, if known */
    bool body_known;
    int status;
};

static int64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Copy what was received, without the first `skip` bytes. */
static char *
gather(const struct slot *slot, size_t skip, size_t length)
{
    char *bytes = malloc(length + 1), *to = bytes;

    if (bytes == NULL)
        return NULL;
    bytes[length] = '\0';
    for (struct block *b = slot->first; b && length > 0; b = b->next) {
        size_t from = skip < b->used ? skip : b->used;
        size_t n = b->used - from;
        skip -= from;
        if (n > length)
            n = length;
        memcpy(to, b->bytes + from, n);
        to += n;
        length -= n;
    }
    return bytes;
}

static void
clear(struct slot *slot)
{
    close(slot->fd);
    free(slot->text);
    for (struct block *next; slot->first; slot->first = next) {
        next = slot->first->next;
        free(slot->first);
    }
}

static struct fetch_result
result_of(struct slot *slot, int error)
{
    struct fetch_result result = {0, error, NULL, 0};

    if (error == 0) {
        size_t length =
            slot->body_known ? slot->body : slot->received - slot->head;
        result.body = gather(slot, slot->head, length);
        result.error = result.body != NULL ? 0 : ENOMEM;
    }
    if (result.error == 0) {
        result.status = slot->status;
        result.length =
            slot->body_known ? slot->body : slot->received - slot->head;
    }
    clear(slot);
    return result;
}

static int
read_number(struct slot *slot, const char *text, size_t most)
{
    size_t value = 0;
    bool too_large = false;

    text += strspn(text, " \t");
    if (*text == '\0')
        return EPROTO;
    for (; *text >= '0' && *text <= '9'; text++) {
        size_t digit = (size_t)(*text - '0');
        too_large = too_large || value > (SIZE_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    slot->body = value;
    slot->body_known = true;
    if (*text != '\0')
        return EPROTO;
    return too_large || value > most ? EMSGSIZE : 0;
}

static int
read_head(struct slot *slot, char *head, size_t most)
{
    char *rest, *line = strtok_r(head, "\r\n", &rest);
    int error = 0;

    if (line == NULL || strncmp(line, "HTTP/1.", 7) != 0)
        return EPROTO;
    char *blank = strchr(line, ' ');
    if (blank == NULL || strspn(blank + 1, "0123456789") != 3 ||
        (blank[4] != ' ' && blank[4] != '\0'))
        return EPROTO;
    slot->status = atoi(blank + 1);
    while ((line = strtok_r(NULL, "\r\n", &rest)) && error == 0) {
        static const char name[] = "content-length:";
        size_t k = 0;
        while (name[k] != '\0' && (line[k] | 32) == (name[k] | 32))
            k++;
        if (name[k] == '\0')
            error = read_number(slot, line + k, most);
    }
    return error;
}

/* Some bytes have come into `block`; 0: go on. */
static int
take(struct slot *slot, const char *bytes, size_t n, size_t most)
{
    static const char end[] = "\r\n\r\n";

    for (size_t k = 0; k < n && slot->head == 0; k++) {
        if (bytes[k] == end[slot->matched])
            slot->matched++;
        else
            slot->matched = bytes[k] == '\r';
        if (slot->matched == 4)
            slot->head = slot->received + k + 1;
    }
    slot->received += n;
    if (slot->head == 0)
        return slot->received > 1000000 ? EPROTO : 0;
    if (slot->status == 0) {
        char *head = gather(slot, 0, slot->head);
        if (head == NULL)
            return ENOMEM;
        int error = read_head(slot, head, most);
        free(head);
        if (error != 0)
            return error;
    }
    size_t body = slot->received - slot->head;
    if (slot->body_known)
        return body >= slot->body ? WHOLE : 0;
    return body > most ? EMSGSIZE : 0;
}

static int
receive(struct slot *slot, size_t most)
{
    struct block *block = slot->last;

    if (block == NULL || block->used == sizeof block->bytes) {
        block = malloc(sizeof *block);
        if (block == NULL)
            return ENOMEM;
        block->next = NULL;
        block->used = 0;
        if (slot->last)
            slot->last->next = block;
        else
            slot->first = block;
        slot->last = block;
    }
    char *to = block->bytes + block->used;
    ssize_t n =
        recv(slot->fd, to, sizeof block->bytes - block->used, 0);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : errno;
    if (n == 0)
        return slot->head > 0 && !slot->body_known ? WHOLE : EPROTO;
    block->used += (size_t)n;
    return take(slot, to, (size_t)n, most);
}

static int
send_rest(struct slot *slot)
{
    ssize_t n = send(slot->fd, slot->text + slot->sent,
        slot->length - slot->sent, MSG_NOSIGNAL);

    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : errno;
    slot->sent += (size_t)n;
    if (slot->sent == slot->length) {
        slot->sending = false;
        shutdown(slot->fd, SHUT_WR);
    }
    return 0;
}

static int
start(struct slot *slot, const struct fetch_request *request)
{
    static const char form[] = "GET %s HTTP/1.1\r\nHost: %s\r\n"
                               "Accept: */*\r\n"
                               "Connection: close\r\n\r\n";
    size_t room =
        sizeof form + strlen(request->path) + strlen(request->host);

    slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (slot->fd == -1)
        return errno;
    if (slot->fd >= FD_SETSIZE) {
        close(slot->fd);
        return EMFILE;
    }
    slot->text = malloc(room);
    if (slot->text == NULL) {
        close(slot->fd);
        return ENOMEM;
    }
    slot->length = (size_t)snprintf(
        slot->text, room, form, request->path, request->host);
    slot->sending = true;
    if (connect(slot->fd, (const struct sockaddr *)&request->address,
            sizeof request->address) == 0 ||
        errno == EINPROGRESS)
        return 0;
    int error = errno;
    clear(slot);
    return error;
}

/* One wait, and what follows from it; results of ended ones go out
 * through `ended`, and the others close up. Returns how many are left,
 * or -1. */
static long
turn(struct slot *slots, long count, struct fetch_result *results,
    const struct fetch_options *options)
{
    fd_set sets[2];
    int last = -1;
    long left = 0;

    FD_ZERO(&sets[0]);
    FD_ZERO(&sets[1]);
    for (long k = 0; k < count; k++) {
        FD_SET(slots[k].fd, &sets[slots[k].sending]);
        last = slots[k].fd > last ? slots[k].fd : last;
    }
    int64_t us = slots[0].end_us - now_us(); /* the earliest */
    us = us < 0 ? 0 : us;
    struct timeval time = {
        .tv_sec = us / 1000000, .tv_usec = us % 1000000};
    int ready = select(last + 1, &sets[0], &sets[1], NULL, &time);
    if (ready == -1 && errno != EINTR)
        return -1;
    int64_t now = now_us();
    for (long k = 0; k < count; k++) {
        struct slot *slot = &slots[k];
        int end = 0;
        if (ready > 0 && FD_ISSET(slot->fd, &sets[slot->sending]))
            end = slot->sending ? send_rest(slot)
                                : receive(slot, options->max_body);
        if (end == 0 && now >= slot->end_us)
            end = ETIMEDOUT;
        if (end == 0) {
            slots[left++] = *slot;
            continue;
        }
        size_t i = slot->i;
        results[i] = result_of(slot, end == WHOLE ? 0 : end);
        if (options->on_done != NULL)
            options->on_done(i, &results[i], options->arg);
    }
    return left;
}

int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
    size_t next = 0;
    long count = 0, most = options->max_in_flight;

    if (most < 1) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    if ((size_t)most > n)
        most = (long)n;
    struct slot *slots = malloc((size_t)most * sizeof *slots);
    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        results[i] = (struct fetch_result){0};
    while (next < n || count > 0) {
        while (next < n && count < most) {
            struct slot *slot = &slots[count];
            *slot = (struct slot){.i = next};
            slot->end_us =
                now_us() + options->timeout_ms * INT64_C(1000);
            int error = start(slot, &requests[next++]);
            if (error == 0) {
                count++;
                continue;
            }
            results[slot->i].error = error;
            if (options->on_done != NULL)
                options->on_done(
                    slot->i, &results[slot->i], options->arg);
        }
        if (count == 0)
            continue;
        long left = turn(slots, count, results, options);
        if (left == -1) {
            int error = errno;
            while (count > 0)
                clear(&slots[--count]);
            fetch_free(results, n);
            free(slots);
            errno = error;
            return -1;
        }
        count = left;
    }
    free(slots);
    return 0;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(results[i].body);
}
