/*
 * The select() fetcher. fetch.h says what is promised; the chapter is
 * book/03-select-fetcher.md. What stands here is right on a fine day,
 * and fetches one page after the other: it stands in one queue at a
 * time. Much of it can stay; the waiting cannot.
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

enum { ROOM = 256 * 1024 };

/* TODO 3.1 One request, one answer
 * An answer may be longer than ROOM, and it need not look like this
 * one. Its Content-Length says where it ends, if it has one; and a body
 * may hold zeros. */
static int
read_answer(
    const char *answer, size_t have, struct fetch_result *result)
{
    const char *end = strstr(answer, "\r\n\r\n");

    if (end == NULL)
        return EPROTO;
    result->status = atoi(answer + strlen("HTTP/1.0 "));
    result->length = have - (size_t)(end + 4 - answer);
    result->body = malloc(result->length);
    if (result->body == NULL)
        return ENOMEM;
    memcpy(result->body, end + 4, result->length);
    return 0;
}

/* TODO 3.2 Many in flight
 * This stays in one request until it is done. Cut it into steps that do
 * not wait, and put what they must remember into a struct: one for each
 * request in flight. */
static int
fetch_one(
    const struct fetch_request *request, struct fetch_result *result)
{
    static char text[ROOM];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (const struct sockaddr *)&request->address,
            sizeof request->address) == -1)
        return errno;
    int length = snprintf(text, sizeof text,
        "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", request->path,
        request->host);
    send(fd, text, (size_t)length, 0);

    size_t have = 0;
    ssize_t got;
    while ((got = recv(fd, text + have, ROOM - 1 - have, 0)) > 0)
        have += (size_t)got;
    text[have] = '\0';
    close(fd);
    return read_answer(text, have, result);
}

/* TODO 3.3 Deadlines
 * Nothing here looks at timeout_ms. Note for each request when its time
 * is up, and never wait longer than until the first of them. */

/* TODO 3.4 Rough weather
 * What may socket(), connect(), send() and recv() return that nobody
 * looks at above? What is left open then, and what is not freed? */

/* TODO 3.5 One thread, asleep
 * The loop around it all: begin what may begin, wait for all of them in
 * one select() or poll(), move on whoever is ready. */
int
fetch_all(const struct fetch_request *requests, size_t n,
    struct fetch_result *results, const struct fetch_options *options)
{
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
