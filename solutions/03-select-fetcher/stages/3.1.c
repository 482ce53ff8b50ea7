/*
 * The select() fetcher, after section 3.1: one page after the other,
 * and any answer that a server may give.
 */

#include "fetch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 16 * 1024 };

/* What take() says while the answer is not whole: no errno. */
enum { MORE = -1 };

/* book: answer */
struct answer {
    char *text; /* head and body */
    size_t room;
    size_t have;
    size_t head; /* length of the head, 0 until all of it is there */
    int status;
    bool sized; /* there was a Content-Length: */
    unsigned long long size;
};
/* book: end answer */

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

/* Receive once; returns 0, MORE, or what went wrong. */
static int
receive(struct answer *answer, int fd)
{
    if (answer->room - answer->have < BLOCK) {
        answer->room = 2 * answer->room + BLOCK;
        answer->text = realloc(answer->text, answer->room);
    }
    ssize_t got = recv(fd, answer->text + answer->have,
        answer->room - answer->have, 0);
    if (got == -1)
        return errno;
    if (got == 0)
        return answer->head > 0 ? 0 : EPROTO;
    answer->have += (size_t)got;
    return take(answer);
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

static int
fetch_one(
    const struct fetch_request *request, struct fetch_result *result)
{
    static char text[256 * 1024];
    struct answer answer = {0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (const struct sockaddr *)&request->address,
            sizeof request->address) == -1)
        return errno;
    int length = snprintf(text, sizeof text,
        "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", request->path,
        request->host);
    send(fd, text, (size_t)length, 0);

    int error;
    do {
        error = receive(&answer, fd);
    } while (error == MORE);
    close(fd);
    if (error == 0)
        give(&answer, result);
    return error;
}

/* TODO 3.2 Many in flight */

/* TODO 3.3 Deadlines */

/* TODO 3.4 Rough weather */

/* TODO 3.5 One thread, asleep */

int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
    if (options->max_in_flight < 1) {
        errno = EINVAL;
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        results[i] = (struct fetch_result){0};
        int error = fetch_one(&requests[i], &results[i]);
        if (error != 0)
            results[i] = (struct fetch_result){.error = error};
        if (options->on_done != NULL)
            options->on_done(i, &results[i], options->arg);
    }
    return 0;
}

void
fetch_free(struct fetch_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(results[i].body);
}
