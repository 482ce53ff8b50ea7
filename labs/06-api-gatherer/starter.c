/*
 * The API gatherer. api.h says what is promised; the chapter is
 * book/06-api-gatherer.md. What stands here is right on a fine day, and
 * makes one call after the other: curl_easy_perform() comes back when
 * its one transfer is over, and nothing else can happen before. Much of
 * it can stay; the waiting cannot.
 */

#include "api.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* TODO 6.1 One call, one answer
 * What of realloc() = NULL? What of an empty body? And whoever chooses
 * the URL may choose file:///etc/passwd. */
static size_t
receive(char *bytes, size_t size, size_t count, void *arg)
{
    struct api_result *result = arg;

    result->body =
        realloc(result->body, result->length + size * count + 1);
    memcpy(result->body + result->length, bytes, size * count);
    result->length += size * count;
    result->body[result->length] = '\0';
    return size * count;
}

/* timeout_ms ends an attempt here. */
static void
set_options(CURL *easy, const struct api_call *call,
    struct api_result *result, const struct api_options *options)
{
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, result);
    curl_easy_setopt(
        easy, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    if (call->post != NULL)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->post);
    if (options->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
}

/* TODO 6.2 A window that slides
 * curl_multi_add_handle() begins a transfer and does not wait for it;
 * curl_multi_perform() moves all of them on; curl_multi_info_read()
 * tells which ones are done. Cut this in two, at the wait.
 *
 * TODO 6.3 Again, but not everything
 * Here it is decided that the call is over. It could also be made once
 * more, some time later: which ones, when, and what goes on until
 * then? */
static void
make_call(const struct api_call *call, struct api_result *result,
    const struct api_options *options)
{
    CURL *easy = curl_easy_init();

    set_options(easy, call, result, options);
    result->attempts++;
    result->error = curl_easy_perform(easy);
    if (result->error == CURLE_OK)
        curl_easy_getinfo(
            easy, CURLINFO_RESPONSE_CODE, &result->status);
    curl_easy_cleanup(easy);
}

/* TODO 6.4 Deadlines
 * Nothing looks at deadline_ms, which libcurl does not know of.
 *
 * TODO 6.5 One wait for everything
 * The loop around it all, with one wait in it: curl_multi_poll() waits
 * for libcurl's descriptors, for one of yours, and until a moment. */
int
api_gather(const struct api_call *calls, size_t n,
    struct api_result *results, const struct api_options *options)
{
    for (size_t i = 0; i < n; i++) {
        results[i] = (struct api_result){0};
        make_call(&calls[i], &results[i], options);
    }
    return 0;
}

void
api_free(struct api_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(results[i].body);
}
