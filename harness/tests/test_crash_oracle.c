/*
 * crash_replay against a slow oracle that is obvious.
 *
 * The oracle tries every subset of the things that were done, throws away
 * those that a disk of the model cannot hold, does the rest from the start
 * and looks at the name. Only the sets of states are compared.
 * CRASH_SEED=N repeats the logs of a run.
 */

#include "judge/crash.h"

#include "text.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIRS = 2, NAMES = 3, INODES = 3, FILES = 16, MOST = 9, LOGS = 1500 };
enum { LONGEST = 16 }; /* bytes in a file */

/* What was done, cut in two where a crash can part it. */
struct deed {
    const struct crash_step *step;
    size_t at;     /* the step's place in the log */
    size_t length; /* of WRITE: its half, or all of it */
    int file;      /* index in struct world */
    bool dirs[DIRS];
};

struct world {
    struct {
        size_t length;
        char bytes[LONGEST];
    } files[FILES];
    int names[DIRS][NAMES]; /* index of the file; -1 none */
};

static struct crash_step steps[MOST];
static size_t count;
static struct deed deeds[2 * MOST];
static size_t deed_count;
static struct crash_file stood[2];
static size_t stood_count;

static bool
is(const struct crash_step *step, enum crash_op op)
{
    return step->op == op;
}

static bool
creates(const struct crash_step *step)
{
    return is(step, CRASH_OPEN) && step->created;
}

static int *
place(struct world *world, uint64_t dir, const char *name)
{
    return &world->names[dir - 100][name[0] - 't'];
}

static struct world
before(void)
{
    struct world world;

    memset(&world, 0, sizeof(world));
    memset(world.names, -1, sizeof(world.names));
    world.files[0].length = 3;
    memcpy(world.files[0].bytes, "old", 3);
    for (size_t i = 0; i < stood_count; i++)
        *place(&world, stood[i].dir, stood[i].name) = 0;
    return world;
}

/* The file of a step: the last that was created with its number, counted
 * from 1; 0 is the one that stood there. */
static int
file_at(size_t at)
{
    for (size_t i = at + 1; i-- > 0;) {
        if (creates(steps + i) && steps[i].inode == steps[at].inode)
            return (int)i + 1;
    }
    return 0;
}

static void
apply(struct world *world, const struct deed *deed)
{
    const struct crash_step *step = deed->step;
    size_t *length = &world->files[deed->file].length;
    char *bytes = world->files[deed->file].bytes;

    if (is(step, CRASH_WRITE)) {
        for (size_t i = 0; i < deed->length; i++) {
            bytes[step->offset + i] = ((const char *)step->bytes)[i];
            if (*length < step->offset + i + 1)
                *length = step->offset + i + 1;
        }
    } else if (is(step, CRASH_TRUNCATE) || step->truncated) {
        *length = step->offset;
        memset(bytes + *length, 0, LONGEST - *length);
    } else if (creates(step)) {
        *place(world, step->dir, step->name) = deed->file;
    } else if (is(step, CRASH_UNLINK)) {
        *place(world, step->dir, step->name) = -1;
    } else if (is(step, CRASH_RENAME)) {
        int *from = place(world, step->dir, step->name);
        *place(world, step->to_dir, step->to_name) = *from;
        *from = -1;
    }
}

static bool
in_names(const struct deed *deed)
{
    return deed->dirs[0] || deed->dirs[1];
}

/* Whether no crash may keep `later` that loses `sooner`. */
static bool
ordered(const struct deed *sooner, const struct deed *later)
{
    if (in_names(sooner) != in_names(later))
        return false;
    if (!in_names(sooner))
        return sooner->file == later->file;
    return (sooner->dirs[0] && later->dirs[0]) ||
           (sooner->dirs[1] && later->dirs[1]);
}

static bool
synced(const struct deed *deed, size_t done)
{
    for (size_t i = deed->at + 1; i < done; i++) {
        if (!is(steps + i, CRASH_SYNC))
            continue;
        if (in_names(deed)
                ? steps[i].inode >= 100 && deed->dirs[steps[i].inode - 100]
                : steps[i].inode < 100 && file_at(i) == deed->file)
            return true;
    }
    return false;
}

static bool
possible(unsigned kept, size_t done)
{
    for (size_t i = 0; i < deed_count; i++) {
        if (kept >> i & 1) {
            if (deeds[i].at >= done)
                return false;
            continue;
        }
        if (deeds[i].at < done && synced(deeds + i, done))
            return false;
        for (size_t j = i + 1; j < deed_count; j++) {
            if ((kept >> j & 1) && ordered(deeds + i, deeds + j))
                return false;
        }
    }
    return true;
}

/* A set of states, each "prefix:contents", "prefix-" where the name is
 * gone. */
struct set {
    char *states[512];
    size_t count;
};

static int
insert(size_t done, int returned, const void *bytes, size_t length, void *arg)
{
    struct set *set = arg;
    struct text text = {0};

    (void)returned;
    text_addf(&text, "%zu%s", done, bytes == NULL ? "-" : ":");
    if (bytes != NULL)
        text_show(&text, bytes, length, LONGEST);
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->states[i], text.bytes) == 0) {
            text_free(&text);
            return 0;
        }
    }
    ck_assert_uint_lt(set->count, 512);
    set->states[set->count++] = text.bytes;
    return 0;
}

static void
reachable(struct set *set)
{
    for (unsigned kept = 0; kept < 1U << deed_count; kept++) {
        struct world world = before();
        for (size_t i = 0; i < deed_count; i++) {
            if (kept >> i & 1)
                apply(&world, deeds + i);
        }
        int file = *place(&world, 100, "t");
        for (size_t done = 0; done <= count; done++) {
            if (possible(kept, done))
                insert(done, 0, file < 0 ? NULL : world.files[file].bytes,
                    file < 0 ? 0 : world.files[file].length, set);
        }
    }
}

static void
do_it(struct world *live, size_t length)
{
    struct deed *deed = deeds + deed_count++;
    const struct crash_step *step = steps + count;
    bool names =
        creates(step) || is(step, CRASH_UNLINK) || is(step, CRASH_RENAME);

    *deed = (struct deed){step, count, length, file_at(count), {0}};
    if (names)
        deed->dirs[step->dir - 100] = true;
    if (is(step, CRASH_RENAME))
        deed->dirs[step->to_dir - 100] = true;
    apply(live, deed);
}

static void
pick(uint64_t *dir, char *name)
{
    *dir = 100 + (uint64_t)(rand() % DIRS);
    name[0] = (char)('t' + rand() % NAMES);
}

/* The number under which the file of a step goes. */
static uint64_t
number(int file)
{
    return file == 0 ? 1 : steps[file - 1].inode;
}

/* A number that no name leads to, used before or not; 0 when there is
 * none. */
static uint64_t
unused(const struct world *live)
{
    for (uint64_t inode = 1; inode <= INODES; inode++) {
        bool used = false;
        for (int i = 0; i < DIRS * NAMES; i++) {
            int file = live->names[i / NAMES][i % NAMES];
            used = used || (file >= 0 && number(file) == inode);
        }
        if (!used)
            return inode;
    }
    return 0;
}

static void
draw_contents(struct crash_step *step)
{
    static const char letters[] = "abcdefghijkl";

    step->op = rand() % 4 > 0 ? CRASH_WRITE : CRASH_TRUNCATE;
    step->offset = (uint64_t)(rand() % 6);
    step->bytes = letters + rand() % 8;
    step->length = (size_t)(rand() % 5);
    if (rand() % 6 == 0) {
        step->op = CRASH_OPEN;
        step->truncated = 1;
        step->offset = 0;
    }
}

/* Draw one step that a kernel would have let succeed. */
static void
draw(struct world *live)
{
    struct crash_step *step = steps + count;

    *step = (struct crash_step){.op = CRASH_SYNC};
    pick(&step->dir, step->name);
    pick(&step->to_dir, step->to_name);
    int file = *place(live, step->dir, step->name);
    int choice = rand() % 8;
    step->inode = file >= 0 ? number(file) : unused(live);
    if (file < 0 && choice < 6) {
        step->op = CRASH_OPEN;
        step->created = 1;
    } else if (file < 0 || choice == 0) {
        step->inode = step->dir;
    } else if (choice == 1) {
        step->op = CRASH_UNLINK;
    } else if (choice < 5) {
        draw_contents(step);
    } else if (choice < 7) {
        step->op = CRASH_RENAME;
    }
    if (is(step, CRASH_OPEN) && step->inode == 0)
        return;
    bool idle = is(step, CRASH_SYNC) ||
                (is(step, CRASH_RENAME) &&
                    *place(live, step->to_dir, step->to_name) == file);
    if (is(step, CRASH_WRITE) && step->length > 1)
        do_it(live, step->length / 2);
    if (!idle)
        do_it(live, step->length);
    count++;
}

static void
compare(void)
{
    struct set found = {0}, oracle = {0};
    struct text log = {0};

    crash_replay(stood, stood_count, steps, count, 100, "t", insert, &found);
    reachable(&oracle);
    for (size_t i = 0; i < count; i++) {
        char *words = crash_words(steps + i);
        text_addf(&log, "\n  %s (%d, inode %d)", words, (int)steps[i].dir,
            (int)steps[i].inode);
        free(words);
    }
    for (size_t i = 0; i < found.count; i++) {
        bool known = false;
        for (size_t j = 0; j < oracle.count; j++)
            known = known || strcmp(found.states[i], oracle.states[j]) == 0;
        ck_assert_msg(known, "invented %s%s", found.states[i], log.bytes);
    }
    ck_assert_msg(found.count == oracle.count, "%zu states, the oracle %zu%s",
        found.count, oracle.count, text_string(&log));
    while (found.count > 0)
        free(found.states[--found.count]);
    while (oracle.count > 0)
        free(oracle.states[--oracle.count]);
    text_free(&log);
}

START_TEST(the_states_are_those_that_a_search_of_all_subsets_finds)
{
    const char *given = getenv("CRASH_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10)
                                  : (unsigned)time(NULL);

    printf("CRASH_SEED=%u\n", seed);
    fflush(stdout);
    srand(seed);
    for (int i = 0; i < LOGS; i++) {
        stood[0] = (struct crash_file){1, 100, "t", "old", 3};
        stood[1] = (struct crash_file){1, 101, "u", "old", 3};
        if (rand() % 2 == 0)
            stood[1].dir = 100;
        stood_count = 1 + (size_t)(rand() % 2);
        count = deed_count = 0;
        struct world live = before();
        for (int tries = 0; tries < MOST; tries++)
            draw(&live);
        compare();
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("crash_oracle");

    TCase *tcase = tcase_create("oracle");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(
        tcase, the_states_are_those_that_a_search_of_all_subsets_finds);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
