#include "probe/faults.h"

#include "warn.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ACTIONS = 64, MOST_REFUSALS = 4 * MOST_ACTIONS };

struct script {
    struct fault_action actions[MOST_ACTIONS];
    int count, next;
};

/* A scripted EAGAIN: in force until the program waits for it. */
struct refusal {
    int fd;
    bool writing;
};

static atomic_flag lock = ATOMIC_FLAG_INIT;
static struct script scripts[WRAPPED_COUNT];   /* `next`: under the lock */
static bool scripted;                          /* has any of them an action? */
static struct refusal refusals[MOST_REFUSALS]; /* under the lock */
static int refusal_count;                      /* under the lock */

static _Atomic bool active; /* between faults_begin() and faults_end() */
static _Atomic int64_t counters[WRAPPED_COUNT];
static _Atomic int refused_calls; /* in a row */
static _Atomic int ended_reads;   /* in a row */

#define CALL_NAME(call) #call,
static const char *const call_names[] = {WRAPPED_CALLS(CALL_NAME)};

static const struct {
    const char *name;
    int value;
} errors[] = {
    {"EINTR", EINTR},
    {"EAGAIN", EAGAIN},
    {"EIO", EIO},
    {"ENOSPC", ENOSPC},
    {"EMFILE", EMFILE},
    {"EEXIST", EEXIST},
    {"EACCES", EACCES},
    {"EDQUOT", EDQUOT},
    {"EROFS", EROFS},
    {"ENOMEM", ENOMEM},
    {"EPIPE", EPIPE},
    {"ECONNRESET", ECONNRESET},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ETIMEDOUT", ETIMEDOUT},
    {"ENETUNREACH", ENETUNREACH},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"ENFILE", ENFILE},
    {"ENOBUFS", ENOBUFS},
};

void
faults_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
        sched_yield();
}

void
faults_unlock(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static struct fault_action
read_action(const char *word)
{
    struct fault_action action = {FAULT_CAP, atol(word)};

    if (strcmp(word, "ok") == 0)
        return (struct fault_action){FAULT_NONE, 0};
    if (isdigit((unsigned char)word[0]))
        return action;
    action.fault = FAULT_ERROR;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        action.value = errors[i].value;
        if (strcmp(word, errors[i].name) == 0)
            return action;
    }
    die("fault script: no action is called \"%s\"", word);
}

static struct script *
find_script(const char *name)
{
    for (int i = 0; i < WRAPPED_COUNT; i++) {
        if (strcmp(name, call_names[i]) == 0)
            return &scripts[i];
    }
    die("fault script: no call is called \"%s\"", name);
}

/* One call's part: "read: 1 3 EINTR". */
static void
read_part(char *part)
{
    char *rest;

    char *word = strtok_r(part, " :", &rest);
    if (word == NULL)
        return;
    if (strcmp(word, "clock") == 0) {
        word = strtok_r(NULL, " :", &rest);
        if (word == NULL || strcmp(word, "step") != 0)
            die("fault script: the clock can only \"step\"");
        virtual_step_clock();
        return;
    }
    struct script *script = find_script(word);
    while ((word = strtok_r(NULL, " :", &rest)) != NULL) {
        if (script->count == MOST_ACTIONS)
            die("fault script: more than %d actions", MOST_ACTIONS);
        script->actions[script->count++] = read_action(word);
        scripted = true;
    }
}

void
faults_begin(
    const char *script, bool virtual_time, int64_t now_ns, bool log_files)
{
    char *copy = text_copy(script);
    char *rest;

    memset(scripts, 0, sizeof scripts);
    scripted = false;
    for (int i = 0; i < WRAPPED_COUNT; i++)
        counters[i] = 0;
    spent_clear();
    refusal_count = 0;
    refused_calls = ended_reads = 0;
    files_begin(log_files);
    virtual_begin(virtual_time, now_ns);
    memory_begin();
    for (char *part = strtok_r(copy, ";", &rest); part != NULL;
         part = strtok_r(NULL, ";", &rest))
        read_part(part);
    free(copy);
    active = true;
}

void
faults_end(void)
{
    active = false;
    files_end();
    virtual_end();
    memory_end();
}

bool
faults_active(void)
{
    return active;
}

int64_t
faults_calls(enum wrapped call)
{
    return counters[call];
}

int64_t
faults_allocations_left(void)
{
    return memory_left();
}

const struct text *
faults_log(void)
{
    return files_log();
}

/* Count it. False when there is no script to look at. */
static bool
count_call(enum wrapped call)
{
    if (!active)
        return false;
    atomic_fetch_add_explicit(&counters[call], 1, memory_order_relaxed);
    return scripted;
}

/* Under the lock. */
static struct fault_action
next_action(enum wrapped call)
{
    struct script *script = &scripts[call];

    if (script->next == script->count)
        return (struct fault_action){FAULT_NONE, 0};
    return script->actions[script->next++];
}

struct fault_action
faults_take(enum wrapped call)
{
    if (!count_call(call))
        return (struct fault_action){FAULT_NONE, 0};
    faults_lock();
    struct fault_action action = next_action(call);
    faults_unlock();
    return action;
}

/* The refusal in force; NULL when there is none. Under the lock. */
static struct refusal *
find_refusal(int fd, bool writing)
{
    for (int i = 0; i < refusal_count; i++) {
        if (refusals[i].fd == fd && refusals[i].writing == writing)
            return &refusals[i];
    }
    return NULL;
}

struct fault_action
faults_take_on(enum wrapped call, int fd, bool writing)
{
    struct fault_action action = {FAULT_ERROR, EAGAIN};

    if (!count_call(call))
        return (struct fault_action){FAULT_NONE, 0};
    faults_lock();
    if (find_refusal(fd, writing) == NULL) {
        action = next_action(call);
        if (action.fault == FAULT_ERROR && action.value == EAGAIN)
            refusals[refusal_count++] = (struct refusal){fd, writing};
    }
    faults_unlock();
    return action;
}

int
faults_fail(struct fault_action action)
{
    errno = (int)action.value;
    return -1;
}

static void
grant(int fd, bool writing)
{
    if (!scripted)
        return;
    faults_lock();
    struct refusal *refusal = find_refusal(fd, writing);
    if (refusal != NULL)
        *refusal = refusals[--refusal_count];
    faults_unlock();
}

size_t
faults_cap(struct fault_action action, size_t length)
{
    bool capped = action.fault == FAULT_CAP && (size_t)action.value < length;

    return capped ? (size_t)action.value : length;
}

void
faults_waited(int fd, bool reading, bool writing)
{
    if (reading)
        grant(fd, false);
    if (writing)
        grant(fd, true);
    if (reading || writing)
        refused_calls = 0;
}

void
faults_closed(int fd)
{
    grant(fd, false);
    grant(fd, true);
}

void
faults_refused(enum wrapped call)
{
    int error = errno;

    if (!active || ++refused_calls < FAULTS_PATIENCE)
        return;
    serve_note(VERDICT_BUSY_WAITING,
        "%s() said %s (\"not now\") %d times in a row, and your program "
        "asked again each time without waiting in poll() or select(). It "
        "burns a processor to wait.",
        call_names[call], error == EALREADY ? "EALREADY" : "EAGAIN",
        FAULTS_PATIENCE);
}

void
faults_moved(void)
{
    refused_calls = 0;
    virtual_moved();
}

ssize_t
faults_got(enum wrapped call, ssize_t got, size_t wanted)
{
    int error = errno;

    if (got < 0 && error == EAGAIN)
        faults_refused(call);
    if (got >= 0)
        faults_moved();
    errno = error;
    if (got != 0 || wanted == 0) {
        ended_reads = 0;
        return got;
    }
    if (!active || ++ended_reads < FAULTS_PATIENCE)
        return got;
    serve_note(VERDICT_TIME_LIMIT,
        "%s() returned 0 (the end of the input) %d times in a row, and "
        "your program asked again each time. It would never end.",
        call_names[call], FAULTS_PATIENCE);
}

ssize_t
faults_put(enum wrapped call, ssize_t put)
{
    int error = errno;

    if (put < 0 && error == EAGAIN)
        faults_refused(call);
    if (put >= 0)
        faults_moved();
    if (put > 0)
        ended_reads = 0;
    errno = error;
    return put;
}

ssize_t __wrap_read(int fd, void *buffer, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);

ssize_t
__wrap_read(int fd, void *buffer, size_t length)
{
    struct fault_action action = faults_take_on(WRAPPED_read, fd, false);
    ssize_t got;

    if (action.fault == FAULT_ERROR)
        got = faults_fail(action);
    else
        got = REAL(read, fd, buffer, faults_cap(action, length));
    return faults_got(WRAPPED_read, got, length);
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t length)
{
    struct fault_action action = faults_take_on(WRAPPED_write, fd, true);
    ssize_t put;

    if (action.fault == FAULT_ERROR && action.value == EPIPE)
        raise(SIGPIPE);
    if (action.fault == FAULT_ERROR)
        put = faults_fail(action);
    else
        put = REAL(write, fd, bytes, faults_cap(action, length));
    if (put >= 0)
        files_wrote(fd, bytes, put);
    return faults_put(WRAPPED_write, put);
}
