#include "judge/lease.h"
#include "probe/turnstile.h"
#include "side_by_side.h"

#include <pthread.h>
#include <sys/eventfd.h>

/*
 * Theory of operation
 *
 * Programs load real files, rightly and wrongly: this program, started again
 * with --wire, does what it is called for. Every scenario runs in a process
 * of its own, with files of its own, all of them side by side with a hog a
 * core: right ones have to pass every time (often()), wrong ones never.
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

enum { FILES = 6, THREADS = 3 };

static struct call current;
static struct turnstile *turnstile;
static char names[FILES][200];
static int next_file, done_fd;
static uint64_t bytes_read; /* __atomic */

static void
load(int i)
{
    char block[100];
    uint64_t one = 1;

    int fd = open(names[i], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        _exit(3);
    ssize_t n = read(fd, block, sizeof block);
    close(fd);
    __atomic_fetch_add(&bytes_read, (uint64_t)n, __ATOMIC_RELAXED);
    if (write(done_fd, &one, sizeof one) != sizeof one)
        _exit(3);
}

static void *
load_next(void *arg)
{
    int i;

    while ((i = __atomic_fetch_add(&next_file, 1, __ATOMIC_RELAXED)) < FILES)
        load(i);
    return arg;
}

static void
loop(void)
{
    for (uint64_t done = 0, more; done < FILES;) {
        struct pollfd fds[2] = {
            {done_fd, POLLIN, 0}, {turnstile_ping_fd(turnstile), POLLIN, 0}};
        poll(fds, 2, -1);
        turnstile_answer(turnstile);
        if (fds[0].revents && read(done_fd, &more, sizeof more) > 0)
            done += more;
    }
}

static void
load_by(int threads)
{
    pthread_t ids[THREADS];

    for (int i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, load_next, NULL);
    loop();
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

/* Asks for a lease by each open(), and waits in none. */
static void *
asks_for_all(void *arg)
{
    for (int i = 0; i < FILES; i++)
        close(open(names[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return load_next(arg);
}

static void
act(const char *name)
{
    current.next_fd = 0;
    turnstile = turnstile_take(&current);
    for (int i = 0; i < FILES; i++)
        wire_string(&current.arguments, names[i], sizeof names[i]);
    done_fd = eventfd(0, EFD_CLOEXEC);
    next_file = 0;
    bytes_read = 0;
    if (strcmp(name, "pool") == 0)
        load_by(THREADS);
    if (strcmp(name, "one_thread") == 0)
        load_by(1);
    if (strcmp(name, "by_itself") == 0)
        load_next(NULL);
    if (strcmp(name, "asks_for_all") == 0) {
        pthread_t id;
        pthread_create(&id, NULL, asks_for_all, NULL);
        loop();
        pthread_join(id, NULL);
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
        wire_put_int(&answer, (int64_t)bytes_read);
        wire_send(WIRE_FD, WIRE_ANSWER, head.tag, &answer, NULL, 0);
        text_free(&answer);
    }
    text_free(&payload);
    return 0;
}

/* Scenarios. */

static const struct scenario {
    const char *act;
    int threads;
    const char *outcome;
} scenarios[] = {
    {"pool", 1, "accepted"},
    {"pool", THREADS, "accepted"},
    {"one_thread", 1, "accepted"},
    {"by_itself", 1, "not concurrent: it stands in open()"},
    {"one_thread", 2, "not concurrent: never more than 1"},
    {"pool", THREADS + 1, "not concurrent: never more than 3"},
    {"asks_for_all", 2, "not concurrent"},
};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int reports[SCENARIOS];
static char folder[] = "/tmp/leaseXXXXXX";

static void
ask_once(const struct scenario *scenario, int number)
{
    struct answer answer = {0};
    struct ask ask = ask_new(scenario->act);
    struct turnstile *given = turnstile_new(1);
    struct lease *lease = lease_new(given, scenario->threads);

    turnstile_hand_in(given, &ask);
    lease_hand_in(lease, &ask);
    for (int i = 0; i < FILES; i++) {
        char *name = text_format("%s/%d.%d", folder, number, i);
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || write(fd, "0123456789", 10) != 10)
            conclude("judge error", "no file can be made");
        close(fd);
        lease_hold(lease, name);
        ask_string(&ask, name);
        free(name);
    }
    ask_send(&ask, &answer);
    if (answer_int(&answer) != 10 * FILES)
        conclude("wrong answer", "not all was read");
    lease_free(lease);
    turnstile_free(given);
    answer_free(&answer);
}

static void
play(int number)
{
    bool right = strcmp(scenarios[number].outcome, "accepted") == 0;

    for (int i = 0; i < (right ? often() : 1); i++)
        ask_once(&scenarios[number], number);
    ask_finish();
}

START_TEST(who_opens_files_is_judged_by_who_waits_in_open)
{
    check_scenario(reports[_i], scenarios[_i].act, scenarios[_i].outcome);
}
END_TEST

static void
remove_files(void)
{
    for (int number = 0; number < SCENARIOS; number++) {
        for (int i = 0; i < FILES; i++) {
            char *name = text_format("%s/%d.%d", folder, number, i);
            unlink(name);
            free(name);
        }
    }
    rmdir(folder);
}

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc == 2 && strcmp(argv[1], "--wire") == 0)
        return serve();

    if (mkdtemp(folder) == NULL)
        return 2;
    start_hogs();
    for (int i = 0; i < SCENARIOS; i++)
        reports[i] = start_scenario(i, play, 60);
    Suite *suite = suite_create("lease");
    TCase *tcase = suite_section(suite, "files that are opened slowly");
    tcase_add_loop_test(
        tcase, who_opens_files_is_judged_by_who_waits_in_open, 0, SCENARIOS);
    int status = suite_run(suite);
    stop_hogs();
    remove_files();
    return status;
}
