/*
 * The API gatherer with curl_multi_wait(), and poll() where libcurl has
 * nothing to wait for. Calls stand in lists: those that may begin,
 * those in flight, those that pause, in the order of their moments. A
 * new handle for each attempt, whose time is never longer than what is
 * left until the deadline; and a pause has a jitter.
 */

#include "api.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
    struct node *next;
    const struct api_call *call;
    struct api_result *result;
    const char *host; /* within the URL */
    size_t host_length;
    int64_t due_ms;
    CURL *easy;
    int attempts;
    struct api_result answer; /* of this attempt */
    bool no_memory;
};

struct all {
    const struct api_options *options;
    CURLM *multi;
    struct curl_slist *headers;
    struct node *ready, *flying, *paused;
    int flying_count;
    int64_t deadline_ms;
    unsigned dice;
};

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void
append(struct node **list, struct node *node)
{
    while (*list != NULL)
        list = &(*list)->next;
    node->next = NULL;
    *list = node;
}

static void
take_out(struct node **list, struct node *node)
{
    while (*list != node)
        list = &(*list)->next;
    *list = node->next;
}

static size_t
keep(char *bytes, size_t size, size_t count, void *arg)
{
    struct node *node = arg;
    struct api_result *answer = &node->answer;
    char *body =
        realloc(answer->body, answer->length + size * count + 1);

    if (body == NULL) {
        node->no_memory = true;
        return 0;
    }
    memcpy(body + answer->length, bytes, size * count);
    answer->body = body;
    answer->length += size * count;
    body[answer->length] = '\0';
    return size * count;
}

/* The result, which takes what came. */
static void
settle(struct node *node, CURLcode error, long status)
{
    struct api_result *answer = &node->answer;

    if (error == CURLE_OK && answer->body == NULL)
        answer->body = calloc(1, 1);
    if (error == CURLE_OK && answer->body == NULL)
        error = CURLE_OUT_OF_MEMORY;
    if (error != CURLE_OK) {
        free(answer->body);
        answer->body = NULL;
        answer->length = 0;
        status = 0;
    }
    *node->result = *answer;
    node->result->error = error;
    node->result->status = status;
    node->result->attempts = node->attempts;
}

static bool
set_up(struct all *all, struct node *node)
{
    const struct api_options *options = all->options;
    CURL *easy = node->easy;
    int64_t limit = options->timeout_ms,
            left = all->deadline_ms - now_ms();
    int bad = 0;

    if (left < 1)
        left = 1;
    if (limit > left)
        limit = left;
    bad |= curl_easy_setopt(easy, CURLOPT_URL, node->call->url);
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)node);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, node);
    bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)limit);
    bad |=
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)limit);
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, all->headers);
    if (options->ca_file != NULL)
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
    if (node->call->post != NULL) {
        long length = (long)strlen(node->call->post);
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, length);
        bad |= curl_easy_setopt(
            easy, CURLOPT_POSTFIELDS, node->call->post);
    }
    return bad == 0;
}

static void
launch(struct all *all, struct node *node)
{
    free(node->answer.body);
    node->answer = (struct api_result){0};
    node->no_memory = false;
    node->easy = curl_easy_init();
    if (node->easy == NULL || !set_up(all, node) ||
        curl_multi_add_handle(all->multi, node->easy) != CURLM_OK) {
        curl_easy_cleanup(node->easy);
        settle(node, CURLE_OUT_OF_MEMORY, 0);
        return;
    }
    node->attempts++;
    append(&all->flying, node);
    all->flying_count++;
}

static int
count_at_host(const struct all *all, const struct node *like)
{
    int count = 0;

    for (struct node *node = all->flying; node; node = node->next)
        count += node->host_length == like->host_length &&
                 memcmp(node->host, like->host, like->host_length) == 0;
    return count;
}

/* Whose pause is over is ready; who is ready begins, if he may. */
static void
launch_more(struct all *all)
{
    int64_t now = now_ms();
    struct node *next;

    while (all->paused != NULL && all->paused->due_ms <= now) {
        struct node *node = all->paused;
        all->paused = node->next;
        append(&all->ready, node);
    }
    for (struct node *node = all->ready;
         node != NULL &&
         all->flying_count < all->options->max_in_flight;
         node = next) {
        next = node->next;
        if (count_at_host(all, node) < all->options->max_per_host) {
            take_out(&all->ready, node);
            launch(all, node);
        }
    }
}

static bool
may_pass(CURLcode error, long status)
{
    static const CURLcode errors[] = {CURLE_COULDNT_CONNECT,
        CURLE_OPERATION_TIMEDOUT, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
        CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE};

    if (error == CURLE_OK)
        return status == 429 || status / 100 == 5;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (error == errors[i])
            return true;
    }
    return false;
}

/* Up to a quarter more than it must be; a millisecond more, since
 * now_ms() is rounded down. */
static int64_t
pause_of(struct all *all, const struct node *node, curl_off_t after_s)
{
    int64_t pause = all->options->backoff_ms;

    if (after_s > 0) {
        pause = after_s < INT32_MAX ? after_s * 1000 : INT32_MAX;
    } else {
        for (int k = 1; k < node->attempts && pause < INT32_MAX; k++)
            pause *= 2;
    }
    all->dice = all->dice * 1103515245u + 12345u;
    return pause + pause / 4 * (all->dice >> 16 & 0xff) / 255 + 1;
}

static void
pause_call(struct all *all, struct node *node, curl_off_t after_s)
{
    struct node **place = &all->paused;

    node->due_ms = now_ms() + pause_of(all, node, after_s);
    while (*place != NULL && (*place)->due_ms <= node->due_ms)
        place = &(*place)->next;
    node->next = *place;
    *place = node;
}

static void
land(struct all *all, struct node *node)
{
    take_out(&all->flying, node);
    all->flying_count--;
    curl_multi_remove_handle(all->multi, node->easy);
    curl_easy_cleanup(node->easy);
}

static void
land_all_that_are_done(struct all *all)
{
    int left;

    for (CURLMsg *message;
         (message = curl_multi_info_read(all->multi, &left)) != NULL;) {
        CURLcode error = message->data.result;
        struct node *node;
        long status = 0;
        curl_off_t after_s = 0;
        char *private;
        curl_easy_getinfo(
            message->easy_handle, CURLINFO_PRIVATE, &private);
        node = (struct node *)(void *)private;
        curl_easy_getinfo(node->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(node->easy, CURLINFO_RETRY_AFTER, &after_s);
        land(all, node);
        if (node->no_memory)
            error = CURLE_OUT_OF_MEMORY;
        if (node->call->post == NULL &&
            node->attempts <= node->call->retries &&
            may_pass(error, status))
            pause_call(all, node, after_s);
        else
            settle(node, error, status);
    }
}

static void
cut_off(struct all *all)
{
    while (all->flying != NULL) {
        struct node *node = all->flying;
        land(all, node);
        settle(node, CURLE_OPERATION_TIMEDOUT, 0);
    }
    for (struct node *node = all->ready; node; node = node->next)
        settle(node, CURLE_OPERATION_TIMEDOUT, 0);
    for (struct node *node = all->paused; node; node = node->next)
        settle(node, CURLE_OPERATION_TIMEDOUT, 0);
    all->ready = all->paused = NULL;
}

/* With nothing in flight curl_multi_wait() has nothing to wait for. */
static void
wait_for_something(struct all *all)
{
    const struct api_options *options = all->options;
    int64_t until = all->deadline_ms;
    bool can_be_read;

    if (all->paused != NULL && all->paused->due_ms < until)
        until = all->paused->due_ms;
    int64_t left = until - now_ms();
    int ms = left > 0 ? (int)left : 0;
    if (all->flying == NULL) {
        struct pollfd own = {options->wait_fd, POLLIN, 0};
        can_be_read = poll(&own, options->wait_fd >= 0, ms) == 1 &&
                      (own.revents & POLLIN) != 0;
    } else {
        struct curl_waitfd own = {
            options->wait_fd, CURL_WAIT_POLLIN, 0};
        curl_multi_wait(
            all->multi, &own, options->wait_fd >= 0, ms, NULL);
        can_be_read = (own.revents & CURL_WAIT_POLLIN) != 0;
    }
    if (can_be_read)
        options->on_fd(options->arg);
}

static void
gather(struct all *all)
{
    int running;

    for (;;) {
        launch_more(all);
        if (!all->ready && !all->flying && !all->paused)
            return;
        curl_multi_perform(all->multi, &running);
        struct node *before = all->flying;
        int count = all->flying_count;
        land_all_that_are_done(all);
        if (now_ms() >= all->deadline_ms)
            cut_off(all);
        else if (before == all->flying && count == all->flying_count)
            wait_for_something(all);
    }
}

static void
find_host(struct node *node)
{
    const char *from = strstr(node->call->url, "://");

    node->host = from != NULL ? from + 3 : node->call->url;
    node->host_length = strcspn(node->host, "/?#");
    for (size_t i = 0; i < node->host_length; i++) {
        if (node->host[i] == '@') {
            node->host += i + 1;
            node->host_length -= i + 1;
            break;
        }
    }
    for (size_t i = 0; i < node->host_length; i++) {
        if (node->host[i] == ':')
            node->host_length = i;
    }
}

int
api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options)
{
    struct all all = {.options = options, .dice = 1};
    struct node *nodes = NULL;

    if (options->max_in_flight < 1 || options->max_per_host < 1 ||
        options->timeout_ms < 1 || options->deadline_ms < 1 ||
        options->backoff_ms < 0) {
        errno = EINVAL;
        return -1;
    }
    if (n == 0)
        return 0;
    all.deadline_ms = now_ms() + options->deadline_ms;
    all.multi = curl_multi_init();
    all.headers = curl_slist_append(NULL, "Expect:");
    nodes = calloc(n, sizeof *nodes);
    if (all.multi == NULL || all.headers == NULL || nodes == NULL) {
        curl_multi_cleanup(all.multi);
        curl_slist_free_all(all.headers);
        free(nodes);
        errno = ENOMEM;
        return -1;
    }
    for (size_t i = n; i-- > 0;) {
        nodes[i].next = all.ready;
        nodes[i].call = &calls[i];
        nodes[i].result = &results[i];
        find_host(&nodes[i]);
        all.ready = &nodes[i];
    }
    gather(&all);
    curl_multi_cleanup(all.multi);
    curl_slist_free_all(all.headers);
    free(nodes);
    return 0;
}

void
api_free(struct api_result *results, size_t n)
{
    while (n > 0)
        free(results[--n].body);
}
