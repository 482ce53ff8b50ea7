#include "probe/wire.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int ours, theirs; /* a wire */

static void
begin(void)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ours = ends[0];
    theirs = ends[1];
}

static void
fill(struct text *payload, size_t length)
{
    payload->length = 0;
    for (size_t i = 0; i < length; i++)
        text_add(payload, &(char){(char)(i * 7 % 251)}, 1);
}

/* What arrived. */
static struct wire_head head;
static struct text got;
static int fds[WIRE_MOST_FDS], fd_count;

static int
receive(void)
{
    return wire_receive(theirs, &head, &got, fds, &fd_count);
}

/* Whole frames. */

START_TEST(a_frame_arrives_as_it_was_sent)
{
    static const size_t lengths[] = {0, 1, 23, 24, 25, 4096, 65536, 100000};
    struct text payload = {0};

    fill(&payload, lengths[_i]);
    ck_assert_int_eq(
        wire_send(ours, WIRE_SLEEP, 0xfedcba9876543210, &payload, NULL, 0), 0);
    ck_assert_int_eq(receive(), 1);
    ck_assert_int_eq(head.kind, WIRE_SLEEP);
    ck_assert_uint_eq(head.tag, 0xfedcba9876543210);
    ck_assert_uint_eq(head.length, lengths[_i]);
    ck_assert_uint_eq(got.length, lengths[_i]);
    ck_assert_int_eq(fd_count, 0);
    if (lengths[_i] > 0)
        ck_assert_mem_eq(got.bytes, payload.bytes, lengths[_i]);
    text_free(&payload);
    text_free(&got);
}
END_TEST

START_TEST(a_frame_larger_than_the_socket_arrives_whole)
{
    struct text payload = {0};
    int status;

    fill(&payload, 5000000);
    pid_t pid = fork();
    if (pid == 0)
        _exit(wire_send(ours, WIRE_ANSWER, 1, &payload, NULL, 0) != 0);
    ck_assert_int_eq(receive(), 1);
    ck_assert_uint_eq(got.length, payload.length);
    ck_assert_int_eq(memcmp(got.bytes, payload.bytes, payload.length), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    text_free(&payload);
    text_free(&got);
}
END_TEST

START_TEST(descriptors_arrive_with_their_frame)
{
    struct text payload = {0};
    int files[WIRE_MOST_FDS];
    struct stat sent, there;

    for (int i = 0; i < WIRE_MOST_FDS; i++)
        files[i] = memfd_create("file", 0);
    ck_assert_int_eq(wire_send(ours, WIRE_CALL, 1, &payload, NULL, 0), 0);
    ck_assert_int_eq(wire_send(ours, WIRE_CALL, 2, &payload, files, _i), 0);
    ck_assert_int_eq(receive(), 1);
    ck_assert_int_eq(fd_count, 0);
    ck_assert_int_eq(receive(), 1);
    ck_assert_uint_eq(head.tag, 2);
    ck_assert_int_eq(fd_count, _i);
    for (int i = 0; i < fd_count; i++) {
        fstat(files[i], &sent);
        ck_assert_int_eq(fstat(fds[i], &there), 0);
        ck_assert_uint_eq(there.st_ino, sent.st_ino);
        ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
    }
}
END_TEST

START_TEST(the_end_of_the_stream_is_no_frame_and_no_error)
{
    close(ours);
    ck_assert_int_eq(receive(), 0);
}
END_TEST

START_TEST(a_peer_that_is_gone_is_an_error_and_no_signal)
{
    struct text payload = {0};

    close(theirs);
    ck_assert_int_eq(wire_send(ours, WIRE_NOTE, 1, &payload, NULL, 0), -1);
    ck_assert_int_eq(errno, EPIPE);
}
END_TEST

/* Pieces of frames. */

/* Two frames as bytes, and a third one that is never whole. */
static void
take_bytes(struct text *stream)
{
    char block[4096];
    struct text payload = {0};

    wire_put_string(&payload, "first");
    wire_send(ours, WIRE_CALL, 1, &payload, NULL, 0);
    payload.length = 0;
    wire_send(ours, WIRE_ANSWER, 2, &payload, NULL, 0);
    wire_put_string(&payload, "third");
    wire_send(ours, WIRE_NOTE, 3, &payload, NULL, 0);
    ssize_t n = recv(theirs, block, sizeof block, 0);
    while (n > 0) {
        text_add(stream, block, (size_t)n);
        n = recv(theirs, block, sizeof block, MSG_DONTWAIT);
    }
    ck_assert_uint_eq(stream->length, 3 * sizeof(struct wire_head) + 26);
    text_free(&payload);
}

/* Take what there is; how many of the three were taken so far. (Assertions
 * of Check are slow.) */
static int
take_all(struct text *buffer, int taken)
{
    static const size_t lengths[] = {0, 13, 0, 13};

    while (wire_take(buffer, &head, &got) == 1) {
        taken++;
        if (head.tag != (uint64_t)taken || taken > 3 ||
            got.length != lengths[taken])
            ck_abort_msg("frame %d: tag %ju", taken, (uintmax_t)head.tag);
        if (taken != 2 &&
            memcmp(got.bytes + 8, taken == 1 ? "first" : "third", 5) != 0)
            ck_abort_msg("frame %d: another payload", taken);
    }
    return taken;
}

/* Give it up to byte `to` of the stream, and take what is whole then. */
static int
give(struct text *buffer, const struct text *stream, size_t from, size_t to,
    int taken)
{
    const size_t first = sizeof head + 13, second = first + sizeof head;
    int whole = (to >= first) + (to >= second) + (to == stream->length);

    text_add(buffer, stream->bytes + from, to - from);
    taken = take_all(buffer, taken);
    if (taken != whole)
        ck_abort_msg("%d frames in %zu bytes, not %d", taken, to, whole);
    return taken;
}

START_TEST(a_stream_split_anywhere_gives_the_same_frames)
{
    struct text stream = {0}, buffer = {0};

    take_bytes(&stream);
    for (size_t i = 0; i <= stream.length; i++) {
        for (size_t k = i; k <= stream.length; k++) {
            int taken = give(&buffer, &stream, 0, i, 0);
            taken = give(&buffer, &stream, i, k, taken);
            give(&buffer, &stream, k, stream.length, taken);
            if (buffer.length != 0)
                ck_abort_msg("%zu bytes are left", buffer.length);
        }
    }
    text_free(&stream);
    text_free(&buffer);
    text_free(&got);
}
END_TEST

START_TEST(a_stream_that_ends_inside_a_frame_is_an_error)
{
    struct text stream = {0};

    take_bytes(&stream);
    const size_t whole = sizeof head + 13;
    for (size_t i = 0; i <= whole; i++) {
        begin();
        ck_assert_int_eq(send(ours, stream.bytes, i, 0), (ssize_t)i);
        close(ours);
        errno = 0;
        ck_assert_int_eq(receive(), i == 0 ? 0 : i == whole ? 1 : -1);
        ck_assert_int_eq(errno, i == 0 || i == whole ? 0 : EPROTO);
        close(theirs);
    }
    text_free(&stream);
    text_free(&got);
}
END_TEST

/* A head with one field changed. */
static const struct {
    size_t at;
    uint64_t value;
    size_t size;
    int taken; /* what wire_take says of it */
} heads[] = {
    {0, 0, 4, -1},                  /* no magic */
    {0, 0x57594930, 4, -1},         /* nearly the magic */
    {4, 0, 4, -1},                  /* a kind that is none */
    {4, WIRE_NOTE + 1, 4, -1},      /* */
    {4, 0x80000001, 4, -1},         /* */
    {16, WIRE_MOST + 1, 8, -1},     /* too long */
    {16, UINT64_MAX, 8, -1},        /* */
    {16, (uint64_t)1 << 32, 8, -1}, /* */
    {16, WIRE_MOST, 8, 0},          /* as long as can be: not whole */
    {8, UINT64_MAX, 8, 1},          /* any tag is right */
};

START_TEST(what_is_no_frame_is_refused)
{
    struct text stream = {0};

    take_bytes(&stream);
    memcpy(stream.bytes + heads[_i].at, &heads[_i].value, heads[_i].size);
    ck_assert_int_eq(
        send(ours, stream.bytes, stream.length, 0), (ssize_t)stream.length);
    close(ours);
    errno = 0;
    ck_assert_int_eq(receive(), heads[_i].taken == 1 ? 1 : -1);
    ck_assert_int_eq(errno, heads[_i].taken == 1 ? 0 : EPROTO);
    ck_assert_int_eq(wire_take(&stream, &head, &got), heads[_i].taken);
    text_free(&stream);
    text_free(&got);
}
END_TEST

#define COUNT(ARRAY) (int)(sizeof(ARRAY) / sizeof((ARRAY)[0]))

int
main(void)
{
    Suite *suite = suite_create("wire");
    TCase *frames = suite_section(suite, "whole frames");
    tcase_add_checked_fixture(frames, begin, NULL);
    tcase_add_loop_test(frames, a_frame_arrives_as_it_was_sent, 0, 8);
    tcase_add_test(frames, a_frame_larger_than_the_socket_arrives_whole);
    tcase_add_loop_test(
        frames, descriptors_arrive_with_their_frame, 0, WIRE_MOST_FDS + 1);
    tcase_add_test(frames, the_end_of_the_stream_is_no_frame_and_no_error);
    tcase_add_test(frames, a_peer_that_is_gone_is_an_error_and_no_signal);

    TCase *pieces = suite_section(suite, "pieces of frames");
    tcase_add_checked_fixture(pieces, begin, NULL);
    tcase_add_test(pieces, a_stream_split_anywhere_gives_the_same_frames);
    tcase_add_test(pieces, a_stream_that_ends_inside_a_frame_is_an_error);
    tcase_add_loop_test(pieces, what_is_no_frame_is_refused, 0, COUNT(heads));
    return suite_run(suite);
}
