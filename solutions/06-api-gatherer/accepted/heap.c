/*
 * The API gatherer with a slot for each call in flight, whose handle is
 * used again and again; a queue for each host, so that a host with
 * enough is passed over as a whole; and a heap of those that pause. A
 * body is a list of pieces until it is whole. When wait_fd can be read
 * is looked up by the loop itself.
 */

#include "api.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NONE = -1 };

struct piece {
    struct piece *next;
    size_t length;
    char bytes[];
};

struct slot {
    CURL *easy;
    int job; /* NONE: the slot is free */
    struct piece *first, **last;
    size_t length;
    bool no_memory;
};

struct job {
    int next; /* in the queue of its host, NONE at the end */
    int host;
    int attempts;
    int64_t due_us;
};

struct host {
    char *name;
    int first, last; /* of the queue */
    int busy;
};

struct work {
    const struct api_call *calls;
    const struct api_options *options;
    struct api_result *results;
    CURLM *multi;
    struct job *jobs;
    struct host *hosts;
    struct slot *slots;
    int *heap; /* of jobs, the earliest first */
    int job_count, host_count, slot_count, heap_count;
    int busy, done;
    int64_t end_us;
};

static int64_t
clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + (now.tv_nsec + 999) / 1000;
}

/* The heap --------------------------------------------------------- */

static bool
is_earlier(const struct work *work, int a, int b)
{
    return work->jobs[work->heap[a]].due_us <
           work->jobs[work->heap[b]].due_us;
}

static void
exchange(struct work *work, int a, int b)
{
    int job = work->heap[a];

    work->heap[a] = work->heap[b];
    work->heap[b] = job;
}

static void
push(struct work *work, int job)
{
    int at = work->heap_count++;

    work->heap[at] = job;
    while (at > 0 && is_earlier(work, at, (at - 1) / 2)) {
        exchange(work, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static int
pop(struct work *work)
{
    int job = work->heap[0], at = 0;

    work->heap[0] = work->heap[--work->heap_count];
    for (int child; (child = 2 * at + 1) < work->heap_count;) {
        if (child + 1 < work->heap_count &&
            is_earlier(work, child + 1, child))
            child++;
        if (!is_earlier(work, child, at))
            break;
        exchange(work, at, child);
        at = child;
    }
    return job;
}

/* Bodies ----------------------------------------------------------- */

static void
drop_pieces(struct slot *slot)
{
    while (slot->first != NULL) {
        struct piece *piece = slot->first;
        slot->first = piece->next;
        free(piece);
    }
    slot->last = &slot->first;
    slot->length = 0;
    slot->no_memory = false;
}

static size_t
add_piece(char *bytes, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;
    struct piece *piece = malloc(sizeof *piece + size * count);

    if (piece == NULL) {
        slot->no_memory = true;
        return size * count == 0;
    }
    piece->next = NULL;
    piece->length = size * count;
    memcpy(piece->bytes, bytes, piece->length);
    *slot->last = piece;
    slot->last = &piece->next;
    slot->length += piece->length;
    return piece->length;
}

static char *
join_pieces(const struct slot *slot)
{
    char *body = malloc(slot->length + 1), *to = body;

    if (body == NULL)
        return NULL;
    for (struct piece *piece = slot->first; piece != NULL;
         piece = piece->next) {
        memcpy(to, piece->bytes, piece->length);
        to += piece->length;
    }
    *to = '\0';
    return body;
}

/* Jobs ------------------------------------------------------------- */

static void
enqueue(struct work *work, int job)
{
    struct host *host = &work->hosts[work->jobs[job].host];

    work->jobs[job].next = NONE;
    if (host->first == NONE)
        host->first = job;
    else
        work->jobs[host->last].next = job;
    host->last = job;
}

static void
fail(struct work *work, int job, CURLcode error)
{
    work->results[job] = (struct api_result){
        .error = error, .attempts = work->jobs[job].attempts};
    work->done++;
}

/* The slot is free again. */
static void
vacate(struct work *work, struct slot *slot)
{
    curl_multi_remove_handle(work->multi, slot->easy);
    work->hosts[work->jobs[slot->job].host].busy--;
    work->busy--;
    slot->job = NONE;
    drop_pieces(slot);
}

static bool
dress(const struct work *work, struct slot *slot, int job)
{
    const struct api_call *call = &work->calls[job];
    const struct api_options *options = work->options;
    CURL *easy = slot->easy;

    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, add_piece);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)slot);
    curl_easy_setopt(
        easy, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    curl_easy_setopt(
        easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->timeout_ms);
    if (options->ca_file != NULL &&
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) != 0)
        return false;
    if (call->post != NULL &&
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, call->post) != 0)
        return false;
    return curl_easy_setopt(easy, CURLOPT_URL, call->url) == 0 &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == 0 &&
           curl_easy_setopt(
               easy, CURLOPT_PROTOCOLS_STR, "https,http") == 0;
}

static void
start(struct work *work, int job)
{
    struct slot *slot = work->slots;

    while (slot->job != NONE)
        slot++;
    if (slot->easy == NULL)
        slot->easy = curl_easy_init();
    if (slot->easy == NULL || !dress(work, slot, job) ||
        curl_multi_add_handle(work->multi, slot->easy) != CURLM_OK) {
        fail(work, job, CURLE_OUT_OF_MEMORY);
        return;
    }
    slot->job = job;
    work->jobs[job].attempts++;
    work->hosts[work->jobs[job].host].busy++;
    work->busy++;
}

/* One host after the other, as long as somebody finds a place. */
static void
start_more(struct work *work)
{
    bool found = true;
    int64_t now = clock_us();

    while (
        work->heap_count > 0 && work->jobs[work->heap[0]].due_us <= now)
        enqueue(work, pop(work));
    while (found) {
        found = false;
        for (int i = 0; i < work->host_count; i++) {
            struct host *host = &work->hosts[i];
            if (host->first == NONE || work->busy == work->slot_count ||
                host->busy >= work->options->max_per_host)
                continue;
            int job = host->first;
            host->first = work->jobs[job].next;
            start(work, job);
            found = true;
        }
    }
}

static bool
may_be_repeated(
    const struct work *work, int job, CURLcode error, long status)
{
    if (work->calls[job].post != NULL ||
        work->jobs[job].attempts > work->calls[job].retries)
        return false;
    if (error == CURLE_OK)
        return status == 429 || (status >= 500 && status < 600);
    return error == CURLE_COULDNT_CONNECT ||
           error == CURLE_OPERATION_TIMEDOUT ||
           error == CURLE_SEND_ERROR || error == CURLE_RECV_ERROR ||
           error == CURLE_GOT_NOTHING || error == CURLE_PARTIAL_FILE;
}

static void
sleep_on_it(struct work *work, const struct slot *slot)
{
    int64_t most_ms = work->options->deadline_ms;
    int64_t pause_ms = work->options->backoff_ms;
    struct job *job = &work->jobs[slot->job];
    curl_off_t seconds = 0;

    for (int k = 1; k < job->attempts && pause_ms < most_ms; k++)
        pause_ms *= 2;
    curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0)
        pause_ms = seconds < most_ms ? seconds * 1000 : most_ms;
    job->due_us = clock_us() + pause_ms * 1000;
    push(work, slot->job);
}

static void
stop(struct work *work, struct slot *slot, CURLcode error)
{
    int job = slot->job;
    long status = 0;

    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    if (slot->no_memory)
        error = CURLE_OUT_OF_MEMORY;
    if (may_be_repeated(work, job, error, status)) {
        sleep_on_it(work, slot);
    } else if (error != CURLE_OK) {
        fail(work, job, error);
    } else {
        char *body = join_pieces(slot);
        size_t length = slot->length;
        fail(work, job, body == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK);
        if (body != NULL) {
            work->results[job].status = status;
            work->results[job].body = body;
            work->results[job].length = length;
        }
    }
    vacate(work, slot);
}

static void
stop_all(struct work *work, CURLcode error)
{
    for (int i = 0; i < work->slot_count; i++) {
        if (work->slots[i].job != NONE) {
            fail(work, work->slots[i].job, error);
            vacate(work, &work->slots[i]);
        }
    }
    while (work->heap_count > 0)
        fail(work, pop(work), error);
    for (int i = 0; i < work->host_count; i++) {
        struct host *host = &work->hosts[i];
        for (; host->first != NONE;
             host->first = work->jobs[host->first].next)
            fail(work, host->first, error);
    }
}

static void
do_own_work(const struct api_options *options)
{
    struct pollfd own = {options->wait_fd, POLLIN, 0};

    if (options->wait_fd >= 0 && poll(&own, 1, 0) == 1 &&
        (own.revents & POLLIN) != 0)
        options->on_fd(options->arg);
}

static bool
loop(struct work *work)
{
    const struct api_options *options = work->options;
    int running, left;

    for (;;) {
        start_more(work);
        if (curl_multi_perform(work->multi, &running) != CURLM_OK)
            return false;
        bool some = false;
        for (CURLMsg *message; (message = curl_multi_info_read(
                                    work->multi, &left)) != NULL;) {
            struct slot *slot = NULL;
            CURLcode error = message->data.result;
            curl_easy_getinfo(
                message->easy_handle, CURLINFO_PRIVATE, &slot);
            stop(work, slot, error);
            some = true;
        }
        int64_t now = clock_us(), until = work->end_us;
        if (now >= work->end_us)
            stop_all(work, CURLE_OPERATION_TIMEDOUT);
        if (work->done == work->job_count)
            return true;
        if (some)
            continue; /* there are places */
        if (work->heap_count > 0 &&
            work->jobs[work->heap[0]].due_us < until)
            until = work->jobs[work->heap[0]].due_us;
        struct curl_waitfd own = {
            options->wait_fd, CURL_WAIT_POLLIN, 0};
        int ms = until > now ? (int)((until - now + 999) / 1000) : 0;
        if (curl_multi_poll(work->multi, &own, options->wait_fd >= 0,
                ms, NULL) != CURLM_OK)
            return false;
        do_own_work(options);
    }
}

/* The beginning and the end ---------------------------------------- */

static bool
find_host(struct work *work, int job)
{
    CURLU *url = curl_url();
    char *name = NULL;
    int i = 0;

    if (url == NULL)
        return false;
    if (curl_url_set(url, CURLUPART_URL, work->calls[job].url,
            CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
        curl_url_get(url, CURLUPART_HOST, &name, 0);
    curl_url_cleanup(url);
    while (i < work->host_count && name != NULL &&
           (work->hosts[i].name == NULL ||
               strcmp(work->hosts[i].name, name) != 0))
        i++;
    if (name == NULL)
        i = work->host_count;
    if (i == work->host_count)
        work->hosts[work->host_count++] =
            (struct host){name, NONE, NONE, 0};
    else
        curl_free(name);
    work->jobs[job].host = i;
    enqueue(work, job);
    return true;
}

static bool
make_room(struct work *work)
{
    size_t n = (size_t)work->job_count;
    size_t places = (size_t)work->slot_count;

    work->multi = curl_multi_init();
    work->jobs = calloc(n, sizeof *work->jobs);
    work->hosts = calloc(n, sizeof *work->hosts);
    work->heap = calloc(n, sizeof *work->heap);
    work->slots = calloc(places, sizeof *work->slots);
    if (work->multi == NULL || work->jobs == NULL ||
        work->hosts == NULL || work->heap == NULL ||
        work->slots == NULL)
        return false;
    for (size_t i = 0; i < places; i++) {
        work->slots[i].job = NONE;
        drop_pieces(&work->slots[i]);
    }
    for (int i = 0; i < work->job_count; i++) {
        if (!find_host(work, i))
            return false;
    }
    return true;
}

static void
clear(struct work *work)
{
    for (int i = 0; work->slots != NULL && i < work->slot_count; i++)
        curl_easy_cleanup(work->slots[i].easy);
    for (int i = 0; i < work->host_count; i++)
        curl_free(work->hosts[i].name);
    curl_multi_cleanup(work->multi);
    free(work->jobs);
    free(work->hosts);
    free(work->heap);
    free(work->slots);
}

int
api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options)
{
    struct work work = {calls, options, results, NULL, NULL, NULL, NULL,
        NULL, (int)n, 0, options->max_in_flight, 0, 0, 0, 0};

    if (options->max_in_flight < 1 || options->max_per_host < 1 ||
        options->timeout_ms < 1 || options->deadline_ms < 1 ||
        options->backoff_ms < 0) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    if (work.slot_count > work.job_count)
        work.slot_count = work.job_count;
    work.end_us = clock_us() + options->deadline_ms * INT64_C(1000);
    bool ready = make_room(&work), well = ready && loop(&work);
    if (ready && !well) {
        stop_all(&work, CURLE_OUT_OF_MEMORY);
        api_free(results, n);
    }
    clear(&work);
    errno = well ? errno : ENOMEM;
    return well ? 0 : -1;
}

void
api_free(struct api_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(results[i].body);
        results[i].body = NULL;
    }
}
