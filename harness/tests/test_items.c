#include "items_acts.h"
#include "judge/items.h"
#include "side_by_side.h"

/*
 * Theory of operation
 *
 * The gates for teams of threads (items.c) face teams that share out items
 * rightly or wrongly: this program, started again with --wire, does what it
 * is called for (items_acts.h). Every scenario runs in a process of its
 * own, all of them side by side with a hog a core: right ones have to pass
 * 100 times of 100, wrong ones never.
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

/* Of the two that it tells of, only one is a thread of this process. */
static void
forges(void)
{
    struct items_bell bell = {
        .ring = ITEMS_ENTER, .thread = 1, .item = 1, .asked = {1, 0}};

    if (write(current.fds[1], &bell, sizeof bell) != sizeof bell)
        _exit(3);
    do_item(0);
}

#define ACT(NAME) \
    { \
#NAME, NAME \
    }

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {ACT(counter), ACT(portions), ACT(backwards), ACT(stealing),
    ACT(serial), ACT(one_lock), ACT(spins), ACT(decoys), ACT(shares),
    ACT(round_robin), ACT(large_portions), ACT(batches), ACT(one_more),
    ACT(everybody_all), ACT(not_the_last), ACT(one_too_many), ACT(places),
    ACT(one_place), ACT(waits_for_itself), ACT(forges)};

static void
act(const char *name)
{
    current.next_fd = 0;
    items = items_take(&current);
    item_count = call_size(&current);
    team = (int)wire_int(&current.arguments);
    result = 0;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, name) == 0)
            acts[i].act();
    }
    items_release(items);
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
        wire_put_int(&answer, (int64_t)result);
        wire_send(WIRE_FD, WIRE_ANSWER, head.tag, &answer, NULL, 0);
        text_free(&answer);
    }
    text_free(&payload);
    return 0;
}

/* Scenarios. */

enum { ITEMS = 64, TIMES = 100 };

static void
hold(struct items *given)
{
    items_hold(given, 0);
}

static void
hold_later(struct items *given)
{
    items_hold(given, ITEMS / 2);
}

#define WRONG "wrong answer: "
#define SERIAL "not parallel: The first items were withheld until"
#define UNEVEN "unbalanced: could not be done"

static const struct scenario {
    const char *act;
    void (*gate)(struct items *); /* NULL: all doors are open */
    int team;
    const char *outcome;
} scenarios[] = {
    {"counter", items_gate, 2, "accepted"},
    {"counter", items_gate, 8, "accepted"},
    {"portions", items_gate, 4, "accepted"},
    {"portions", items_gate, 8, "accepted"},
    {"backwards", items_gate, 2, "accepted"},
    {"backwards", items_gate, 8, "accepted"},
    {"stealing", items_gate, 4, "accepted"},
    {"counter", hold, 2, "accepted"},
    {"portions", hold, 2, "accepted"},
    {"portions", hold_later, 4, "accepted"},
    {"backwards", hold_later, 8, "accepted"},
    {"stealing", hold, 4, "accepted"},
    {"stealing", hold_later, 8, "accepted"},
    {"counter", items_gather, 3, "accepted"},
    {"backwards", items_gather, 1, "accepted"},
    {"counter", NULL, 64, "accepted"},
    {"places", items_gather, 2, "accepted"},
    {"places", items_gate, 4, "accepted"},

    {"serial", items_gather, 64, "accepted"},
    {"decoys", items_gather, 2, "accepted"},
    {"shares", items_gate, 4, "accepted"},
    {"round_robin", items_gate, 8, "accepted"},
    {"batches", items_gate, 4, "accepted"},

    {"serial", items_gate, 2,
        SERIAL " 2 threads were at work at once. Only 1"},
    {"serial", items_gate, 8,
        SERIAL " 8 threads were at work at once. Only 1"},
    {"one_lock", items_gate, 2, SERIAL " 2"},
    {"counter", items_gate, 4,
        SERIAL " 4 threads were at work at once. Only 2"},
    {"decoys", items_gate, 4, "not parallel: After 4 of the 64 items"},
    {"serial", hold, 2, "not parallel: only one thread ever came"},
    {"shares", hold, 2, UNEVEN},
    {"shares", hold_later, 4, UNEVEN},
    {"round_robin", hold, 2, UNEVEN},
    {"round_robin", hold, 8, UNEVEN},
    {"large_portions", hold, 2, UNEVEN},
    {"batches", hold, 4, UNEVEN},
    {"spins", items_gate, 2, SERIAL " 2 threads were at work at once. Only 1"},
    {"one_more", items_gate, 2, WRONG "A team of 2 was asked for, and 3"},
    {"one_more", items_gather, 1, WRONG "A team of 1 was asked for, and 2"},
    {"everybody_all", items_gate, 2, WRONG "was done twice"},
    {"not_the_last", items_gate, 2, WRONG "number 63 was never done"},
    {"one_too_many", items_gate, 2, WRONG "asked for number 64"},
    {"one_place", items_gather, 2, "data race: another thread wrote over"},
    {"one_place", items_gate, 8, "data race: another thread wrote over"},
    {"forges", items_gate, 2, "run-time error: a thread that it has not"},
    {"waits_for_itself", items_gate, 2, "time limit exceeded: a lock"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];

static void
ask_once(const struct scenario *scenario, int size)
{
    struct answer answer = {0};
    struct ask ask = ask_new(scenario->act);
    struct items *given = items_new("item", ITEMS, scenario->team);
    uint64_t sum = 0;

    if (scenario->gate != NULL)
        scenario->gate(given);
    for (size_t i = 0; i < ITEMS; i++)
        sum += items_values(given, i)[0];
    items_hand_in(given, &ask);
    ask_int(&ask, ITEMS);
    ask_int(&ask, size);
    ask_send(&ask, &answer);
    items_finish(given);
    if ((uint64_t)answer_int(&answer) != sum)
        conclude("wrong answer", "not the sum");
    if (items_asked(given, ITEMS - 1)[0] != ITEMS - 1)
        conclude("wrong answer", "not what was asked");
    items_free(given);
    answer_free(&answer);
}

static void
play(int number)
{
    const struct scenario *scenario = &scenarios[number];
    /* A team of two where four are wanted. */
    int size = strcmp(scenario->act, "counter") == 0 && scenario->team == 4
                   ? 2
                   : scenario->team;
    bool right = strcmp(scenario->outcome, "accepted") == 0;
    bool slow = scenario->gate == items_gather &&
                strcmp(scenario->act, "counter") != 0;

    for (int i = 0; i < (right && !slow ? TIMES : 1); i++)
        ask_once(scenario, size);
    ask_finish();
}

START_TEST(a_team_is_judged_by_how_it_shares_the_items)
{
    char name[64];

    snprintf(name, sizeof name, "%s, %d threads", scenarios[_i].act,
        scenarios[_i].team);
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
    for (int i = 0; i < SCENARIOS; i++) {
        bool spins = strcmp(scenarios[i].act, "spins") == 0;
        reports[i] = start_scenario(i, play, spins ? 1 : 60);
    }
    Suite *suite = suite_create("items");
    TCase *tcase = suite_section(suite, "teams of threads");
    tcase_add_loop_test(
        tcase, a_team_is_judged_by_how_it_shares_the_items, 0, SCENARIOS);
    int status = suite_run(suite);
    stop_hogs();
    return status;
}
