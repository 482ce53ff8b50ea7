#include "judge/own_work.h"
#include "probe_wire.h"
#include "side_by_side.h"

#include <netinet/in.h>
#include <sys/socket.h>

/*
 * The own-work gate faces programs that fetch a page and have a bell to
 * hear: the right ones must get through every time (often()), though a hog a
 * core is busy beside them, the wrong ones never. Each scenario plays the
 * judge; its probe is this program again.
 */

enum { RINGS = 3 };

static const char alone[] = "not concurrent: It waits for them alone.";

static const struct scenario {
    const char *program;
    const char *outcome;
} scenarios[] = {
    {"waits_for_both", "accepted"},
    {"waits_for_both_in_turns", "accepted"},
    {"waits_for_both_virtually", "accepted"},
    {"waits_for_the_answer", alone},
    {"waits_for_the_answer_virtually", alone},
    {"hears_once", "not concurrent: once more"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];

/* The probe ------------------------------------------------------------- */

static int64_t virtual_ns;

/* given: where to report, and the bell. `ms`: how long to wait at once. */
static void
run(int port, bool hears, int ms, bool virtual, int most)
{
    static const char request[] = "GET /a HTTP/1.0\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint32_t bell = 1;
    bool interrupted;
    char byte;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, request, sizeof request - 1, 0) != sizeof request - 1)
        _exit(4);
    for (;;) {
        struct pollfd fds[2] = {{fd, POLLIN, 0}, {given[1], POLLIN, 0}};
        int ready = poll(fds, hears && most > 0 ? 2 : 1, virtual ? 0 : ms);
        if (ready == 0 && virtual)
            virtual_ns = sleep_until(INT64_MAX, &interrupted);
        if (fds[1].revents != 0 && read(given[1], &byte, 1) == 1) {
            most--;
            if (write(given[0], &bell, sizeof bell) != sizeof bell)
                _exit(5);
        }
        if (fds[0].revents != 0 && read(fd, &byte, 1) == 0)
            break;
    }
    close(fd);
}

static int
serve(void)
{
    struct wire_head head;
    struct text payload = {0};
    char name[64], script[8];

    while (wire_receive(WIRE_FD, &head, &payload, given, &given_count) == 1) {
        struct wire_reader call = wire_reader(&payload);
        wire_string(&call, name, sizeof name);
        wire_int(&call);
        virtual_ns = wire_int(&call);
        wire_string(&call, script, sizeof script);
        int port = (int)wire_int(&call);
        tag = head.tag;
        run(port, strncmp(name, "waits_for_the", 13) != 0,
            strstr(name, "turns") != NULL ? 1 : -1,
            strstr(name, "virtually") != NULL,
            strcmp(name, "hears_once") == 0 ? 1 : RINGS);
        close(given[0]);
        close(given[1]);
        answer(42);
    }
    text_free(&payload);
    return 0;
}

/* The judge ------------------------------------------------------------- */

static void
fetch(const struct scenario *scenario)
{
    struct origin *origin = origin_new(-1);
    struct ask ask = ask_new(scenario->program);
    struct answer answer = {0};
    int bell[2];

    text_addf(&origin_page(origin, "/a")->answer, "an answer");
    struct origin_page *heard = origin_page(origin, "/bell");
    if (pipe2(bell, O_CLOEXEC) != 0)
        exit(2);
    own_work_gate(origin, heard, bell[1], RINGS);
    ask.virtual_time = strstr(scenario->program, "virtually") != NULL;
    ask.world = origin_world(origin);
    ask_fd(&ask, origin_done_fd(origin));
    ask_fd(&ask, bell[0]);
    ask_int(&ask, ntohs(origin_address(origin).sin_port));
    ask_send(&ask, &answer);
    if (answer_int(&answer) != 42 || heard->dones != RINGS)
        conclude("wrong answer", "it was not heard");
    answer_free(&answer);
    close(bell[1]);
    origin_free(origin);
}

static void
play(int number)
{
    bool right = strcmp(scenarios[number].outcome, "accepted") == 0;

    for (int i = 0; i < (right ? often() : 1); i++)
        fetch(&scenarios[number]);
    ask_finish();
}

START_TEST(who_does_its_own_work_gets_through_and_nobody_else)
{
    check_scenario(reports[_i], scenarios[_i].program, scenarios[_i].outcome);
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
    Suite *suite = suite_create("own_work");
    TCase *tcase = suite_section(suite, "its own work");
    tcase_add_loop_test(tcase,
        who_does_its_own_work_gets_through_and_nobody_else, 0, SCENARIOS);
    int status = suite_run(suite);
    stop_hogs();
    return status;
}
