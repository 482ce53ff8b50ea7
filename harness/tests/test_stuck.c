#include "probe_mischief.h"
#include "side_by_side.h"

#include <fcntl.h>

/*
 * Theory of operation
 *
 * The judge's side of the wire (ask.c, flight.c, process.c) faces a probe
 * that misbehaves on command: this program, started again with --wire. To
 * be found stuck takes two seconds; so every scenario runs in a process of
 * its own, all of them side by side and, as long as one of them works,
 * beside a hog a core. Each test reads what one of them came to: the verdict
 * and cause of judge_fail(), or "accepted".
 */

/* Scenarios. */

static struct text output;

static void
wait_for_bytes(struct ask *ask)
{
    ask_input(ask, "", 0)->keep_open = true;
}

static void
take_output(struct ask *ask)
{
    ask_output(ask, &output);
}

static char many[300000];

static void
give_many(struct ask *ask)
{
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = (char)(i * 7 % 251);
    ask_input(ask, many, sizeof many)->step = 1000;
    ask_output(ask, &output)->step = 4099;
}

/* A pipe's end that the events of virtual time write to. */
static struct event events[] = {
    {20, EVENT_SEND, -1, "!", 1},
    {30, EVENT_SIGNAL, -1, NULL, 0},
};

static void
tell_time(struct ask *ask)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        die("open a pipe:");
    ask_fd(ask, ends[0]);
    events[0].fd = ends[1];
    ask->virtual_time = true;
    ask->events = events;
    ask->event_count = 2;
}

static void
stop_time(struct ask *ask)
{
    ask->virtual_time = true;
}

#define LEFT "left 1 process behind that it had started "

static const struct scenario {
    const char *act;
    void (*prepare)(struct ask *ask);
    int calls;
    const char *outcome;
} scenarios[] = {
    {"fine", NULL, 3, "accepted"},
    {"copies", give_many, 2, "accepted"},
    {"prints", NULL, 1, "accepted"},
    {"works", NULL, 1, "accepted"},
    {"lets_a_child_work", NULL, 1, "accepted"},
    {"waits_for_a_child", NULL, 1, "time limit exceeded: asleep in wait()"},
    {"dribbles", take_output, 1, "accepted"},
    {"sleeps", tell_time, 1, "accepted"},

    {"reads", wait_for_bytes, 1, "time limit exceeded: asleep in read()"},
    {"polls", NULL, 1, "time limit exceeded: asleep in poll()"},
    {"stops", NULL, 1, "time limit exceeded: stopped by a signal"},
    {"closes_outputs", NULL, 1, "time limit exceeded: asleep in poll()"},
    {"sleeps_for_ever", stop_time, 1, "time limit exceeded: for ever"},
    {"lingers", NULL, 1, "time limit exceeded: does not end"},
    {"spins", NULL, 1, "time limit exceeded: more than 1 s"},
    {"closes_the_wire_and_works", NULL, 1,
        "time limit exceeded: more than 1 s"},

    {"closes_the_wire", NULL, 1, "run-time error: closed the harness's"},
    {"answers_another_question", NULL, 1, "run-time error: had not asked"},
    {"answers_again", NULL, 2, "run-time error: or an earlier one, again"},
    {"answers_twice", NULL, 1, "run-time error: more than one answer"},
    {"answers_half", NULL, 1, "run-time error: half an answer"},
    {"writes_on_the_wire", NULL, 1,
        "run-time error: wrote into the harness's own channel"},
    {"asks_back", NULL, 1, "run-time error: a message of its own"},
    {"sleeps_for_ever", NULL, 1, "run-time error: a message of its own"},
    {"is_noted", NULL, 1, "busy waiting: It burns."},
    {"accepts_itself", NULL, 1, "run-time error: a report of its own"},
    {"invents_a_verdict", NULL, 1, "run-time error: a report of its own"},

    {"exits", NULL, 1, "run-time error: in exits() with exit status 0"},
    {"exits:too", NULL, 1, "run-time error: in exits() with exit status 0"},
    {"fails", NULL, 1, "run-time error: in fails() with exit status 7"},
    {"crashes", NULL, 1, "run-time error: crashed in crashes()"},
    {"is_ended", NULL, 1, "run-time error: in is_ended() by signal 15"},
    {"exits_with_a_stray", NULL, 1, "run-time error: " LEFT "(stray)"},
    {"answers_with_a_stray", NULL, 1, "run-time error: " LEFT "(stray)"},
    {"exits_traced_by_a_stray", NULL, 1, "run-time error: " LEFT "(tracer)"},
    {"floods", NULL, 1, "run-time error: printed more than 4 MiB"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];

/* The counters and times are what put_answer() has written. */
static void
check_calls(const struct answer *got)
{
    for (int i = 0; i < WRAPPED_COUNT; i++) {
        if (got->calls[i] != i || got->call_ns[i] != WRAPPED_COUNT + i)
            conclude("wrong answer", "not what was counted");
    }
}

/* Ask as often as the scenario says, check all that came back, and let the
 * probe end. */
static void
play(int number)
{
    const struct scenario *scenario = &scenarios[number];
    struct answer got = {0};

    for (int i = 0; i < scenario->calls; i++) {
        struct ask ask = ask_new(scenario->act);
        if (scenario->prepare != NULL)
            scenario->prepare(&ask);
        ask_send(&ask, &got);
        if (answer_int(&got) != 42)
            conclude("wrong answer", "not 42");
        check_calls(&got);
        if (scenario->prepare == give_many &&
            (output.length != sizeof many ||
                memcmp(output.bytes, many, sizeof many) != 0))
            conclude("wrong answer", "not what was sent");
    }
    if (scenario->prepare == tell_time && got.now_ms != 50)
        conclude("wrong answer", "not 50 ms");
    ask_finish();
    if (strcmp(scenario->act, "prints") == 0 &&
        strcmp(ask_printed(), "seen") != 0)
        conclude("wrong answer", "what was printed is not seen");
}

START_TEST(a_probe_is_judged_by_what_it_does)
{
    check_scenario(reports[_i], scenarios[_i].act, scenarios[_i].outcome);
}
END_TEST

/* Start all; return when the one that works is done. */
static void
start_all(void)
{
    struct pollfd done = {.events = POLLIN};

    start_hogs();
    for (int i = 0; i < SCENARIOS; i++) {
        bool works = strcmp(scenarios[i].act, "works") == 0;
        bool child = strcmp(scenarios[i].act, "lets_a_child_work") == 0;
        reports[i] = start_scenario(i, play, works || child ? 60 : 1);
        if (works)
            done.fd = reports[i];
    }
    poll(&done, 1, -1);
    stop_hogs();
}

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc == 2 && strcmp(argv[1], "--wire") == 0)
        return serve();

    start_all();
    Suite *suite = suite_create("stuck");
    TCase *tcase = suite_section(suite, "a probe that misbehaves");
    tcase_add_loop_test(
        tcase, a_probe_is_judged_by_what_it_does, 0, SCENARIOS);
    return suite_run(suite);
}
