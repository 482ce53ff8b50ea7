#include "gate_clients.h"
#include "judge/gate.h"
#include "side_by_side.h"

/*
 * Theory of operation
 *
 * Every gate faces clients of many shapes (gate_clients.h): the right ones
 * must get through 100 times of 100, though a hog a core is busy beside
 * them, the wrong ones never. Each scenario is a process (side_by_side.h)
 * that plays the judge; its probe is this program again.
 */

enum gate { RENDEZVOUS, REVERSE, REFILL, SILENT, SLOW_HALF, CAP, HOLD };

static const char not_met[] =
    "not concurrent: withheld every answer until 4 requests were under way";
static const char batches[] =
    "not concurrent: waited for a fifth request; your program waited for "
    "all of the first four. It works in batches.";

static const struct scenario {
    const char *client;
    enum gate gate;
    int times;
    const char *outcome;
} scenarios[] = {
    {"polls_all", RENDEZVOUS, 100, "accepted"},
    {"selects_all", RENDEZVOUS, 100, "accepted"},
    {"has_threads", RENDEZVOUS, 100, "accepted"},
    {"has_processes", RENDEZVOUS, 100, "accepted"},
    {"waits_virtually", RENDEZVOUS, 100, "accepted"},
    {"one_after_the_other", RENDEZVOUS, 1, not_met},
    {"keeps_one_too_few", RENDEZVOUS, 1, not_met},

    {"polls_all", REVERSE, 100, "accepted"},
    {"selects_all", REVERSE, 100, "accepted"},
    {"has_threads", REVERSE, 100, "accepted"},
    {"has_processes", REVERSE, 100, "accepted"},
    {"waits_virtually", REVERSE, 100, "accepted"},
    {"in_order", REVERSE, 1, "not concurrent: in a fixed order"},
    {"one_after_the_other", REVERSE, 1, "not concurrent: one after the other"},

    {"polls_all", REFILL, 100, "accepted"},
    {"selects_all", REFILL, 100, "accepted"},
    {"has_threads", REFILL, 100, "accepted"},
    {"has_processes", REFILL, 100, "accepted"},
    {"waits_virtually", REFILL, 100, "accepted"},
    {"in_batches", REFILL, 1, batches},
    {"one_after_the_other", REFILL, 1, not_met},
    {"in_order", REFILL, 1, "not concurrent: in a fixed order"},

    /* Refill, of programs that do not say what they are done with. */
    {"polls_all", SILENT, 100, "accepted"},
    {"has_threads", SILENT, 100, "accepted"},
    {"waits_virtually", SILENT, 100, "accepted"},
    {"in_batches", SILENT, 1, batches},
    {"one_after_the_other", SILENT, 1, not_met},

    {"polls_all", SLOW_HALF, 100, "accepted"},
    {"selects_all", SLOW_HALF, 100, "accepted"},
    {"has_threads", SLOW_HALF, 100, "accepted"},
    {"has_processes", SLOW_HALF, 100, "accepted"},
    {"waits_virtually", SLOW_HALF, 100, "accepted"},
    {"stays_with_one", SLOW_HALF, 1, "not concurrent: holds up all"},
    {"one_after_the_other", SLOW_HALF, 1, "not concurrent: holds up all"},

    {"polls_all", CAP, 100, "accepted"},
    {"has_threads", CAP, 100, "accepted"},
    {"has_processes", CAP, 100, "accepted"},
    {"waits_virtually", CAP, 100, "accepted"},
    {"ignores_the_window", CAP, 1, "wrong answer: max_in_flight is 2"},

    {"waits_virtually", HOLD, 100, "accepted"},
    {"ticks", HOLD, 1, "busy waiting: woke up 11 times"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];

static void
set_gate(struct origin *origin, enum gate gate, unsigned number)
{
    switch (gate) {
    case RENDEZVOUS:
        gate_rendezvous(origin, 4);
        break;
    case REVERSE:
        gate_reverse(origin);
        break;
    case REFILL:
    case SILENT:
        gate_refill(origin, 4, number);
        break;
    case SLOW_HALF:
        gate_slow_half(origin);
        break;
    case CAP:
        gate_cap(origin, 2);
        break;
    case HOLD:
        gate_hold(origin, 20000, 10);
        break;
    }
}

static void
fetch(const struct scenario *scenario, unsigned number)
{
    struct origin *origin = origin_new(-1);
    int window = scenario->gate == CAP ? 2 : 4;
    bool silent = scenario->gate == SILENT;
    int count = scenario->gate == REFILL || silent ? 9 : 4;
    struct ask ask = ask_new(scenario->client);
    struct answer answer = {0};
    char path[16];

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/%d", i);
        text_addf(&origin_page(origin, path)->answer,
            "HTTP/1.0 200 OK\r\n\r\n%040d", i);
    }
    set_gate(origin, scenario->gate, number);
    ask.virtual_time = strcmp(scenario->client, "waits_virtually") == 0 ||
                       strcmp(scenario->client, "ticks") == 0;
    ask.world = origin_world(origin);
    ask_fd(&ask, silent ? open("/dev/null", O_WRONLY | O_CLOEXEC)
                        : origin_done_fd(origin));
    ask_int(&ask, ntohs(origin_address(origin).sin_port));
    ask_int(&ask, count);
    ask_int(&ask, window);
    ask_send(&ask, &answer);
    if (answer_int(&answer) != 42 || origin_requests(origin) != count)
        conclude("wrong answer", "not all was fetched");
    answer_free(&answer);
    origin_free(origin);
}

static void
play(int number)
{
    const struct scenario *scenario = &scenarios[number];

    for (int i = 0; i < scenario->times; i++)
        fetch(scenario, (unsigned)i);
    ask_finish();
}

START_TEST(a_gate_lets_right_clients_through_and_no_others)
{
    check_scenario(reports[_i], scenarios[_i].client, scenarios[_i].outcome);
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
    Suite *suite = suite_create("gate");
    TCase *tcase = suite_section(suite, "gates");
    tcase_add_loop_test(
        tcase, a_gate_lets_right_clients_through_and_no_others, 0, SCENARIOS);
    int status = suite_run(suite);
    stop_hogs();
    return status;
}
