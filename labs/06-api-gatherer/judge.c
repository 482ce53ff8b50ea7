#include "judge/ask.h"
#include "judge/bound_waits.h"
#include "judge/gate.h"
#include "judge/judge.h"
#include "judge/origin.h"
#include "judge/origin_tls.h"
#include "judge/own_work.h"
#include "warn.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The judge of lab 06.
 *
 * A test sets up a day: an origin server with its pages, and the calls
 * for them, each with the result that it must have. Then it lets the
 * program make them all, and compares. All of that is in virtual time,
 * libcurl's clock and waits included (probe/interposed.c): the clock
 * turns only while the program waits and nothing is on its way. So a
 * deadline or a pause is exact, and costs nothing; and that a program
 * waits for somebody it should not wait for shows in the time at which
 * its next request comes.
 *
 * A server that answers after a delay withholds its answer: the clock
 * turns only once the program has begun all that it will begin. What is
 * then in flight is no matter of luck.
 *
 *   a day, its pages and calls; gathering and comparing
 *   6.1 to 6.5: the tests
 *   the table, and what is timed
 */

enum {
    MOST = 512,
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    SLACK_MS =
        10 /* clocks are read in whole milliseconds, and rounded */
};

static const int64_t ms = 1000000;

/* What one call must come to. */
struct wanted {
    char *url;
    const char *post; /* NULL: a GET */
    int retries;
    struct origin_page *page; /* NULL: none of its own */
    const char *what;         /* "an answer of 5 bytes" */
    long status;
    CURLcode error;
    int attempts; /* -1: any */
    const char *body;
    size_t length;
};

/* As the probe takes it apart. */
struct packed {
    int32_t posts, retries;
};

static struct day {
    struct origin *origin;
    struct sockaddr_in hosts[4]; /* 127.0.0.1 and on, once asked for */
    int window, per_host;
    int timeout_ms, deadline_ms, backoff_ms;
    const char *ca_file;
    int lowest;     /* descriptors below are taken */
    bool has_proxy; /* in the environment */
    bool real_time;
    struct origin_page *bell; /* wait_fd is there, and reports here */
    int bell_ends[2];
    const char *faults;
    const struct event *events;
    size_t event_count;
    size_t n;
    struct wanted wanted[MOST];
} day;

/* What came back of call i. */
static struct result {
    long status;
    int error, attempts;
    size_t length;
    bool has_body, has_nul;
    const char *body;
} results[MOST];

static int on_fd_calls, on_fd_in_vain; /* in the last call */
static int64_t library_blocks; /* of libcurl's, that were left then */
static struct answer answer;
static const char *lesson = ""; /* what a wrong result is to teach */

/* A wrong answer, and why. */
static _Noreturn void __attribute__((format(printf, 1, 2)))
wrong(const char *format, ...)
{
    va_list args;
    char *cause;

    va_start(args, format);
    if (vasprintf(&cause, format, args) < 0)
        die("format a cause:");
    va_end(args);
    judge_fail(VERDICT_WRONG_ANSWER, "%s", cause);
}

/* A day, its pages and calls --------------------------------------- */

/* A server without pages, and no calls. */
static void
new_day(int window)
{
    if (day.origin != NULL)
        origin_free(day.origin);
    for (size_t i = 0; i < day.n; i++)
        free(day.wanted[i].url);
    if (day.bell != NULL)
        close(day.bell_ends[1]);
    day = (struct day){.origin = origin_new(-1),
        .window = window,
        .per_host = MOST,
        .timeout_ms = HOUR_MS,
        .deadline_ms = 24 * HOUR_MS,
        .backoff_ms = 100};
    day.hosts[0] = origin_address(day.origin);
}

/* The same pages at 127.0.0.2 and, with `count` = 3, at 127.0.0.3. */
static void
add_hosts(int count)
{
    for (int i = 1; i < count; i++)
        day.hosts[i] = origin_host(day.origin, i + 1);
}

/* Something of its own to do: wait_fd, which the test rings. */
static void
add_bell(void)
{
    if (pipe2(day.bell_ends, O_CLOEXEC) != 0)
        die("open a pipe:");
    day.bell = origin_page(day.origin, "/bell");
}

static struct wanted *
want(struct sockaddr_in address, const char *path)
{
    char host[INET_ADDRSTRLEN];

    if (day.n == MOST)
        die("more than %d calls", MOST);
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    struct wanted *wanted = &day.wanted[day.n++];
    *wanted = (struct wanted){.url = text_format("http://%s:%u%s", host,
                                  ntohs(address.sin_port), path),
        .what = "a page",
        .status = 200,
        .attempts = 1,
        .body = ""};
    return wanted;
}

/* A URL as it stands, that is none of ours. */
static struct wanted *
want_url(const char *url)
{
    struct wanted *wanted = want(day.hosts[0], "");

    free(wanted->url);
    wanted->url = text_copy(url);
    return wanted;
}

/* A page of a path that nobody can know, at a host (from 1 on), and a
 * call for it. */
static struct wanted *
want_bytes_at(int host, const char *bytes, size_t length)
{
    char path[64];

    snprintf(path, sizeof path, "/%zu-%08llx", day.n,
        (unsigned long long)judge_random_below(UINT32_MAX));
    struct wanted *wanted = want(day.hosts[host - 1], path);
    wanted->page = origin_page(day.origin, path);
    text_add(&wanted->page->answer, bytes, length);
    return wanted;
}

static struct wanted *
want_text(const char *text)
{
    return want_bytes_at(1, text, strlen(text));
}

/* Status, headers (with their "\r\n") and a body whose length is
 * told. */
static void
fill(struct origin_page *page, int status, const char *headers,
    const char *body, size_t length)
{
    page->answer.length = 0;
    text_addf(&page->answer,
        "HTTP/1.1 %d Some words\r\nContent-Length: %zu\r\n%s\r\n",
        status, length, headers);
    text_add(&page->answer, body, length);
    page->end = ORIGIN_KEEPS;
}

/* The body must stay where it is. */
static struct wanted *
want_headed(int host, int status, const char *headers, const char *body,
    size_t length)
{
    struct wanted *wanted = want_bytes_at(host, "", 0);

    fill(wanted->page, status, headers, body, length);
    wanted->status = status;
    wanted->body = body;
    wanted->length = length;
    return wanted;
}

static struct wanted *
want_body(const char *body, size_t length)
{
    return want_headed(1, 200, "", body, length);
}

/* A page without a length, which ends with the stream. */
static struct wanted *
want_stream(const char *body, size_t length)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    struct wanted *wanted = want_bytes_at(1, head, sizeof head - 1);

    text_add(&wanted->page->answer, body, length);
    wanted->body = body;
    wanted->length = length;
    wanted->what = "a page without Content-Length, which ends with the "
                   "stream";
    return wanted;
}

/* Some random letters and digits; for the whole test. */
static const char *
draw(size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    char *text = text_zeroed(length + 1, 1);

    for (size_t i = 0; i < length; i++)
        text[i] = letters[judge_random_below(32)];
    return text;
}

/* A good page of a few random letters. */
static struct wanted *
want_page_at(int host, int64_t delay_ms)
{
    size_t length = 20 + judge_random_below(60);
    struct wanted *wanted =
        want_headed(host, 200, "", draw(length), length);

    wanted->page->delay_ms = delay_ms;
    return wanted;
}

static struct wanted *
want_page(int64_t delay_ms)
{
    return want_page_at(1, delay_ms);
}

static void
want_pages(size_t n, int64_t delay_ms)
{
    while (day.n < n)
        want_page(delay_ms);
}

/* The call is to fail so. */
static struct wanted *
fails(struct wanted *wanted, CURLcode error, const char *what)
{
    wanted->status = 0;
    wanted->error = error;
    wanted->body = NULL;
    wanted->length = 0;
    wanted->what = what;
    return wanted;
}

static struct wanted *
want_refused(void)
{
    return fails(want(origin_refusing(day.origin), "/refused"),
        CURLE_COULDNT_CONNECT, "an address where nobody listens");
}

static struct wanted *
want_hanging(void)
{
    return fails(want(origin_hanging(day.origin), "/hanging"),
        CURLE_OPERATION_TIMEDOUT,
        "an address where connecting takes for ever");
}

/* A server that takes the request, says `text`, and then nothing. */
static struct wanted *
want_silent(const char *text)
{
    struct wanted *wanted = want_text(text);

    wanted->page->end = ORIGIN_STAYS;
    return fails(wanted, CURLE_OPERATION_TIMEDOUT,
        text[0] == '\0' ? "a server that never answers"
                        : "a server that falls silent in mid-answer");
}

/* TLS -------------------------------------------------------------- */

/* Of this test, and gone with it. */
static struct authority trusted;

/* A server whose certificate is by this authority, and for `name`. */
static struct sockaddr_in
add_secure(const struct authority *authority, const char *name)
{
    return origin_secure(
        day.origin, 1, origin_tls_new(authority, name));
}

/* ca_file vouches for an authority, and that for this server. */
static struct sockaddr_in
add_trusted(void)
{
    static char *path;

    if (path == NULL) {
        path = text_copy(judge_path("ca.pem"));
        trusted = authority_new();
        authority_write(&trusted, path);
    }
    day.ca_file = path;
    return add_secure(&trusted, "127.0.0.1");
}

/* The same call, by https and of that server. */
static struct wanted *
over_tls(struct wanted *wanted, struct sockaddr_in server)
{
    char *url = text_format("https://127.0.0.1:%u%s",
        ntohs(server.sin_port), strrchr(wanted->url, '/'));

    free(wanted->url);
    wanted->url = url;
    return wanted;
}

/* The call must not reach that server. */
static struct wanted *
want_distrust(struct sockaddr_in server, const char *what)
{
    return fails(over_tls(want_page(0), server),
        CURLE_PEER_FAILED_VERIFICATION, what);
}

/* Calls that failed have sent nothing. */
static void
check_nothing_sent(void)
{
    for (size_t i = 0; i < day.n; i++) {
        if (day.wanted[i].error != CURLE_OK &&
            day.wanted[i].page->requests > 0)
            wrong("Call %zu failed, and the server has its request all "
                  "the same. %s",
                i, lesson);
    }
}

/* The attempts of a call ------------------------------------------- */

/* How an attempt goes wrong. */
enum trouble {
    SAYS_500,
    SAYS_503,
    SAYS_599,
    SAYS_429,
    RESETS_AT_ONCE,
    RESETS_IN_MID_BODY,
    CLOSES_AT_ONCE,
    CLOSES_IN_MID_BODY,
    STAYS_SILENT,
    TROUBLES
};

static const struct {
    const char *what;
    int status;
    CURLcode error;
} troubles[TROUBLES] = {
    {"was answered with 500", 500, CURLE_OK},
    {"was answered with 503", 503, CURLE_OK},
    {"was answered with 599", 599, CURLE_OK},
    {"was answered with 429", 429, CURLE_OK},
    {"met a server that resets the connection", 0, CURLE_RECV_ERROR},
    {"met a server that resets the connection in mid-body", 0,
        CURLE_RECV_ERROR},
    {"met a server that closes without an answer", 0,
        CURLE_GOT_NOTHING},
    {"met a server that closes in mid-body", 0, CURLE_PARTIAL_FILE},
    {"met a server that never answers", 0, CURLE_OPERATION_TIMEDOUT},
};

/* Make the page fail in this way. It has some body, if it has one. */
static void
go_wrong(struct origin_page *page, enum trouble trouble)
{
    static const char half[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf of a body";
    bool in_body =
        trouble == RESETS_IN_MID_BODY || trouble == CLOSES_IN_MID_BODY;

    page->answer.length = 0;
    if (troubles[trouble].status != 0)
        fill(page, troubles[trouble].status, "", "not now", 7);
    else if (in_body)
        text_add(&page->answer, half, sizeof half - 1);
    if (trouble == STAYS_SILENT)
        page->end = ORIGIN_STAYS;
    else if (trouble == RESETS_AT_ONCE || trouble == RESETS_IN_MID_BODY)
        page->end = ORIGIN_RESETS;
    else if (troubles[trouble].status == 0)
        page->end = ORIGIN_CLOSES;
}

/* A call whose first `times` attempts go wrong, and the next does
 * not. */
static struct wanted *
want_after(int times, enum trouble trouble)
{
    size_t length = 10 + judge_random_below(20);
    const char *body = draw(length);
    struct wanted *wanted = want_body(body, length);
    struct origin_page *page = wanted->page;

    for (int i = 0; i < times; i++) {
        go_wrong(page, trouble);
        page = origin_again(page);
    }
    fill(page, 200, "", body, length);
    wanted->retries = times;
    wanted->attempts = times + 1;
    return wanted;
}

/* All its attempts go wrong: the last one counts. */
static struct wanted *
want_in_vain(enum trouble trouble)
{
    struct wanted *wanted = want_bytes_at(1, "", 0);

    go_wrong(wanted->page, trouble);
    if (troubles[trouble].error != CURLE_OK)
        return fails(
            wanted, troubles[trouble].error, troubles[trouble].what);
    wanted->status = troubles[trouble].status;
    wanted->body = "not now";
    wanted->length = 7;
    return wanted;
}

/* The page that answered attempt k of a call, from 1 on. */
static const struct origin_page *
attempt(const struct wanted *wanted, int k)
{
    const struct origin_page *page = wanted->page;

    while (--k > 0 && page->next != NULL)
        page = page->next;
    return page;
}

static int
count_requests(const struct wanted *wanted)
{
    int count = 0;

    for (const struct origin_page *page = wanted->page; page != NULL;
         page = page->next)
        count += page->requests;
    return count;
}

/* Gathering and comparing ------------------------------------------ */

/* The question: make all the calls. */
static struct ask
question(void)
{
    struct ask ask = ask_new("api_gather");
    struct packed packed[MOST];
    struct text strings = {0};
    uint32_t bell = 0;

    memset(packed, 0, sizeof packed);
    for (size_t i = 0; i < day.n; i++) {
        const struct wanted *wanted = &day.wanted[i];
        const char *post = wanted->post != NULL ? wanted->post : "";
        packed[i].posts = wanted->post != NULL;
        packed[i].retries = wanted->retries;
        text_add(&strings, wanted->url, strlen(wanted->url) + 1);
        text_add(&strings, post, strlen(post) + 1);
    }
    while (day.bell != NULL && origin_at(day.origin, bell) != day.bell)
        bell++;
    ask.faults = day.faults;
    ask.events = day.events;
    ask.event_count = day.event_count;
    ask.virtual_time = !day.real_time;
    ask.world = origin_world(day.origin);
    ask_fd(&ask, day.bell != NULL ? origin_done_fd(day.origin)
                                  : open("/dev/null", O_WRONLY));
    ask_int(&ask, day.bell != NULL);
    if (day.bell != NULL)
        ask_fd(&ask, day.bell_ends[0]);
    ask_int(&ask, bell);
    ask_int(&ask, day.window);
    ask_int(&ask, day.per_host);
    ask_int(&ask, day.timeout_ms);
    ask_int(&ask, day.deadline_ms);
    ask_int(&ask, day.backoff_ms);
    ask_string(&ask, day.ca_file != NULL ? day.ca_file : "");
    ask_int(&ask, day.lowest);
    ask_int(&ask, day.has_proxy);
    ask_int(&ask, (int64_t)day.n);
    ask_bytes(&ask, packed, day.n * sizeof packed[0]);
    ask_bytes(&ask, text_string(&strings), strings.length);
    text_free(&strings);
    return ask;
}

/* Take the answer apart; returns what api_gather() did. */
static int64_t
read_answer(void)
{
    int64_t returned = answer_int(&answer);

    on_fd_calls = (int)answer_int(&answer);
    on_fd_in_vain = (int)answer_int(&answer);
    for (size_t i = 0; returned == 0 && i < day.n; i++) {
        struct result *result = &results[i];
        size_t length;
        result->status = (long)answer_int(&answer);
        result->error = (int)answer_int(&answer);
        result->attempts = (int)answer_int(&answer);
        result->length = (size_t)answer_int(&answer);
        result->has_body = answer_int(&answer) != 0;
        result->has_nul = answer_int(&answer) != 0;
        result->body = answer_bytes(&answer, &length);
    }
    library_blocks = answer_int(&answer);
    return returned;
}

/* Ask the program to make all calls; returns what api_gather() did. */
static int64_t
gather(void)
{
    struct ask ask = question();

    ask_send(&ask, &answer);
    return read_answer();
}

/* "CURLE_GOT_NOTHING"; "error 123" for one without a name here. */
static const char *
error_name(int error)
{
    static const struct {
        CURLcode code;
        const char *name;
    } names[] = {
        {CURLE_OK, "CURLE_OK"},
        {CURLE_UNSUPPORTED_PROTOCOL, "CURLE_UNSUPPORTED_PROTOCOL"},
        {CURLE_URL_MALFORMAT, "CURLE_URL_MALFORMAT"},
        {CURLE_COULDNT_RESOLVE_PROXY, "CURLE_COULDNT_RESOLVE_PROXY"},
        {CURLE_COULDNT_RESOLVE_HOST, "CURLE_COULDNT_RESOLVE_HOST"},
        {CURLE_COULDNT_CONNECT, "CURLE_COULDNT_CONNECT"},
        {CURLE_HTTP_RETURNED_ERROR, "CURLE_HTTP_RETURNED_ERROR"},
        {CURLE_PARTIAL_FILE, "CURLE_PARTIAL_FILE"},
        {CURLE_WRITE_ERROR, "CURLE_WRITE_ERROR"},
        {CURLE_READ_ERROR, "CURLE_READ_ERROR"},
        {CURLE_OUT_OF_MEMORY, "CURLE_OUT_OF_MEMORY"},
        {CURLE_OPERATION_TIMEDOUT, "CURLE_OPERATION_TIMEDOUT"},
        {CURLE_ABORTED_BY_CALLBACK, "CURLE_ABORTED_BY_CALLBACK"},
        {CURLE_TOO_MANY_REDIRECTS, "CURLE_TOO_MANY_REDIRECTS"},
        {CURLE_GOT_NOTHING, "CURLE_GOT_NOTHING"},
        {CURLE_SEND_ERROR, "CURLE_SEND_ERROR"},
        {CURLE_RECV_ERROR, "CURLE_RECV_ERROR"},
        {CURLE_PEER_FAILED_VERIFICATION,
            "CURLE_PEER_FAILED_VERIFICATION"},
        {CURLE_SSL_CACERT_BADFILE, "CURLE_SSL_CACERT_BADFILE"},
    };
    static char number[32];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == (CURLcode)error)
            return names[i].name;
    }
    snprintf(number, sizeof number, "error %d", error);
    return number;
}

static void
check_error(size_t i)
{
    const struct wanted *wanted = &day.wanted[i];
    int seen = results[i].error;
    char expected[64];

    if (seen == (int)wanted->error)
        return;
    snprintf(
        expected, sizeof expected, "%s", error_name(wanted->error));
    judge_values(expected, error_name(seen));
    if (seen == -1 && results[i].status == -1)
        wrong("api_gather() returned 0, but wrote nothing into "
              "results[%zu]. %s",
            i, lesson);
    if (wanted->error == CURLE_OK)
        wrong("Call %zu, for %s, failed with %s, although there was an "
              "answer. %s",
            i, wanted->what, error_name(seen), lesson);
    if (seen == CURLE_OK)
        wrong(
            "Call %zu, for %s, is reported as a success. Its error is "
            "%s. %s",
            i, wanted->what, expected, lesson);
    wrong("Call %zu, for %s, failed with %s instead of %s. %s", i,
        wanted->what, error_name(seen), expected, lesson);
}

static bool
is_body_of(const struct wanted *wanted, const struct result *result)
{
    return result->length == wanted->length &&
           (wanted->length == 0 ||
               memcmp(result->body, wanted->body, wanted->length) == 0);
}

/* Bytes as a person reads them; the caller frees them. */
static char *
shown(const char *bytes, size_t length)
{
    struct text text = {0};

    text_show(&text, bytes, length, 48);
    return text.bytes;
}

static void
check_body(size_t i)
{
    const struct wanted *wanted = &day.wanted[i];
    const struct result *result = &results[i];

    if (!result->has_body)
        wrong("Call %zu, for %s, is CURLE_OK, and its body is NULL. An "
              "empty body has a length of 0, and is there.",
            i, wanted->what);
    if (is_body_of(wanted, result)) {
        if (!result->has_nul)
            wrong("No NUL follows the body of call %zu.", i);
        return;
    }
    for (size_t k = 0; k < day.n; k++) {
        if (k != i && result->length > 0 &&
            is_body_of(&day.wanted[k], result))
            wrong("results[%zu] holds the answer to call %zu. The "
                  "answer to calls[i] goes to results[i], whichever "
                  "comes first.",
                i, k);
    }
    size_t at = 0;
    while (at < result->length && at < wanted->length &&
           result->body[at] == wanted->body[at])
        at++;
    size_t from = at > 32 ? at - 8 : 0;
    judge_values(shown(wanted->body + from, wanted->length - from),
        shown(result->body + from, result->length - from));
    if (at == result->length || at == wanted->length)
        wrong("Call %zu, for %s, has a body of %zu bytes instead of "
              "%zu. %s",
            i, wanted->what, result->length, wanted->length, lesson);
    wrong("Call %zu, for %s, has a wrong body, from byte %zu on, "
          "counted from 0. %s",
        i, wanted->what, at, lesson);
}

static void
check_result(size_t i)
{
    const struct wanted *wanted = &day.wanted[i];
    const struct result *result = &results[i];
    char what[100];

    check_error(i);
    snprintf(what, sizeof what, "The status of call %zu is", i);
    judge_equal_int(what, wanted->status, result->status);
    snprintf(what, sizeof what, "The attempts of call %zu, for %s, are",
        i, wanted->what);
    if (wanted->attempts >= 0)
        judge_equal_int(what, wanted->attempts, result->attempts);
    if (result->error != CURLE_OK &&
        (result->has_body || result->length != 0))
        wrong("Call %zu failed with %s and has a body all the same. "
              "Without an answer the body is NULL and the length 0. %s",
            i, error_name(result->error), lesson);
    if (result->error == CURLE_OK)
        check_body(i);
}

/* Every result is as it must be. */
static void
check_answer(int64_t returned)
{
    if (returned != 0)
        wrong(
            "api_gather() returned %lld (errno %s). A call that fails "
            "does so in its result; api_gather() itself returns 0.",
            (long long)returned, judge_errno(answer.error));
    for (size_t i = 0; i < day.n; i++)
        check_result(i);
    if (on_fd_in_vain > 0)
        wrong("on_fd was called %d times when there was nothing to be "
              "read from wait_fd.",
            on_fd_in_vain);
}

/* Gather, and find every result as it must be. */
static void
gather_well(void)
{
    check_answer(gather());
}

/* It was all over at this moment of virtual time, give or take the
 * rounding of a clock. */
static void
check_time(int64_t at_ms)
{
    if (answer.now_ms >= at_ms && answer.now_ms <= at_ms + SLACK_MS)
        return;
    char expected[40], seen[40];
    snprintf(expected, sizeof expected, "%lld ms", (long long)at_ms);
    snprintf(seen, sizeof seen, "%lld ms", (long long)answer.now_ms);
    judge_values(expected, seen);
    wrong("api_gather() returned after %s instead of %s. %s", seen,
        expected, lesson);
}

/* The request of this page came then, in virtual time. */
static void
check_arrival(const char *what, const struct origin_page *page,
    int64_t from_ms, int64_t to_ms)
{
    int64_t at_ms = page->arrived_ns / ms;

    if (page->arrived_ns >= from_ms * ms &&
        page->arrived_ns <= (to_ms + SLACK_MS) * ms)
        return;
    char expected[80], seen[40];
    snprintf(expected, sizeof expected, "after %lld to %lld ms",
        (long long)from_ms, (long long)to_ms);
    snprintf(seen, sizeof seen, "after %lld ms", (long long)at_ms);
    judge_values(expected, seen);
    if (page->arrived_ns < 0)
        wrong("%s never came. %s", what, lesson);
    wrong("%s came %s, and %s was right. %s", what, seen, expected,
        lesson);
}

/* 6.1 One call, one answer ----------------------------------------- */

START_TEST(no_calls_are_no_work)
{
    new_day(4);
    judge_scene("Called with n = 0");
    judge_equal_int("api_gather() returned", 0, gather());
    judge_equal_int("So many connections were made:", 0,
        origin_connections(day.origin));
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    static const char *const names[] = {"max_in_flight", "max_per_host",
        "timeout_ms", "deadline_ms", "backoff_ms"};

    for (int i = 0; i < 10; i++) {
        new_day(4);
        want_pages(2, 0);
        int *options[] = {&day.window, &day.per_host, &day.timeout_ms,
            &day.deadline_ms, &day.backoff_ms};
        if (i == 9)
            break; /* backoff_ms may be 0 */
        *options[i % 5] = i / 5 == 0 ? -1 : 0;
        judge_scene("Called with %s = %d", names[i % 5], i / 5 - 1);
        judge_equal_int("api_gather() returned", -1, gather());
        judge_equal_int("errno was", EINVAL, answer.error);
        judge_equal_int("So many connections were made:", 0,
            origin_connections(day.origin));
    }
}
END_TEST

START_TEST(every_call_gets_its_own_answer)
{
    static const struct {
        size_t n;
        int window;
    } tries[] = {{1, 1}, {3, 1}, {3, 2}, {1, 5}, {120, 16}};

    for (size_t k = 0; k < sizeof tries / sizeof tries[0]; k++) {
        new_day(tries[k].window);
        while (day.n < tries[k].n)
            want_page(day.n % 8 == 0 ? 50 - (int64_t)day.n / 5 : 0);
        judge_scene("Made %zu call%s, at most %d at once", tries[k].n,
            tries[k].n == 1 ? "" : "s", tries[k].window);
        gather_well();
    }
}
END_TEST

static const struct {
    const char *bytes;
    size_t length;
} odd_bodies[] = {
    {"", 0},
    {"x", 1},
    {"\0", 1},
    {"a\0b\0\0c", 6},
    {"\r\n\r\n", 4},
    {"{\"id\": 1}", 9},
};

enum { ODD_BODIES = sizeof odd_bodies / sizeof odd_bodies[0] };

static void
want_odd_bodies(void)
{
    for (int i = 0; i < ODD_BODIES; i++) {
        want_body(odd_bodies[i].bytes, odd_bodies[i].length);
        want_stream(odd_bodies[i].bytes, odd_bodies[i].length);
    }
    want_body(judge_random_bytes(3000), 3000);
    want_stream(judge_random_bytes(3000), 3000);
}

START_TEST(a_body_is_bytes)
{
    new_day(2);
    want_odd_bodies();
    lesson = "Zeros may be in a body, and a body may be empty; count "
             "its bytes.";
    gather_well();
}
END_TEST

START_TEST(a_large_body_arrives_whole)
{
    enum { LARGE = 5 << 20 };

    new_day(1);
    want_body(judge_random_bytes(LARGE), LARGE);
    want_stream(judge_random_bytes(LARGE), LARGE);
    judge_scene("5 MiB came");
    lesson = "libcurl hands on a body in pieces: put them together.";
    gather_well();
}
END_TEST

START_TEST(an_error_of_the_server_is_an_answer)
{
    static const int statuses[] = {201, 400, 404, 429, 500, 503};

    new_day(2);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        want_headed(1, statuses[i], "", "Some words.", 11)->what =
            "an answer that is not 200";
    lesson = "The status is the server's word; an error is when there "
             "is no answer.";
    gather_well();
}
END_TEST

START_TEST(a_redirection_is_not_followed)
{
    char headers[200];

    new_day(1);
    struct wanted *there = want_page(0);
    there->attempts = -1;
    snprintf(headers, sizeof headers, "Location: %s\r\n", there->url);
    struct wanted *here = want_headed(1, 302, headers, "Moved", 5);
    struct origin_page *target = there->page;
    *there = *here; /* only this one is called */
    here->url = NULL;
    day.n--;
    judge_scene("The answer was 302, with a Location");
    lesson = "It is an answer like any other.";
    gather_well();
    judge_equal_int("The server was asked for that location so often:",
        0, target->requests);
}
END_TEST

/* The body of a request, and its length. */
static const char *
body_of(const struct text *request, size_t *length)
{
    const char *end =
        memmem(request->bytes, request->length, "\r\n\r\n", 4);

    *length = request->length - (size_t)(end + 4 - request->bytes);
    return end + 4;
}

static void
check_method(const struct wanted *wanted, const char *method)
{
    const char *request = text_string(&wanted->page->request);
    size_t length = strlen(method);

    if (strncmp(request, method, length) == 0 && request[length] == ' ')
        return;
    char *line =
        text_format("%.*s", (int)strcspn(request, "\r"), request);
    judge_values(method, line);
    wrong("The request for %s is no %s.", wanted->what, method);
}

START_TEST(what_is_posted_arrives)
{
    static const size_t lengths[] = {0, 1, 30, 5000, 200000, 2 << 20};
    size_t length;

    new_day(2);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        want_page(0);
        struct wanted *wanted = want_page(0);
        wanted->post = draw(lengths[i]);
        wanted->what = "a POST";
    }
    judge_scene("Made GETs and POSTs");
    gather_well();
    for (size_t i = 0; i < day.n; i++) {
        struct wanted *wanted = &day.wanted[i];
        check_method(wanted, wanted->post != NULL ? "POST" : "GET");
        const char *seen = body_of(&wanted->page->request, &length);
        const char *sent = wanted->post != NULL ? wanted->post : "";
        char what[60];
        snprintf(what, sizeof what, "The request of call %zu has", i);
        judge_equal_bytes(what, sent, strlen(sent), seen, length);
    }
}
END_TEST

START_TEST(answers_that_come_together_all_count)
{
    new_day(16);
    want_pages(16, 10);
    judge_scene("16 answers came at the same moment");
    lesson = "One curl_multi_perform() may finish several transfers: "
             "read all messages, until there is none.";
    gather_well();
    check_time(10);

    new_day(4);
    want_pages(16, 10);
    judge_scene("Four times four answers came at the same moment");
    gather_well();
    check_time(40);
}
END_TEST

START_TEST(only_http_is_spoken)
{
    static const char *const urls[] = {"file:///etc/hostname",
        "file:///nothing/is/here", "ftp://127.0.0.1:1/a",
        "gopher://127.0.0.1:1/a", "dict://127.0.0.1:1/a"};

    new_day(2);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct wanted *wanted = fails(
            want_url(urls[i]), CURLE_UNSUPPORTED_PROTOCOL, urls[i]);
        wanted->attempts = -1;
        wanted->retries = 2;
        want_page(0);
    }
    judge_scene("Not all URLs were of http");
    lesson = "Whoever chooses the URLs could read your files: "
             "CURLOPT_PROTOCOLS_STR.";
    gather_well();
}
END_TEST

START_TEST(no_proxy_is_asked)
{
    new_day(2);
    day.has_proxy = true;
    want_pages(3, 0);
    judge_scene("The environment named a proxy");
    lesson = "No proxy is used: CURLOPT_PROXY.";
    gather_well();
}
END_TEST

START_TEST(https_is_spoken_with_whom_ca_file_trusts)
{
    new_day(4);
    struct sockaddr_in server = add_trusted();
    for (int i = 0; i < 8; i++) {
        over_tls(want_page(0), server)->what = "a page of https";
        want_page(0);
    }
    over_tls(want_page(0), server)->post = "a=1";
    over_tls(want_body(judge_random_bytes(300000), 300000), server);
    over_tls(want_stream(judge_random_bytes(3000), 3000), server);
    judge_scene("Made calls by https, and calls by http between them");
    lesson = "ca_file is for every handle: CURLOPT_CAINFO.";
    gather_well();
}
END_TEST

START_TEST(nobody_else_is_believed)
{
    struct authority other = authority_new();

    new_day(4);
    struct sockaddr_in server = add_trusted();
    struct sockaddr_in stranger = add_secure(&other, "127.0.0.1");
    struct sockaddr_in liar = add_secure(&trusted, "127.0.0.9");
    for (int i = 0; i < 4; i++) {
        over_tls(want_page(0), server);
        want_distrust(
            stranger, "a server for which ca_file does not vouch")
            ->retries = 2;
        want_distrust(liar,
            "a server that shows a certificate for another address")
            ->retries = 2;
        want_page(0);
    }
    authority_free(&other);
    judge_scene("Not all servers were who they should be");
    lesson = "What it says may be of anybody. libcurl asks for a proof "
             "by itself, as long as nobody tells it not to.";
    gather_well();
    check_nothing_sent();
}
END_TEST

/* There is an https call, and a page; any error will do. */
static void
check_trusts_nobody(const char *ca_file, const char *what)
{
    new_day(2);
    struct sockaddr_in server = add_trusted();
    day.ca_file = ca_file;
    struct wanted *wanted = want_distrust(server, "a server of https");
    wanted->attempts = -1;
    want_page(0);
    judge_scene("%s", what);
    int64_t returned = gather();
    if (returned == 0 && results[0].error > CURLE_OK)
        wanted->error = (CURLcode)results[0].error;
    check_answer(returned);
    check_nothing_sent();
}

START_TEST(who_has_no_ca_file_trusts_no_stranger)
{
    char *path = text_copy(judge_path("none.pem"));

    lesson = "Nothing vouches for this server.";
    check_trusts_nobody(NULL, "Called with ca_file = NULL");
    check_trusts_nobody(
        path, "Called with a ca_file that is not there");
    FILE *file = fopen(path, "we");
    if (file == NULL || fputs("no certificate\n", file) < 0 ||
        fclose(file) != 0)
        die("write %s:", path);
    check_trusts_nobody(
        path, "Called with a ca_file in which there is no certificate");
    free(path);
}
END_TEST

/* One of each kind of end; with `again` also after retries, which are
 * no matter of section 6.1. */
static void
want_every_end(bool again)
{
    day.timeout_ms = 1000;
    want_odd_bodies();
    want_refused();
    want_hanging();
    want_silent("");
    want_silent("HTTP/1.1 200 OK\r\n\r\nhalf a bo");
    /* Where a connection that it used again ends without an answer,
     * libcurl itself asks again, and may find another error. */
    for (int i = 0; i < TROUBLES; i++) {
        if (i != RESETS_AT_ONCE && i != CLOSES_AT_ONCE)
            want_in_vain((enum trouble)i);
        if (again)
            want_after(2, (enum trouble)i)->attempts = -1;
    }
    fails(want_url("file:///etc/hostname"), CURLE_UNSUPPORTED_PROTOCOL,
        "a file")
        ->attempts = -1;
    want_page(0)->post = "a=1";
}

static void
check_descriptors(int before)
{
    int after = ask_open_descriptors();

    if (after > before)
        wrong("%d descriptor%s more %s open after api_gather() than "
              "before it.",
            after - before, after - before == 1 ? "" : "s",
            after - before == 1 ? "was" : "were");
}

START_TEST(every_descriptor_is_closed)
{
    for (int window = 1; window < 40; window += 13) {
        int before = ask_open_descriptors();
        new_day(window);
        want_every_end(false);
        gather_well();
        check_descriptors(before);
    }
}
END_TEST

static void
check_memory(void)
{
    if (answer.allocations_left > 0)
        wrong("api_gather() is over, api_free() was called, and %lld "
              "block%s of memory %s not been freed.",
            (long long)answer.allocations_left,
            answer.allocations_left == 1 ? "" : "s",
            answer.allocations_left == 1 ? "has" : "have");
    if (library_blocks > 0)
        wrong("api_gather() is over, and libcurl still holds %lld "
              "block%s of memory more than before. Each handle needs "
              "its curl_easy_cleanup(), curl_multi_cleanup() or "
              "curl_slist_free_all().",
            (long long)library_blocks, library_blocks == 1 ? "" : "s");
}

START_TEST(no_memory_is_kept)
{
    for (int window = 1; window < 40; window += 13) {
        new_day(window);
        want_every_end(false);
        gather_well();
        check_memory();
    }
}
END_TEST

/* The k-th allocation of one kind fails, counted from 0. */
static void
run_out_of_memory(const char *allocator, int k)
{
    static struct text faults;

    faults.length = 0;
    text_addf(&faults, "%s:", allocator);
    for (int i = 0; i < k; i++)
        text_addf(&faults, " ok");
    text_addf(&faults, " ENOMEM");
    new_day(2);
    day.faults = text_string(&faults);
    want_page(0);
    want_body(draw(70000), 70000);
    want_stream(draw(20000), 20000);
    judge_scene("%s() number %d returned NULL", allocator, k + 1);
    if (gather() == 0) {
        for (size_t i = 0; i < day.n; i++) {
            day.wanted[i].attempts = -1;
            if (results[i].error == CURLE_OUT_OF_MEMORY)
                fails(&day.wanted[i], CURLE_OUT_OF_MEMORY, "a page");
            check_result(i);
        }
    } else {
        judge_equal_int("errno was", ENOMEM, answer.error);
    }
    check_memory();
}

START_TEST(memory_that_runs_out_is_reported)
{
    static const struct {
        const char *name;
        enum wrapped call;
    } allocators[] = {{"malloc", WRAPPED_malloc},
        {"calloc", WRAPPED_calloc}, {"realloc", WRAPPED_realloc}};

    lesson = "What cannot be stored is not there: CURLE_OUT_OF_MEMORY.";
    for (size_t i = 0; i < 3; i++) {
        for (int k = 0; k < 12; k++) {
            run_out_of_memory(allocators[i].name, k);
            if (answer.calls[allocators[i].call] <= k)
                break;
        }
    }
}
END_TEST

START_TEST(no_byte_outside_its_memory_is_touched)
{
    new_day(5);
    want_every_end(false);
    gather_well();

    new_day(1);
    want_body(judge_random_bytes(200000), 200000)->page->step =
        1 + judge_random_below(30000);
    want_stream(judge_random_bytes(200000), 200000)->page->step = 977;
    gather_well();
}
END_TEST

/* 6.2 A window that slides ----------------------------------------- */

START_TEST(all_of_them_wait_together)
{
    new_day(32);
    want_pages(32, 0);
    gate_rendezvous(day.origin, 32);
    judge_scene("32 calls, at most 32 in flight");
    gather_well();

    new_day(INT_MAX);
    day.per_host = INT_MAX;
    want_pages(32, 0);
    gate_rendezvous(day.origin, 32);
    judge_scene("32 calls, with max_in_flight = %d", INT_MAX);
    gather_well();
}
END_TEST

START_TEST(where_one_ends_the_next_begins)
{
    for (unsigned pick = 0; pick < 4; pick++) {
        new_day(4);
        want_pages(12, 0);
        gate_refill(day.origin, 4, pick);
        judge_scene("12 calls, at most 4 in flight");
        gather_well();
    }
}
END_TEST

static void
check_in_flight(void)
{
    int most = origin_most_in_flight(day.origin);

    if (most > day.window)
        wrong("%d requests were in flight at once, and max_in_flight "
              "was %d. %s",
            most, day.window, lesson);
    for (int host = 1; host <= 4; host++) {
        most = origin_most_in_flight_at(day.origin, host);
        if (most > day.per_host)
            wrong("%d requests were in flight at once with "
                  "127.0.0.%d, and max_per_host was %d. %s",
                most, host, day.per_host, lesson);
    }
}

START_TEST(never_more_than_the_window)
{
    for (int window = 1; window <= 7; window += 3) {
        new_day(window);
        want_pages(14, SECOND_MS);
        judge_scene("14 answers took a second each, at most %d at once",
            window);
        lesson = "Begin a call only where another one has ended.";
        gather_well();
        check_in_flight();
        lesson = "Whoever may be in flight is.";
        check_time((14 + window - 1) / window * SECOND_MS);
    }
}
END_TEST

START_TEST(never_more_than_a_host_allows)
{
    for (int per_host = 1; per_host <= 3; per_host++) {
        new_day(5);
        day.per_host = per_host;
        add_hosts(3);
        for (int i = 0; i < 24; i++)
            want_page_at(1 + i % 3, SECOND_MS);
        judge_scene(
            "24 answers of three hosts took a second each, with "
            "max_in_flight = 5 and max_per_host = %d",
            per_host);
        gather_well();
        check_in_flight();
    }
}
END_TEST

START_TEST(a_full_host_holds_up_no_other)
{
    new_day(5);
    day.per_host = 2;
    add_hosts(2);
    for (int i = 0; i < 6; i++)
        want_page_at(1, SECOND_MS);
    for (int i = 0; i < 4; i++)
        want_page_at(2, SECOND_MS);
    judge_scene("6 calls to one host, then 4 to another, with "
                "max_in_flight = 5 and max_per_host = 2");
    lesson =
        "Behind a call whose host has enough there may be one that "
        "can begin.";
    gather_well();
    check_in_flight();
    for (size_t i = 6; i < 10; i++)
        check_arrival("A request to the second host",
            day.wanted[i].page, 0, SECOND_MS);
    check_time(3 * SECOND_MS);
}
END_TEST

START_TEST(connections_are_used_again)
{
    for (int per_host = 1; per_host <= 3; per_host += 2) {
        new_day(4);
        day.per_host = per_host;
        add_hosts(2);
        for (int i = 0; i < 40; i++)
            want_page_at(1 + i % 2, 10);
        judge_scene("40 calls to two hosts, which keep their "
                    "connections open, with max_per_host = %d",
            per_host);
        gather_well();
        for (int host = 1; host <= 2; host++) {
            int made = origin_connections_at(day.origin, host);
            if (made > per_host)
                wrong("%d connections were made to 127.0.0.%d for 20 "
                      "requests. A connection that the server keeps "
                      "open is used again, if one multi handle does it "
                      "all.",
                    made, host);
        }
    }
}
END_TEST

START_TEST(by_https_they_wait_together_too)
{
    new_day(8);
    struct sockaddr_in server = add_trusted();
    for (int i = 0; i < 8; i++)
        over_tls(want_page(0), server);
    gate_rendezvous(day.origin, 8);
    judge_scene("8 calls by https, at most 8 in flight");
    gather_well();

    new_day(4);
    server = add_trusted();
    for (int i = 0; i < 40; i++)
        over_tls(want_page(10), server);
    judge_scene("40 calls by https, at most 4 in flight");
    lesson = "Whoever may be in flight is.";
    gather_well();
    check_in_flight();
    check_time(100);
    if (origin_connections(day.origin) > 4)
        wrong("%d connections were made. Each takes a handshake; one "
              "that the server keeps open is used again.",
            origin_connections(day.origin));
}
END_TEST

/* 6.3 Again, but not everything ------------------------------------ */

START_TEST(a_get_that_failed_is_tried_again)
{
    for (int i = 0; i < TROUBLES; i++) {
        new_day(1);
        day.timeout_ms = 2000;
        struct wanted *wanted = want_after(2, (enum trouble)i);
        wanted->what = "a page that came with the third attempt";
        judge_scene("Twice an attempt %s", troubles[i].what);
        lesson = "A GET may be asked again.";
        gather_well();
        judge_equal_int("The server was asked so many times:", 3,
            count_requests(wanted));
    }
}
END_TEST

START_TEST(nothing_is_tried_more_often_than_that)
{
    for (int i = 0; i < TROUBLES; i++) {
        for (int retries = 0; retries <= 2; retries += 2) {
            new_day(1);
            day.timeout_ms = 2000;
            struct wanted *wanted = want_in_vain((enum trouble)i);
            wanted->retries = retries;
            wanted->attempts = retries + 1;
            judge_scene("Each attempt %s, with retries = %d",
                troubles[i].what, retries);
            lesson = "The result is that of the last attempt.";
            gather_well();
            judge_equal_int("The server was asked so many times:",
                retries + 1, count_requests(wanted));
        }
    }
    new_day(2);
    struct wanted *refused = want_refused();
    refused->retries = 3;
    refused->attempts = 4;
    judge_scene("Nobody listened, with retries = 3");
    gather_well();
}
END_TEST

START_TEST(the_last_attempt_is_the_result)
{
    new_day(1);
    struct wanted *wanted = want_in_vain(SAYS_503);
    go_wrong(origin_again(wanted->page), RESETS_IN_MID_BODY);
    fails(wanted, CURLE_RECV_ERROR, "a page that failed in the end");
    wanted->retries = 1;
    wanted->attempts = 2;
    judge_scene("The first attempt was answered with 503, the second "
                "was reset in mid-body");
    lesson = "Of the attempts before the last nothing is left.";
    gather_well();

    new_day(1);
    wanted = want_in_vain(RESETS_IN_MID_BODY);
    fill(origin_again(wanted->page), 404, "", "Gone", 4);
    wanted->status = 404;
    wanted->error = CURLE_OK;
    wanted->body = "Gone";
    wanted->length = 4;
    wanted->what = "an answer of 404";
    wanted->retries = 5;
    wanted->attempts = 2;
    judge_scene(
        "The first attempt was reset in mid-body, the second was "
        "answered with 404");
    gather_well();
}
END_TEST

START_TEST(a_failed_body_is_not_in_the_next)
{
    for (int i = 0; i < TROUBLES; i++) {
        new_day(1);
        day.timeout_ms = 2000;
        struct wanted *wanted = want_after(1, (enum trouble)i);
        if (i == STAYS_SILENT)
            text_addf(&wanted->page->answer,
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf");
        judge_scene("The first attempt %s", troubles[i].what);
        lesson = "Bytes of an attempt that failed are forgotten.";
        gather_well();
    }
}
END_TEST

START_TEST(what_would_not_help_is_not_repeated)
{
    static const int statuses[] = {
        200, 204, 304, 400, 401, 403, 404, 408, 409, 410, 418, 499};

    new_day(2);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        bool bare = statuses[i] == 204 || statuses[i] == 304;
        struct wanted *wanted =
            want_headed(1, statuses[i], "", "No.", bare ? 0 : 3);
        wanted->what = text_format("an answer of %d", statuses[i]);
        wanted->retries = 3;
    }
    lesson = "It would be the same again. Only 429 and 500 to 599 may "
             "pass.";
    gather_well();
    for (size_t i = 0; i < day.n; i++)
        judge_equal_int("The server was asked so many times:", 1,
            count_requests(&day.wanted[i]));

    new_day(2);
    struct wanted *wanted = want_text("what?\r\n\r\n");
    wanted->retries = 3;
    judge_scene("The server spoke something else than HTTP");
    gather();
    judge_equal_int("The attempts are", 1, results[0].attempts);
}
END_TEST

START_TEST(a_post_is_never_repeated)
{
    for (int i = 0; i < TROUBLES; i++) {
        new_day(1);
        day.timeout_ms = 2000;
        struct wanted *wanted = want_in_vain((enum trouble)i);
        wanted->post = "pay=100";
        wanted->retries = 3;
        judge_scene("A POST %s, with retries = 3", troubles[i].what);
        lesson =
            "Nobody knows what the server did with it: twice might "
            "be twice too much.";
        gather_well();
        judge_equal_int("The server was asked so many times:", 1,
            count_requests(wanted));
    }
    new_day(1);
    struct wanted *refused = want_refused();
    refused->post = "pay=100";
    refused->retries = 3;
    judge_scene("A POST found nobody who listened, with retries = 3");
    gather_well();
}
END_TEST

START_TEST(an_attempt_leaves_nothing_behind)
{
    for (int window = 1; window < 40; window += 13) {
        int before = ask_open_descriptors();
        new_day(window);
        want_every_end(true);
        gather_well();
        check_descriptors(before);
        check_memory();
    }
}
END_TEST

START_TEST(each_pause_is_twice_as_long)
{
    static const int pauses[] = {100, 3000, 0};

    for (int i = 0; i < 3; i++) {
        int64_t from_ms = 0, to_ms = 0, pause_ms = pauses[i];
        new_day(1);
        day.backoff_ms = pauses[i];
        struct wanted *wanted = want_after(5, SAYS_503);
        judge_scene("Five times the answer was 503, with backoff_ms = "
                    "%d",
            pauses[i]);
        lesson = "Retry k begins backoff_ms * 2^(k-1) ms after the end "
                 "of the attempt before it, and at most half as much "
                 "later.";
        gather_well();
        for (int k = 2; k <= 6; k++, pause_ms *= 2) {
            char what[40];
            from_ms =
                attempt(wanted, k - 1)->arrived_ns / ms + pause_ms;
            to_ms = from_ms + pause_ms / 2;
            snprintf(what, sizeof what, "Attempt %d", k);
            check_arrival(what, attempt(wanted, k), from_ms, to_ms);
        }
    }
}
END_TEST

START_TEST(a_pause_begins_when_the_attempt_ends)
{
    new_day(1);
    day.backoff_ms = 500;
    struct wanted *wanted = want_after(1, SAYS_503);
    wanted->page->delay_ms = 700;
    judge_scene("An answer of 503 took 700 ms, with backoff_ms = 500");
    lesson = "The pause begins with the end of the attempt.";
    gather_well();
    check_arrival("Attempt 2", attempt(wanted, 2), 1200, 1450);

    new_day(1);
    day.backoff_ms = 500;
    day.timeout_ms = 2000;
    wanted = want_after(1, STAYS_SILENT);
    judge_scene("No answer came for 2 s, with timeout_ms = 2000 and "
                "backoff_ms = 500");
    gather_well();
    check_arrival("Attempt 2", attempt(wanted, 2), 2500, 2750);
}
END_TEST

START_TEST(a_server_may_say_when)
{
    static const int statuses[] = {503, 429};

    for (int i = 0; i < 2; i++) {
        new_day(2);
        day.backoff_ms = 100;
        struct wanted *wanted = want_after(2, SAYS_503);
        fill(
            wanted->page, statuses[i], "Retry-After: 7\r\n", "wait", 4);
        judge_scene("The answer was %d, with Retry-After: 7, then 503 "
                    "without it; backoff_ms = 100",
            statuses[i]);
        lesson = "Who says Retry-After is asked again so many seconds "
                 "later: CURLINFO_RETRY_AFTER.";
        gather_well();
        check_arrival("Attempt 2", attempt(wanted, 2), 7000, 10500);
        int64_t second_ms = attempt(wanted, 2)->arrived_ns / ms;
        check_arrival("Attempt 3", attempt(wanted, 3), second_ms + 200,
            second_ms + 300);
    }
}
END_TEST

START_TEST(who_pauses_holds_up_nobody)
{
    new_day(2);
    day.backoff_ms = MINUTE_MS;
    struct wanted *paused = want_after(1, SAYS_503);
    want_page(SECOND_MS);
    want_page(SECOND_MS);
    want_page(SECOND_MS);
    want_page(SECOND_MS);
    judge_scene("One call was told 503, with backoff_ms = 60000; four "
                "others, of a second each, with max_in_flight = 2");
    lesson = "While a call waits for its next attempt it is not in "
             "flight: the others go on.";
    gather();
    int64_t latest_ms = 0;
    for (size_t i = 1; i < 5; i++) {
        int64_t at_ms = day.wanted[i].page->arrived_ns / ms;
        if (day.wanted[i].page->arrived_ns < 0)
            at_ms = INT64_MAX;
        latest_ms = at_ms > latest_ms ? at_ms : latest_ms;
    }
    if (latest_ms >= MINUTE_MS)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "One call had to wait a minute for its next attempt; your "
            "program did not begin the others before that was over. It "
            "sleeps instead of waiting for all of them.");
    check_arrival(
        "The fourth of the others", day.wanted[4].page, 1000, 1000);
    check_arrival(
        "Attempt 2", attempt(paused, 2), MINUTE_MS, MINUTE_MS * 3 / 2);
    check_answer(0);
}
END_TEST

START_TEST(retries_stay_within_the_window)
{
    for (int i = 0; i < 2; i++) {
        new_day(3);
        day.per_host = i == 0 ? 2 : 8;
        day.backoff_ms = SECOND_MS;
        for (int k = 0; k < 8; k++) {
            struct wanted *wanted = want_after(1, SAYS_503);
            wanted->page->next->delay_ms = 10 * SECOND_MS;
        }
        judge_scene(
            "8 calls were told 503 at once, and then answered "
            "after ten seconds each, with max_in_flight = 3 and "
            "max_per_host = %d",
            day.per_host);
        lesson = "A retry takes its place in the window like any other "
                 "attempt.";
        gather_well();
        check_in_flight();
    }
}
END_TEST

/* 6.4 Deadlines ---------------------------------------------------- */

START_TEST(an_attempt_times_out)
{
    static const char *const texts[] = {"", "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\n\r\nand then"};

    for (size_t i = 0; i < 4; i++) {
        new_day(1);
        day.timeout_ms = 250;
        want_silent(texts[i]);
        judge_scene("The server sent %zu bytes and fell silent, with "
                    "timeout_ms = 250",
            strlen(texts[i]));
        gather_well();
        check_time(250);
    }
    new_day(1);
    day.timeout_ms = 5000;
    want_hanging();
    judge_scene("Connecting took for ever, with timeout_ms = 5000");
    gather_well();
    check_time(5000);
}
END_TEST

START_TEST(bytes_that_drip_do_not_move_a_deadline)
{
    new_day(1);
    day.timeout_ms = 1000;
    struct wanted *wanted = fails(
        want_text("HTTP/1.1 200 OK\r\n\r\nFor some time now bytes "
                  "have come."),
        CURLE_OPERATION_TIMEDOUT,
        "a server that sends one byte after the other");
    wanted->page->step = 1;
    wanted->page->every_ms = 30;
    judge_scene("A byte came every 30 ms, with timeout_ms = 1000");
    lesson = "The time is that of the whole attempt; a byte that comes "
             "does not make it longer.";
    gather_well();
    check_time(1000);

    new_day(1);
    day.deadline_ms = 1000;
    wanted = fails(want_text("HTTP/1.1 200 OK\r\n\r\nFor some time now "
                             "bytes have come."),
        CURLE_OPERATION_TIMEDOUT,
        "a server that sends one byte after the other");
    wanted->page->step = 1;
    wanted->page->every_ms = 30;
    judge_scene("A byte came every 30 ms, with deadline_ms = 1000");
    lesson = "The deadline is there while bytes come, too.";
    gather_well();
    check_time(1000);
}
END_TEST

START_TEST(each_attempt_has_its_own_time)
{
    new_day(1);
    day.timeout_ms = 100;
    for (int i = 0; i < 3; i++)
        want_page(80);
    judge_scene("Three pages of 80 ms, one at a time, with timeout_ms "
                "= 100");
    lesson = "timeout_ms is of each attempt, from its own beginning.";
    gather_well();
    check_time(240);

    new_day(2);
    day.timeout_ms = 100;
    want_page(40);
    want_silent("");
    want_silent("");
    want_page(70);
    judge_scene("Two at a time, with timeout_ms = 100: a page of 40 "
                "ms, two servers that never answer, a page of 70 ms");
    gather_well();
    check_time(170);
}
END_TEST

/* The call is cut off by the deadline, after so many attempts. */
static void
cut_off(struct wanted *wanted, int attempts, const char *what)
{
    fails(wanted, CURLE_OPERATION_TIMEDOUT, what);
    wanted->attempts = attempts;
}

START_TEST(the_deadline_ends_everything)
{
    new_day(3);
    day.deadline_ms = 3000;
    day.backoff_ms = MINUTE_MS;
    want_page(SECOND_MS);
    struct wanted *paused = want_after(1, SAYS_503);
    cut_off(paused, 1, "one that waited for its next attempt");
    want_page(0)->post = "a=1";
    want_silent(
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf a b");
    want_silent("");
    cut_off(want_hanging(), 1, "an address where connecting hangs");
    cut_off(want_page(0), 0, "one that never had its turn");
    judge_scene(
        "Three at a time, with deadline_ms = 3000: two pages, a "
        "503, two servers that fall silent, one that does not "
        "let connect, and one page more");
    lesson = "At the deadline all that is not done ends: what is in "
             "flight, what pauses, and what has not begun.";
    gather_well();
    check_time(3000);
}
END_TEST

START_TEST(the_deadline_ends_a_pause)
{
    new_day(2);
    day.deadline_ms = 5000;
    day.backoff_ms = 4000;
    cut_off(
        want_after(3, SAYS_503), 2, "one that waited for an attempt");
    judge_scene("503 again and again, with backoff_ms = 4000 and "
                "deadline_ms = 5000");
    lesson = "No pause is longer than what is left until the deadline.";
    gather();
    /* With a jitter the second attempt begins at 4 to 6 s. */
    day.wanted[0].attempts = results[0].attempts == 1 ? 1 : 2;
    check_answer(0);
    check_time(5000);
}
END_TEST

START_TEST(the_deadline_leaves_nothing_behind)
{
    int before = ask_open_descriptors();

    new_day(2);
    day.deadline_ms = 500;
    want_silent("HTTP/1.1 200 OK\r\n\r\nhalf a bo");
    fails(want_after(1, SAYS_503), CURLE_OPERATION_TIMEDOUT,
        "one that waited for its next attempt");
    for (int i = 0; i < 4; i++)
        fails(want_page(SECOND_MS), CURLE_OPERATION_TIMEDOUT, "a page");
    for (size_t i = 0; i < day.n; i++)
        day.wanted[i].attempts = -1;
    judge_scene("The deadline came in the middle");
    gather_well();
    check_descriptors(before);
    check_memory();
}
END_TEST

START_TEST(a_deadline_may_be_weeks_away)
{
    new_day(2);
    day.timeout_ms = INT_MAX;
    day.deadline_ms = INT_MAX;
    day.backoff_ms = 4 * SECOND_MS;
    want_page(2 * SECOND_MS);
    struct wanted *wanted = want_after(3, SAYS_503);
    want_page(0);
    judge_scene("timeout_ms and deadline_ms were %d", INT_MAX);
    lesson = "A number of milliseconds may be as large as that: count "
             "them in int64_t.";
    gather_well();
    check_arrival(
        "Attempt 2", attempt(wanted, 2), 4 * SECOND_MS, 6 * SECOND_MS);
    check_time(attempt(wanted, 4)->arrived_ns / ms);
}
END_TEST

START_TEST(who_hangs_holds_up_nobody)
{
    new_day(3);
    day.timeout_ms = MINUTE_MS;
    want_silent("");
    want_hanging();
    for (int i = 0; i < 8; i++)
        want_page(100);
    judge_scene("One server never answered, one did not let connect, "
                "and 8 took 100 ms each, with max_in_flight = 3");
    lesson = "The places that are left serve the others.";
    gather_well();
    check_arrival("The last request", day.wanted[9].page, 700, 700);
    check_time(MINUTE_MS);
}
END_TEST

/* 6.5 One wait for everything -------------------------------------- */

/* The test rings, and never read in vain. */
static void
check_bell(int times)
{
    if (on_fd_calls != times)
        wrong("wait_fd could be read %d times, and on_fd was called %d "
              "times.",
            times, on_fd_calls);
}

START_TEST(its_own_work_goes_on_meanwhile)
{
    new_day(4);
    want_pages(6, 0);
    add_bell();
    own_work_gate(day.origin, day.bell, day.bell_ends[1], 3);
    judge_scene("6 calls, at most 4 in flight");
    gather_well();
    check_bell(3);
}
END_TEST

START_TEST(its_own_work_goes_on_in_a_pause)
{
    new_day(4);
    day.backoff_ms = MINUTE_MS;
    struct wanted *wanted = want_after(1, SAYS_503);
    add_bell();
    struct event events[] = {
        {10 * SECOND_MS, EVENT_SEND, day.bell_ends[1], "!", 1},
        {20 * SECOND_MS, EVENT_SEND, day.bell_ends[1], "!", 1},
        {30 * SECOND_MS, EVENT_SEND, day.bell_ends[1], "!", 1},
    };
    day.events = events;
    day.event_count = 3;
    judge_scene("The only call paused for a minute, and meanwhile "
                "wait_fd could be read three times");
    lesson = "A pause is a wait like any other: in the same poll.";
    gather_well();
    /* A late one is told as late, however often it then was served. */
    if (day.bell->done_ns > 30 * SECOND_MS * ms)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "wait_fd could be read after 10, 20 and 30 s, and the "
            "last call of on_fd came after %lld ms. %s",
            (long long)(day.bell->done_ns / ms), lesson);
    check_bell(3);
    check_arrival(
        "Attempt 2", attempt(wanted, 2), MINUTE_MS, MINUTE_MS * 3 / 2);
}
END_TEST

/* How many entries a folder of /proc has. */
static int
count_entries(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;

    if (folder == NULL)
        die("open %s:", path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void
look_for_others(void)
{
    char path[64], line[256];
    int pid = (int)ask_probe();

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    int threads = count_entries(path);
    if (threads != 1)
        wrong("While all requests were in flight, your program had %d "
              "threads. api.h asks for one: a multi handle is there so "
              "that one can wait for all.",
            threads);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *children = fopen(path, "r");
    if (children == NULL)
        judge_skip("this kernel does not list children in /proc");
    bool has_child = fgets(line, sizeof line, children) != NULL;
    fclose(children);
    if (has_child)
        wrong("While all requests were in flight, your program had "
              "started another process. api.h asks for one thread in "
              "one process.");
}

/* Withholds all answers until all requests are in flight and the
 * program was looked at. */
static int held;

static bool
look_and_let_go(struct origin *origin, void *self)
{
    (void)self;
    if (held == 0 || origin_in_flight(origin) < held)
        return false;
    look_for_others();
    held = 0;
    for (size_t i = 0; i < origin_pages(origin); i++)
        origin_at(origin, i)->allowed = SIZE_MAX;
    return true;
}

static bool
give_up(struct origin *origin, void *self)
{
    (void)self;
    if (held == 0)
        return false;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The server waited for %d requests at once, and %d %s in "
        "flight when your program had nothing else to do.",
        held, origin_in_flight(origin),
        origin_in_flight(origin) == 1 ? "was" : "were");
}

START_TEST(one_thread_does_it_all)
{
    const struct origin_gate gate = {
        NULL, look_and_let_go, give_up, NULL};

    new_day(8);
    want_pages(8, 0);
    held = 8;
    for (size_t i = 0; i < day.n; i++)
        day.wanted[i].page->allowed = 0;
    origin_set_gate(day.origin, &gate);
    judge_scene("8 calls, at most 8 in flight");
    gather_well();
}
END_TEST

START_TEST(it_sleeps_while_nothing_happens)
{
    new_day(8);
    want_pages(8, 0);
    gate_hold(day.origin, MINUTE_MS / 2, 50);
    judge_scene("The server kept 8 requests waiting for half a minute");
    gather_well();
}
END_TEST

/* So often the program looked whether something had happened. */
static void
check_looks(int most)
{
    int64_t looks = answer.calls[WRAPPED_select] +
                    answer.calls[WRAPPED_poll] +
                    answer.calls[WRAPPED_nanosleep];

    if (looks > most)
        judge_fail(VERDICT_BUSY_WAITING,
            "Your program woke up %lld times to look whether something "
            "had happened, and %d would do. %s",
            (long long)looks, most, lesson);
}

START_TEST(it_sleeps_through_a_pause)
{
    new_day(4);
    day.backoff_ms = MINUTE_MS / 2;
    want_after(1, SAYS_503);
    judge_scene("The only call paused for half a minute");
    lesson =
        "With nothing in flight libcurl has nothing to wait for, "
        "and curl_multi_wait() comes back at once: sleep until the "
        "next attempt.";
    gather_well();
    check_looks(50);
}
END_TEST

START_TEST(it_sleeps_until_the_first_deadline)
{
    new_day(4);
    day.timeout_ms = MINUTE_MS / 2;
    for (int i = 0; i < 3; i++)
        want_silent("");
    want_hanging();
    judge_scene("Four servers said nothing for half a minute");
    lesson = "Ask libcurl when it wants to be called again, and sleep "
             "until then.";
    gather_well();
    check_time(MINUTE_MS / 2);
    check_looks(50);
}
END_TEST

START_TEST(a_signal_interrupts_no_call)
{
    new_day(3);
    day.faults =
        "poll: EINTR EINTR ok EINTR; select: EINTR EINTR ok EINTR";
    want_pages(6, 20);
    want_after(1, SAYS_503);
    judge_scene("Signals interrupted the wait (EINTR)");
    lesson = "That is no failure: wait again.";
    gather_well();
}
END_TEST

START_TEST(a_descriptor_past_the_set_does_no_harm)
{
    enum { SET = 1024 }; /* FD_SETSIZE, which is this everywhere */

    for (int lowest = SET - 3; lowest <= SET + 40; lowest += 43) {
        int before = ask_open_descriptors(), refused = 0;
        new_day(4);
        day.lowest = lowest;
        want_pages(4, 10);
        judge_scene("The first free descriptor was %d", lowest);
        lesson = "curl_multi_fdset() leaves out what does not fit into "
                 "an fd_set, silently. Use curl_multi_poll(); or let "
                 "CURLOPT_OPENSOCKETFUNCTION refuse it.";
        int64_t returned = gather();
        for (size_t i = 0; returned == 0 && i < day.n; i++) {
            if (results[i].error != CURLE_COULDNT_CONNECT)
                continue;
            fails(&day.wanted[i], CURLE_COULDNT_CONNECT, "a page");
            refused++;
        }
        check_answer(returned);
        check_time(refused == 4 ? 0 : 10);
        check_descriptors(before);
    }
}
END_TEST

/* What is timed ---------------------------------------------------- */

/*
 * A unit is one call of api_gather() in real time: many calls, most of
 * them quick, a few slow, at places that are drawn. A window that
 * slides hides the slow ones; in batches each is waited for. The waits
 * are the same in every unit, in another order, so that all units are
 * equal; paths and bodies are of one unit alone.
 */
struct unit {
    struct day day;
    struct ask ask;
    struct answer answer;
};

static struct unit *timed;

/* The waits of all pages, ascending: from the least to the most, by
 * the fourth power, so that half are the least or little more. */
static void
spread(int64_t *delays_ms, size_t pages)
{
    int64_t least = judge_size("least_ms"),
            most = judge_size("most_ms");

    for (size_t i = 0; i < pages; i++) {
        double share = (double)(i + 1) / (double)pages;
        delays_ms[i] = least + (int64_t)((double)(most - least) *
                                         share * share * share * share);
    }
}

/* The same in an order that is drawn, the last page first: none is
 * slower than those behind it will keep the window busy. A slow one at
 * the end would be waited for alone, whatever a program does. */
static void
draw_order(int64_t *delays_ms, size_t pages, int window)
{
    int64_t left[MOST], later_ms = 0;

    memcpy(left, delays_ms, pages * sizeof left[0]);
    for (size_t i = pages; i > 0; i--) {
        size_t most = 1;
        while (most < i && left[most] <= left[0] + later_ms / window)
            most++;
        size_t k = judge_random_below(most);
        delays_ms[i - 1] = left[k];
        later_ms += left[k];
        memmove(&left[k], &left[k + 1], (i - 1 - k) * sizeof left[0]);
    }
}

static void
prepare_unit(struct unit *unit)
{
    int64_t delays_ms[MOST];
    size_t pages = (size_t)judge_size("calls");
    size_t most_body = (size_t)judge_size("body_kib") << 10;

    if (pages > MOST)
        die("lab.yaml: speed: workload: more than %d calls", MOST);
    new_day((int)judge_size("window"));
    day.real_time = true;
    spread(delays_ms, pages);
    draw_order(delays_ms, pages, day.window);
    for (size_t i = 0; i < pages; i++) {
        size_t length = most_body - judge_random_below(most_body / 2);
        want_body(judge_random_bytes(length), length)->page->delay_ms =
            delays_ms[i];
    }
    *unit = (struct unit){.day = day, .ask = question()};
    day = (struct day){0};
}

static void
prepare_work(int units)
{
    timed = text_zeroed((size_t)units, sizeof *timed);
    for (int i = 0; i < units; i++)
        prepare_unit(&timed[i]);
}

static void
work(int units)
{
    for (int i = 0; i < units; i++)
        ask_send(&timed[i].ask, &timed[i].answer);
}

/* The waits of this unit, which the server kept. */
static void
add_waits(struct bound_waits *bound)
{
    int64_t waits_ns[MOST];

    for (size_t i = 0; i < day.n; i++) {
        const struct origin_page *page = day.wanted[i].page;
        waits_ns[i] = page->released_ns - page->arrived_ns;
    }
    bound_waits_add(bound, waits_ns, day.n);
}

static void
check_work(int units)
{
    struct bound_waits bound = {.window = timed[0].day.window};
    struct text words = {0};

    judge_scene("In real time, %zu calls, at most %d in flight",
        timed[0].day.n, bound.window);
    for (int i = 0; i < units; i++) {
        day = timed[i].day;
        answer = timed[i].answer;
        check_answer(read_answer());
        check_in_flight();
        add_waits(&bound);
    }
    bound_waits_words(&bound, &words);
    judge_bound(bound.seconds, "%s", text_string(&words));
    text_free(&words);
}

static const struct judge_workload workload = {
    prepare_work, work, check_work};

/* The table -------------------------------------------------------- */

/* clang-format off */
#define RIGHT(section, name) {section, PART_ANSWERS, BUILD_PLAIN, &name}
#define ROUGH(section, name) {section, PART_WEATHER, BUILD_PLAIN, &name}
#define CLEAN(section, name) \
    {section, PART_WEATHER, BUILD_SANITIZED, &name}
#define PROOF(section, name) {section, PART_PROOF, BUILD_PLAIN, &name}
/* clang-format on */

static const char one[] = "6.1 One call, one answer";
static const char window[] = "6.2 A window that slides";
static const char again[] = "6.3 Again, but not everything";
static const char deadlines[] = "6.4 Deadlines";
static const char waits[] = "6.5 One wait for everything";

static const struct judge_test tests[] = {
    RIGHT(one, no_calls_are_no_work),
    RIGHT(one, options_out_of_range_are_refused),
    RIGHT(one, every_call_gets_its_own_answer),
    RIGHT(one, a_body_is_bytes),
    RIGHT(one, a_large_body_arrives_whole),
    RIGHT(one, an_error_of_the_server_is_an_answer),
    RIGHT(one, a_redirection_is_not_followed),
    RIGHT(one, what_is_posted_arrives),
    RIGHT(one, only_http_is_spoken),
    RIGHT(one, no_proxy_is_asked),
    RIGHT(one, https_is_spoken_with_whom_ca_file_trusts),
    RIGHT(one, nobody_else_is_believed),
    ROUGH(one, who_has_no_ca_file_trusts_no_stranger),
    ROUGH(one, every_descriptor_is_closed),
    ROUGH(one, no_memory_is_kept),
    ROUGH(one, memory_that_runs_out_is_reported),
    CLEAN(one, no_byte_outside_its_memory_is_touched),
    RIGHT(window, answers_that_come_together_all_count),
    PROOF(window, all_of_them_wait_together),
    PROOF(window, where_one_ends_the_next_begins),
    PROOF(window, never_more_than_the_window),
    PROOF(window, never_more_than_a_host_allows),
    PROOF(window, a_full_host_holds_up_no_other),
    PROOF(window, connections_are_used_again),
    PROOF(window, by_https_they_wait_together_too),
    RIGHT(again, a_get_that_failed_is_tried_again),
    RIGHT(again, nothing_is_tried_more_often_than_that),
    RIGHT(again, the_last_attempt_is_the_result),
    RIGHT(again, a_failed_body_is_not_in_the_next),
    RIGHT(again, what_would_not_help_is_not_repeated),
    RIGHT(again, a_post_is_never_repeated),
    ROUGH(again, an_attempt_leaves_nothing_behind),
    ROUGH(again, each_pause_is_twice_as_long),
    ROUGH(again, a_pause_begins_when_the_attempt_ends),
    ROUGH(again, a_server_may_say_when),
    PROOF(again, who_pauses_holds_up_nobody),
    PROOF(again, retries_stay_within_the_window),
    ROUGH(deadlines, an_attempt_times_out),
    ROUGH(deadlines, bytes_that_drip_do_not_move_a_deadline),
    ROUGH(deadlines, each_attempt_has_its_own_time),
    ROUGH(deadlines, the_deadline_ends_everything),
    ROUGH(deadlines, the_deadline_ends_a_pause),
    ROUGH(deadlines, the_deadline_leaves_nothing_behind),
    ROUGH(deadlines, a_deadline_may_be_weeks_away),
    PROOF(deadlines, who_hangs_holds_up_nobody),
    PROOF(waits, its_own_work_goes_on_meanwhile),
    PROOF(waits, its_own_work_goes_on_in_a_pause),
    PROOF(waits, one_thread_does_it_all),
    PROOF(waits, it_sleeps_while_nothing_happens),
    PROOF(waits, it_sleeps_through_a_pause),
    PROOF(waits, it_sleeps_until_the_first_deadline),
    ROUGH(waits, a_signal_interrupts_no_call),
    {waits, PART_WEATHER, BUILD_FORTIFIED,
        &a_descriptor_past_the_set_does_no_harm},
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
