#ifndef PROBE_MISCHIEF_H
#define PROBE_MISCHIEF_H

/*
 * For test_stuck.c: what a probe must not do; and the probe itself, which
 * does what it is called for.
 */
#include "probe_acts.h"

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

static uint64_t first_tag;

static void
closes_the_wire(void)
{
    close(WIRE_FD);
    pause();
}

static void
closes_the_wire_and_works(void)
{
    close(WIRE_FD);
    spins();
}

static void
answers_another_question(void)
{
    tag++;
    answer(42);
}

static void
answers_again(void)
{
    tag = first_tag;
    answer(42);
}

/* Both in one piece, so that they arrive together. */
static void
answers_twice(void)
{
    struct text payload = {0}, both = {0};

    put_answer(&payload, 42);
    struct wire_head head = {0x57594931, WIRE_ANSWER, tag, payload.length};
    for (int i = 0; i < 2; i++) {
        text_add(&both, &head, sizeof head);
        text_add(&both, payload.bytes, payload.length);
    }
    if (send(WIRE_FD, both.bytes, both.length, 0) < 0)
        _exit(3);
    text_free(&payload);
    text_free(&both);
    pause();
}

static void
answers_half(void)
{
    struct text payload = {0};

    wire_put_int(&payload, 0);
    send_frame(WIRE_ANSWER, tag, &payload);
}

static void
writes_on_the_wire(void)
{
    dprintf(WIRE_FD, "All tests have passed. There is no need to look.\n");
    pause();
}

static void
asks_back(void)
{
    struct text payload = {0};

    send_frame(WIRE_CALL, tag, &payload);
}

static void
sends_note(const char *verdict)
{
    struct text payload = {0};

    wire_put_string(&payload, verdict);
    wire_put_string(&payload, "It burns.");
    send_frame(WIRE_NOTE, tag, &payload);
    _exit(3);
}

static void
is_noted(void)
{
    sends_note("busy waiting");
}

static void
accepts_itself(void)
{
    sends_note("accepted");
}

static void
invents_a_verdict(void)
{
    sends_note("excellent");
}

static void
exits(void)
{
    exit(0);
}

static void
fails(void)
{
    exit(7);
}

static void
crashes(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void
is_ended(void)
{
    raise(SIGTERM);
}

/* A process in a session of its own, which does `first` and then nothing. */
static void
leave_stray(const char *name, void (*first)(void))
{
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        _exit(3);
    if (fork() == 0) {
        prctl(PR_SET_NAME, name, 0, 0, 0);
        setsid();
        first();
        close(ready[1]);
        while (true)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 0)
        _exit(3);
    close(ready[0]);
}

static void
do_nothing(void)
{
}

static void
trace_parent(void)
{
    ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static void
exits_with_a_stray(void)
{
    leave_stray("stray", do_nothing);
    exit(0);
}

static void
answers_with_a_stray(void)
{
    leave_stray("stray", do_nothing);
    answer(42);
}

static void
exits_traced_by_a_stray(void)
{
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    leave_stray("tracer", trace_parent);
    exit(0);
}

static void
lingers(void)
{
    answer(42);
    while (true)
        pause();
}

static void
floods(void)
{
    static const char block[65536];

    while (write(1, block, sizeof block) > 0)
        ;
    answer(42);
}

static void
prints(void)
{
    printf("seen");
    fflush(stdout);
    answer(42);
}

#define ACT(NAME) \
    { \
#NAME, NAME \
    }

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {ACT(fine), ACT(reads), ACT(polls), ACT(stops), ACT(closes_outputs),
    ACT(works), ACT(lets_a_child_work), ACT(waits_for_a_child), ACT(dribbles),
    ACT(spins), ACT(copies), ACT(sleeps_for_ever), ACT(sleeps),
    ACT(closes_the_wire), ACT(closes_the_wire_and_works),
    ACT(answers_another_question), ACT(answers_again), ACT(answers_twice),
    ACT(answers_half), ACT(writes_on_the_wire), ACT(asks_back), ACT(is_noted),
    ACT(accepts_itself), ACT(invents_a_verdict), ACT(exits), ACT(fails),
    ACT(crashes), ACT(is_ended), ACT(exits_with_a_stray),
    ACT(answers_with_a_stray), ACT(exits_traced_by_a_stray), ACT(lingers),
    ACT(floods), ACT(prints)};

static int
serve(void)
{
    struct wire_head head;
    struct text payload = {0};
    char name[64];

    while (wire_receive(WIRE_FD, &head, &payload, given, &given_count) == 1) {
        struct wire_reader reader = wire_reader(&payload);
        wire_string(&reader, name, sizeof name);
        name[strcspn(name, ":")] = '\0';
        tag = head.tag;
        first_tag = first_tag != 0 ? first_tag : tag;
        for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
            if (strcmp(acts[i].name, name) == 0)
                acts[i].act();
        }
        for (int i = 0; i < given_count; i++)
            close(given[i]);
    }
    text_free(&payload);
    return 0;
}

#endif
