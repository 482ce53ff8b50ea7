#include "files.h"
#include "script.h"
#include "judge/ask.h"
#include "judge/bound_waits.h"
#include "judge/gates.h"
#include "judge/judge.h"
#include "judge/lease.h"
#include "judge/turnstile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * The judge of lab 07.
 *
 * The disk is handed in: its calls come to a turnstile, and wait there
 * until we let them go on (judge/turnstile.h), so that a disk is as
 * slow, and as bad, as we like. Files are real, in memory. What the
 * owner of a pool or log does in one call is a script (script.h).
 *
 *   scripts, and what comes back of them
 *   what befalls the disk: its weather, and plans
 *   7.1 to 7.5, test by test
 *   the table, and what is timed
 */

enum { MOST_FILES = 5, MOST_CALLS = 1 << 15, MOST_RECORDS = 64 };

static const char *const names[] = {
    [KIND_READ] = "pread()",
    [KIND_WRITE] = "pwrite()",
    [KIND_SYNC] = "sync()",
};

/* Scripts ---------------------------------------------------------- */

struct bytes {
    const char *at;
    size_t length;
};

struct got {
    uint64_t tag;
    int64_t result;
    int error;
    bool has_bytes;
    struct bytes bytes;
};

/* What came of an operation. */
struct came {
    enum script_op op;
    int64_t result;
    int error;
    int64_t more;    /* of OP_MANY */
    size_t count;    /* of results, or records */
    struct got *got; /* a record is `bytes` alone */
    struct bytes bytes[3];
};

static struct {
    struct text arena;
    int64_t *words;
    size_t word_count, word_room;
    struct came *came;
    size_t count, room;
    int files[MOST_FILES];
    size_t file_count;
    const char *faults;
    bool is_log;
} script;

static struct answer answer;

static void
forget_script(void)
{
    for (size_t i = 0; i < script.count; i++)
        free(script.came[i].got);
    for (size_t i = 0; i < script.file_count; i++)
        close(script.files[i]);
    script.arena.length = 0;
    script.word_count = script.count = script.file_count = 0;
    script.faults = NULL;
    script.is_log = false;
}

static void
word(int64_t value)
{
    if (script.word_count == script.word_room) {
        script.word_room = 2 * script.word_room + 256;
        script.words = realloc(
            script.words, script.word_room * sizeof *script.words);
    }
    script.words[script.word_count++] = value;
}

/* One operation more; returns its number. */
static size_t
add(enum script_op op, size_t count, const int64_t *arguments)
{
    if (script.count == script.room) {
        script.room = 2 * script.room + 256;
        script.came =
            realloc(script.came, script.room * sizeof *script.came);
    }
    script.came[script.count] = (struct came){.op = op};
    word(op);
    for (size_t i = 0; i < count; i++)
        word(arguments[i]);
    return script.count++;
}

#define LIST(...) ((const int64_t[]){__VA_ARGS__})
#define ADD(op, ...) \
    add(op, sizeof LIST(__VA_ARGS__) / sizeof(int64_t), \
        LIST(__VA_ARGS__))

static int64_t
place(const void *bytes, size_t length)
{
    int64_t at = (int64_t)script.arena.length;

    text_add(&script.arena, bytes, length);
    return at;
}

static size_t
open_pool(int threads, int capacity)
{
    return ADD(OP_OPEN, threads, capacity);
}

static size_t
read_at(size_t length, int64_t offset, uint64_t tag)
{
    return ADD(OP_READ, 0, (int64_t)length, offset, (int64_t)tag);
}

static size_t
write_at(const void *bytes, size_t length, int64_t offset, uint64_t tag)
{
    return ADD(OP_WRITE, 0, place(bytes, length), (int64_t)length,
        offset, (int64_t)tag);
}

static size_t
append(const void *bytes, size_t length, uint64_t tag)
{
    return ADD(
        OP_APPEND, place(bytes, length), (int64_t)length, (int64_t)tag);
}

static size_t
wait_all(int most)
{
    return ADD(OP_WAIT, most);
}

static size_t
just(enum script_op op)
{
    return add(op, 0, NULL);
}

/* A file in memory with these bytes; the number of it. */
static int
new_file(const void *bytes, size_t length)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    if (fd < 0 || pwrite(fd, bytes, length, 0) != (ssize_t)length)
        judge_skip("no file can be kept in memory here");
    script.files[script.file_count++] = fd;
    return (int)script.file_count - 1;
}

/* What it holds now; to be freed. */
static struct text
file_now(int file)
{
    struct text text = {0};
    char block[65536];
    ssize_t n;

    while ((n = pread(script.files[file], block, sizeof block,
                (off_t)text.length)) > 0)
        text_add(&text, block, (size_t)n);
    return text;
}

static struct bytes
take_bytes(void)
{
    struct bytes bytes;

    bytes.at = answer_bytes(&answer, &bytes.length);
    return bytes;
}

static struct got
take_got(void)
{
    struct got got = {.tag = (uint64_t)answer_int(&answer)};

    got.result = answer_int(&answer);
    got.error = (int)answer_int(&answer);
    got.has_bytes = answer_int(&answer) != 0;
    got.bytes = take_bytes();
    return got;
}

static void
take_came(struct came *came)
{
    came->result = answer_int(&answer);
    came->error = (int)answer_int(&answer);
    if (came->op == OP_BUFFER)
        came->bytes[0] = take_bytes();
    if (came->op == OP_MANY) {
        came->more = answer_int(&answer);
        for (int i = 0; i < 3; i++)
            came->bytes[i] = take_bytes();
    }
    if (came->op != OP_REAP && came->op != OP_WAIT &&
        came->op != OP_REPLAY)
        return;
    came->count = (size_t)answer_int(&answer);
    came->got = text_zeroed(came->count + 1, sizeof *came->got);
    for (size_t i = 0; i < came->count; i++) {
        if (came->op == OP_REPLAY)
            came->got[i].bytes = take_bytes();
        else
            came->got[i] = take_got();
    }
}

/* What each call of pwrite() wrote, by its number; at the end of the
 * answer. */
static struct bytes written[MOST_CALLS];

static void
take_written(void)
{
    int64_t count = answer_int(&answer);

    memset(written, 0, sizeof written);
    for (int64_t i = 0; i < count; i++) {
        uint64_t number = (uint64_t)answer_int(&answer);
        struct bytes bytes = take_bytes();
        if (number < MOST_CALLS)
            written[number] = bytes;
    }
}

/* Ask for it all, on this disk; `lease` may be NULL. */
static void
run_leased(enum script_disk disk, struct turnstile *turnstile,
    struct lease *lease)
{
    struct ask ask = ask_new("files");

    ask.faults = script.faults;
    turnstile_hand_in(turnstile, &ask);
    if (lease != NULL)
        lease_hand_in(lease, &ask);
    ask_int(&ask, disk);
    ask_int(&ask, (int64_t)script.file_count);
    for (size_t i = 0; i < script.file_count; i++)
        ask_fd(&ask, fcntl(script.files[i], F_DUPFD_CLOEXEC, 0));
    ask_int(&ask, (int64_t)script.count);
    ask_bytes(&ask, text_string(&script.arena), script.arena.length);
    for (size_t i = 0; i < script.word_count; i++)
        ask_int(&ask, script.words[i]);
    ask_send(&ask, &answer);
    turnstile_finish(turnstile);
    for (size_t i = 0; i < script.count; i++)
        take_came(&script.came[i]);
    take_written();
}

static void
run(enum script_disk disk, struct turnstile *turnstile)
{
    run_leased(disk, turnstile, NULL);
}

/* What came back --------------------------------------------------- */

static const struct {
    const char *name, *subject;
} words_of[] = {
    [OP_OPEN] = {"af_open", "af_open() (0: it gave a pool)"},
    [OP_LOG_OPEN] = {"wal_open", "wal_open() (0: it gave a log)"},
    [OP_READ] = {"af_read", "af_read()"},
    [OP_WRITE] = {"af_write", "af_write()"},
    [OP_SYNC] = {"af_sync", "af_sync()"},
    [OP_LOAD] = {"af_load", "af_load()"},
    [OP_APPEND] = {"wal_append", "wal_append()"},
    [OP_CANCEL] = {"af_cancel", "af_cancel()"},
    [OP_REAP] = {"af_reap", "af_reap()"},
    [OP_REPLAY] = {"wal_replay", "wal_replay()"},
};

/* An operation returned `result`, with this errno. */
static void
expect(size_t number, int64_t result, int error)
{
    const struct came *came = &script.came[number];
    char what[80];

    snprintf(
        what, sizeof what, "%s returned", words_of[came->op].subject);
    judge_equal_int(what, result, came->result);
    if (result != -1 || came->error == error)
        return;
    judge_values(judge_errno(error), judge_errno(came->error));
    judge_fail(VERDICT_WRONG_ANSWER,
        "errno is not what files.h says for this failure of %s().",
        words_of[came->op].name);
}

/* All that can be submitted was. */
static void
expect_all_submitted(void)
{
    for (size_t i = 0; i < script.count; i++) {
        enum script_op op = script.came[i].op;
        if (op == OP_OPEN || op == OP_LOG_OPEN || op == OP_READ ||
            op == OP_WRITE || op == OP_SYNC || op == OP_LOAD ||
            op == OP_APPEND)
            expect(i, 0, 0);
    }
}

/* The loop reaped so many, each time that the descriptor could be read
 * at least one. */
static void
expect_reaped(size_t wait, size_t count)
{
    const struct came *came = &script.came[wait];

    if (came->result != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The descriptor could be read %" PRId64 " times and there "
            "was nothing to reap. A loop that is woken for nothing, "
            "again and again, keeps a core busy.",
            came->result);
    judge_equal_int("The number of results that were reaped is",
        (int64_t)count, (int64_t)came->count);
}

/* The `nth` result with this tag, of one operation. */
static const struct got *
result_of(size_t number, uint64_t tag, int nth)
{
    const struct came *came = &script.came[number];

    for (size_t i = 0; i < came->count; i++) {
        if (came->got[i].tag == tag && nth-- == 0)
            return &came->got[i];
    }
    judge_fail(VERDICT_WRONG_ANSWER,
        "The operation with tag %" PRIu64 " was never reaped, and each "
        "is to be, exactly once.",
        tag);
}

static void
expect_got(
    const struct got *got, const char *call, int64_t result, int error)
{
    char what[80];

    snprintf(what, sizeof what, "The result of %s is", call);
    if (got->error != error) {
        judge_values(judge_errno(error), judge_errno(got->error));
        judge_fail(VERDICT_WRONG_ANSWER,
            "The error that %s with tag %" PRIu64
            " is reaped with is %s, and %s was right.",
            call, got->tag, judge_errno(got->error),
            judge_errno(error));
    }
    judge_equal_int(what, result, got->result);
}

static void
expect_result(size_t wait, uint64_t tag, const char *call,
    int64_t result, int error)
{
    expect_got(result_of(wait, tag, 0), call, result, error);
}

static void
expect_buffer(size_t number, const void *bytes, size_t length)
{
    const struct bytes *seen = &script.came[number].bytes[0];

    judge_equal_bytes("af_read() read", bytes, length, seen->at,
        seen->length < length ? seen->length : length);
}

static void
expect_file(int file, const void *bytes, size_t length)
{
    struct text now = file_now(file);

    judge_equal_bytes(
        "The file holds", bytes, length, text_string(&now), now.length);
    text_free(&now);
}

static void
expect_no_memory_left(void)
{
    if (answer.allocations_left != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "When all was closed %" PRId64 " block%s of memory had not "
            "been freed.",
            answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s");
}

/* What befalls the disk -------------------------------------------- */

/* wal_open() and wal_replay() may wait, and so may what comes before
 * the first append. */
static void
check_not_owner(const struct turnstile_call *call, bool appends)
{
    bool may = script.is_log && (call->kind == KIND_READ || !appends);

    if (turnstile_is_owner(call) && !may)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "%s was called by the thread that owns the pool or log, "
            "which never is to wait for a disk.",
            names[call->kind]);
}

/* All goes on at once but what is to fail: calls of a kind, at these
 * offsets, from the `skip`-th on, `times` times. A program that waits
 * for ever has lost something, and we say what. */
struct weather {
    struct turnstile *turnstile;
    bool fails;
    uint64_t kind, from, to;
    size_t skip, times;
    int64_t deed, value;
    bool strict; /* the owner may not call the disk */
    int64_t submitted, reaped;
    bool appends, closed;
};

/* How far the file was written when each operation was reaped. */
static size_t written_to, ends[MOST_RECORDS];

static void
weather_came(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct weather *weather = arg;
    int64_t values[TURNSTILE_VALUES] = {weather->deed, weather->value};

    if (weather->strict)
        check_not_owner(call, weather->appends);
    bool hit = weather->fails && (weather->appends || !script.is_log) &&
               call->kind == weather->kind &&
               call->asked[2] >= weather->from &&
               call->asked[2] < weather->to;
    if (hit && weather->skip > 0) {
        weather->skip--;
        hit = false;
    }
    hit = hit && weather->times > 0;
    weather->times -= hit;
    turnstile_let(turnstile, call->number, hit ? values : NULL);
}

static void
weather_told(struct turnstile *turnstile,
    const struct turnstile_call *what, void *arg)
{
    struct weather *weather = arg;

    (void)turnstile;
    weather->appends |= what->kind == TOLD_APPENDS;
    weather->submitted += what->kind == TOLD_SUBMITTED;
    if (what->kind == TOLD_REAPED && weather->reaped < MOST_RECORDS)
        ends[weather->reaped] = written_to;
    weather->reaped += what->kind == TOLD_REAPED;
    weather->closed |= what->kind == TOLD_CLOSED;
}

static _Noreturn void
fail_lost(int64_t submitted, int64_t reaped)
{
    judge_fail(VERDICT_WRONG_ANSWER,
        "%" PRId64 " of the %" PRId64
        " operations never come back: all "
        "threads sleep, no call of the disk is at work, and the "
        "descriptor cannot be read. A wake-up was lost, or one counted "
        "for two.",
        submitted - reaped, submitted);
}

static void
weather_left(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    size_t end = (size_t)(call->asked[2] + (uint64_t)call->result);

    (void)turnstile;
    (void)arg;
    if (call->kind == KIND_WRITE && call->result > 0 &&
        end > written_to)
        written_to = end;
}

static bool
weather_stuck(struct turnstile *turnstile, void *arg)
{
    struct weather *weather = arg;

    (void)turnstile;
    if (weather->closed)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The pool or log was closed, and a thread of it is still "
            "there.");
    if (weather->submitted > weather->reaped)
        fail_lost(weather->submitted, weather->reaped);
    return false;
}

static void
set_weather(struct weather *weather)
{
    written_to = 0;
    turnstile_rule(weather->turnstile,
        (struct turnstile_rules){.came = weather_came,
            .left = weather_left,
            .told = weather_told,
            .stuck = weather_stuck,
            .arg = weather});
}

static struct weather
fine_weather(void)
{
    return (struct weather){.turnstile = turnstile_new(MOST_CALLS)};
}

/* Run the script in such weather, and check that all was submitted. */
static void
run_in(struct weather weather)
{
    set_weather(&weather);
    run(DISK_GATED, weather.turnstile);
    turnstile_free(weather.turnstile);
}

static void
run_fine(void)
{
    run_in(fine_weather());
}

/* The same past the turnstile: many calls are sooner done so. */
static void
run_free(void)
{
    struct weather weather = fine_weather();

    set_weather(&weather);
    run(DISK_TIMED, weather.turnstile);
    turnstile_free(weather.turnstile);
}

/* Calls of the disk do less than all, or are interrupted, as it comes;
 * nothing is told of them meanwhile. */
static void
run_rough(void)
{
    struct turnstile *turnstile = turnstile_new(MOST_CALLS);

    for (size_t i = 0; i < MOST_CALLS; i++) {
        int64_t values[TURNSTILE_VALUES] = {
            (int64_t)judge_random_below(3)};
        values[1] = values[0] == DEED_FAIL
                        ? EINTR
                        : 1 + (int64_t)judge_random_below(3);
        turnstile_say(turnstile, i, values);
    }
    run(DISK_GATED, turnstile);
    turnstile_free(turnstile);
}

/* A plan: all calls wait, and each time that the program sleeps the
 * next deed is done. After the last one all go on. */
enum deed {
    PING,     /* the loop, or whoever waits for that */
    ANSWERED, /* so many pings, by now */
    LET,      /* the call at this offset go on; it has to be there */
    LET_KIND, /* the oldest of a kind; it has to be there */
    HAS_COME, /* a call of this kind has to be there */
    NOT_COME, /* ... must not be there */
    LET_REST, /* all there are */
    DONE,
};

struct step {
    enum deed deed;
    uint64_t which;
    const char *cause; /* when it is not as it has to be */
    int64_t tell[2];   /* LET_KIND: what the call is told */
};

struct plan {
    struct turnstile *turnstile;
    const struct step *next;
    int threads; /* at most so many beside the owner; 0: any number */
    int64_t submitted, reaped;
    bool appends, closed;
};

static struct turnstile_call *
call_at(struct turnstile *turnstile, uint64_t offset)
{
    for (size_t i = 0; i < turnstile_count(turnstile); i++) {
        struct turnstile_call *call = turnstile_call(turnstile, i);
        if (call->thread != 0 && !call->let && call->asked[2] == offset)
            return call;
    }
    return NULL;
}

static void
check_threads(int most)
{
    char path[64];
    int count = -2;

    snprintf(path, sizeof path, "/proc/%d/task", ask_probe());
    DIR *threads = opendir(path);
    if (threads == NULL)
        return;
    while (readdir(threads) != NULL)
        count++;
    closedir(threads);
    if (count > 1 + most)
        judge_fail(VERDICT_WRONG_ANSWER,
            "There are %d threads beside the owner's, and at most %d "
            "are allowed.",
            count - 1, most);
}

static void
do_step(struct plan *plan)
{
    const struct step *step = plan->next++;
    struct turnstile *turnstile = plan->turnstile;
    struct turnstile_call *call = NULL;

    if (plan->threads > 0)
        check_threads(plan->threads);
    if (step->deed == PING)
        turnstile_ping(turnstile);
    else if (step->deed == LET)
        call = call_at(turnstile, step->which);
    else if (step->deed == LET_KIND || step->deed == HAS_COME ||
             step->deed == NOT_COME)
        call = turnstile_oldest(turnstile, step->which);
    else if (step->deed != ANSWERED)
        turnstile_let_all(turnstile);
    bool wanted = step->deed == LET || step->deed == LET_KIND ||
                  step->deed == HAS_COME;
    if ((wanted && call == NULL) ||
        (step->deed == ANSWERED &&
            turnstile_answers(turnstile) < step->which) ||
        (step->deed == NOT_COME && call != NULL)) {
        judge_fail(step->deed == NOT_COME ? VERDICT_WRONG_ANSWER
                                          : VERDICT_NOT_CONCURRENT,
            "%s", step->cause);
    }
    if (step->deed == LET || step->deed == LET_KIND) {
        int64_t values[TURNSTILE_VALUES] = {
            step->tell[0], step->tell[1]};
        turnstile_let(turnstile, call->number, values);
    }
}

static bool
plan_asleep(struct turnstile *turnstile, void *arg)
{
    struct plan *plan = arg;

    (void)turnstile;
    if (plan->next->deed == DONE)
        return false;
    do_step(plan);
    if (plan->next->deed == DONE)
        turnstile_let_all(plan->turnstile);
    return true;
}

static bool
plan_spent(struct turnstile *turnstile, void *arg)
{
    struct plan *plan = arg;

    (void)turnstile;
    if (plan->next->deed == DONE)
        return false;
    judge_fail(VERDICT_BUSY_WAITING,
        "All that was submitted waits for the disk, or nothing is to "
        "be "
        "done at all, and your program uses processor time without "
        "end: "
        "it asks again and again instead of sleeping.");
}

static void
plan_came(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct plan *plan = arg;

    check_not_owner(call, plan->appends);
    if (turnstile_is_owner(call))
        turnstile_let(turnstile, call->number, NULL);
}

static void
plan_told(struct turnstile *turnstile,
    const struct turnstile_call *what, void *arg)
{
    struct plan *plan = arg;

    plan->appends |= what->kind == TOLD_APPENDS;
    plan->submitted += what->kind == TOLD_SUBMITTED;
    plan->reaped += what->kind == TOLD_REAPED;
    if (what->kind != TOLD_CLOSED)
        return;
    plan->closed = true;
    if (turnstile_inside(turnstile, TURNSTILE_ANY) > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "af_close() or wal_close() returned while a call of the "
            "disk was still at work.");
}

static bool
plan_stuck(struct turnstile *turnstile, void *arg)
{
    struct plan *plan = arg;

    (void)turnstile;
    if (plan->closed)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The pool or log was closed, and a thread of it is still "
            "there.");
    if (plan->submitted > plan->reaped)
        fail_lost(plan->submitted, plan->reaped);
    return false;
}

/* How often each was called in the last plan. */
static size_t called[3];

static void
run_plan_on(
    enum script_disk disk, const struct step *steps, int threads)
{
    struct plan plan = {.turnstile = turnstile_new(MOST_CALLS),
        .next = steps,
        .threads = threads};

    turnstile_rule(
        plan.turnstile, (struct turnstile_rules){.came = plan_came,
                            .told = plan_told,
                            .asleep = plan_asleep,
                            .stuck = plan_stuck,
                            .spent = plan_spent,
                            .arg = &plan});
    run(disk, plan.turnstile);
    for (size_t kind = 0; kind < 3; kind++)
        called[kind] = turnstile_came(plan.turnstile, kind);
    turnstile_free(plan.turnstile);
}

static void
run_plan(const struct step *steps, int threads)
{
    run_plan_on(DISK_GATED, steps, threads);
}

/* For the look-out for races; ThreadSanitizer has a thread of its
 * own. */
static void
run_still(const struct step *steps, int threads)
{
    run_plan_on(DISK_STILL, steps, threads + 1);
}

/* Inputs ----------------------------------------------------------- */

enum { FILE_BYTES = 10000 };

static char *content; /* of file 0, at first */

/* A new script, with one file of random bytes; all is gone that was. */
static void
begin(const char *scene)
{
    judge_scene("%s", scene);
    forget_script();
    free(content);
    content = judge_random_bytes(FILE_BYTES);
    new_file(content, FILE_BYTES);
}

static void
begin_log(const char *scene)
{
    judge_scene("%s", scene);
    forget_script();
    script.is_log = true;
    new_file("", 0);
}

/* 7.1 Work for somebody else --------------------------------------- */

static const struct {
    size_t length;
    int64_t offset;
} pieces[] = {{1, 0}, {7, 1}, {4096, 0}, {FILE_BYTES, 0}, {0, 5},
    {FILE_BYTES, 9000}, {1, FILE_BYTES - 1}, {10, FILE_BYTES},
    {10, 2 * FILE_BYTES}, {300, 300}};

enum { PIECES = sizeof pieces / sizeof pieces[0] };

static size_t
bytes_there(size_t i)
{
    size_t offset = (size_t)pieces[i].offset;
    size_t left = offset < FILE_BYTES ? FILE_BYTES - offset : 0;

    return pieces[i].length < left ? pieces[i].length : left;
}

/* A tag has all of its 64 bits. */
static uint64_t
far_tag(size_t i)
{
    return UINT64_MAX - i * UINT64_C(0x100000001);
}

/* Read all the pieces; `go` runs the script. */
static void
read_pieces(int threads, void (*go)(void))
{
    size_t buffers[PIECES];

    open_pool(threads, PIECES);
    for (size_t i = 0; i < PIECES; i++)
        read_at(pieces[i].length, pieces[i].offset, far_tag(i));
    size_t wait = wait_all(3);
    for (size_t i = 0; i < PIECES; i++)
        buffers[i] = ADD(OP_BUFFER, (int64_t)i + 1);
    just(OP_CLOSE);
    go();
    expect_all_submitted();
    expect_reaped(wait, PIECES);
    for (size_t i = 0; i < PIECES; i++) {
        expect_result(
            wait, far_tag(i), "af_read()", (int64_t)bytes_there(i), 0);
        expect_buffer(
            buffers[i], content + pieces[i].offset, bytes_there(i));
    }
    expect_no_memory_left();
}

/* Offsets have more than 32 bits. */
static void
read_far_away(void)
{
    const int64_t far = INT64_C(5000000000);

    begin("Reading 5 bytes 5 GB behind the beginning of a file");
    if (pwrite(script.files[0], "right", 5, far) != 5)
        judge_skip("no large file can be kept in memory here");
    open_pool(1, 2);
    read_at(100, far, 1);
    size_t wait = wait_all(1);
    size_t buffer = ADD(OP_BUFFER, 1);
    just(OP_CLOSE);
    run_fine();
    expect_all_submitted();
    expect_result(wait, 1, "af_read()", 5, 0);
    expect_buffer(buffer, "right", 5);
}

START_TEST(reads_bring_what_the_file_holds)
{
    for (int threads = 1; threads <= 4; threads++) {
        begin("Reading pieces of a file");
        read_pieces(threads, run_fine);
    }
    read_far_away();
}
END_TEST

/* Write a file in pieces of odd lengths, and compare it. */
static void
write_pieces(int threads, size_t longest, void (*go)(void))
{
    char *bytes = judge_random_bytes(FILE_BYTES);
    size_t count = 0;

    open_pool(threads, 300);
    for (size_t at = 0; at < FILE_BYTES && count < 300; count++) {
        size_t length = 1 + judge_random_below(longest);
        if (length > FILE_BYTES - at || count == 299)
            length = FILE_BYTES - at;
        write_at(bytes + at, length, (int64_t)at, count);
        at += length;
    }
    size_t wait = wait_all(64);
    just(OP_CLOSE);
    go();
    expect_all_submitted();
    expect_reaped(wait, count);
    for (size_t i = 0; i < count; i++)
        result_of(wait, i, 0);
    for (size_t i = 0; i < count; i++) {
        if (script.came[wait].got[i].error != 0)
            expect_got(&script.came[wait].got[i], "af_write()", 0, 0);
    }
    expect_file(0, bytes, FILE_BYTES);
    expect_no_memory_left();
    free(bytes);
}

START_TEST(writes_arrive_where_they_belong)
{
    for (int threads = 1; threads <= 4; threads++) {
        begin("Writing a file in pieces");
        write_pieces(threads, 200, run_fine);
    }
}
END_TEST

START_TEST(equal_tags_are_reaped_as_often_as_they_were_given)
{
    begin("Five operations with one tag");
    open_pool(3, 8);
    read_at(10, 0, 7);
    read_at(20, 0, 7);
    read_at(30, 0, 7);
    ADD(OP_SYNC, 0, 7);
    write_at("abcd", 4, 0, 7);
    size_t wait = wait_all(2);
    just(OP_CLOSE);
    run_fine();
    expect_all_submitted();
    expect_reaped(wait, 5);
    int64_t sum = 0;
    for (int i = 0; i < 5; i++)
        sum += result_of(wait, 7, i)->result;
    judge_equal_int("The sum of the results of all five is", 64, sum);
}
END_TEST

/* A file in the test's own folder, which is the probe's. */
static void
make_named(const char *name, const void *bytes, size_t length)
{
    int fd = open(judge_path(name),
        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        judge_skip("the folder of the test cannot be written to");
    close(fd);
}

static size_t
load(const char *name, uint64_t tag)
{
    return ADD(OP_LOAD, place(name, strlen(name) + 1),
        (int64_t)strlen(name) + 1, (int64_t)tag);
}

static void
expect_loaded(
    size_t wait, uint64_t tag, const char *bytes, size_t length)
{
    const struct got *got = result_of(wait, tag, 0);

    expect_got(got, "af_load()", (int64_t)length, 0);
    if (length > 0 && !got->has_bytes)
        judge_fail(VERDICT_WRONG_ANSWER,
            "af_load() of %zu bytes was reaped without them.", length);
    judge_equal_bytes("af_load() brought", bytes, length, got->bytes.at,
        got->bytes.length);
}

enum { LARGE = 300000 };

START_TEST(a_file_is_loaded_whole)
{
    char *large = judge_random_bytes(LARGE);

    begin("Loading files of several lengths");
    make_named("large", large, LARGE);
    make_named("small", "a\0b", 3);
    make_named("empty", "", 0);
    open_pool(2, 8);
    load("large", 1);
    load("small", 2);
    load("empty", 3);
    load("missing", 4);
    load(".", 5);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    int before = ask_open_descriptors();
    run_fine();
    expect_all_submitted();
    expect_reaped(wait, 5);
    expect_loaded(wait, 1, large, LARGE);
    expect_loaded(wait, 2, "a\0b", 3);
    expect_loaded(wait, 3, "", 0);
    expect_result(wait, 4, "af_load()", -1, ENOENT);
    expect_result(wait, 5, "af_load()", -1, EISDIR);
    expect_no_memory_left();
    judge_equal_int("The number of open descriptors is", before,
        ask_open_descriptors());
    free(large);
}
END_TEST

START_TEST(a_file_may_be_longer_than_it_says)
{
    char bytes[4096];
    int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, bytes, sizeof bytes) : 0;

    if (length <= 0 || length == sizeof bytes)
        judge_skip("there is no /proc/version here");
    close(fd);
    begin("Loading /proc/version, of which fstat() says that it is "
          "empty");
    open_pool(1, 8);
    load("/proc/version", 1);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_fine();
    expect_all_submitted();
    expect_loaded(wait, 1, bytes, (size_t)length);
}
END_TEST

static void
do_many(int threads, int64_t count, int64_t capacity, int64_t most)
{
    begin("Many small reads and writes");
    struct text text = {0};
    for (int64_t i = 0; i < 4 * count; i++)
        text_add(&text, &(char){(char)judge_random()}, 1);
    int file = new_file(text.bytes, text.length);
    open_pool(threads, (int)capacity);
    size_t many = ADD(OP_MANY, file, count, capacity, most);
    just(OP_CLOSE);
    run_free();
    expect(0, 0, 0);
    const struct came *came = &script.came[many];
    if (came->more != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The descriptor could be read, and %" PRId64
            " times there was nothing to reap.",
            came->more);
    for (int64_t i = 0; i < count; i++) {
        if (came->bytes[0].at[i] != 1)
            judge_fail(VERDICT_WRONG_ANSWER,
                "Operation %" PRId64 " of %" PRId64
                " came back %d times, with its whole result.",
                i, count, came->bytes[0].at[i]);
    }
    if (came->result != 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "A pool takes on exactly `capacity` operations, and EAGAIN "
            "came at another moment, %" PRId64 " times.",
            came->result);
    judge_equal_bytes("The reads brought", text.bytes, text.length,
        came->bytes[2].at, text.length);
    text_free(&text);
}

START_TEST(ten_thousand_operations_come_back)
{
    do_many(4, 10000, 64, 7);
    do_many(8, 1000, 3, 64);
}
END_TEST

START_TEST(what_is_done_in_part_is_continued)
{
    for (int threads = 1; threads <= 4; threads += 3) {
        begin("On a disk that does less than all, or is interrupted");
        write_pieces(threads, 200, run_rough);
    }
}
END_TEST

static const struct {
    size_t length;
    int64_t offset;
} few_pieces[] = {{100, 0}, {300, FILE_BYTES - 150}, {50, 77}};

START_TEST(a_read_is_short_only_at_the_end_of_the_file)
{
    for (int times = 0; times < 10; times++) {
        begin("On a disk that does less than all, or is interrupted");
        open_pool(2, 8);
        for (int i = 0; i < 3; i++)
            read_at(few_pieces[i].length, few_pieces[i].offset,
                (uint64_t)i);
        size_t wait = wait_all(8);
        size_t first = ADD(OP_BUFFER, 1);
        just(OP_CLOSE);
        run_rough();
        expect_all_submitted();
        expect_reaped(wait, 3);
        expect_result(wait, 0, "af_read()", 100, 0);
        expect_result(wait, 1, "af_read()", 150, 0);
        expect_result(wait, 2, "af_read()", 50, 0);
        expect_buffer(first, content, 100);
    }
}
END_TEST

static void
fail_one_read(int threads)
{
    struct weather weather = fine_weather();

    begin("When one read of three fails with EIO");
    weather.fails = true;
    weather.kind = KIND_READ;
    weather.from = 1000;
    weather.to = 1100;
    weather.times = 1;
    weather.deed = DEED_FAIL;
    weather.value = EIO;
    open_pool(threads, 8);
    read_at(100, 0, 1);
    read_at(100, 1000, 2);
    read_at(100, 2000, 3);
    size_t wait = wait_all(8);
    read_at(100, 1000, 2);
    size_t again = wait_all(8);
    just(OP_CLOSE);
    run_in(weather);
    expect_all_submitted();
    expect_result(wait, 1, "af_read()", 100, 0);
    expect_result(wait, 2, "af_read()", -1, EIO);
    expect_result(wait, 3, "af_read()", 100, 0);
    expect_result(again, 2, "af_read()", 100, 0);
}

START_TEST(an_error_belongs_to_its_own_operation)
{
    fail_one_read(1);
    fail_one_read(3);
}
END_TEST

static const struct step half_written[] = {
    {LET_KIND, KIND_WRITE, "No thread writes.", {DEED_PART, 4}},
    {LET_KIND, KIND_WRITE,
        "Four of ten bytes were written, and the rest never is.",
        {DEED_FAIL, ENOSPC}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_write_that_ends_in_an_error_reports_it)
{
    begin("When four of ten bytes are written and the rest fails with "
          "ENOSPC");
    open_pool(1, 8);
    write_at("0123456789", 10, 50, 1);
    size_t wait = wait_all(8);
    write_at("0123456789", 10, 200, 2);
    size_t again = wait_all(8);
    just(OP_CLOSE);
    run_plan(half_written, 1);
    expect_all_submitted();
    expect_result(wait, 1, "af_write()", -1, ENOSPC);
    expect_result(again, 2, "af_write()", 10, 0);
}
END_TEST

START_TEST(a_pool_that_makes_no_sense_is_refused)
{
    static const int wrong[][2] = {
        {0, 8}, {65, 8}, {-1, 8}, {2, 0}, {2, -5}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin("");
        judge_scene("With %d threads and a capacity of %d", wrong[i][0],
            wrong[i][1]);
        size_t pool = open_pool(wrong[i][0], wrong[i][1]);
        just(OP_CLOSE);
        run_fine();
        expect(pool, -1, EINVAL);
        expect_no_memory_left();
    }
}
END_TEST

/* A script with the (k+1)-th of each of these calls refused. */
static char *
refuse_memory(int k)
{
    static const char *const calls[] = {"malloc", "calloc", "realloc"};
    struct text text = {0};

    for (int i = 0; i < 3; i++) {
        text_addf(&text, "%s%s:", i > 0 ? "; " : "", calls[i]);
        for (int n = 0; n < k; n++)
            text_addf(&text, " ok");
        text_addf(&text, " ENOMEM");
    }
    return text.bytes;
}

static void
expect_fine_or_enomem(size_t number)
{
    const struct came *came = &script.came[number];

    if (came->result == -1)
        expect(number, -1, ENOMEM);
}

static const struct step all_idle[] = {
    {PING, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

/* What was refused takes up no room. */
static void
refuse_and_submit(void)
{
    size_t submissions[3];

    for (int k = 0; k < 6; k++) {
        begin("When malloc() or its like returns NULL once");
        char *faults = refuse_memory(k);
        script.faults = faults;
        size_t pool = open_pool(1, 2);
        just(OP_PINGED);
        for (uint64_t i = 0; i < 3; i++)
            submissions[i] = read_at(10, (int64_t)i * 100, i);
        just(OP_CLOSE);
        run_plan(all_idle, 1);
        size_t accepted = 0;
        for (size_t i = 0; i < 3 && script.came[pool].result == 0;
             i++) {
            const struct came *came = &script.came[submissions[i]];
            if (came->result == -1 && came->error == ENOMEM)
                continue;
            if (accepted++ < 2)
                expect(submissions[i], 0, 0);
            else
                expect(submissions[i], -1, EAGAIN);
        }
        expect_no_memory_left();
        free(faults);
    }
}

START_TEST(no_memory_is_an_error_and_no_end)
{
    size_t submissions[5];

    make_named("small", "abc", 3);
    for (int k = 0; k < 12; k++) {
        begin("When malloc() or its like returns NULL once");
        char *faults = refuse_memory(k);
        script.faults = faults;
        submissions[0] = open_pool(2, 8);
        submissions[1] = read_at(100, 0, 1);
        submissions[2] = load("small", 2);
        submissions[3] = write_at("abc", 3, 0, 3);
        submissions[4] = ADD(OP_SYNC, 0, 4);
        size_t wait = wait_all(8);
        just(OP_CLOSE);
        run_fine();
        size_t accepted = 0;
        for (int i = 0; i < 5; i++) {
            expect_fine_or_enomem(submissions[i]);
            accepted +=
                i > 0 && script.came[submissions[i]].result == 0;
        }
        expect_reaped(wait, accepted);
        for (size_t i = 0; i < accepted; i++) {
            const struct got *got = &script.came[wait].got[i];
            if (got->error != 0)
                expect_got(got, "an operation", -1, ENOMEM);
        }
        expect_no_memory_left();
        free(faults);
    }
    refuse_and_submit();
}
END_TEST

START_TEST(operations_keep_to_their_own_memory)
{
    make_named("small", "abc", 3);
    for (int threads = 1; threads <= 4; threads += 3) {
        begin("Reading pieces of a file");
        read_pieces(threads, run_fine);
        begin("On a disk that does less than all, or is interrupted");
        write_pieces(threads, 200, run_rough);
        begin("Loading a file, and cancelling what waits");
        open_pool(threads, 16);
        for (uint64_t i = 0; i < 12; i++)
            i % 3 == 0 ? load("small", i) : read_at(50, 100, i);
        for (uint64_t i = 0; i < 12; i++)
            ADD(OP_CANCEL, (int64_t)i);
        size_t wait = wait_all(1);
        read_at(50, 100, 12);
        just(OP_CLOSE);
        run_fine();
        expect_reaped(wait, 12);
    }
}
END_TEST

/* 7.2 A descriptor that tells -------------------------------------- */

static void
expect_ready(size_t number, bool ready, const char *when)
{
    if ((script.came[number].result == 1) == ready)
        return;
    judge_fail(VERDICT_WRONG_ANSWER,
        ready ? "The descriptor cannot be read %s. A loop would sleep "
                "on, and never reap them."
              : "The descriptor can be read %s. A loop would be woken "
                "again and again, for nothing.",
        when);
}

static const struct step nobody_there[] = {{PING, 0, NULL, {0}},
    {LET_REST, 0, NULL, {0}}, {PING, 0, NULL, {0}},
    {DONE, 0, NULL, {0}}};

static const struct step three_done[] = {{PING, 0, NULL, {0}},
    {ANSWERED, 1,
        "The pool was full, and who submits another operation then "
        "waits: for a disk, or for room.",
        {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {PING, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

static const struct step three_and_two[] = {{PING, 0, NULL, {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {PING, 0, NULL, {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {PING, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(it_can_be_read_exactly_while_results_wait)
{
    size_t ready[7];

    begin("Three reads");
    open_pool(2, 8);
    for (uint64_t i = 0; i < 3; i++)
        read_at(100, (int64_t)i * 100, i);
    just(OP_PINGED);
    ready[0] = just(OP_READY);
    just(OP_PINGED);
    for (int i = 1; i < 4; i++) {
        ready[i] = just(OP_READY);
        ADD(OP_REAP, 1);
    }
    ready[4] = just(OP_READY);
    size_t none = ADD(OP_REAP, 8);
    read_at(100, 0, 9);
    read_at(100, 0, 10);
    just(OP_PINGED);
    size_t both = ADD(OP_REAP, 8);
    ready[5] = just(OP_READY);
    read_at(100, 0, 11);
    just(OP_SLEEP);
    size_t last = ADD(OP_REAP, 8);
    ready[6] = just(OP_READY);
    just(OP_CLOSE);
    run_plan(three_and_two, 2);
    expect_all_submitted();
    expect_ready(ready[0], false, "while all three are at work");
    expect_ready(ready[1], true, "when all three are done");
    expect_ready(ready[2], true, "when one of three was reaped");
    expect_ready(ready[3], true, "when two of three were reaped");
    expect_ready(ready[4], false, "when all were reaped");
    expect(none, 0, 0);
    expect(both, 2, 0);
    expect_ready(ready[5], false, "when two were reaped at once");
    expect(last, 1, 0);
    expect_ready(ready[6], false, "when all were reaped");
}
END_TEST

START_TEST(results_may_be_taken_one_at_a_time)
{
    do_many(3, 1000, 8, 1);
    for (int threads = 1; threads <= 4; threads++) {
        begin("Reaping one result at a time");
        open_pool(threads, 32);
        for (uint64_t i = 0; i < 32; i++)
            read_at(10, (int64_t)i, i);
        size_t wait = wait_all(1);
        just(OP_CLOSE);
        run_fine();
        expect_all_submitted();
        expect_reaped(wait, 32);
    }
}
END_TEST

/* pthread_cond_wait() may return for no reason at all. */
START_TEST(a_thread_that_is_woken_for_nothing_sleeps_on)
{
    for (int threads = 1; threads <= 4; threads++) {
        begin("When pthread_cond_wait() returns for nothing now and "
              "then");
        script.faults = "pthread_cond_wait: 1 1 1 1 1 ok 1 1 ok 1 1 1 "
                        "ok ok 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1";
        open_pool(threads, 8);
        just(OP_PINGED);
        for (uint64_t i = 0; i < 8; i++)
            read_at(10, (int64_t)i, i);
        size_t wait = wait_all(2);
        just(OP_PINGED);
        for (uint64_t i = 8; i < 16; i++)
            read_at(10, (int64_t)i, i);
        size_t again = wait_all(2);
        just(OP_CLOSE);
        run_plan(nobody_there, threads);
        expect_all_submitted();
        expect_reaped(wait, 8);
        expect_reaped(again, 8);
        for (uint64_t i = 0; i < 8; i++)
            expect_result(wait, i, "af_read()", 10, 0);
    }
}
END_TEST

static const struct step out_of_order[] = {
    {LET, 200,
        "Three reads were submitted to a pool of three threads, "
        "and not all of them began.",
        {0}},
    {LET, 0,
        "Three reads were submitted to a pool of three threads, "
        "and not all of them began.",
        {0}},
    {LET, 100,
        "Three reads were submitted to a pool of three threads, "
        "and not all of them began.",
        {0}},
    {PING, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(results_come_in_the_order_in_which_they_came_about)
{
    static const uint64_t order[] = {200, 0, 100};

    begin("Three reads, of which the last is done first");
    open_pool(3, 8);
    for (uint64_t i = 0; i < 3; i++)
        read_at(10, (int64_t)i * 100, i * 100);
    just(OP_PINGED);
    size_t reap = ADD(OP_REAP, 8);
    just(OP_CLOSE);
    run_plan(out_of_order, 3);
    expect_all_submitted();
    expect(reap, 3, 0);
    for (size_t i = 0; i < 3; i++)
        judge_equal_int("The tag that was reaped in its place is",
            (int64_t)order[i], (int64_t)script.came[reap].got[i].tag);
}
END_TEST

START_TEST(a_pool_takes_on_as_many_as_it_has_room_for)
{
    size_t tries[4];

    begin("With a capacity of 3");
    size_t pool = open_pool(1, 3);
    for (uint64_t i = 0; i < 3; i++)
        expect(pool, 0, 0), read_at(100, (int64_t)i * 100, i);
    tries[0] = read_at(100, 900, 9);
    just(OP_PINGED);
    just(OP_PINGED);
    tries[1] = read_at(100, 900, 9);
    size_t reap = ADD(OP_REAP, 1);
    tries[2] = read_at(100, 300, 3);
    tries[3] = read_at(100, 900, 9);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(three_done, 1);
    expect(tries[0], -1, EAGAIN);
    expect(tries[1], -1, EAGAIN);
    expect(reap, 1, 0);
    expect(tries[2], 0, 0);
    expect(tries[3], -1, EAGAIN);
    expect_reaped(wait, 3);
    expect_no_memory_left();
}
END_TEST

static const struct step first_stands[] = {{PING, 0, NULL, {0}},
    {LET, 100, "The first read did not begin.", {0}},
    {PING, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(only_what_has_not_begun_can_be_cancelled)
{
    begin("While the only thread reads for tag 1");
    open_pool(1, 8);
    read_at(100, 100, 1);
    just(OP_PINGED);
    read_at(100, 200, 2);
    write_at("new", 3, 300, 3);
    read_at(100, 400, 2);
    size_t running = ADD(OP_CANCEL, 1);
    size_t queued = ADD(OP_CANCEL, 2);
    size_t write = ADD(OP_CANCEL, 3);
    size_t twice = ADD(OP_CANCEL, 3);
    size_t unknown = ADD(OP_CANCEL, 99);
    size_t other = ADD(OP_CANCEL, 2);
    just(OP_PINGED);
    size_t done = ADD(OP_CANCEL, 1);
    size_t wait = wait_all(8);
    size_t reaped = ADD(OP_CANCEL, 1);
    size_t buffer = ADD(OP_BUFFER, 1);
    just(OP_CLOSE);
    run_plan(first_stands, 1);
    expect_all_submitted();
    expect(running, -1, EBUSY);
    expect(queued, 0, 0);
    expect(write, 0, 0);
    expect(twice, -1, EBUSY);
    expect(unknown, -1, ENOENT);
    expect(other, 0, 0);
    expect(done, -1, EBUSY);
    expect(reaped, -1, ENOENT);
    expect_reaped(wait, 4);
    expect_result(wait, 1, "af_read()", 100, 0);
    expect_got(result_of(wait, 2, 0), "af_read()", -1, ECANCELED);
    expect_got(result_of(wait, 2, 1), "af_read()", -1, ECANCELED);
    expect_result(wait, 3, "af_write()", -1, ECANCELED);
    expect_buffer(buffer, content + 100, 100);
    expect_file(0, content, FILE_BYTES);
    expect_no_memory_left();
}
END_TEST

static const struct step first_goes[] = {{PING, 0, NULL, {0}},
    {LET, 100, "The first read did not begin.", {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

/* While the only thread reads at 100, `others` were submitted. */
static void
begin_behind(const char *scene, int capacity)
{
    begin(scene);
    open_pool(1, capacity);
    read_at(10, 100, 1);
    just(OP_PINGED);
}

START_TEST(a_later_one_with_the_same_tag_can_be_cancelled)
{
    begin_behind(
        "Two reads with tag 1, of which the first has begun", 8);
    read_at(20, 200, 1);
    size_t cancel = ADD(OP_CANCEL, 1);
    size_t again = ADD(OP_CANCEL, 1);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(first_goes, 1);
    expect(cancel, 0, 0);
    expect(again, -1, EBUSY);
    expect_reaped(wait, 2);
    expect_got(result_of(wait, 1, 0), "af_read()", -1, ECANCELED);
    expect_got(result_of(wait, 1, 1), "af_read()", 10, 0);
}
END_TEST

START_TEST(the_oldest_of_a_tag_is_cancelled)
{
    begin_behind("Three reads with tag 5 that have not begun", 8);
    for (size_t i = 1; i <= 3; i++)
        read_at(20 * i, 200, 5);
    size_t cancel = ADD(OP_CANCEL, 5);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(first_goes, 1);
    expect(cancel, 0, 0);
    expect_reaped(wait, 4);
    expect_got(result_of(wait, 5, 0), "af_read()", -1, ECANCELED);
    int64_t sum = result_of(wait, 5, 1)->result;
    sum += result_of(wait, 5, 2)->result;
    judge_equal_int(
        "The reads of 20, 40 and 60 bytes had this tag, and the oldest "
        "was cancelled; the sum of the others is",
        100, sum);
}
END_TEST

START_TEST(a_sync_does_not_wait_for_what_was_cancelled)
{
    begin_behind("When the write before a sync is cancelled", 8);
    write_at("abc", 3, 200, 2);
    ADD(OP_SYNC, 0, 3);
    size_t cancel = ADD(OP_CANCEL, 2);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(first_goes, 1);
    expect(cancel, 0, 0);
    expect_reaped(wait, 3);
    expect_result(wait, 2, "af_write()", -1, ECANCELED);
    expect_result(wait, 3, "af_sync()", 0, 0);
}
END_TEST

START_TEST(closing_frees_what_nobody_took)
{
    begin("Closing a pool whose results nobody reaped");
    make_named("small", "abc", 3);
    open_pool(2, 8);
    load("small", 1);
    read_at(10, 0, 2);
    ADD(OP_SYNC, 0, 3);
    just(OP_PINGED);
    load("small", 4);
    just(OP_CLOSE);
    run_plan(nobody_there, 2);
    expect_all_submitted();
    expect_no_memory_left();
}
END_TEST

static const struct step close_waits[] = {
    {HAS_COME, KIND_WRITE, "No thread writes.", {0}},
    {LET_KIND, KIND_WRITE, "No thread writes.", {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(closing_lets_everything_be_done)
{
    begin("Closing a pool with work in its queue");
    int before = ask_open_descriptors();
    open_pool(2, 64);
    for (uint64_t i = 0; i < 40; i++) {
        memset(content + i * 10, (char)i, 10);
        write_at(content + i * 10, 10, (int64_t)i * 10, i);
    }
    ADD(OP_SYNC, 0, 40);
    just(OP_CLOSE);
    just(OP_GONE);
    run_plan(close_waits, 2);
    expect_all_submitted();
    expect_file(0, content, FILE_BYTES);
    judge_equal_int(
        "The number of syncs is", 1, (int64_t)called[KIND_SYNC]);
    expect_no_memory_left();
    judge_equal_int("The number of open descriptors is", before,
        ask_open_descriptors());
}
END_TEST

START_TEST(closing_sends_all_threads_home)
{
    for (int threads = 1; threads <= 16; threads *= 4) {
        begin("");
        judge_scene(
            "Closing a pool of %d threads that are all idle", threads);
        open_pool(threads, 4);
        just(OP_PINGED);
        just(OP_CLOSE);
        just(OP_GONE);
        run_plan(all_idle, threads);
        expect_all_submitted();
        expect_no_memory_left();
    }
}
END_TEST

/* 7.3 The loop goes on --------------------------------------------- */

enum { ROUNDS = 6 };

static const int teams[] = {2, 4, 8};

START_TEST(as_many_are_at_work_as_there_are_threads)
{
    for (int i = 0; i < 3; i++) {
        int threads = teams[i];
        struct gate_together gate = {
            .turnstile = turnstile_new(MOST_CALLS),
            .names = names,
            .kind = KIND_READ,
            .threads = threads,
            .total = (size_t)(threads * ROUNDS)};
        begin("");
        judge_scene("With a pool of %d threads", threads);
        open_pool(threads, 64);
        for (int k = 0; k < threads * ROUNDS; k++)
            read_at(10, k * 10, (uint64_t)k);
        size_t wait = wait_all(8);
        just(OP_CLOSE);
        gate_together(&gate);
        run(DISK_GATED, gate.turnstile);
        turnstile_free(gate.turnstile);
        expect_all_submitted();
        expect_reaped(wait, gate.total);
    }
}
END_TEST

START_TEST(the_loop_goes_on_while_threads_wait_for_the_disk)
{
    struct gate_loop gate = {turnstile_new(MOST_CALLS), names};

    begin("Reads, writes and syncs");
    open_pool(2, 32);
    for (uint64_t i = 0; i < 6; i++) {
        read_at(10, (int64_t)i, i);
        write_at("abc", 3, (int64_t)i * 3, 100 + i);
        ADD(OP_SYNC, 0, (int64_t)(200 + i));
    }
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    gate_loop(&gate);
    run(DISK_GATED, gate.turnstile);
    turnstile_free(gate.turnstile);
    expect_all_submitted();
    expect_reaped(wait, 18);
}
END_TEST

START_TEST(only_threads_of_the_pool_wait_for_the_disk)
{
    for (int threads = 1; threads <= 4; threads += 3) {
        struct weather weather = fine_weather();
        begin("More work than there is room for, and closing at once");
        weather.strict = true;
        open_pool(threads, 8);
        for (uint64_t i = 0; i < 8; i++)
            read_at(10, (int64_t)i, i);
        for (uint64_t i = 8; i < 12; i++)
            write_at("abc", 3, 0, i);
        ADD(OP_CANCEL, 3);
        size_t wait = wait_all(1);
        write_at("abc", 3, 0, 12);
        ADD(OP_SYNC, 0, 13);
        read_at(10, 0, 14);
        just(OP_CLOSE);
        run_in(weather);
        for (uint64_t i = 0; i < 8; i++)
            result_of(wait, i, 0);
    }
}
END_TEST

/* Files whose open() takes its time, until as many threads as the pool
 * has wait in it. */
START_TEST(files_are_opened_by_threads_of_the_pool)
{
    enum { FILES = 8 };

    for (int threads = 1; threads <= 4; threads *= 2) {
        struct turnstile *turnstile = turnstile_new(1);
        struct lease *lease = lease_new(turnstile, threads);
        char name[16];
        begin("");
        judge_scene("Loading %d files with %d thread%s", FILES, threads,
            threads == 1 ? "" : "s");
        open_pool(threads, FILES);
        for (uint64_t i = 0; i < FILES; i++) {
            snprintf(name, sizeof name, "leased%d", (int)i);
            make_named(name, content, 100 * (i + 1));
            lease_hold(lease, judge_path(name));
            load(name, i);
        }
        size_t wait = wait_all(8);
        just(OP_CLOSE);
        run_leased(DISK_SYSTEM, turnstile, lease);
        lease_free(lease);
        turnstile_free(turnstile);
        expect_all_submitted();
        expect_reaped(wait, FILES);
        for (uint64_t i = 0; i < FILES; i++)
            expect_loaded(wait, i, content, 100 * (i + 1));
    }
}
END_TEST

/* Reaped only when the call of the disk has returned. */
static const struct step nothing_early[] = {
    {HAS_COME, KIND_READ, "No thread reads.", {0}},
    {PING, 0, NULL, {0}},
    {LET_KIND, KIND_READ, "No thread reads.", {0}},
    {HAS_COME, KIND_WRITE, "No thread writes.", {0}},
    {PING, 0, NULL, {0}},
    {LET_KIND, KIND_WRITE, "No thread writes.", {0}},
    {HAS_COME, KIND_SYNC, "No thread syncs.", {0}},
    {PING, 0, NULL, {0}}, {LET_REST, 0, NULL, {0}},
    {DONE, 0, NULL, {0}}};

START_TEST(nothing_is_reported_before_it_is_done)
{
    size_t reaps[3];

    begin("While the only operation is at work on the disk");
    open_pool(2, 8);
    read_at(10, 0, 1);
    just(OP_PINGED);
    reaps[0] = ADD(OP_REAP, 8);
    wait_all(8);
    write_at("abc", 3, 0, 2);
    just(OP_PINGED);
    reaps[1] = ADD(OP_REAP, 8);
    wait_all(8);
    ADD(OP_SYNC, 0, 3);
    just(OP_PINGED);
    reaps[2] = ADD(OP_REAP, 8);
    wait_all(8);
    just(OP_CLOSE);
    run_plan(nothing_early, 2);
    expect_all_submitted();
    for (int i = 0; i < 3; i++)
        expect(reaps[i], 0, 0);
}
END_TEST

/* 7.4 In order, and on the disk ------------------------------------ */

START_TEST(a_sync_waits_for_the_writes_before_it)
{
    for (int threads = 1; threads <= 8; threads *= 2) {
        struct gate_order gate = {
            .turnstile = turnstile_new(MOST_CALLS),
            .names = names,
            .first = KIND_WRITE,
            .then = KIND_SYNC,
            .count = 8};
        begin("");
        judge_scene(
            "Eight writes and a sync, with %d threads", threads);
        open_pool(threads, 32);
        for (uint64_t i = 0; i < 8; i++)
            write_at("abcdefgh", 8, (int64_t)i * 8, i);
        ADD(OP_SYNC, 0, 99);
        size_t wait = wait_all(8);
        just(OP_CLOSE);
        gate_order(&gate);
        run(DISK_GATED, gate.turnstile);
        turnstile_free(gate.turnstile);
        expect_all_submitted();
        expect_reaped(wait, 9);
        expect_result(wait, 99, "af_sync()", 0, 0);
    }
}
END_TEST

static const struct step later_write[] = {
    {NOT_COME, KIND_SYNC,
        "sync() was called while a write that was submitted before it "
        "stood in pwrite(). It overtook it.",
        {0}},
    {LET, 100, "The first write did not begin.", {0}},
    {LET_KIND, KIND_SYNC,
        "All writes that were submitted before the sync are done, and "
        "it "
        "does not begin: it waits for one that came after it.",
        {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_sync_does_not_wait_for_later_writes)
{
    begin("A write, a sync, and another write");
    open_pool(3, 32);
    write_at("abc", 3, 100, 1);
    ADD(OP_SYNC, 0, 2);
    write_at("abc", 3, 200, 3);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(later_write, 3);
    expect_all_submitted();
    expect_reaped(wait, 3);
}
END_TEST

static const struct step other_file[] = {
    {LET_KIND, KIND_SYNC,
        "A write to one file is at work, and the sync of another file "
        "waits for it.",
        {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_sync_does_not_wait_for_other_files)
{
    begin("A write to one file, and a sync of another");
    int other = new_file("abc", 3);
    open_pool(2, 32);
    write_at("abc", 3, 100, 1);
    ADD(OP_SYNC, other, 2);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(other_file, 2);
    expect_all_submitted();
    expect_reaped(wait, 2);
}
END_TEST

static const struct step free_thread[] = {
    {LET_KIND, KIND_READ,
        "Of two threads one stands in pwrite(); a sync cannot begin "
        "yet, "
        "and the read behind it does not begin either: what waits for "
        "its "
        "turn takes up a thread.",
        {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_sync_that_waits_takes_up_no_thread)
{
    begin("A write, its sync, and a read, with two threads");
    open_pool(2, 32);
    write_at("abc", 3, 100, 1);
    ADD(OP_SYNC, 0, 2);
    read_at(10, 0, 3);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(free_thread, 2);
    expect_all_submitted();
    expect_reaped(wait, 3);
}
END_TEST

static const struct step bad_sync[] = {
    {LET_KIND, KIND_SYNC, "No thread syncs.", {DEED_FAIL, EIO}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_sync_that_failed_is_reported_and_not_repeated)
{
    begin("When sync() fails with EIO once");
    open_pool(2, 32);
    ADD(OP_SYNC, 0, 1);
    size_t wait = wait_all(8);
    ADD(OP_SYNC, 0, 2);
    size_t again = wait_all(8);
    just(OP_CLOSE);
    run_plan(bad_sync, 2);
    expect_all_submitted();
    expect_result(wait, 1, "af_sync()", -1, EIO);
    expect_result(again, 2, "af_sync()", 0, 0);
}
END_TEST

static const struct step bad_write[] = {
    {LET_KIND, KIND_WRITE, "No thread writes.", {DEED_FAIL, EIO}},
    {LET_KIND, KIND_SYNC,
        "The write before the sync has failed, and so is done; the "
        "sync "
        "does not begin.",
        {0}},
    {DONE, 0, NULL, {0}}};

START_TEST(a_write_that_failed_holds_up_no_sync)
{
    begin("When the write before a sync fails with EIO");
    open_pool(2, 32);
    write_at("abc", 3, 100, 1);
    ADD(OP_SYNC, 0, 2);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(bad_write, 2);
    expect_all_submitted();
    expect_result(wait, 1, "af_write()", -1, EIO);
    expect_result(wait, 2, "af_sync()", 0, 0);
}
END_TEST

START_TEST(a_sync_that_was_interrupted_is_repeated)
{
    struct weather weather = fine_weather();

    begin("When sync() is interrupted (EINTR) twice");
    weather.fails = true;
    weather.kind = KIND_SYNC;
    weather.to = 1;
    weather.times = 2;
    weather.deed = DEED_FAIL;
    weather.value = EINTR;
    open_pool(2, 32);
    ADD(OP_SYNC, 0, 1);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_in(weather);
    expect_all_submitted();
    expect_result(wait, 1, "af_sync()", 0, 0);
}
END_TEST

/* The system's own disk: disk = NULL. */
START_TEST(real_files_are_written_and_synced)
{
    struct turnstile *turnstile = turnstile_new(1);
    char *bytes = judge_random_bytes(FILE_BYTES);

    begin("With the system's own disk (NULL) and a file on it");
    make_named("real", "", 0);
    int fd = open(judge_path("real"), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        judge_skip("the folder of the test cannot be read");
    close(script.files[0]);
    script.files[0] = fd;
    open_pool(3, 32);
    for (size_t i = 0; i < 10; i++)
        write_at(bytes + 1000 * i, 1000, (int64_t)(1000 * i), i);
    ADD(OP_SYNC, 0, 10);
    size_t wait = wait_all(8);
    size_t read = read_at(FILE_BYTES, 0, 11);
    load("real", 12);
    size_t again = wait_all(8);
    size_t buffer = ADD(OP_BUFFER, (int64_t)read);
    just(OP_CLOSE);
    run(DISK_SYSTEM, turnstile);
    turnstile_free(turnstile);
    expect_all_submitted();
    expect_reaped(wait, 11);
    expect_result(wait, 10, "af_sync()", 0, 0);
    expect_result(again, 11, "af_read()", FILE_BYTES, 0);
    expect_buffer(buffer, bytes, FILE_BYTES);
    expect_loaded(again, 12, bytes, FILE_BYTES);
    expect_file(0, bytes, FILE_BYTES);
    if (answer.calls[WRAPPED_fdatasync] + answer.calls[WRAPPED_fsync] <
        1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "af_sync() was reaped as done, and neither fdatasync() nor "
            "fsync() was ever called.");
    free(bytes);
}
END_TEST

/* 7.5 One sync for many -------------------------------------------- */

/* What was appended, in order; the tag is the place. */
static struct {
    char *bytes;
    size_t length;
} records[MOST_RECORDS];
static size_t record_count;

static void
forget_records(void)
{
    for (size_t i = 0; i < record_count; i++)
        free(records[i].bytes);
    record_count = 0;
}

static void
begin_records(const char *scene)
{
    begin_log(scene);
    forget_records();
}

static size_t
append_bytes(char *bytes, size_t length)
{
    records[record_count].bytes = bytes;
    records[record_count].length = length;
    record_count++;
    return append(bytes, length, record_count - 1);
}

static size_t
append_record(size_t length)
{
    return append_bytes(judge_random_bytes(length), length);
}

static size_t
open_log(void)
{
    return ADD(OP_LOG_OPEN, 0);
}

/* These records came back, from number `from` on, in their order. */
static void
expect_appended(size_t wait, size_t from, size_t count)
{
    const struct came *came = &script.came[wait];

    expect_reaped(wait, count);
    for (size_t i = 0; i < count; i++) {
        const struct got *got = &came->got[i];
        if (got->tag != from + i)
            judge_equal_int("The tag that was reaped next is",
                (int64_t)(from + i), (int64_t)got->tag);
        if (got->error != 0 || got->result < 0)
            expect_got(
                got, "wal_append()", (int64_t)records[i].length, 0);
    }
}

/* A replay gave the first records, at least `least` of them. */
static void
expect_records(size_t replay, size_t least)
{
    const struct came *came = &script.came[replay];

    judge_equal_int(
        "wal_replay() returned", (int64_t)came->count, came->result);
    for (size_t i = 0; i < came->count; i++) {
        const struct bytes *seen = &came->got[i].bytes;
        if (i >= record_count || seen->length != records[i].length ||
            memcmp(seen->at, records[i].bytes, seen->length) != 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "wal_replay() gave something as record %zu (of %zu "
                "bytes) that was never appended as that. What is torn "
                "is no record.",
                i, seen->length);
    }
    if (came->count < least)
        judge_fail(VERDICT_WRONG_ANSWER,
            "wal_replay() gave %zu records, and at least %zu were on "
            "the disk, whole.",
            came->count, least);
}

START_TEST(what_is_appended_is_replayed)
{
    static const size_t lengths[] = {
        0, 1, 2, 0, 100, 4095, 4096, 65537, WAL_MOST, 0, 3};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };

    begin_records("Records of many lengths");
    open_log();
    for (size_t i = 0; i < COUNT; i++)
        append_record(lengths[i]);
    size_t wait = wait_all(3);
    just(OP_CLOSE);
    size_t replay = ADD(OP_REPLAY, 0);
    run_fine();
    expect_all_submitted();
    expect_appended(wait, 0, COUNT);
    expect_records(replay, COUNT);
    expect_no_memory_left();
}
END_TEST

START_TEST(a_log_that_is_opened_again_goes_on)
{
    size_t waits[3];

    begin_records("A log that is closed and opened again");
    for (size_t i = 0; i < 3; i++) {
        open_log();
        for (size_t k = 0; k <= i; k++)
            append_record(10 * k + i);
        waits[i] = wait_all(8);
        just(OP_CLOSE);
    }
    size_t replay = ADD(OP_REPLAY, 0);
    run_fine();
    expect_all_submitted();
    for (size_t i = 0; i < 3; i++)
        expect_appended(waits[i], i * (i + 1) / 2, i + 1);
    expect_records(replay, 6);
}
END_TEST

START_TEST(a_log_is_closed_when_all_is_on_the_disk)
{
    begin_records("A log that is closed at once");
    int before = ask_open_descriptors();
    open_log();
    for (size_t i = 0; i < 20; i++)
        append_record(i);
    just(OP_CLOSE);
    just(OP_GONE);
    size_t replay = ADD(OP_REPLAY, 0);
    run_fine();
    expect_all_submitted();
    expect_records(replay, 20);
    expect_no_memory_left();
    judge_equal_int("The number of open descriptors is", before,
        ask_open_descriptors());
}
END_TEST

START_TEST(a_record_that_is_too_long_is_refused)
{
    char *bytes = judge_random_bytes(WAL_MOST + 1);

    begin_records("A record of more than WAL_MOST bytes");
    open_log();
    size_t refused = append(bytes, WAL_MOST + 1, 9);
    append_record(3);
    size_t wait = wait_all(3);
    just(OP_CLOSE);
    size_t replay = ADD(OP_REPLAY, 0);
    run_fine();
    expect(refused, -1, EMSGSIZE);
    expect_appended(wait, 0, 1);
    expect_records(replay, 1);
    free(bytes);
}
END_TEST

START_TEST(a_disk_that_does_less_than_all_tears_no_record)
{
    for (int times = 0; times < 5; times++) {
        begin_records(
            "On a disk that does less than all, or is interrupted");
        open_log();
        for (size_t i = 0; i < 10; i++)
            append_record(judge_random_below(200));
        size_t wait = wait_all(1);
        just(OP_CLOSE);
        size_t replay = ADD(OP_REPLAY, 0);
        run_rough();
        expect_all_submitted();
        expect_appended(wait, 0, 10);
        expect_records(replay, 10);
    }
}
END_TEST

/* The first call of `kind` from number `from` on, or SIZE_MAX. */
static size_t
find_call(struct turnstile *turnstile, uint64_t kind, size_t from)
{
    for (size_t i = from; i < turnstile_count(turnstile); i++) {
        if (turnstile_call(turnstile, i)->kind == kind)
            return i;
    }
    return SIZE_MAX;
}

/* The `skip`-th call of a kind fails: six records are appended, each
 * when the one before was reaped. */
static void
fail_once(uint64_t kind, size_t skip, int error)
{
    struct weather weather = fine_weather();
    size_t waits[6], good = 0, bad = 0;

    weather.fails = true;
    weather.kind = kind;
    weather.to = UINT64_MAX;
    weather.skip = skip;
    weather.times = 1;
    weather.deed = DEED_FAIL;
    weather.value = error;
    open_log();
    for (size_t i = 0; i < 6; i++) {
        append_record(10 + i);
        waits[i] = wait_all(8);
    }
    just(OP_CLOSE);
    size_t replay = ADD(OP_REPLAY, 0);
    set_weather(&weather);
    run(DISK_GATED, weather.turnstile);
    expect_all_submitted();
    for (size_t i = 0; i < 6; i++) {
        const struct got *got = result_of(waits[i], i, 0);
        if (got->error == 0 && bad > 0)
            judge_fail(VERDICT_WRONG_ANSWER,
                "%s failed, and a record that was appended afterwards "
                "was reaped as if it were on the disk.",
                names[kind]);
        if (got->error != 0)
            expect_got(got, "wal_append()", -1, error);
        good += got->error == 0;
        bad += got->error != 0;
    }
    expect_records(replay, good);
    if (bad == 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s failed with %s, and all records were reaped as if they "
            "were on the disk. It may not be tried again: what the "
            "system could not write may be lost.",
            names[kind], judge_errno(error));
    struct turnstile *turnstile = weather.turnstile;
    for (size_t i = 0; i < turnstile_count(turnstile); i++) {
        struct turnstile_call *call = turnstile_call(turnstile, i);
        if (!call->left || call->result != -1)
            continue;
        if (find_call(turnstile, KIND_WRITE, i + 1) != SIZE_MAX ||
            find_call(turnstile, KIND_SYNC, i + 1) != SIZE_MAX)
            judge_fail(VERDICT_WRONG_ANSWER,
                "After %s had failed with %s the log wrote or synced "
                "again. Nothing is to be tried after that.",
                names[kind], judge_errno(error));
    }
    turnstile_free(turnstile);
}

START_TEST(after_an_error_of_write_nothing_is_on_the_disk)
{
    for (size_t skip = 0; skip < 5; skip++) {
        begin_records("");
        judge_scene(
            "When call %zu of pwrite() fails with ENOSPC", skip);
        fail_once(KIND_WRITE, skip, ENOSPC);
    }
}
END_TEST

START_TEST(after_an_error_of_sync_nothing_is_on_the_disk)
{
    for (size_t skip = 0; skip < 5; skip++) {
        begin_records("");
        judge_scene("When call %zu of sync() fails with EIO", skip);
        fail_once(KIND_SYNC, skip, EIO);
    }
}
END_TEST

START_TEST(an_interrupted_sync_of_the_log_is_repeated)
{
    struct weather weather = fine_weather();

    begin_records("When sync() is interrupted (EINTR) three times");
    weather.fails = true;
    weather.kind = KIND_SYNC;
    weather.to = 1;
    weather.times = 3;
    weather.deed = DEED_FAIL;
    weather.value = EINTR;
    open_log();
    append_record(10);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_in(weather);
    expect_all_submitted();
    expect_appended(wait, 0, 1);
}
END_TEST

/* States of a file after a crash ----------------------------------- */

struct disk_state {
    char *bytes;
    size_t length;
    size_t least; /* so many records are there, at least */
};

static struct {
    struct disk_state *state;
    size_t count, room;
} states;

static void
forget_states(void)
{
    for (size_t i = 0; i < states.count; i++)
        free(states.state[i].bytes);
    states.count = 0;
}

static void
add_state(const char *bytes, size_t length, size_t least)
{
    for (size_t i = 0; i < states.count; i++) {
        struct disk_state *state = &states.state[i];
        if (state->length != length ||
            memcmp(state->bytes, bytes, length) != 0)
            continue;
        if (least > state->least)
            state->least = least;
        return;
    }
    if (states.count == states.room) {
        states.room = 2 * states.room + 64;
        states.state =
            realloc(states.state, states.room * sizeof *states.state);
    }
    char *copy = text_zeroed(length + 1, 1);
    memcpy(copy, bytes, length);
    states.state[states.count++] =
        (struct disk_state){copy, length, least};
}

/* `whole` bytes are there; up to `length` lie zeros, or anything. */
static void
add_tails(const char *bytes, size_t whole, size_t length, size_t least)
{
    char *tail = judge_random_bytes(length);

    memcpy(tail, bytes, whole);
    add_state(bytes, whole, least);
    add_state(tail, length, least);
    memset(tail + whole, 0, length - whole);
    add_state(tail, length, least);
    free(tail);
}

static const char *
describe(const struct disk_state *state)
{
    static char words[200];
    size_t zeros = 0;

    while (zeros < state->length &&
           state->bytes[state->length - 1 - zeros] == 0)
        zeros++;
    snprintf(words, sizeof words,
        "When after a crash the log has %zu bytes (the last %zu are "
        "zeros) and %zu record%s on the disk",
        state->length, zeros, state->least,
        state->least == 1 ? " is" : "s are");
    return words;
}

/* Let the learner's program read all states, some at a time. */
static void
replay_states(void)
{
    enum { AT_ONCE = 200 };

    for (size_t from = 0; from < states.count; from += AT_ONCE) {
        size_t replays[AT_ONCE], count = states.count - from;
        if (count > AT_ONCE)
            count = AT_ONCE;
        begin_log("When the log is read after a crash");
        for (size_t i = 0; i < count; i++) {
            const struct disk_state *state = &states.state[from + i];
            ADD(OP_SET, 0, place(state->bytes, state->length),
                (int64_t)state->length);
            replays[i] = ADD(OP_REPLAY, 0);
        }
        run_free();
        for (size_t i = 0; i < count; i++) {
            judge_scene("%s", describe(&states.state[from + i]));
            expect_records(replays[i], states.state[from + i].least);
        }
        expect_no_memory_left();
    }
    forget_states();
}

/* Records that are appended one after the other, and where they end. */
static char *
make_log(size_t count, size_t longest, size_t *length)
{
    begin_records("Records that are appended one after the other");
    open_log();
    for (size_t i = 0; i < count; i++) {
        append_record(judge_random_below(longest));
        wait_all(8);
    }
    just(OP_CLOSE);
    struct weather weather = fine_weather();
    set_weather(&weather);
    run(DISK_GATED, weather.turnstile);
    turnstile_free(weather.turnstile);
    expect_all_submitted();
    struct text now = file_now(0);
    *length = now.length;
    return now.bytes != NULL ? now.bytes : text_zeroed(1, 1);
}

static size_t
whole_before(size_t cut, size_t count)
{
    size_t whole = 0;

    while (whole < count && ends[whole] <= cut)
        whole++;
    return whole;
}

/* Two bytes of a record lie the other way round, as what lay there
 * before may have: whole is only what is as it was appended. */
static void
read_other_bytes(void)
{
    size_t length;
    char *log = make_log(5, 40, &length);

    for (size_t at = 0; at + 1 < length; at++) {
        char first = log[at], second = log[at + 1];
        size_t whole = whole_before(at, 5);
        if (first == second)
            continue;
        log[at] = second;
        log[at + 1] = first;
        add_state(log, length, whole);
        log[at] = first;
        log[at + 1] = (char)(second ^ 1);
        add_state(log, length, whole_before(at + 1, 5));
        log[at + 1] = second;
    }
    replay_states();
    free(log);
}

START_TEST(a_torn_record_is_no_record)
{
    size_t length;
    char *log = make_log(5, 40, &length);

    for (size_t cut = 0; cut <= length; cut++)
        add_tails(log, cut, length, whole_before(cut, 5));
    replay_states();
    for (size_t cut = 0; cut < length; cut += 3) {
        char *tail = judge_random_bytes(length + 500);
        memcpy(tail, log, cut);
        add_tails(tail, cut, length + 500, whole_before(cut, 5));
        free(tail);
    }
    replay_states();
    free(log);
    read_other_bytes();
}
END_TEST

/* One byte of record `torn` was never written; what was there before is
 * another one. */
static void
go_on_behind(const char *log, size_t length, size_t torn, bool cut)
{
    char *state = text_zeroed(length + 1, 1);
    size_t start = torn > 0 ? ends[torn - 1] : 0;

    memcpy(state, log, length);
    if (cut)
        length = ends[torn] - 1;
    else
        memset(state + start, 0, ends[torn] - start);
    size_t kept = torn + 1;
    begin_log("When a log is opened whose last records are torn");
    ADD(OP_SET, 0, place(state, length), (int64_t)length);
    open_log();
    for (size_t i = torn + 1; i < record_count; i++)
        free(records[i].bytes);
    record_count = kept;
    records[torn].bytes[0] ^= 1; /* as long as the one that is torn */
    append(records[torn].bytes, records[torn].length, torn);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    size_t replay = ADD(OP_REPLAY, 0);
    run_fine();
    expect_all_submitted();
    expect_reaped(wait, 1);
    expect_records(replay, kept);
    free(state);
}

START_TEST(a_log_goes_on_behind_its_last_whole_record)
{
    for (size_t torn = 0; torn < 4; torn++) {
        for (int cut = 0; cut < 2; cut++) {
            size_t length;
            begin_records("");
            char *log = make_log(0, 1, &length);
            free(log);
            log = make_log(4, 40, &length);
            if (records[torn].length > 0)
                go_on_behind(log, length, torn, cut != 0);
            free(log);
        }
    }
}
END_TEST

/* What happened, in order, for the replay of crashes. */
enum happening { WROTE, SYNC_BEGAN, SYNC_ENDED, REPORTED };

static struct {
    enum happening what;
    size_t call;
} history[MOST_CALLS];
static size_t history_count;
static bool slow_writes;

static void
happened(enum happening what, size_t call)
{
    if (history_count < MOST_CALLS) {
        history[history_count].what = what;
        history[history_count].call = call;
        history_count++;
    }
}

static void
crash_came(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    (void)arg;
    if (call->kind == KIND_SYNC) {
        happened(SYNC_BEGAN, call->number);
        if (turnstile_inside(turnstile, KIND_SYNC) > 1)
            judge_fail(VERDICT_WRONG_ANSWER,
                "sync() was called while another thread stood in it. "
                "There is to be never more than one at a time.");
    }
    if (call->kind != KIND_WRITE || !slow_writes)
        turnstile_let(turnstile, call->number, NULL);
}

static void
crash_left(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    (void)turnstile;
    (void)arg;
    if (call->kind == KIND_WRITE && call->result > 0)
        happened(WROTE, call->number);
    if (call->kind == KIND_SYNC)
        happened(SYNC_ENDED, call->number);
}

static void
crash_told(struct turnstile *turnstile,
    const struct turnstile_call *what, void *arg)
{
    (void)turnstile;
    (void)arg;
    if (what->kind == TOLD_REAPED && what->asked[2] == 0)
        happened(REPORTED, 0);
}

static bool
crash_asleep(struct turnstile *turnstile, void *arg)
{
    struct turnstile_call *call =
        turnstile_oldest(turnstile, KIND_WRITE);

    (void)arg;
    if (call != NULL)
        turnstile_let(turnstile, call->number, NULL);
    return call != NULL;
}

/* Steps for crash.h: a write that ended while a sync was running is not
 * on the disk because of that. */
static struct crash_step steps[MOST_CALLS];
static size_t reported_before[MOST_CALLS + 1];
static size_t step_count;

static void
add_step(struct turnstile *turnstile, enum happening what, size_t call,
    size_t reported)
{
    struct crash_step *step = &steps[step_count];

    *step = (struct crash_step){
        .op = what == WROTE ? CRASH_WRITE : CRASH_SYNC, .inode = 1};
    if (what == WROTE) {
        step->offset = turnstile_call(turnstile, call)->asked[2];
        step->bytes = written[call].at;
        step->length = written[call].length;
    }
    reported_before[step_count++] = reported;
}

static void
make_steps(struct turnstile *turnstile)
{
    size_t reported = 0, waiting[MOST_RECORDS * 4], waiting_count = 0;
    bool syncing = false;

    step_count = 0;
    for (size_t i = 0; i < history_count; i++) {
        enum happening what = history[i].what;
        size_t call = history[i].call;
        reported += what == REPORTED;
        if (what == SYNC_BEGAN)
            syncing = true;
        if (what == WROTE && syncing &&
            waiting_count < MOST_RECORDS * 4)
            waiting[waiting_count++] = call;
        else if (what == WROTE)
            add_step(turnstile, WROTE, call, reported);
        if (what != SYNC_ENDED)
            continue;
        syncing = false;
        if (turnstile_call(turnstile, call)->result == 0)
            add_step(turnstile, SYNC_ENDED, call, reported);
        for (size_t k = 0; k < waiting_count; k++)
            add_step(turnstile, WROTE, waiting[k], reported);
        waiting_count = 0;
    }
    reported_before[step_count] = reported;
}

/* How long the file would be with all that was written so far. */
static size_t
length_after(size_t done)
{
    size_t length = 0;

    for (size_t i = 0; i < done; i++) {
        size_t end = steps[i].offset + steps[i].length;
        if (steps[i].op == CRASH_WRITE && end > length)
            length = end;
    }
    return length;
}

static int
keep_state(size_t done, int returned, const void *bytes, size_t length,
    void *arg)
{
    size_t full = length_after(done);

    (void)returned;
    (void)arg;
    if (full < length)
        full = length;
    add_tails(bytes, length, full, reported_before[done]);
    return 0;
}

/* Appends in bursts, the disk being as it is; then all states that it
 * may be in after a crash. */
static void
crash_everywhere(bool slow)
{
    static const size_t bursts[] = {1, 5, 2, 9, 1, 3};
    struct crash_file stood = {1, 2, "log", "", 0};

    begin_records("A log that is appended to in bursts");
    slow_writes = slow;
    history_count = 0;
    open_log();
    for (size_t i = 0; i < sizeof bursts / sizeof bursts[0]; i++) {
        for (size_t k = 0; k < bursts[i]; k++)
            append_record(judge_random_below(60));
        wait_all(1 + (int)judge_random_below(4));
    }
    just(OP_CLOSE);
    struct turnstile *turnstile = turnstile_new(MOST_CALLS);
    turnstile_rule(
        turnstile, (struct turnstile_rules){.came = crash_came,
                       .left = crash_left,
                       .told = crash_told,
                       .asleep = crash_asleep});
    run(DISK_GATED, turnstile);
    expect_all_submitted();
    make_steps(turnstile);
    turnstile_free(turnstile);
    crash_replay(
        &stood, 1, steps, step_count, 2, "log", keep_state, NULL);
    replay_states();
}

START_TEST(a_crash_loses_nothing_that_was_reported)
{
    crash_everywhere(false);
    crash_everywhere(true);
}
END_TEST

START_TEST(a_log_keeps_to_its_own_memory)
{
    size_t length;

    begin_records("Records of many lengths");
    open_log();
    for (size_t i = 0; i < 30; i++)
        append_record(i % 7 == 0 ? 0 : 10 * i);
    wait_all(1);
    append_record(5);
    just(OP_CLOSE);
    ADD(OP_REPLAY, 0);
    run_rough();
    char *log = make_log(3, 30, &length);
    for (size_t cut = 0; cut < length; cut++)
        add_tails(log, cut, length, whole_before(cut, 3));
    replay_states();
    free(log);
}
END_TEST

START_TEST(one_sync_serves_all_that_were_written_before_it)
{
    struct gate_group gate = {.turnstile = turnstile_new(MOST_CALLS),
        .names = names,
        .sync = KIND_SYNC,
        .appended = TOLD_SUBMITTED,
        .total = 51};

    begin_records("One record, and 50 more while it is synced");
    open_log();
    append_record(10);
    just(OP_PINGED);
    for (int i = 0; i < 50; i++)
        append_record(20);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    gate_group(&gate);
    run(DISK_GATED, gate.turnstile);
    expect_all_submitted();
    expect_appended(wait, 0, 51);
    judge_equal_int("The number of syncs is", 2,
        (int64_t)(turnstile_came(gate.turnstile, KIND_SYNC) -
                  gate.early));
    turnstile_free(gate.turnstile);
}
END_TEST

START_TEST(only_threads_of_the_log_wait_for_the_disk)
{
    struct weather weather = fine_weather();

    begin_records("Appending, reaping, and closing at once");
    weather.strict = true;
    open_log();
    for (size_t i = 0; i < 10; i++)
        append_record(10 * i);
    size_t wait = wait_all(1);
    append_record(10);
    append_record(WAL_MOST);
    just(OP_CLOSE);
    run_in(weather);
    expect_all_submitted();
    expect_appended(wait, 0, 10);
}
END_TEST

static const struct step report_late[] = {
    {NOT_COME, KIND_SYNC,
        "sync() was called while the record was being written.", {0}},
    {LET_KIND, KIND_WRITE, "No thread writes the record.", {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

static const struct step held_sync[] = {
    {HAS_COME, KIND_SYNC, "No thread syncs.", {0}},
    {PING, 0, NULL, {0}}, {LET_REST, 0, NULL, {0}},
    {DONE, 0, NULL, {0}}};

START_TEST(a_sync_begins_when_its_records_are_written)
{
    begin_records("A record that is being written");
    open_log();
    append_record(10);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    run_plan(report_late, 2);
    expect_all_submitted();
    expect_appended(wait, 0, 1);
}
END_TEST

static void
held_came(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct plan *plan = arg;

    check_not_owner(call, plan->appends);
    if (call->kind != KIND_SYNC || turnstile_is_owner(call))
        turnstile_let(turnstile, call->number, NULL);
}

START_TEST(a_record_is_reported_when_its_sync_has_returned)
{
    struct plan plan = {.turnstile = turnstile_new(MOST_CALLS),
        .next = held_sync,
        .threads = 2};

    begin_records("While the sync of the only record is at work");
    open_log();
    append_record(10);
    just(OP_PINGED);
    size_t ready = just(OP_READY);
    size_t none = ADD(OP_REAP, 8);
    size_t wait = wait_all(8);
    size_t after = just(OP_READY);
    just(OP_CLOSE);
    turnstile_rule(
        plan.turnstile, (struct turnstile_rules){.came = held_came,
                            .told = plan_told,
                            .asleep = plan_asleep,
                            .stuck = plan_stuck,
                            .spent = plan_spent,
                            .arg = &plan});
    run(DISK_GATED, plan.turnstile);
    turnstile_free(plan.turnstile);
    expect_all_submitted();
    expect(none, 0, 0);
    expect_ready(ready, false, "while the record is not on the disk");
    expect_appended(wait, 0, 1);
    expect_ready(after, false, "when all were reaped");
}
END_TEST

START_TEST(a_real_log_is_synced)
{
    struct turnstile *turnstile = turnstile_new(1);

    begin_records("With the system's own disk (NULL) and a file on it");
    make_named("log", "", 0);
    int fd = open(judge_path("log"), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        judge_skip("the folder of the test cannot be read");
    close(script.files[0]);
    script.files[0] = fd;
    open_log();
    for (size_t i = 0; i < 30; i++)
        append_record(100);
    size_t wait = wait_all(8);
    just(OP_CLOSE);
    size_t replay = ADD(OP_REPLAY, 0);
    run(DISK_SYSTEM, turnstile);
    turnstile_free(turnstile);
    expect_all_submitted();
    expect_appended(wait, 0, 30);
    expect_records(replay, 30);
    if (answer.calls[WRAPPED_fdatasync] + answer.calls[WRAPPED_fsync] <
        1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Records were reaped as if they were on the disk, and "
            "neither fdatasync() nor fsync() was ever called.");
}
END_TEST

/* Races: on a disk that makes no order between threads. What came of it
 * is not looked at: a race is to be called a race. */

static const struct step busy_threads[] = {{PING, 0, NULL, {0}},
    {LET_REST, 0, NULL, {0}}, {DONE, 0, NULL, {0}}};

START_TEST(a_pool_works_without_a_race)
{
    for (int threads = 2; threads <= 4; threads += 2) {
        begin("");
        judge_scene("A pool of %d threads", threads);
        open_pool(threads, 64);
        for (int64_t i = 0; i < threads; i++)
            read_at(10, i * 10, (uint64_t)i);
        just(OP_PINGED); /* all stand inside */
        for (int64_t i = 0; i < 8; i++) {
            write_at("abcd", 4, 20000 + 4 * i, 100 + (uint64_t)i);
            ADD(OP_SYNC, 0, 200 + i);
            ADD(OP_CANCEL, 200 + i / 2);
            ADD(OP_REAP, 1);
        }
        wait_all(2);
        ADD(OP_MANY, 0, 300, 64, 3);
        write_at("abcd", 4, 20000, 1);
        just(OP_CLOSE);
        run_still(busy_threads, threads);
    }
}
END_TEST

START_TEST(a_log_works_without_a_race)
{
    for (int times = 0; times < 3; times++) {
        begin_records("A log");
        open_log();
        append_record(10);
        just(OP_PINGED); /* it is being written */
        for (size_t i = 0; i < 20; i++)
            append_record(10 * i);
        ADD(OP_REAP, 3);
        wait_all(4);
        for (size_t i = 0; i < 20; i++)
            append_record(10);
        wait_all(1);
        append_record(10);
        just(OP_CLOSE);
        run_still(busy_threads, 2);
    }
}
END_TEST

/* What is timed ---------------------------------------------------- */

/* A unit: reads of a file, all at once, and records that are appended
 * to a log, some at a time; on a disk that takes fixed times. */
struct unit {
    char *file, *bytes;
    int64_t *offsets;
    struct answer answer;
};

enum { TIMED_BYTES = 8, TIMED_RECORD = 100, TIMED_FILE = 1 << 16 };

static struct unit *work_units;
static size_t reads_of, records_of;

static void
prepare_work(int units)
{
    reads_of = (size_t)judge_size("reads");
    records_of = (size_t)judge_size("records");
    work_units = text_zeroed((size_t)units, sizeof *work_units);
    for (int i = 0; i < units; i++) {
        struct unit *unit = &work_units[i];
        unit->file = judge_random_bytes(TIMED_FILE);
        unit->bytes = judge_random_bytes(records_of * TIMED_RECORD);
        unit->offsets = text_zeroed(reads_of, sizeof *unit->offsets);
        for (size_t k = 0; k < reads_of; k++)
            unit->offsets[k] =
                (int64_t)judge_random_below(TIMED_FILE - TIMED_BYTES);
    }
}

static int
in_memory(const void *bytes, size_t length)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    if (fd < 0 || pwrite(fd, bytes, length, 0) != (ssize_t)length)
        judge_skip("no file can be kept in memory here");
    return fd;
}

static void
work_unit(struct unit *unit)
{
    struct ask ask = ask_new("work");

    ask_fd(&ask, in_memory(unit->file, TIMED_FILE));
    ask_fd(&ask, in_memory("", 0));
    ask_int(&ask, judge_size("threads"));
    ask_int(&ask, judge_size("read_us"));
    ask_int(&ask, judge_size("sync_us"));
    ask_bytes(&ask, unit->offsets, reads_of * sizeof *unit->offsets);
    ask_bytes(&ask, unit->bytes, records_of * TIMED_RECORD);
    ask_int(&ask, judge_size("window"));
    ask_send(&ask, &unit->answer);
}

static void
do_work(int units)
{
    for (int i = 0; i < units; i++)
        work_unit(&work_units[i]);
}

static void
check_unit(struct unit *unit)
{
    answer = unit->answer;
    struct bytes read = take_bytes();
    for (size_t i = 0; i < reads_of; i++)
        judge_equal_bytes("af_read() read",
            unit->file + unit->offsets[i], TIMED_BYTES,
            read.at + i * TIMED_BYTES, TIMED_BYTES);
    if (answer_int(&answer) < 1)
        judge_fail(VERDICT_WRONG_ANSWER, "The log was never synced.");
    judge_equal_int("wal_replay() returned", (int64_t)records_of,
        answer_int(&answer));
    answer_int(&answer);
    size_t count = (size_t)answer_int(&answer);
    for (size_t i = 0; i < count && i < records_of; i++) {
        struct bytes record = take_bytes();
        judge_equal_bytes("The record is",
            unit->bytes + i * TIMED_RECORD, TIMED_RECORD, record.at,
            record.length);
    }
}

/* Reads: all waits over the threads. Records: no sync serves more than
 * were under way. */
static void
check_work(int units)
{
    int64_t window = judge_size("window");
    int64_t syncs = ((int64_t)records_of + window - 1) / window;
    struct bound_waits reads = {.window = (int)judge_size("threads")};
    struct bound_waits log = {.window = 1};
    struct text words = {0};

    int64_t *waits = text_zeroed(reads_of, sizeof *waits);
    for (size_t i = 0; i < reads_of; i++)
        waits[i] = judge_size("read_us") * 1000;
    for (int i = 0; i < units; i++) {
        int64_t sync_ns = syncs * judge_size("sync_us") * 1000;
        judge_scene("Reads and records number %d", i + 1);
        check_unit(&work_units[i]);
        bound_waits_add(&reads, waits, reads_of);
        bound_waits_add(&log, &sync_ns, 1);
    }
    free(waits);
    bound_waits_words(&reads, &words);
    judge_bound(reads.seconds + log.seconds,
        "%s, and a sync for each %" PRId64 " records",
        text_string(&words), window);
    text_free(&words);
}

static const struct judge_workload workload = {
    prepare_work, do_work, check_work};

/* The table -------------------------------------------------------- */

/* clang-format off */
#define RIGHT(section, name) {section, PART_ANSWERS, BUILD_PLAIN, &name}
#define ROUGH(section, name) {section, PART_WEATHER, BUILD_PLAIN, &name}
#define CLEAN(section, name) \
    {section, PART_WEATHER, BUILD_SANITIZED, &name}
#define PROOF(section, name) {section, PART_PROOF, BUILD_PLAIN, &name}
#define RACES(section, name) {section, PART_PROOF, BUILD_RACES, &name}
/* clang-format on */

static const char work[] = "7.1 Work for somebody else";
static const char tells[] = "7.2 A descriptor that tells";
static const char loop[] = "7.3 The loop goes on";
static const char order[] = "7.4 In order, and on the disk";
static const char group[] = "7.5 One sync for many";

static const struct judge_test tests[] = {
    RIGHT(work, reads_bring_what_the_file_holds),
    RIGHT(work, writes_arrive_where_they_belong),
    RIGHT(work, equal_tags_are_reaped_as_often_as_they_were_given),
    RIGHT(work, a_file_is_loaded_whole),
    ROUGH(work, a_file_may_be_longer_than_it_says),
    RIGHT(work, ten_thousand_operations_come_back),
    ROUGH(work, what_is_done_in_part_is_continued),
    ROUGH(work, a_read_is_short_only_at_the_end_of_the_file),
    ROUGH(work, an_error_belongs_to_its_own_operation),
    ROUGH(work, a_write_that_ends_in_an_error_reports_it),
    ROUGH(work, a_pool_that_makes_no_sense_is_refused),
    ROUGH(work, no_memory_is_an_error_and_no_end),
    CLEAN(work, operations_keep_to_their_own_memory),
    RIGHT(tells, it_can_be_read_exactly_while_results_wait),
    RIGHT(tells, results_may_be_taken_one_at_a_time),
    RIGHT(tells, results_come_in_the_order_in_which_they_came_about),
    RIGHT(tells, a_pool_takes_on_as_many_as_it_has_room_for),
    ROUGH(tells, only_what_has_not_begun_can_be_cancelled),
    ROUGH(tells, a_thread_that_is_woken_for_nothing_sleeps_on),
    ROUGH(tells, a_later_one_with_the_same_tag_can_be_cancelled),
    ROUGH(tells, the_oldest_of_a_tag_is_cancelled),
    ROUGH(tells, closing_frees_what_nobody_took),
    ROUGH(tells, closing_lets_everything_be_done),
    ROUGH(tells, closing_sends_all_threads_home),
    PROOF(loop, as_many_are_at_work_as_there_are_threads),
    PROOF(loop, only_threads_of_the_pool_wait_for_the_disk),
    PROOF(loop, the_loop_goes_on_while_threads_wait_for_the_disk),
    PROOF(loop, files_are_opened_by_threads_of_the_pool),
    PROOF(loop, nothing_is_reported_before_it_is_done),
    RACES(loop, a_pool_works_without_a_race),
    PROOF(order, a_sync_waits_for_the_writes_before_it),
    RIGHT(order, a_sync_does_not_wait_for_later_writes),
    RIGHT(order, a_sync_does_not_wait_for_other_files),
    PROOF(order, a_sync_that_waits_takes_up_no_thread),
    ROUGH(order, a_sync_that_failed_is_reported_and_not_repeated),
    ROUGH(order, a_write_that_failed_holds_up_no_sync),
    ROUGH(order, a_sync_that_was_interrupted_is_repeated),
    ROUGH(order, a_sync_does_not_wait_for_what_was_cancelled),
    RIGHT(order, real_files_are_written_and_synced),
    RIGHT(group, what_is_appended_is_replayed),
    RIGHT(group, a_log_that_is_opened_again_goes_on),
    RIGHT(group, a_log_is_closed_when_all_is_on_the_disk),
    RIGHT(group, a_record_that_is_too_long_is_refused),
    ROUGH(group, a_disk_that_does_less_than_all_tears_no_record),
    ROUGH(group, after_an_error_of_write_nothing_is_on_the_disk),
    ROUGH(group, after_an_error_of_sync_nothing_is_on_the_disk),
    ROUGH(group, an_interrupted_sync_of_the_log_is_repeated),
    ROUGH(group, a_torn_record_is_no_record),
    ROUGH(group, a_log_goes_on_behind_its_last_whole_record),
    CLEAN(group, a_log_keeps_to_its_own_memory),
    PROOF(group, only_threads_of_the_log_wait_for_the_disk),
    PROOF(group, a_sync_begins_when_its_records_are_written),
    PROOF(group, a_record_is_reported_when_its_sync_has_returned),
    PROOF(group, one_sync_serves_all_that_were_written_before_it),
    PROOF(group, a_crash_loses_nothing_that_was_reported),
    RACES(group, a_log_works_without_a_race),
    RIGHT(group, a_real_log_is_synced),
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
