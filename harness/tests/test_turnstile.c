#include "turnstile_acts.h"
#include "judge/gates.h"
#include "probe/bell.h"
#include "side_by_side.h"

/*
 * Theory of operation
 *
 * The gates of a turnstile face pools of threads, right ones and wrong ones:
 * this program, started again with --wire, does what it is called for
 * (turnstile_acts.h). Every scenario runs in a process of its own, all of
 * them side by side with a hog a core: right ones have to pass every
 * time (often()), wrong ones never.
 */

/* The probe. */

struct call {
    struct wire_reader arguments;
    int fds[WIRE_MOST_FDS], fd_count, next_fd;
};

int
call_fd(struct call *call)
{
    return call->fds[call->next_fd++];
}

size_t
call_size(struct call *call)
{
    return (size_t)wire_int(&call->arguments);
}

static struct call current;

static void
ring_by_hand(struct items_bell bell)
{
    if (write(current.fds[1], &bell, sizeof bell) != sizeof bell)
        _exit(3);
    poll(NULL, 0, -1);
}

static void
forges_a_thread(void)
{
    ring_by_hand((struct items_bell){.ring = ITEMS_ENTER, .thread = 1});
}

static void
forges_a_return(void)
{
    ring_by_hand((struct items_bell){.ring = ITEMS_LEAVE, .thread = 1});
}

static void
answers_unasked(void)
{
    if (write(turnstile_ping_fd(turnstile), "p", 1) != 1)
        _exit(3);
    poll(NULL, 0, -1);
}

#define ACT(NAME) \
    { \
#NAME, NAME \
    }

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {ACT(one_queue), ACT(own_queues), ACT(processes), ACT(by_itself),
    ACT(one_thread), ACT(one_lock), ACT(one_more), ACT(decoys), ACT(waits),
    ACT(in_order), ACT(overtakes), ACT(group), ACT(sync_thread),
    ACT(sync_each), ACT(append_and_wait), ACT(forges_a_thread),
    ACT(forges_a_return), ACT(answers_unasked)};

static void
act(const char *name)
{
    current.next_fd = 0;
    turnstile = turnstile_take(&current);
    jobs = (int)wire_int(&current.arguments);
    threads = (int)wire_int(&current.arguments);
    done = 0;
    done_fd = eventfd(0, EFD_CLOEXEC);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, name) == 0)
            acts[i].act();
    }
    close(done_fd);
    turnstile_release(turnstile);
    for (int i = 0; i < current.fd_count; i++)
        close(current.fds[i]);
}

static int
serve(void)
{
    struct wire_head head;
    struct text payload = {0}, answer = {0};
    char name[64], script[64];

    while (wire_receive(WIRE_FD, &head, &payload, current.fds,
               &current.fd_count) == 1) {
        current.arguments = wire_reader(&payload);
        wire_string(&current.arguments, name, sizeof name);
        wire_int(&current.arguments);
        wire_int(&current.arguments);
        wire_string(&current.arguments, script, sizeof script);
        act(name);
        wire_put_int(&answer, 0);
        wire_put_int(&answer, 0);
        for (int i = 0; i < 2 * WRAPPED_COUNT; i++)
            wire_put_int(&answer, 0);
        wire_put_bytes(&answer, "", 0);
        wire_put_int(&answer, (int64_t)done);
        wire_send(WIRE_FD, WIRE_ANSWER, head.tag, &answer, NULL, 0);
        text_free(&answer);
    }
    text_free(&payload);
    return 0;
}

/* Scenarios. */

enum { JOBS = 24 };

enum gate { OPEN, TOGETHER, LOOP, ORDER, GROUP };

static const char *const names[] = {"work()", "sync()"};

#define OWNER "not concurrent: called by the thread that submits"

static const struct scenario {
    const char *act;
    enum gate gate;
    int threads;
    const char *outcome;
} scenarios[] = {
    {"one_queue", OPEN, 4, "accepted"},
    {"one_queue", TOGETHER, 1, "accepted"},
    {"one_queue", TOGETHER, 2, "accepted"},
    {"one_queue", TOGETHER, 8, "accepted"},
    {"own_queues", TOGETHER, 4, "accepted"},
    {"processes", TOGETHER, 2, "accepted"},
    {"one_queue", LOOP, 1, "accepted"},
    {"own_queues", LOOP, 4, "accepted"},
    {"processes", LOOP, 2, "accepted"},
    {"one_lock", LOOP, 2, "accepted"},
    {"in_order", ORDER, 1, "accepted"},
    {"in_order", ORDER, 4, "accepted"},
    {"group", GROUP, 1, "accepted"},
    {"sync_thread", GROUP, 2, "accepted"},

    {"by_itself", OPEN, 2, "accepted"},
    {"by_itself", TOGETHER, 2, OWNER},
    {"by_itself", LOOP, 2, OWNER},
    {"waits", LOOP, 2, "not concurrent: and did not answer"},
    {"one_thread", TOGETHER, 2, "not concurrent: Only 1 ever came"},
    {"one_lock", TOGETHER, 4, "not concurrent: Only 1 ever came"},
    {"decoys", TOGETHER, 3, "not concurrent: Only 1 ever came the second"},
    {"one_more", TOGETHER, 2, "wrong answer: 3 threads stood in work()"},
    {"overtakes", ORDER, 1, "wrong answer: when 23 of the 24"},
    {"overtakes", ORDER, 4, "wrong answer: It overtook the others"},
    {"sync_each", GROUP, 1, "not concurrent: waits for its own"},
    {"append_and_wait", GROUP, 1, "not concurrent: the program waits with 1"},
    {"forges_a_thread", LOOP, 1, "run-time error: a thread that it has not"},
    {"forges_a_return", LOOP, 1, "run-time error: harness's own channel"},
    {"answers_unasked", LOOP, 1, "run-time error: harness's own channel"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];

static void
ask_once(const struct scenario *scenario)
{
    struct answer answer = {0};
    struct ask ask = ask_new(scenario->act);
    struct turnstile *given = turnstile_new(3 * JOBS);
    struct gate_together together = {.turnstile = given,
        .names = names,
        .kind = WORK,
        .threads = scenario->threads,
        .total = JOBS};
    struct gate_loop loop = {given, names};
    struct gate_order order = {given, names, WORK, SYNC, JOBS};
    struct gate_group group_commit = {.turnstile = given,
        .names = names,
        .sync = SYNC,
        .appended = APPENDED,
        .total = JOBS};

    if (scenario->gate == TOGETHER)
        gate_together(&together);
    else if (scenario->gate == LOOP)
        gate_loop(&loop);
    else if (scenario->gate == ORDER)
        gate_order(&order);
    else if (scenario->gate == GROUP)
        gate_group(&group_commit);
    turnstile_hand_in(given, &ask);
    ask_int(&ask, JOBS);
    ask_int(&ask, scenario->threads > 0 ? scenario->threads : 1);
    ask_send(&ask, &answer);
    turnstile_finish(given);
    if (answer_int(&answer) != JOBS && strcmp(scenario->act, "by_itself") != 0)
        conclude("wrong answer", "not all is done");
    if (turnstile_left(given, WORK) != JOBS)
        conclude("wrong answer", "not all has come");
    if (scenario->gate == GROUP && turnstile_came(given, SYNC) != 2)
        conclude("wrong answer", "not two syncs");
    turnstile_free(given);
    answer_free(&answer);
}

static void
play(int number)
{
    const struct scenario *scenario = &scenarios[number];
    bool right = strcmp(scenario->outcome, "accepted") == 0;

    for (int i = 0; i < (right ? often() : 1); i++)
        ask_once(scenario);
    ask_finish();
}

START_TEST(a_pool_is_judged_by_who_stands_in_what_was_handed_in)
{
    char name[64];

    snprintf(name, sizeof name, "%s, %d threads", scenarios[_i].act,
        scenarios[_i].threads);
    check_scenario(reports[_i], name, scenarios[_i].outcome);
}
END_TEST

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc == 2 && strcmp(argv[1], "--wire") == 0)
        return serve();

    start_hogs();
    for (int i = 0; i < SCENARIOS; i++)
        reports[i] = start_scenario(i, play, 60);
    Suite *suite = suite_create("turnstile");
    TCase *tcase = suite_section(suite, "pools of threads");
    tcase_add_loop_test(tcase,
        a_pool_is_judged_by_who_stands_in_what_was_handed_in, 0, SCENARIOS);
    int status = suite_run(suite);
    stop_hogs();
    return status;
}
