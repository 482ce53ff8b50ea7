#include "judge/flight.h"

#include "judge/judge.h"
#include "judge/passing.h"
#include "judge/pump.h"
#include "clock.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * One probe at a time, one call at a time, one thread. After the call has
 * been sent, a loop moves bytes in both directions (pump.c), moves the
 * world along (passing.c), reads frames off the wire, takes what the probe
 * prints, and looks at the probe's threads: when nothing has happened for a
 * tenth of a second, and as often while something does, since what a probe
 * prints, or half a frame, may drip for ever. It ends with the answer, or
 * by judge_fail(), which never comes back; then judge_main kills what is
 * left.
 *
 * In virtual time the probe sends WIRE_SLEEP instead of waiting, and is
 * woken when something happened or time has passed (passing.c). A program
 * that waits in the kernel itself, in a plain read() say, counts as
 * sleeping for ever: found asleep QUIET_LOOKS times, it is given what
 * happens next.
 */

enum { SHORT_LOOK_MS = 10, QUIET_LOOKS = 3 };

static struct text arrived; /* bytes from the wire, not yet a frame */
static char doing[80];      /* "in read_full" */

/* One call in flight. */
struct flight {
    struct process *process;
    struct ask *ask;
    struct answer *answer;
    struct passing passing;
    uint64_t tag;
    int asleep;    /* looks in a row */
    double look_s; /* when to look again, though something happens */
    bool unread;   /* the probe was gone and something of ours still there */
    bool heard;    /* the probe said something about this call */
    bool answered;
};

/* It took or gave something, or something new happened to it. */
static void
step_forward(struct flight *flight)
{
    flight->asleep = 0;
    flight->process->idle_s = 0;
}

static void
send_call(struct flight *flight)
{
    struct ask *ask = flight->ask;
    struct text payload = {0};
    int64_t flags = (ask->virtual_time ? WIRE_VIRTUAL_TIME : 0) |
                    (ask->log_files ? WIRE_LOG_FILES : 0);

    wire_put_string(&payload, ask->adapter);
    wire_put_int(&payload, flags);
    wire_put_int(&payload, 0);
    wire_put_string(&payload, ask->faults != NULL ? ask->faults : "");
    text_add(&payload, text_string(&ask->arguments), ask->arguments.length);
    int sent = wire_send(flight->process->wire, WIRE_CALL, flight->tag,
        &payload, ask->fds, ask->fd_count);
    text_free(&payload);
    text_free(&ask->arguments);
    for (int i = 0; i < ask->fd_count; i++)
        close(ask->fds[i]);
    ask->fd_count = 0;
    flight->unread = sent != 0;
    if (sent != 0 && errno != EPIPE && errno != ECONNRESET)
        judge_fail(VERDICT_RUN_TIME_ERROR,
            "Your program no longer listens to the harness (%s).",
            strerror(errno));
}

static void
read_step(struct wire_reader *log, struct crash_step *step)
{
    static const struct {
        char letter;
        enum crash_op op;
    } ops[] = {{'o', CRASH_OPEN}, {'w', CRASH_WRITE}, {'s', CRASH_SYNC},
        {'r', CRASH_RENAME}, {'u', CRASH_UNLINK}, {'t', CRASH_TRUNCATE}};

    int64_t letter = wire_int(log);
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (ops[i].letter == letter)
            step->op = ops[i].op;
    }
    step->inode = (uint64_t)wire_int(log);
    step->dir = (uint64_t)wire_int(log);
    wire_string(log, step->name, sizeof step->name);
    step->to_dir = (uint64_t)wire_int(log);
    wire_string(log, step->to_name, sizeof step->to_name);
    step->created = (int)wire_int(log);
    step->truncated = (int)wire_int(log);
    step->offset = (uint64_t)wire_int(log);
    step->bytes = wire_bytes(log, &step->length);
}

/* The log stays inside the answer's payload; the steps point into it. */
static void
read_log(struct answer *answer)
{
    struct wire_reader log = {.left = 0};

    log.at = wire_bytes(&answer->results, &log.left);
    while (log.left > 0 && !log.broken) {
        answer->steps = realloc(
            answer->steps, (answer->step_count + 1) * sizeof *answer->steps);
        if (answer->steps == NULL)
            die("memory for the log:");
        struct crash_step *step = &answer->steps[answer->step_count++];
        *step = (struct crash_step){.op = CRASH_OPEN};
        read_step(&log, step);
    }
    answer->results.broken = answer->results.broken || log.broken;
}

static void
take_answer(struct flight *flight, struct text *payload)
{
    struct answer *answer = flight->answer;

    answer_free(answer);
    answer->payload = *payload;
    *payload = (struct text){0};
    answer->results = wire_reader(&answer->payload);
    answer->error = (int)wire_int(&answer->results);
    answer->allocations_left = wire_int(&answer->results);
    for (int i = 0; i < WRAPPED_COUNT; i++)
        answer->calls[i] = wire_int(&answer->results);
    for (int i = 0; i < WRAPPED_COUNT; i++)
        answer->call_ns[i] = wire_int(&answer->results);
    answer->now_ms = flight->passing.now_ns / 1000000;
    read_log(answer);
    if (answer->results.broken)
        process_meddled("sent half an answer of its own");
    flight->answered = true;
}

static void
take_note(struct text *payload)
{
    struct wire_reader note = wire_reader(payload);
    char word[64], sentence[600];
    enum verdict verdict;

    wire_string(&note, word, sizeof word);
    wire_string(&note, sentence, sizeof sentence);
    if (note.broken || !terms_read_verdict(word, &verdict) ||
        verdict < VERDICT_WRONG_ANSWER || verdict > VERDICT_MEMORY_LIMIT)
        process_meddled("wrote a report of its own to the harness");
    judge_fail(verdict, "%s", sentence);
}

static void
take_frame(struct flight *flight, struct wire_head *head, struct text *payload)
{
    if (head->tag != flight->tag)
        process_meddled("answered a question that the harness had not asked "
                        "(or an earlier one, again)");
    flight->heard = true;
    flight->asleep = 0;
    if (head->kind == WIRE_ANSWER)
        take_answer(flight, payload);
    else if (head->kind == WIRE_NOTE)
        take_note(payload);
    else if (head->kind == WIRE_SLEEP && flight->ask->virtual_time)
        passing_sleep(&flight->passing, flight->tag, payload);
    else
        process_meddled("wrote a message of its own to the harness");
}

/* Take the whole frames that have arrived. */
static void
take_frames(struct flight *flight)
{
    struct wire_head head;
    struct text payload = {0};
    int whole = 0;

    while (!flight->answered &&
           (whole = wire_take(&arrived, &head, &payload)) == 1)
        take_frame(flight, &head, &payload);
    if (whole < 0)
        process_meddled("wrote into the harness's own channel");
    text_free(&payload);
}

/* Take what has arrived; false at the end of the stream. */
static bool
take_wire(struct flight *flight)
{
    char block[65536];
    bool open;
    ssize_t n;

    do {
        n = recv(flight->process->wire, block, sizeof block, MSG_DONTWAIT);
        open = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
        if (n < 0 && errno == ECONNRESET)
            flight->unread = true;
        if (n > 0)
            text_add(&arrived, block, (size_t)n);
        take_frames(flight);
    } while (n > 0 && !flight->answered);
    return open;
}

/* Is it working, waiting or stuck, `ms` after the last look? */
static void
look(struct flight *flight, int ms)
{
    struct world *world = flight->ask->world;

    flight->look_s = clock_now_s() + PROCESS_LOOK_MS / 1000.0;
    if (world != NULL && world->spent != NULL &&
        process_is_spent(flight->process))
        world->spent(world);
    if (process_look(flight->process, ms) != LOOK_ASLEEP) {
        flight->asleep = 0;
        return;
    }
    flight->asleep++;
    if (flight->asleep >= QUIET_LOOKS && passing_asleep(&flight->passing)) {
        step_forward(flight);
        return;
    }
    if (flight->process->idle_s < PROCESS_STUCK_S)
        return;
    if (!passing_stuck(&flight->passing))
        process_stuck(flight->process);
    step_forward(flight);
}

static const char *
when_it_ended(const struct flight *flight)
{
    if (!flight->unread || flight->heard)
        return doing;
    return flight->process->answered
               ? "after an answer, when nothing was asked"
               : "before it was asked anything (in code that runs before "
                 "main)";
}

/* Move the pumps that are ready, and the world. */
static void
move(struct flight *flight, const struct pollfd *pump_fds)
{
    struct ask *ask = flight->ask;

    for (int i = 0; i < ask->pump_count; i++) {
        if (pump_fds[i].revents && pump_move(&ask->pumps[i]))
            step_forward(flight);
        if (ask->pumps[i].done > PUMP_MOST)
            judge_fail(VERDICT_RUN_TIME_ERROR,
                "Your program wrote more than %d MiB to its output and was "
                "stopped. It floods it.",
                PUMP_MOST >> 20);
    }
    if (passing_move(&flight->passing))
        step_forward(flight);
}

/* How long to wait for something to happen before the next look. */
static int
patience_ms(struct flight *flight)
{
    struct ask *ask = flight->ask;
    int wait_ms = ask->virtual_time || ask->world != NULL ? SHORT_LOOK_MS
                                                          : PROCESS_LOOK_MS;

    for (int i = 0; i < ask->pump_count; i++) {
        if (ask->pumps[i].when_asleep && flight->asleep == 0)
            wait_ms = 1;
    }
    return wait_ms;
}

/* Wait until a descriptor is ready, `ms` at most; `*cut`: no longer than the
 * world can wait. */
static int
wait_for(
    struct flight *flight, struct pollfd *fds, int count, int ms, bool *cut)
{
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000L};

    *cut = passing_shorten(&flight->passing, &wait);
    int ready = ppoll(fds, (nfds_t)count, &wait, NULL);
    if (ready < 0 && errno != EINTR)
        die("wait for the probe:");
    return ready;
}

/* Wait for something to happen and deal with it. */
static void
turn(struct flight *flight, struct pollfd *fds)
{
    struct ask *ask = flight->ask;
    int count = 3;

    fds[0] = (struct pollfd){flight->process->wire, POLLIN, 0};
    fds[1] = (struct pollfd){flight->process->ended, POLLIN, 0};
    fds[2] = (struct pollfd){flight->process->out, POLLIN, 0};
    for (int i = 0; i < ask->pump_count; i++)
        fds[count++] = pump_wish(&ask->pumps[i], flight->asleep > 0);
    count += passing_wish(&flight->passing, &fds[count]);
    int wait_ms = patience_ms(flight);
    bool cut = false;
    int ready = wait_for(flight, fds, count, wait_ms, &cut);
    if (fds[2].revents)
        process_take_output(flight->process);
    if (fds[0].revents && !take_wire(flight) && !fds[1].revents &&
        !flight->answered && !process_wait(flight->process))
        process_meddled("closed the harness's channel");
    move(flight, &fds[3]);
    if (fds[1].revents && !flight->answered) {
        take_wire(flight);
        if (!flight->answered)
            process_reap(flight->process, when_it_ended(flight), false);
    }
    if (ready == 0 && !cut) {
        look(flight, wait_ms);
    } else if (!flight->answered && clock_now_s() >= flight->look_s) {
        /* it may go on after what just came */
        if (wait_for(flight, fds, 1, 1, &cut) == 0)
            look(flight, PROCESS_LOOK_MS);
    }
}

void
flight_run(struct process *process, struct ask *ask, struct answer *answer)
{
    struct flight flight = {.process = process,
        .ask = ask,
        .answer = answer,
        .tag = judge_random(),
        .look_s = clock_now_s() + PROCESS_LOOK_MS / 1000.0};
    struct pollfd fds[3 + ASK_MOST_PUMPS + WORLD_MOST_FDS];

    snprintf(doing, sizeof doing, "in %.*s()", (int)strcspn(ask->adapter, ":"),
        ask->adapter);
    arrived.length = 0;
    step_forward(&flight);
    passing_begin(&flight.passing, process, ask);
    send_call(&flight);
    while (!flight.answered)
        turn(&flight, fds);
    process->answered = true;
    process_take_output(process);
    if (arrived.length > 0)
        process_meddled("sent more than one answer");
    for (int i = 0; i < ask->pump_count; i++)
        pump_finish(&ask->pumps[i]);
    ask->pump_count = 0;
}
