/*
 * The API gatherer after section 6.1: one call after the other, each
 * with one attempt; but what comes of it is right, whatever it is.
 */

#include "api.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct body {
    char *bytes;
    size_t length;
    bool no_memory;
};

/* Some of the body has come. libcurl fails the transfer if not all of
 * it is taken. */
static size_t
receive(char *bytes, size_t size, size_t count, void *arg)
{
    struct body *body = arg;
    size_t length = size * count;
    char *larger = realloc(body->bytes, body->length + length + 1);

    if (larger == NULL) {
        body->no_memory = true;
        return 0;
    }
    body->bytes = larger;
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
    return length;
}

/* What copies a string may run out of memory. */
static bool
set_options(CURL *easy, const struct api_call *call, struct body *body,
    const struct api_options *options)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(
        easy, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    if (call->post != NULL)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->post);
    return curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK &&
           curl_easy_setopt(
               easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           (options->ca_file == NULL ||
               curl_easy_setopt(
                   easy, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
}

static CURLcode
perform(CURL *easy, const struct api_call *call, struct body *body,
    const struct api_options *options)
{
    if (easy == NULL || !set_options(easy, call, body, options))
        return CURLE_OUT_OF_MEMORY;
    CURLcode error = curl_easy_perform(easy);
    if (error == CURLE_OK && body->bytes == NULL) {
        body->bytes = malloc(1); /* an empty one is one */
        body->no_memory = body->bytes == NULL;
    }
    return body->no_memory ? CURLE_OUT_OF_MEMORY : error;
}

static void
make_call(const struct api_call *call, struct api_result *result,
    const struct api_options *options)
{
    CURL *easy = curl_easy_init();
    struct body body = {0};

    *result = (struct api_result){.attempts = 1};
    result->error = perform(easy, call, &body, options);
    if (result->error == CURLE_OK) {
        curl_easy_getinfo(
            easy, CURLINFO_RESPONSE_CODE, &result->status);
        body.bytes[body.length] = '\0';
        result->body = body.bytes;
        result->length = body.length;
    } else {
        free(body.bytes);
    }
    curl_easy_cleanup(easy);
}

/* TODO 6.2 A window that slides
 * TODO 6.3 Again, but not everything
 * TODO 6.4 Deadlines
 * TODO 6.5 One wait for everything */
int
api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options)
{
    if (options->max_in_flight < 1 || options->max_per_host < 1 ||
        options->timeout_ms < 1 || options->deadline_ms < 1 ||
        options->backoff_ms < 0) {
        errno = EINVAL;
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        make_call(&calls[i], &results[i], options);
    return 0;
}

void
api_free(struct api_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(results[i].body);
        results[i].body = NULL;
    }
}
