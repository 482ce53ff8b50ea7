#include "fetch.h"
#include "probe/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A request as the judge packs it; host and path follow one another in
 * a run of strings. */
struct packed {
    struct sockaddr_in address;
    int32_t page; /* its number at the origin; -1: it has none */
};

/* What on_done was told. */
struct told {
    const struct packed *packed;
    const struct fetch_result *results;
    size_t n;
    int done_fd;
    size_t count;
    struct telling {
        size_t i;
        int fits; /* a number below n, and the result of that number */
        int error;
        size_t length;
    } * order; /* the first n */
};

static void
tell(size_t i, const struct fetch_result *result, void *arg)
{
    struct told *told = arg;
    int fits = i < told->n && result == told->results + i;

    if (told->count < told->n)
        told->order[told->count] = (struct telling){i, fits,
            fits ? result->error : 0, fits ? result->length : 0};
    told->count++;
    if (i < told->n && told->packed[i].page >= 0) {
        uint32_t page = (uint32_t)told->packed[i].page;
        if (write(told->done_fd, &page, sizeof page) == -1)
            perror("tell the judge");
    }
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
poison(struct fetch_result *results, size_t n)
{
    if (n > 0)
        memset(results, 0xa5, n * sizeof *results);
}

/* One that fetch_all() did not write becomes all -1; a body that it
 * did not write, of one that failed, is told and becomes NULL: the
 * judge has a better word for either than a crash in fetch_free(). */
static void
return_results(
    struct call *call, struct fetch_result *results, size_t n)
{
    struct fetch_result unwritten;

    poison(&unwritten, 1);
    for (size_t i = 0; i < n; i++) {
        struct fetch_result *r = &results[i];
        if (memcmp(r, &unwritten, sizeof unwritten) == 0)
            *r = (struct fetch_result){-1, -1, NULL, SIZE_MAX};
        call_return(call, r->status);
        call_return(call, r->error);
        call_return(call, (int64_t)r->length);
        call_return(call, r->body != NULL);
        call_return_bytes(
            call, r->body, r->error == 0 && r->body ? r->length : 0);
        if (r->error != 0 && r->body == unwritten.body)
            r->body = NULL;
    }
}

/* Returns what fetch_all() did; how often on_done was called, and with
 * what; then status, error, length, whether there is a body, and the
 * body, of each result. */
static void
call_fetch_all(struct call *call)
{
    enum { MOST_TAKEN = 2048 };
    static int taken[MOST_TAKEN];
    int done_fd = call_fd(call), count;
    struct fetch_options options = {
        .max_in_flight = (int)call_int(call),
        .timeout_ms = (int)call_int(call),
        .max_body = call_size(call),
    };
    int lowest = (int)call_int(call);
    int tells = (int)call_int(call);
    size_t n = call_size(call), length;
    const struct packed *packed = call_bytes(call, &length);
    const char *string = call_bytes(call, &length);
    struct fetch_request *requests =
        call_buffer(call, n * sizeof *requests);
    struct fetch_result *results =
        call_buffer(call, n * sizeof *results);
    struct telling *order = call_buffer(call, n * sizeof *order);
    struct told told = {packed, results, n, done_fd, 0, order};

    for (size_t i = 0; i < n; i++) {
        requests[i].address = packed[i].address;
        requests[i].host = string;
        string += strlen(string) + 1;
        requests[i].path = string;
        string += strlen(string) + 1;
    }
    poison(results, n);
    if (tells) {
        options.on_done = tell;
        options.arg = &told;
    }
    take_low(done_fd, lowest, taken, &count);
    signal(SIGPIPE, SIG_DFL);
    int result = fetch_all(
        n > 0 ? requests : NULL, n, n > 0 ? results : NULL, &options);
    call_return(call, result);
    signal(SIGPIPE, SIG_IGN);
    while (count > 0)
        close(taken[--count]);

    call_return(call, (int64_t)told.count);
    for (size_t k = 0; k < n && k < told.count; k++) {
        call_return(call, (int64_t)order[k].i);
        call_return(call, order[k].fits);
        call_return(call, order[k].error);
        call_return(call, (int64_t)order[k].length);
    }
    if (result == 0) {
        return_results(call, results, n);
        fetch_free(results, n);
    }
}

/* "http://127.0.0.1:8080/a" as a request; its memory is never freed. */
static int
read_url(const char *url, struct fetch_request *request)
{
    char *host = NULL, *path = strdup("/");
    unsigned port = 80;
    struct in_addr address;
    const char *rest = url + 7;
    size_t length = strcspn(rest, ":/");

    if (strncmp(url, "http://", 7) != 0)
        return -1;
    host = strndup(rest, length);
    rest += length;
    if (*rest == ':')
        port = (unsigned)strtoul(rest + 1, (char **)&rest, 10);
    if (*rest == '/')
        path = strdup(rest);
    if (inet_pton(AF_INET, host, &address) != 1 || port > 65535)
        return -1;
    *request =
        (struct fetch_request){{.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr = address},
            host, path};
    return 0;
}

static double
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double begun_ms;

static void
print_result(size_t i, const struct fetch_result *result, void *urls)
{
    double ms = now_ms() - begun_ms;
    const char *url = ((char **)urls)[i];

    if (result->error != 0)
        printf("%8.1f ms  %s: %s\n", ms, url, strerror(result->error));
    else
        printf("%8.1f ms  %d %9zu bytes  %s\n", ms, result->status,
            result->length, url);
}

/* -q: fetch as fast as it goes, and print only what failed. */
static int
run_fetch(int argc, char **argv)
{
    struct fetch_options options = {8, 10000, 1 << 30, NULL, NULL};
    bool quiet = false, failed = false;
    int option;

    while ((option = getopt(argc, argv, "qt:w:")) != -1) {
        if (option == 'w')
            options.max_in_flight = atoi(optarg);
        else if (option == 't')
            options.timeout_ms = atoi(optarg);
        else if (option == 'q')
            quiet = true;
        else
            return 2;
    }
    char **urls = argv + optind;
    size_t n = (size_t)(argc - optind);
    struct fetch_request *requests = calloc(n + 1, sizeof *requests);
    struct fetch_result *results = calloc(n + 1, sizeof *results);
    for (size_t i = 0; i < n; i++) {
        if (read_url(urls[i], &requests[i]) == -1) {
            fprintf(
                stderr, "%s: give http://A.B.C.D:PORT/PATH\n", urls[i]);
            return 2;
        }
    }
    options.on_done = quiet ? NULL : print_result;
    options.arg = urls;
    begun_ms = now_ms();
    if (fetch_all(requests, n, results, &options) == -1) {
        perror("fetch_all");
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (quiet && results[i].error != 0)
            print_result(i, &results[i], urls);
        failed = failed || results[i].error != 0;
    }
    fetch_free(results, n);
    return failed;
}

static const struct probe_entry table[] = {
    {"fetch_all", call_fetch_all, NULL, NULL},
    {"fetch", NULL, "[-q] [-w WINDOW] [-t TIMEOUT_MS] URL...",
        run_fetch},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
