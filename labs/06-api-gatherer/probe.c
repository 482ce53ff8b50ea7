#include "api.h"
#include "probe/faults.h"
#include "probe/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A call as the judge packs it; URL and POST body follow one another
 * in a run of strings. */
struct packed {
    int32_t posts, retries;
};

/* libcurl's memory --------------------------------------------------*/

/* Blocks that libcurl has taken and not given back: what is left of
 * them tells of a handle that was not cleaned up. */
static _Atomic int64_t blocks;

static void *
counted(void *block)
{
    blocks += block != NULL;
    return block;
}

static void *
curl_malloc(size_t size)
{
    return counted(malloc(size));
}

static void *
curl_calloc(size_t number, size_t size)
{
    return counted(calloc(number, size));
}

static char *
curl_strdup(const char *string)
{
    return counted(strdup(string));
}

static void *
curl_realloc(void *old, size_t size)
{
    void *block = realloc(old, size);

    blocks += old == NULL && block != NULL;
    return block;
}

/* What was in it is gone: whoever uses a handle that he cleaned up
 * finds that out. */
static void
curl_free_block(void *block)
{
    blocks -= block != NULL;
    if (block != NULL)
        explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

/* Calls ------------------------------------------------------------ */

/* What on_fd is handed. */
struct bell {
    int wait_fd, done_fd;
    uint32_t page;     /* reported for each time that it rang */
    int calls, silent; /* of these, without a byte to be read */
};

static void
hear(void *arg)
{
    struct bell *bell = arg;
    char byte;

    bell->calls++;
    if (read(bell->wait_fd, &byte, 1) != 1) {
        bell->silent++;
        return;
    }
    faults_moved();
    if (write(bell->done_fd, &bell->page, sizeof bell->page) == -1)
        perror("tell the judge");
}

/* Take all free descriptors below `lowest`, so that the program gets
 * none of them. */
static void
take_low(int fd, int lowest, int *taken, int *count)
{
    for (*count = 0; *count < lowest; ++*count) {
        taken[*count] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (taken[*count] >= lowest) {
            close(taken[*count]);
            break;
        }
    }
}

/* Nothing in them is prepared. */
static void
poison(struct api_result *results, size_t n)
{
    if (n > 0)
        memset(results, 0xa5, n * sizeof *results);
}

/* One that api_gather() did not write becomes all -1; a body that it
 * did not write, of one that failed, is told and becomes NULL: the
 * judge has a better word for either than a crash in api_free(). */
static void
return_results(struct call *call, struct api_result *results, size_t n)
{
    struct api_result unwritten;

    poison(&unwritten, 1);
    for (size_t i = 0; i < n; i++) {
        struct api_result *r = &results[i];
        if (memcmp(r, &unwritten, sizeof unwritten) == 0)
            *r = (struct api_result){-1, -1, -1, NULL, SIZE_MAX};
        bool has_bytes = r->error == CURLE_OK && r->body != NULL;
        call_return(call, r->status);
        call_return(call, (int64_t)r->error);
        call_return(call, r->attempts);
        call_return(call, (int64_t)r->length);
        call_return(call, r->body != NULL);
        call_return(call, has_bytes && r->body[r->length] == '\0');
        call_return_bytes(call, r->body, has_bytes ? r->length : 0);
        if (r->error != CURLE_OK && r->body == unwritten.body)
            r->body = NULL;
    }
}

/* A proxy of the environment, where nobody listens. */
static void
set_proxy(bool on)
{
    if (on)
        setenv("http_proxy", "http://127.0.0.1:1", 1);
    else
        unsetenv("http_proxy");
}

/* Returns what api_gather() did; how often on_fd was called, and how
 * often of these in vain; then, if it was 0, status, error, attempts,
 * length, whether there is a body and a NUL behind it, and the body, of
 * each result; then how many blocks of libcurl's are left. */
static void
call_api_gather(struct call *call)
{
    int done_fd = call_fd(call);
    bool rings = call_int(call) != 0;
    int wait_fd = rings ? call_fd(call) : -1;
    struct bell bell = {
        wait_fd, done_fd, (uint32_t)call_int(call), 0, 0};
    struct api_options options = {
        .wait_fd = wait_fd,
        .on_fd = rings ? hear : NULL,
        .arg = rings ? &bell : NULL,
    };
    options.max_in_flight = (int)call_int(call);
    options.max_per_host = (int)call_int(call);
    options.timeout_ms = (int)call_int(call);
    options.deadline_ms = (int)call_int(call);
    options.backoff_ms = (int)call_int(call);
    const char *ca_file = call_string(call);
    int lowest = (int)call_int(call);
    bool has_proxy = call_int(call) != 0;
    size_t n = call_size(call), length;
    const struct packed *packed = call_bytes(call, &length);
    const char *string = call_bytes(call, &length);
    int *taken = call_buffer(call, (size_t)lowest * sizeof *taken);
    struct api_call *calls = call_buffer(call, n * sizeof *calls);
    struct api_result *results = call_buffer(call, n * sizeof *results);
    int64_t before = blocks;
    int count;

    options.ca_file = ca_file[0] != '\0' ? ca_file : NULL;
    for (size_t i = 0; i < n; i++) {
        calls[i].url = string;
        string += strlen(string) + 1;
        calls[i].post = packed[i].posts ? string : NULL;
        string += strlen(string) + 1;
        calls[i].retries = packed[i].retries;
    }
    poison(results, n);
    set_proxy(has_proxy);
    if (rings)
        fcntl(wait_fd, F_SETFL, O_NONBLOCK);
    take_low(done_fd, lowest, taken, &count);
    int result = api_gather(calls, n, results, &options);
    call_return(call, result);
    while (count > 0)
        close(taken[--count]);
    set_proxy(false);

    call_return(call, bell.calls);
    call_return(call, bell.silent);
    if (result == 0) {
        return_results(call, results, n);
        api_free(results, n);
    }
    call_return(call, blocks - before);
}

static double
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
print_result(const char *url, const struct api_result *result)
{
    if (result->error != CURLE_OK)
        printf("%s  %d tried  %s\n", url, result->attempts,
            curl_easy_strerror(result->error));
    else
        printf("%s  %d tried  %ld  %zu bytes\n", url, result->attempts,
            result->status, result->length);
}

/* -q: as fast as it goes, and print only what failed. */
static int
run_gather(int argc, char **argv)
{
    struct api_options options = {.max_in_flight = 8,
        .max_per_host = 1024,
        .timeout_ms = 10000,
        .deadline_ms = 60000,
        .backoff_ms = 100,
        .wait_fd = -1};
    bool quiet = false, failed = false;
    int option, retries = 0;

    while ((option = getopt(argc, argv, "qw:p:t:d:r:b:")) != -1) {
        int value = optarg != NULL ? atoi(optarg) : 0;
        if (option == 'w')
            options.max_in_flight = value;
        else if (option == 'p')
            options.max_per_host = value;
        else if (option == 't')
            options.timeout_ms = value;
        else if (option == 'd')
            options.deadline_ms = value;
        else if (option == 'b')
            options.backoff_ms = value;
        else if (option == 'r')
            retries = value;
        else if (option == 'q')
            quiet = true;
        else
            return 2;
    }
    char **urls = argv + optind;
    size_t n = (size_t)(argc - optind);
    struct api_call *calls = calloc(n + 1, sizeof *calls);
    struct api_result *results = calloc(n + 1, sizeof *results);
    for (size_t i = 0; i < n; i++)
        calls[i] = (struct api_call){urls[i], NULL, retries};
    double begun_ms = now_ms();
    if (api_gather(calls, n, results, &options) == -1) {
        perror("api_gather");
        return 1;
    }
    double ms = now_ms() - begun_ms;
    for (size_t i = 0; i < n; i++) {
        if (!quiet || results[i].error != CURLE_OK)
            print_result(urls[i], &results[i]);
        failed = failed || results[i].error != CURLE_OK;
    }
    if (!quiet)
        printf("%zu calls in %.1f ms\n", n, ms);
    api_free(results, n);
    free(calls);
    free(results);
    return failed;
}

static const struct probe_entry table[] = {
    {"api_gather", call_api_gather, NULL, NULL},
    {"gather", NULL,
        "[-q] [-w WINDOW] [-p PER_HOST] [-t MS] [-d MS] [-b MS] "
        "[-r RETRIES] URL...",
        run_gather},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc,
            curl_free_block, curl_realloc, curl_strdup,
            curl_calloc) != CURLE_OK)
        return 3;
    return probe_serve(argc, argv, table);
}
