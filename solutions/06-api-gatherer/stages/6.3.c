/*
 * The API gatherer after section 6.3: an attempt has a limit, and all
 * together have none; and wait_fd is not served.
 */

#include "api.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t ms_ns = 1000000;
static const int64_t day_ns = INT64_C(24) * 3600 * 1000 * 1000000;

enum state { WAITING, IN_FLIGHT, DONE };

struct task {
    enum state state;
    int64_t not_before_ns; /* it pauses until then */
    const struct api_call *call;
    struct api_result *result;
    struct host *host;
    CURL *easy; /* from its first attempt to its end, or NULL */
    int attempts;
    char *body; /* of this attempt, as it comes */
    size_t length;
    size_t room;
    bool no_memory; /* for the body of this attempt */
};

struct host {
    char *name; /* NULL for what is no URL; libcurl frees it */
    int in_flight;
};

struct gather {
    const struct api_options *options;
    CURLM *multi;
    struct task *tasks; /* n of them */
    struct host *hosts; /* host_count of n */
    size_t n;
    size_t host_count;
    size_t done;
    int in_flight;
};

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 * ms_ns + now.tv_nsec;
}

/* 6.1 One call, one answer */

/* Some of the body has come. libcurl fails the transfer if not all of
 * it is taken. */
static size_t
receive(char *bytes, size_t size, size_t count, void *arg)
{
    struct task *task = arg;
    size_t length = size * count;

    if (task->room - task->length <= length) { /* a NUL follows */
        size_t room = 2 * task->length + length + 1;
        char *body = realloc(task->body, room);
        if (body == NULL) {
            task->no_memory = true;
            return 0;
        }
        task->body = body;
        task->room = room;
    }
    memcpy(task->body + task->length, bytes, length);
    task->length += length;
    return length;
}

/* What this call is to be. The connections are not the handle's but the
 * multi handle's: others may use them after it. */
static bool
set_options(
    CURL *easy, struct task *task, const struct api_options *options)
{
    const struct api_call *call = task->call;
    long limit_ms = options->timeout_ms;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, task);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, task);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms);
    if (call->post != NULL)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->post);
    /* What copies a string may run out of memory. */
    return curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK &&
           curl_easy_setopt(
               easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           (options->ca_file == NULL ||
               curl_easy_setopt(
                   easy, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
}

/* Take the handle back from libcurl. */
static void
put_down(struct gather *gather, struct task *task)
{
    curl_multi_remove_handle(gather->multi, task->easy);
    task->host->in_flight--;
    gather->in_flight--;
    task->state = WAITING;
}

/* A call is done, well or badly. */
static void
finish(struct gather *gather, struct task *task, CURLcode error)
{
    struct api_result result = {
        .error = error, .attempts = task->attempts};

    if (task->state == IN_FLIGHT)
        put_down(gather, task); /* before the handle goes */
    if (error == CURLE_OK && task->body == NULL)
        task->body = malloc(1); /* an empty one is one */
    if (error == CURLE_OK && task->body == NULL)
        result.error = CURLE_OUT_OF_MEMORY;
    if (result.error == CURLE_OK) {
        curl_easy_getinfo(
            task->easy, CURLINFO_RESPONSE_CODE, &result.status);
        task->body[task->length] = '\0';
        result.body = task->body;
        result.length = task->length;
        task->body = NULL;
    }
    *task->result = result;
    free(task->body);
    curl_easy_cleanup(task->easy); /* which may be NULL */
    task->state = DONE;
    gather->done++;
}

/* 6.2 A window that slides */

/* The host of a task: one that is there already, or a new one. */
static bool
find_host(struct gather *gather, struct task *task)
{
    struct host *host = gather->hosts;
    CURLU *url = curl_url();
    char *name = NULL;

    if (url == NULL)
        return false;
    CURLUcode error = curl_url_set(
        url, CURLUPART_URL, task->call->url, CURLU_NON_SUPPORT_SCHEME);
    if (error == CURLUE_OK)
        error = curl_url_get(url, CURLUPART_HOST, &name, 0);
    curl_url_cleanup(url);
    if (error == CURLUE_OUT_OF_MEMORY)
        return false;
    while (host < gather->hosts + gather->host_count &&
           (name == NULL || host->name == NULL ||
               strcmp(host->name, name) != 0))
        host++;
    if (host == gather->hosts + gather->host_count)
        gather->hosts[gather->host_count++].name = name;
    else
        curl_free(name);
    task->host = host;
    return true;
}

/* Begin the next attempt of a call that has a place. */
static void
begin(struct gather *gather, struct task *task)
{
    task->length = 0; /* nothing is left of the attempt before */
    task->no_memory = false;
    if (task->easy == NULL) {
        task->easy = curl_easy_init();
        if (task->easy == NULL ||
            !set_options(task->easy, task, gather->options)) {
            finish(gather, task, CURLE_OUT_OF_MEMORY);
            return;
        }
    }
    if (curl_multi_add_handle(gather->multi, task->easy) != CURLM_OK) {
        finish(gather, task, CURLE_OUT_OF_MEMORY);
        return;
    }
    task->state = IN_FLIGHT;
    task->attempts++;
    task->host->in_flight++;
    gather->in_flight++;
}

/* Begin whatever may begin now. Returns when the next pause ends, or
 * in a day. A call that only lacks a place has no such moment: the
 * end of another one is what it waits for. */
static int64_t
begin_more(struct gather *gather)
{
    const struct api_options *options = gather->options;
    int64_t now = now_ns(), next_ns = now + day_ns;

    for (size_t i = 0; i < gather->n; i++) {
        struct task *task = &gather->tasks[i];
        if (task->state != WAITING)
            continue;
        if (task->not_before_ns > now) {
            if (task->not_before_ns < next_ns)
                next_ns = task->not_before_ns;
        } else if (gather->in_flight < options->max_in_flight &&
                   task->host->in_flight < options->max_per_host) {
            begin(gather, task);
        }
    }
    return next_ns;
}

/* 6.3 Again, but not everything */

/* Might the same attempt end better in a while, and do no harm? */
static bool
is_worth_repeating(const struct task *task, CURLcode error, long status)
{
    if (task->call->post != NULL ||
        task->attempts > task->call->retries)
        return false;
    switch (error) {
    case CURLE_OK:
        return status == 429 || (status >= 500 && status <= 599);
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return true;
    default:
        return false;
    }
}

/* How long to wait before the next attempt. What is longer than
 * deadline_ms is as good as never. */
static int64_t
pause_ms(const struct gather *gather, const struct task *task)
{
    int64_t most = gather->options->deadline_ms;
    int64_t pause = gather->options->backoff_ms;
    curl_off_t seconds = 0;

    curl_easy_getinfo(task->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0)
        return seconds < most ? seconds * 1000 : most;
    for (int k = 1; k < task->attempts && pause < most; k++)
        pause *= 2;
    return pause;
}

/* An attempt has ended: the call is done, or pauses. */
static void
end_attempt(struct gather *gather, struct task *task, CURLcode error)
{
    long status = 0;

    curl_easy_getinfo(task->easy, CURLINFO_RESPONSE_CODE, &status);
    if (task->no_memory)
        error = CURLE_OUT_OF_MEMORY;
    if (is_worth_repeating(task, error, status)) {
        put_down(gather, task);
        task->not_before_ns = now_ns() + pause_ms(gather, task) * ms_ns;
    } else {
        finish(gather, task, error);
    }
}

/* One curl_multi_perform() may have ended several transfers. */
static void
read_messages(struct gather *gather)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(gather->multi, &left)) !=
           NULL) {
        CURLcode error = message->data.result;
        struct task *task;
        curl_easy_getinfo(
            message->easy_handle, CURLINFO_PRIVATE, &task);
        end_attempt(gather, task, error);
    }
}

/* libcurl cannot go on: everything ends. */
static void
finish_all(struct gather *gather, CURLcode error)
{
    for (size_t i = 0; i < gather->n; i++) {
        if (gather->tasks[i].state != DONE)
            finish(gather, &gather->tasks[i], error);
    }
}

/* 6.5 One wait for everything */

/* Wait until libcurl can go on, or it is then. */
static CURLMcode
wait_for_any(struct gather *gather, int64_t until_ns)
{
    int64_t left_ms = (until_ns - now_ns() + ms_ns - 1) / ms_ns;

    return curl_multi_poll(
        gather->multi, NULL, 0, left_ms > 0 ? (int)left_ms : 0, NULL);
}

static int
run(struct gather *gather)
{
    int running;

    for (;;) {
        int64_t next_ns = begin_more(gather);
        if (gather->done == gather->n)
            return 0;
        if (wait_for_any(gather, next_ns) != CURLM_OK ||
            curl_multi_perform(gather->multi, &running) != CURLM_OK)
            return -1;
        read_messages(gather);
    }
}

/* All together */

static int
gather_all(struct gather *gather, const struct api_call *calls,
    struct api_result *results)
{
    size_t n = gather->n;

    gather->multi = curl_multi_init();
    gather->tasks = calloc(n, sizeof *gather->tasks);
    gather->hosts = calloc(n, sizeof *gather->hosts);
    if (gather->multi == NULL || gather->tasks == NULL ||
        gather->hosts == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        gather->tasks[i].call = &calls[i];
        gather->tasks[i].result = &results[i];
        if (!find_host(gather, &gather->tasks[i]))
            return -1;
    }
    if (run(gather) == 0)
        return 0;
    finish_all(gather, CURLE_OUT_OF_MEMORY);
    api_free(results, n);
    return -1;
}

int
api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options)
{
    struct gather gather = {.options = options, .n = n};

    if (options->max_in_flight < 1 || options->max_per_host < 1 ||
        options->timeout_ms < 1 || options->deadline_ms < 1 ||
        options->backoff_ms < 0) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    int result = gather_all(&gather, calls, results);
    curl_multi_cleanup(gather.multi); /* NULL does no harm */
    for (size_t i = 0; i < gather.host_count; i++)
        curl_free(gather.hosts[i].name);
    free(gather.hosts);
    free(gather.tasks);
    if (result == -1)
        errno = ENOMEM;
    return result;
}

void
api_free(struct api_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(results[i].body);
        results[i].body = NULL;
    }
}
