#include "probe/faults.h"
#include "probe/probe.h"
#include "probe/wire.h"
#include "warn.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * One process, one call at a time. A call comes over the wire with its
 * fault script, arguments and descriptors; the adapter runs the learner's
 * function between faults_begin() and the first call_return(); the answer
 * goes back with everything that was counted. Nothing here decides whether
 * an answer is right: that is known to the judge alone. Whatever happens
 * to this process, the judge sees it from outside.
 */

enum { GUARD = 64, MOST_BUFFERS = 16 };

static const unsigned char guard_byte = 0xA5;

struct buffer {
    unsigned char *block; /* guard, bytes, guard */
    size_t length;
};

struct call {
    uint64_t tag;
    struct text payload;
    struct wire_reader arguments;
    int fds[WIRE_MOST_FDS];
    int fd_count, next_fd;
    struct buffer buffers[MOST_BUFFERS];
    int buffer_count;
    char *strings[MOST_BUFFERS];
    int string_count;
    bool returned;
    int error;
    struct text results;
};

static struct call current;

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
static const size_t guard = 0; /* AddressSanitizer has its own */
#else
static const size_t guard = GUARD;
#endif

static void
demand(bool fine)
{
    if (!fine)
        die("the judge's call does not fit this probe");
}

int
call_fd(struct call *call)
{
    demand(call->next_fd < call->fd_count);
    return call->fds[call->next_fd++];
}

int64_t
call_int(struct call *call)
{
    int64_t value = wire_int(&call->arguments);

    demand(!call->arguments.broken);
    return value;
}

size_t
call_size(struct call *call)
{
    return (size_t)call_int(call);
}

/* Room of exactly `length` bytes, guarded on both sides. */
static unsigned char *
take_room(struct call *call, size_t length)
{
    demand(call->buffer_count < MOST_BUFFERS);
    unsigned char *block = malloc(length + 2 * guard);
    if (block == NULL)
        die("%zu bytes for a buffer:", length);
    memset(block, guard_byte, length + 2 * guard);
    call->buffers[call->buffer_count++] = (struct buffer){block, length};
    return block + guard;
}

void *
call_buffer(struct call *call, size_t length)
{
    return take_room(call, length);
}

const void *
call_bytes(struct call *call, size_t *length)
{
    const void *bytes = wire_bytes(&call->arguments, length);

    demand(!call->arguments.broken);
    void *copy = take_room(call, *length);
    if (*length > 0)
        memcpy(copy, bytes, *length);
    return copy;
}

const char *
call_string(struct call *call)
{
    size_t length;

    const char *bytes = wire_bytes(&call->arguments, &length);
    demand(!call->arguments.broken && call->string_count < MOST_BUFFERS);
    char *copy = text_format("%.*s", (int)length, bytes);
    call->strings[call->string_count++] = copy;
    return copy;
}

void
call_return(struct call *call, int64_t value)
{
    if (!call->returned)
        call->error = errno;
    call->returned = true;
    wire_put_int(&call->results, value);
}

void
call_return_bytes(struct call *call, const void *bytes, size_t length)
{
    if (!call->returned)
        call->error = errno;
    call->returned = true;
    wire_put_bytes(&call->results, bytes, length);
}

static void
check_guards(const struct call *call)
{
    for (int i = 0; i < call->buffer_count; i++) {
        const struct buffer *buffer = &call->buffers[i];
        for (size_t k = 0; k < guard; k++) {
            const unsigned char *end = buffer->block + guard + buffer->length;
            if (buffer->block[k] == guard_byte && end[k] == guard_byte)
                continue;
            serve_note(VERDICT_RUN_TIME_ERROR,
                "Your program wrote outside the buffer of %zu bytes that "
                "it was given (%s it).",
                buffer->length, end[k] != guard_byte ? "after" : "before");
        }
    }
}

/* The wire is closed on this side: a signal tells the judge so, since any
 * exit status could be the learner's. */
static _Noreturn void
hang_up(void)
{
    signal(WIRE_LOST, SIG_DFL);
    raise(WIRE_LOST);
    _exit(3);
}

static void
send_answer(struct call *call)
{
    struct text answer = {0};

    wire_put_int(&answer, call->error);
    wire_put_int(&answer, faults_allocations_left());
    for (int i = 0; i < WRAPPED_COUNT; i++)
        wire_put_int(&answer, faults_calls((enum wrapped)i));
    for (int i = 0; i < WRAPPED_COUNT; i++)
        wire_put_int(&answer, faults_call_ns((enum wrapped)i));
    const struct text *log = faults_log();
    wire_put_bytes(&answer, text_string(log), log->length);
    text_add(&answer, text_string(&call->results), call->results.length);
    if (wire_send(WIRE_FD, WIRE_ANSWER, call->tag, &answer, NULL, 0) != 0)
        hang_up();
    text_free(&answer);
}

static void
release(struct call *call)
{
    for (int i = 0; i < call->fd_count; i++)
        close(call->fds[i]);
    for (int i = 0; i < call->buffer_count; i++)
        free(call->buffers[i].block);
    for (int i = 0; i < call->string_count; i++)
        free(call->strings[i]);
    call->fd_count = call->next_fd = 0;
    call->buffer_count = call->string_count = 0;
    call->results.length = 0;
}

static void
answer_call(struct call *call, const struct probe_entry *table)
{
    char name[64];

    call->arguments = wire_reader(&call->payload);
    wire_string(&call->arguments, name, sizeof name);
    int64_t flags = wire_int(&call->arguments);
    int64_t now_ns = wire_int(&call->arguments);
    char script[4096];
    wire_string(&call->arguments, script, sizeof script);
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    demand(!call->arguments.broken && (table->name || name[0] == '\0'));
    call->returned = false;
    faults_begin(script, (flags & WIRE_VIRTUAL_TIME) != 0, now_ns,
        (flags & WIRE_LOG_FILES) != 0);
    errno = 0;
    if (table->name != NULL)
        table->answer(call);
    faults_end();
    check_guards(call);
    send_answer(call);
    release(call);
}

_Noreturn void
serve_note(enum verdict verdict, const char *format, ...)
{
    static atomic_flag noted = ATOMIC_FLAG_INIT;
    struct text note = {0};
    char sentence[512];
    va_list args;

    while (atomic_flag_test_and_set(&noted)) /* another thread sends its own */
        pause();
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    wire_put_string(&note, terms_verdict(verdict));
    wire_put_string(&note, sentence);
    wire_send(WIRE_FD, WIRE_NOTE, current.tag, &note, NULL, 0);
    _exit(3);
}

int
serve_sleep(
    int64_t *now_ns, int64_t deadline_ns, const struct traffic *traffic)
{
    struct wire_head head;
    struct text payload = {0};
    int fds[WIRE_MOST_FDS], fd_count;

    wire_put_int(&payload, *now_ns);
    wire_put_int(&payload, deadline_ns);
    wire_put_int(&payload, traffic->connecting);
    wire_put_int(&payload, traffic->unsent);
    if (wire_send(WIRE_FD, WIRE_SLEEP, current.tag, &payload, NULL, 0) != 0)
        hang_up();
    if (wire_receive(WIRE_FD, &head, &payload, fds, &fd_count) != 1 ||
        head.kind != WIRE_WAKE)
        hang_up();
    struct wire_reader reader = wire_reader(&payload);
    *now_ns = wire_int(&reader);
    int interrupted = (int)wire_int(&reader);
    text_free(&payload);
    return interrupted ? -1 : 0;
}

static int
serve(const struct probe_entry *table)
{
    struct wire_head head;

    signal(SIGPIPE, SIG_IGN);
    while (wire_receive(WIRE_FD, &head, &current.payload, current.fds,
               &current.fd_count) == 1) {
        demand(head.kind == WIRE_CALL);
        current.tag = head.tag;
        answer_call(&current, table);
    }
    return 0;
}

static int
list_commands(const char *program, const struct probe_entry *table)
{
    printf("usage: %s COMMAND [ARGUMENT ...]\n", program);
    for (; table->name != NULL; table++) {
        if (table->usage != NULL)
            printf("       %s %s %s\n", program, table->name, table->usage);
    }
    return 2;
}

int
probe_serve(int argc, char **argv, const struct probe_entry *table)
{
    warn_program("probe");
    if (argc == 2 && strcmp(argv[1], "--wire") == 0)
        return serve(table);
    for (const struct probe_entry *entry = table; entry->name; entry++) {
        if (argc > 1 && entry->command && !strcmp(argv[1], entry->name))
            return entry->command(argc - 1, argv + 1);
    }
    return list_commands(argv[0], table);
}
