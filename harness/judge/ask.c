#include "judge/ask.h"

#include "judge/flight.h"
#include "judge/process.h"
#include "warn.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct process probe;

struct ask
ask_new(const char *adapter)
{
    return (struct ask){.adapter = adapter};
}

void
ask_int(struct ask *ask, int64_t value)
{
    wire_put_int(&ask->arguments, value);
}

void
ask_bytes(struct ask *ask, const void *bytes, size_t length)
{
    wire_put_bytes(&ask->arguments, bytes, length);
}

void
ask_string(struct ask *ask, const char *string)
{
    wire_put_string(&ask->arguments, string);
}

void
ask_fd(struct ask *ask, int fd)
{
    if (ask->fd_count == WIRE_MOST_FDS)
        die("more than %d descriptors for one call", WIRE_MOST_FDS);
    ask->fds[ask->fd_count++] = fd;
}

/* A pipe whose end `given` goes to the probe, as a pump of our end. */
static struct pump *
new_pump(struct ask *ask, int given)
{
    int ends[2];

    if (ask->pump_count == ASK_MOST_PUMPS || pipe2(ends, O_CLOEXEC) != 0)
        die("open a pipe to the probe:");
    ask_fd(ask, ends[given]);
    fcntl(ends[1 - given], F_SETFL, O_NONBLOCK);
    struct pump *pump = &ask->pumps[ask->pump_count++];
    *pump = (struct pump){.fd = ends[1 - given]};
    return pump;
}

struct pump *
ask_input(struct ask *ask, const void *bytes, size_t length)
{
    struct pump *pump = new_pump(ask, 0);

    pump->bytes = bytes;
    pump->length = length;
    return pump;
}

struct pump *
ask_output(struct ask *ask, struct text *into)
{
    struct pump *pump = new_pump(ask, 1);

    pump->receives = true;
    pump->into = into;
    into->length = 0;
    return pump;
}

pid_t
ask_probe(void)
{
    if (probe.pid == 0)
        process_start(&probe);
    return probe.pid;
}

void
ask_greet(void)
{
    struct ask greeting = ask_new("");
    struct answer answer = {0};

    ask_send(&greeting, &answer);
    answer_free(&answer);
}

int
ask_open_descriptors(void)
{
    char path[64];
    int count = 0;

    ask_greet(); /* then it has done with the files that it starts with */
    snprintf(path, sizeof path, "/proc/%d/fd", ask_probe());
    DIR *fds = opendir(path);
    if (fds == NULL)
        die("open %s:", path);
    for (struct dirent *entry; (entry = readdir(fds)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(fds);
    return count;
}

const char *
ask_printed(void)
{
    static struct text clean;

    clean.length = 0;
    text_add_clean(&clean, text_string(&probe.output), probe.output.length);
    return text_string(&clean);
}

int64_t
answer_int(struct answer *answer)
{
    int64_t value = wire_int(&answer->results);

    if (answer->results.broken)
        process_meddled("sent an answer that lacks a part");
    return value;
}

const void *
answer_bytes(struct answer *answer, size_t *length)
{
    const void *bytes = wire_bytes(&answer->results, length);

    if (answer->results.broken)
        process_meddled("sent an answer that lacks a part");
    return bytes;
}

void
answer_free(struct answer *answer)
{
    text_free(&answer->payload);
    free(answer->steps);
    *answer = (struct answer){0};
}

void
ask_send(struct ask *ask, struct answer *answer)
{
    ask_probe();
    flight_run(&probe, ask, answer);
}

void
ask_kill(void)
{
    process_kill(&probe);
}

double
ask_ended_s(void)
{
    return probe.ended_s;
}

void
ask_finish(void)
{
    if (probe.pid > 0)
        process_finish(&probe);
}
