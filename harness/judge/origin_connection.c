#include "judge/origin_connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_REQUEST = 16 << 20, BLOCK = 65536 };

static const int64_t ms = 1000000;

void
origin_connection_open(
    struct origin_connection *connection, const struct origin_layer *layer)
{
    connection->layer = layer;
    if (layer != NULL)
        connection->side = layer->open(layer, connection->fd);
}

/* As recv() and send(), through the layer. */
static ssize_t
receive_bytes(struct origin_connection *connection, void *bytes, size_t room,
    bool *moved)
{
    const struct origin_layer *layer = connection->layer;

    return layer != NULL ? layer->receive(connection->side, bytes, room, moved)
                         : recv(connection->fd, bytes, room, 0);
}

static ssize_t
send_bytes(
    struct origin_connection *connection, const void *bytes, size_t length)
{
    const struct origin_layer *layer = connection->layer;

    return layer != NULL ? layer->send(connection->side, bytes, length)
                         : send(connection->fd, bytes, length, MSG_NOSIGNAL);
}

void
origin_connection_answer(struct origin_connection *connection,
    struct origin_page *page, int64_t now_ns)
{
    connection->page = page;
    connection->next_ns = now_ns + page->delay_ms * ms;
    page->requests++;
    page->connected_ns = connection->connected_ns;
    page->arrived_ns = now_ns;
    page->connection = connection->number;
    page->host = connection->host;
    connection->taken = connection->request.length;
    page->released_ns = page->finished_ns = -1;
    page->sent_all = page->aborted = false;
    page->request.length = 0;
    text_add(&page->request, text_string(&connection->request),
        connection->request.length);
}

/* How much of the answer may be sent by and by, a gate permitting. */
static size_t
sendable(const struct origin_connection *connection)
{
    const struct origin_page *page = connection->page;

    if (page == NULL || connection->finished)
        return 0;
    size_t end = page->answer.length;
    if (page->drips_for_ever)
        end = SIZE_MAX;
    return page->allowed < end ? page->allowed : end;
}

/* All of the answer that it will ever get has been sent. */
static bool
is_complete(const struct origin_connection *connection)
{
    const struct origin_page *page = connection->page;

    return page != NULL && !page->drips_for_ever &&
           connection->sent == page->answer.length;
}

struct pollfd
origin_connection_wish(
    const struct origin_connection *connection, int64_t now_ns)
{
    struct pollfd wish = {connection->fd, 0, 0};

    if (!connection->input_ended && !connection->late)
        wish.events |= POLLIN;
    if (connection->sent < sendable(connection) &&
        connection->next_ns <= now_ns)
        wish.events |= POLLOUT;
    return wish;
}

/* The client is gone, or will read no more. */
static void
give_up(struct origin_connection *connection, int64_t now_ns)
{
    struct origin_page *page = connection->page;

    if (page != NULL && !connection->finished) {
        page->aborted = page->answer.length == 0 || !is_complete(connection);
        page->finished_ns = now_ns;
    }
    connection->finished = true;
}

static void
hang_up(struct origin_connection *connection, int64_t now_ns)
{
    give_up(connection, now_ns);
    origin_connection_close(connection);
}

/* The value of a header in a head of so many bytes; NULL: it is not there. */
static const char *
header(const struct text *request, size_t head, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i + 2 + length < head; i++) {
        if (memcmp(request->bytes + i, "\r\n", 2) == 0 &&
            strncasecmp(request->bytes + i + 2, name, length) == 0)
            return request->bytes + i + 2 + length;
    }
    return NULL;
}

/* How many bytes its head has; 0: it is not whole. */
static size_t
head_length(const struct text *request)
{
    const char *end =
        request->length < 4
            ? NULL
            : memmem(request->bytes, request->length, "\r\n\r\n", 4);

    return end != NULL ? (size_t)(end - request->bytes) + 4 : 0;
}

/* Errors show when the answer is sent. */
static void
encourage(struct origin_connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    connection->encouraged = true;
    (void)!send_bytes(connection, go_on, sizeof go_on - 1);
}

bool
origin_connection_asks(struct origin_connection *connection)
{
    const struct text *request = &connection->request;
    size_t head = head_length(request);

    if (connection->fd < 0 || connection->page != NULL || head == 0)
        return false;
    const char *length = header(request, head, "Content-Length:");
    if (length == NULL)
        return true;
    if (request->length >= head + strtoull(length, NULL, 10))
        return true;
    if (!connection->encouraged &&
        header(request, head, "Expect: 100-continue") != NULL)
        encourage(connection);
    return false;
}

/* It sent its end: gone, or only done with its request? Nobody can tell, so
 * who stays keeps the connection open for either. */
static void
end_input(struct origin_connection *connection, int64_t now_ns)
{
    const struct origin_page *page = connection->page;
    bool stays = page != NULL && page->end == ORIGIN_STAYS;

    connection->input_ended = true;
    if (stays && page->answer.length == 0)
        give_up(connection, now_ns);
    if ((connection->finished && !stays) ||
        (page == NULL && !origin_connection_asks(connection)))
        hang_up(connection, now_ns);
}

/* One that ended its input may yet hang up or reset. */
static bool
read_nothing(struct origin_connection *connection, int64_t now_ns)
{
    struct pollfd fd = {connection->fd, 0, 0};

    if (poll(&fd, 1, 0) != 1)
        return false;
    hang_up(connection, now_ns);
    return true;
}

bool
origin_connection_read(struct origin_connection *connection, int64_t now_ns)
{
    char block[BLOCK];
    bool came = false;
    ssize_t n;

    if (connection->input_ended)
        return read_nothing(connection, now_ns);
    while ((n = receive_bytes(connection, block, sizeof block, &came)) > 0) {
        came = true;
        connection->idle = false;
        if (connection->request.length < MOST_REQUEST)
            text_add(&connection->request, block, (size_t)n);
        if (connection->late)
            return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return came;
    if (n < 0)
        hang_up(connection, now_ns);
    else
        end_input(connection, now_ns);
    return true;
}

/* The answer has been sent; the client closes after us, or we after it. */
static void
finish(struct origin_connection *connection, int64_t now_ns)
{
    struct origin_page *page = connection->page;

    page->sent_all = true;
    page->finished_ns = now_ns;
    connection->finished = true;
    if (page->end == ORIGIN_CLOSES)
        shutdown(connection->fd, SHUT_WR);
}

/* The answer has been sent, and the next request may come. */
static void
keep(struct origin_connection *connection, int64_t now_ns)
{
    struct text *request = &connection->request;

    connection->page->sent_all = true;
    connection->page->finished_ns = now_ns;
    request->length -= connection->taken;
    memmove(
        request->bytes, request->bytes + connection->taken, request->length);
    connection->page = NULL;
    connection->sent = connection->taken = 0;
    connection->encouraged = false;
    connection->idle = request->length == 0;
}

/* The reset must not overtake the bytes, which it would destroy. */
static bool
reset_when_read(struct origin_connection *connection, int64_t now_ns)
{
    const struct linger at_once = {1, 0};

    if (origin_connection_has_unsent(connection))
        return false;
    setsockopt(
        connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    finish(connection, now_ns);
    origin_connection_close(connection);
    return true;
}

static ssize_t
send_some(struct origin_connection *connection, size_t end)
{
    const struct origin_page *page = connection->page;
    size_t left = end - connection->sent;
    const char *bytes = page->answer.bytes + connection->sent;

    if (connection->sent >= page->answer.length) {
        bytes = page->answer.bytes + page->answer.length - 1;
        left = 1;
    } else if (end > page->answer.length) {
        left = page->answer.length - connection->sent;
    }
    if (page->step > 0 && left > page->step)
        left = page->step;
    return send_bytes(connection, bytes, left);
}

bool
origin_connection_send(struct origin_connection *connection, int64_t now_ns)
{
    struct origin_page *page = connection->page;
    bool went = false;

    while (connection->sent < sendable(connection) &&
           connection->next_ns <= now_ns) {
        ssize_t n = send_some(connection, sendable(connection));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return went;
        if (n < 0) {
            hang_up(connection, now_ns);
            return true;
        }
        went = true;
        if (connection->sent == 0)
            page->released_ns = now_ns;
        connection->sent += (size_t)n;
        connection->next_ns = now_ns + page->every_ms * ms;
    }
    if (!is_complete(connection) || connection->finished ||
        connection->next_ns > now_ns)
        return went;
    if (page->end == ORIGIN_KEEPS && !connection->input_ended) {
        keep(connection, now_ns);
        return true;
    }
    if (page->end == ORIGIN_RESETS)
        return reset_when_read(connection, now_ns) || went;
    if (page->end == ORIGIN_CLOSES && connection->layer != NULL &&
        !connection->layer->finish(connection->side))
        return went;
    if (page->end == ORIGIN_CLOSES || page->answer.length > 0)
        finish(connection, now_ns);
    if (connection->finished && connection->input_ended &&
        page->end != ORIGIN_STAYS)
        origin_connection_close(connection);
    return connection->finished || went;
}

int64_t
origin_connection_next_ns(const struct origin_connection *connection)
{
    const struct origin_page *page = connection->page;

    if (page == NULL || connection->finished)
        return INT64_MAX;
    if (connection->sent < sendable(connection))
        return connection->next_ns;
    return is_complete(connection) &&
                   (page->end != ORIGIN_STAYS || page->answer.length > 0)
               ? connection->next_ns
               : INT64_MAX;
}

bool
origin_connection_has_unsent(const struct origin_connection *connection)
{
    int unsent = 0;

    return connection->fd >= 0 &&
           ioctl(connection->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0;
}

bool
origin_connection_has_unread(const struct origin_connection *connection)
{
    int unread = 0;

    return connection->fd >= 0 &&
           ioctl(connection->fd, FIONREAD, &unread) == 0 && unread > 0;
}

void
origin_connection_close(struct origin_connection *connection)
{
    if (connection->side != NULL)
        connection->layer->close(connection->side);
    connection->side = NULL;
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    text_free(&connection->request);
}
