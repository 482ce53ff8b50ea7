#include "probe/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint32_t magic = 0x57594931; /* "WYW1" */

/* The head and the descriptors go in one message, so that they arrive
 * together. */
static int
send_head(int fd, struct wire_head *head, const int *fds, int fd_count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(WIRE_MOST_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {head, sizeof *head};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t size = (size_t)fd_count * sizeof(int);
    ssize_t n;

    assert(fd_count >= 0 && fd_count <= WIRE_MOST_FDS);
    if (fd_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(rights), fds, size);
    }
    do {
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0 && n != (ssize_t)sizeof *head) {
        errno = EPROTO;
        return -1;
    }
    return n < 0 ? -1 : 0;
}

int
wire_send(int fd, enum wire_kind kind, uint64_t tag,
    const struct text *payload, const int *fds, int fd_count)
{
    struct wire_head head = {magic, kind, tag, payload->length};
    size_t sent = 0;

    if (send_head(fd, &head, fds, fd_count) != 0)
        return -1;
    while (sent < payload->length) {
        ssize_t n = send(
            fd, payload->bytes + sent, payload->length - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        sent += (size_t)n;
    }
    return 0;
}

/* The rest of a frame: false with errno when it does not come. */
static bool
receive_exactly(int fd, void *bytes, size_t length)
{
    size_t got = 0;

    while (got < length) {
        ssize_t n = recv(fd, (char *)bytes + got, length - got, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EPROTO;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

static void
take_fds(struct msghdr *message, int *fds, int *fd_count)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(message);

    *fd_count = 0;
    if (part == NULL || part->cmsg_level != SOL_SOCKET ||
        part->cmsg_type != SCM_RIGHTS)
        return;
    size_t size = part->cmsg_len - CMSG_LEN(0);
    if (size > WIRE_MOST_FDS * sizeof(int))
        size = WIRE_MOST_FDS * sizeof(int);
    memcpy(fds, CMSG_DATA(part), size);
    *fd_count = (int)(size / sizeof(int));
}

static int
receive_head(int fd, struct wire_head *head, int *fds, int *fd_count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(WIRE_MOST_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {head, sizeof *head};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes};
    ssize_t n;

    do {
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return (int)n;
    take_fds(&message, fds, fd_count);
    bool whole =
        receive_exactly(fd, (char *)head + n, sizeof *head - (size_t)n);
    return whole ? 1 : -1;
}

static bool
is_frame(const struct wire_head *head)
{
    return head->magic == magic && head->length <= WIRE_MOST &&
           head->kind >= WIRE_CALL && head->kind <= WIRE_NOTE;
}

int
wire_receive(int fd, struct wire_head *head, struct text *payload, int *fds,
    int *fd_count)
{
    char block[65536];

    *fd_count = 0;
    int result = receive_head(fd, head, fds, fd_count);
    if (result <= 0)
        return result;
    if (!is_frame(head)) {
        errno = EPROTO;
        return -1;
    }
    payload->length = 0;
    while (payload->length < head->length) {
        size_t left = (size_t)head->length - payload->length;
        size_t n = left < sizeof block ? left : sizeof block;
        if (!receive_exactly(fd, block, n))
            return -1;
        text_add(payload, block, n);
    }
    return 1;
}

int
wire_take(struct text *buffer, struct wire_head *head, struct text *payload)
{
    if (buffer->length < sizeof *head)
        return 0;
    memcpy(head, buffer->bytes, sizeof *head);
    if (!is_frame(head))
        return -1;
    size_t whole = sizeof *head + (size_t)head->length;
    if (buffer->length < whole)
        return 0;
    payload->length = 0;
    text_add(payload, buffer->bytes + sizeof *head, (size_t)head->length);
    buffer->length -= whole;
    memmove(buffer->bytes, buffer->bytes + whole, buffer->length);
    return 1;
}

void
wire_put_int(struct text *payload, int64_t value)
{
    text_add(payload, &value, sizeof value);
}

void
wire_put_bytes(struct text *payload, const void *bytes, size_t length)
{
    wire_put_int(payload, (int64_t)length);
    text_add(payload, bytes, length);
}

void
wire_put_string(struct text *payload, const char *string)
{
    wire_put_bytes(payload, string, strlen(string));
}

struct wire_reader
wire_reader(const struct text *payload)
{
    return (struct wire_reader){payload->bytes, payload->length, false};
}

int64_t
wire_int(struct wire_reader *reader)
{
    int64_t value = 0;

    if (reader->broken || reader->left < sizeof value) {
        reader->broken = true;
        return 0;
    }
    memcpy(&value, reader->at, sizeof value);
    reader->at += sizeof value;
    reader->left -= sizeof value;
    return value;
}

const void *
wire_bytes(struct wire_reader *reader, size_t *length)
{
    int64_t size = wire_int(reader);

    *length = 0;
    if (reader->broken || size < 0 || (uint64_t)size > reader->left) {
        reader->broken = true;
        return "";
    }
    const void *bytes = reader->at;
    *length = (size_t)size;
    reader->at += size;
    reader->left -= (size_t)size;
    return bytes;
}

void
wire_string(struct wire_reader *reader, char *to, size_t room)
{
    size_t length;

    const char *bytes = wire_bytes(reader, &length);
    if (length > room - 1)
        length = room - 1;
    memcpy(to, bytes, length);
    to[length] = '\0';
}
