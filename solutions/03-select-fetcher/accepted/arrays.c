/*
 * State arrays: no struct for a request, but one array for each thing
 * that must be remembered, indexed by the number of the request. The
 * answer goes byte by byte through a small automaton, which never keeps
 * the head; only a body is stored.
 */

#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum phase { IDLE, CONNECT, SEND, FIRST_LINE, HEADER, BODY };
enum { LINE = 80, MOST_HEAD = 400 * 1000 };

static struct {
    unsigned char *phase;
    int *fd;
    struct timespec *until;
    size_t *sent;
    char (*line)[LINE + 1]; /* the beginning of a line of the head */
    unsigned char *in_line;
    size_t *head;    /* bytes of it so far */
    long long *size; /* of the body, -1: to the end of the stream */
    size_t *room;
} s;

static const struct fetch_request *requests;
static struct fetch_result *results;
static const struct fetch_options *options;
static size_t running, finished;

static void
release(void)
{
    free(s.phase);
    free(s.fd);
    free(s.until);
    free(s.sent);
    free(s.line);
    free(s.in_line);
    free(s.head);
    free(s.size);
    free(s.room);
    memset(&s, 0, sizeof s);
}

static int
allocate(size_t n)
{
    s.phase = calloc(n, sizeof *s.phase);
    s.fd = calloc(n, sizeof *s.fd);
    s.until = calloc(n, sizeof *s.until);
    s.sent = calloc(n, sizeof *s.sent);
    s.line = calloc(n, sizeof *s.line);
    s.in_line = calloc(n, sizeof *s.in_line);
    s.head = calloc(n, sizeof *s.head);
    s.size = calloc(n, sizeof *s.size);
    s.room = calloc(n, sizeof *s.room);
    if (s.phase && s.fd && s.until && s.sent && s.line && s.in_line &&
        s.head && s.size && s.room)
        return 0;
    release();
    errno = ENOMEM;
    return -1;
}

static void
over(size_t i, int error)
{
    if (s.fd[i] != -1)
        close(s.fd[i]);
    s.phase[i] = IDLE;
    results[i].error = error;
    if (error != 0) {
        free(results[i].body);
        results[i].body = NULL;
        results[i].status = 0;
        results[i].length = 0;
    }
    running--;
    finished++;
    if (options->on_done != NULL)
        options->on_done(i, &results[i], options->arg);
}

/* Send what belongs to the request from byte `from` on, without ever
 * putting it together: its parts are sent one by one. */
static ssize_t
send_from(size_t i, size_t from)
{
    const char *parts[] = {"GET ", requests[i].path,
        " HTTP/1.0\r\nHost: ", requests[i].host, "\r\n\r\n"};

    for (size_t k = 0; k < 5; k++) {
        size_t length = strlen(parts[k]);
        if (from < length)
            return send(
                s.fd[i], parts[k] + from, length - from, MSG_NOSIGNAL);
        from -= length;
    }
    return 0;
}

static int
first_line(size_t i, const char *line)
{
    size_t at = 7 + strspn(line + (strlen(line) < 7 ? 0 : 7), "01");

    if (strncmp(line, "HTTP/1.", 7) != 0 || line[at] != ' ' ||
        strspn(line + at + 1, "0123456789") != 3 ||
        (line[at + 4] != ' ' && line[at + 4] != '\0'))
        return EPROTO;
    results[i].status = (int)strtol(line + at, NULL, 10);
    return 0;
}

static int
header(size_t i, const char *line)
{
    long long size = 0;

    if (strncasecmp(line, "content-length:", 15) != 0)
        return 0;
    line += 15;
    while (*line == ' ' || *line == '\t')
        line++;
    if (*line == '\0')
        return EPROTO;
    for (; *line != '\0'; line++) {
        if (*line < '0' || *line > '9')
            return EPROTO;
        if (size < INT64_MAX / 16)
            size = size * 10 + (*line - '0');
    }
    s.size[i] = size;
    return 0;
}

/* A line is whole; -1: go on, else how the request ends. */
static int
line_end(size_t i)
{
    char *line = s.line[i];
    size_t n = s.in_line[i];
    int error;

    if (n > 0 && line[n - 1] == '\r')
        n--;
    line[n] = '\0';
    s.in_line[i] = 0;
    if (s.phase[i] == FIRST_LINE) {
        error = first_line(i, line);
        s.phase[i] = HEADER;
        return error ? error : -1;
    }
    if (n > 0) {
        error = header(i, line);
        return error ? error : -1;
    }
    s.phase[i] = BODY;
    if (s.size[i] > 0 &&
        (unsigned long long)s.size[i] > options->max_body)
        return EMSGSIZE;
    return s.size[i] == 0 ? 0 : -1;
}

static int
body_byte(size_t i, char byte)
{
    struct fetch_result *r = &results[i];

    if (r->length == options->max_body)
        return EMSGSIZE;
    if (r->length == s.room[i]) {
        size_t room = r->length * 2 + 64;
        char *body = realloc(r->body, room);
        if (body == NULL)
            return ENOMEM;
        r->body = body;
        s.room[i] = room;
    }
    r->body[r->length++] = byte;
    return (long long)r->length == s.size[i] ? 0 : -1;
}

static int
eat(size_t i, char byte)
{
    if (s.phase[i] == BODY)
        return body_byte(i, byte);
    if (++s.head[i] > MOST_HEAD)
        return EPROTO;
    if (byte == '\n')
        return line_end(i);
    if (s.in_line[i] < LINE)
        s.line[i][s.in_line[i]++] = byte;
    return -1;
}

static void
readable(size_t i)
{
    static char block[50000];
    ssize_t got = read(s.fd[i], block, sizeof block);

    if (got == -1) {
        if (errno != EAGAIN && errno != EINTR)
            over(i, errno);
        return;
    }
    if (got == 0) {
        over(i, s.phase[i] == BODY && s.size[i] == -1 ? 0 : EPROTO);
        return;
    }
    for (ssize_t k = 0; k < got; k++) {
        int end = eat(i, block[k]);
        if (end != -1) {
            over(i, end);
            return;
        }
    }
}

static void
writable(size_t i)
{
    int error = 0;

    if (s.phase[i] == CONNECT) {
        getsockopt(s.fd[i], SOL_SOCKET, SO_ERROR, &error,
            &(socklen_t){sizeof error});
        if (error != 0) {
            over(i, error);
            return;
        }
        s.phase[i] = SEND;
    }
    for (;;) {
        ssize_t put = send_from(i, s.sent[i]);
        if (put == -1 && errno == EINTR)
            continue;
        if (put == -1 && errno == EAGAIN)
            return;
        if (put == -1) {
            over(i, errno);
            return;
        }
        if (put == 0)
            break;
        s.sent[i] += (size_t)put;
    }
    s.phase[i] = FIRST_LINE;
}

static void
start(size_t i)
{
    running++;
    results[i] = (struct fetch_result){0};
    s.size[i] = -1;
    s.fd[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (s.fd[i] == -1) {
        over(i, errno);
        return;
    }
    if (s.fd[i] >= FD_SETSIZE) {
        over(i, EMFILE);
        return;
    }
    fcntl(s.fd[i], F_SETFL, fcntl(s.fd[i], F_GETFL) | O_NONBLOCK);
    s.phase[i] = CONNECT;
    clock_gettime(CLOCK_MONOTONIC, &s.until[i]);
    s.until[i].tv_sec += options->timeout_ms / 1000;
    s.until[i].tv_nsec += options->timeout_ms % 1000 * 1000000L;
    if (s.until[i].tv_nsec >= 1000000000L) {
        s.until[i].tv_nsec -= 1000000000L;
        s.until[i].tv_sec++;
    }
    if (connect(s.fd[i], (const struct sockaddr *)&requests[i].address,
            sizeof requests[i].address) == -1 &&
        errno != EINPROGRESS)
        over(i, errno);
}

static int
is_before(struct timespec a, struct timespec b)
{
    return a.tv_sec < b.tv_sec ||
           (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

static int
turn(size_t begun)
{
    fd_set sets[2];
    int most = 0;
    struct timespec first = {INT32_MAX, 0}, now;

    FD_ZERO(&sets[0]);
    FD_ZERO(&sets[1]);
    for (size_t i = 0; i < begun; i++) {
        if (s.phase[i] == IDLE)
            continue;
        FD_SET(s.fd[i], &sets[s.phase[i] < FIRST_LINE]);
        most = s.fd[i] > most ? s.fd[i] : most;
        if (is_before(s.until[i], first))
            first = s.until[i];
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timeval left = {0, 0};
    if (is_before(now, first)) {
        left.tv_sec = first.tv_sec - now.tv_sec;
        left.tv_usec = (first.tv_nsec - now.tv_nsec + 999) / 1000;
        if (left.tv_usec < 0) {
            left.tv_usec += 1000000;
            left.tv_sec--;
        }
    }
    int ready = select(most + 1, &sets[0], &sets[1], NULL, &left);
    if (ready == -1 && errno != EINTR)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (size_t i = 0; i < begun; i++) {
        if (s.phase[i] != IDLE && ready > 0) {
            if (FD_ISSET(s.fd[i], &sets[0]))
                readable(i);
            else if (FD_ISSET(s.fd[i], &sets[1]))
                writable(i);
        }
        if (s.phase[i] != IDLE && !is_before(now, s.until[i]))
            over(i, ETIMEDOUT);
    }
    return 0;
}

int
fetch_all(const struct fetch_request *these, size_t n,
    struct fetch_result *into, const struct fetch_options *with)
{
    size_t begun = 0;

    if (with->max_in_flight < 1) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    requests = these;
    results = into;
    options = with;
    running = finished = 0;
    if (allocate(n) == -1)
        return -1;
    while (finished < n) {
        while (begun < n && running < (size_t)options->max_in_flight)
            start(begun++);
        if (running > 0 && turn(begun) == -1) {
            int error = errno;
            for (size_t i = 0; i < begun; i++) {
                if (s.phase[i] != IDLE)
                    close(s.fd[i]);
            }
            release();
            fetch_free(results, begun);
            errno = error;
            return -1;
        }
    }
    release();
    return 0;
}

void
fetch_free(struct fetch_result *given, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(given[i].body);
}
