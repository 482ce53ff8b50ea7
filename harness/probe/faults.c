#include "probe/faults.h"

#include "warn.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ACTIONS = 64 };

struct script {
    struct fault_action actions[MOST_ACTIONS];
    int count, next;
};

/* A scripted EAGAIN: in force until the program waits. */
enum refusal { NOT_REFUSED, REFUSED, WAITED };

static struct script scripts[WRAPPED_COUNT];
static int64_t counters[WRAPPED_COUNT];
static bool active;              /* between faults_begin() and faults_end() */
static enum refusal refusals[2]; /* of reading, of writing */
static int refused_calls;        /* in a row */
static int ended_reads;          /* in a row */

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
};

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
    struct script *script = find_script(word);
    while ((word = strtok_r(NULL, " :", &rest)) != NULL) {
        if (script->count == MOST_ACTIONS)
            die("fault script: more than %d actions", MOST_ACTIONS);
        script->actions[script->count++] = read_action(word);
    }
}

void
faults_begin(
    const char *script, bool virtual_time, int64_t now_ns, bool log_files)
{
    char *copy = text_copy(script);
    char *rest;

    memset(scripts, 0, sizeof scripts);
    memset(counters, 0, sizeof counters);
    memset(refusals, 0, sizeof refusals);
    refused_calls = ended_reads = 0;
    for (char *part = strtok_r(copy, ";", &rest); part != NULL;
         part = strtok_r(NULL, ";", &rest))
        read_part(part);
    free(copy);
    files_begin(log_files);
    virtual_begin(virtual_time, now_ns);
    memory_begin();
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

struct fault_action
faults_take(enum wrapped call)
{
    const struct fault_action real = {FAULT_NONE, 0};
    struct script *script = &scripts[call];
    enum refusal *refusal = &refusals[call == WRAPPED_write];

    if (!active)
        return real;
    counters[call]++;
    if (script->next == script->count)
        return real;
    struct fault_action action = script->actions[script->next];
    if (action.fault != FAULT_ERROR || action.value != EAGAIN) {
        script->next++;
        return action;
    }
    if (*refusal != WAITED) {
        *refusal = REFUSED;
        return action;
    }
    *refusal = NOT_REFUSED; /* it waited: on to the next action */
    script->next++;
    counters[call]--;
    return faults_take(call);
}

int
faults_fail(struct fault_action action)
{
    errno = (int)action.value;
    return -1;
}

void
faults_waited(bool reading, bool writing)
{
    if (reading && refusals[0] == REFUSED)
        refusals[0] = WAITED;
    if (writing && refusals[1] == REFUSED)
        refusals[1] = WAITED;
    if (reading || writing)
        refused_calls = 0;
}

void
faults_refused(enum wrapped call)
{
    if (!active || ++refused_calls < FAULTS_PATIENCE)
        return;
    serve_note(VERDICT_BUSY_WAITING,
        "%s() said EAGAIN (\"not now\") %d times in a row, and your "
        "program asked again each time without waiting in poll(). It "
        "burns a processor to wait.",
        call_names[call], FAULTS_PATIENCE);
}

void
faults_moved(void)
{
    refused_calls = 0;
    virtual_moved();
}

/* The program was told that its input has ended, and asks again. */
static void
count_end(ssize_t got, size_t wanted)
{
    if (got != 0 || wanted == 0) {
        ended_reads = 0;
        return;
    }
    if (!active || ++ended_reads < FAULTS_PATIENCE)
        return;
    serve_note(VERDICT_TIME_LIMIT,
        "read() returned 0 (the end of the input) %d times in a row, and "
        "your program asked again each time. It would never end.",
        FAULTS_PATIENCE);
}

ssize_t __wrap_read(int fd, void *buffer, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);

ssize_t
__wrap_read(int fd, void *buffer, size_t length)
{
    struct fault_action action = faults_take(WRAPPED_read);
    ssize_t got;

    if (action.fault == FAULT_ERROR)
        got = faults_fail(action);
    else if (action.fault == FAULT_CAP && (size_t)action.value < length)
        got = read(fd, buffer, (size_t)action.value);
    else
        got = read(fd, buffer, length);
    if (got < 0 && errno == EAGAIN) {
        faults_refused(WRAPPED_read);
        errno = EAGAIN;
        return -1;
    }
    if (got >= 0)
        faults_moved();
    count_end(got, length);
    return got;
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t length)
{
    struct fault_action action = faults_take(WRAPPED_write);
    ssize_t put;

    if (action.fault == FAULT_ERROR)
        put = faults_fail(action);
    else if (action.fault == FAULT_CAP && (size_t)action.value < length)
        put = write(fd, bytes, (size_t)action.value);
    else
        put = write(fd, bytes, length);
    if (put < 0 && errno == EAGAIN) {
        faults_refused(WRAPPED_write);
        errno = EAGAIN;
        return -1;
    }
    if (put >= 0) {
        faults_moved();
        files_wrote(fd, bytes, put);
    }
    return put;
}
