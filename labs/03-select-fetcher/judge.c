#include "judge/ask.h"
#include "judge/bound_waits.h"
#include "judge/gate.h"
#include "judge/judge.h"
#include "judge/origin.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The judge of lab 03.
 *
 * A test sets up a day: an origin server with its pages, and the
 * requests for them, each with the result that it must have. Then it
 * lets the program fetch them all, and compares. All of that is in
 * virtual time: the clock turns only while the program waits and
 * nothing is on its way, so that a deadline is exact, and that a
 * program waits for somebody it should not wait for shows in the time
 * at which it was done.
 *
 * Concurrency is proved by gates (gate.h), which withhold answers.
 *
 *   a day, its pages and requests; fetching and comparing
 *   3.1 to 3.5: the tests
 *   the table, and what is timed
 */

enum {
    MOST = 1024,
    MINUTE_MS = 60 * 1000,
    DAY_MS = 24 * 60 * MINUTE_MS
};

/* What one request must come to. */
struct wanted {
    struct sockaddr_in address;
    const char *host;
    char *path;
    struct origin_page *page; /* NULL: none of its own */
    const char *what;         /* "an answer of 5 bytes" */
    int status, error;
    const char *body;
    size_t length;
};

/* As the probe takes it apart. */
struct packed {
    struct sockaddr_in address;
    int32_t page;
};

static struct day {
    struct origin *origin;
    int window, timeout_ms;
    size_t max_body;
    int lowest;  /* descriptors below are taken */
    bool untold; /* no on_done */
    bool real_time;
    const char *faults;
    const struct event *events;
    size_t event_count;
    size_t n;
    struct wanted wanted[MOST];
} day;

/* What came back of request i, and what on_done was told k-th. */
static struct result {
    int status, error;
    size_t length;
    bool has_body;
    const char *body;
} results[MOST];

static struct telling {
    size_t i;
    bool fits;
    int error;
    size_t length;
} told[MOST];

static size_t told_count;
static struct answer answer;    /* of the last call */
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

/* A day, its pages and requests ------------------------------------ */

/* A server without pages, and no requests. */
static void
new_day(int window)
{
    if (day.origin != NULL)
        origin_free(day.origin);
    for (size_t i = 0; i < day.n; i++)
        free(day.wanted[i].path);
    day = (struct day){.origin = origin_new(-1),
        .window = window,
        .timeout_ms = MINUTE_MS,
        .max_body = 64 << 20};
}

static struct wanted *
want(struct sockaddr_in address, const char *path)
{
    if (day.n == MOST)
        die("more than %d requests", MOST);
    struct wanted *wanted = &day.wanted[day.n++];
    *wanted = (struct wanted){.address = address,
        .host = "127.0.0.1",
        .path = text_copy(path),
        .what = "a page",
        .status = 200,
        .body = ""};
    return wanted;
}

/* A page of a path that nobody can know, and a request for it. */
static struct wanted *
want_path(const char *path, const char *answer_bytes, size_t length)
{
    struct wanted *wanted = want(origin_address(day.origin), path);

    wanted->page = origin_page(day.origin, path);
    text_add(&wanted->page->answer, answer_bytes, length);
    return wanted;
}

static struct wanted *
want_answer(const char *answer_bytes, size_t length)
{
    char path[64];

    snprintf(path, sizeof path, "/%zu-%08llx", day.n,
        (unsigned long long)judge_random_below(UINT32_MAX));
    return want_path(path, answer_bytes, length);
}

/* An answer that is a string: no zeros in it. Nothing is expected. */
static struct wanted *
want_text(const char *text)
{
    return want_answer(text, strlen(text));
}

/* Head and body; `head` is all headers, with their "\r\n". The body
 * must stay where it is. */
static struct wanted *
want_headed(
    int status, const char *headers, const char *body, size_t length)
{
    struct text text = {0};

    text_addf(&text, "HTTP/1.%d %d Some words\r\n%s\r\n",
        (int)judge_random_below(2), status, headers);
    text_add(&text, body, length);
    struct wanted *wanted = want_answer(text.bytes, text.length);
    text_free(&text);
    wanted->status = status;
    wanted->body = body;
    wanted->length = length;
    return wanted;
}

/* A good page with its length in a header, or without. */
static struct wanted *
want_body(const char *body, size_t length, bool sized)
{
    char headers[64] = "Server: origin\r\n";

    if (sized)
        snprintf(headers, sizeof headers,
            "Server: origin\r\nContent-Length: %zu\r\n", length);
    struct wanted *wanted = want_headed(200, headers, body, length);
    wanted->what =
        sized ? "a page with a Content-Length"
              : "a page without Content-Length, which ends with the "
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
want_page(int64_t delay_ms)
{
    size_t length = 20 + judge_random_below(60);
    struct wanted *wanted = want_body(draw(length), length, true);

    wanted->page->delay_ms = delay_ms;
    return wanted;
}

static void
want_pages(size_t n)
{
    while (day.n < n)
        want_page(0);
}

/* The request is to fail so. */
static struct wanted *
fails(struct wanted *wanted, int error, const char *what)
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
        ECONNREFUSED, "an address where nobody listens");
}

static struct wanted *
want_hanging(void)
{
    return fails(want(origin_hanging(day.origin), "/hanging"),
        ETIMEDOUT, "an address where connecting takes for ever");
}

/* A server that takes the request, says `text`, and then nothing. */
static struct wanted *
want_silent(const char *text)
{
    struct wanted *wanted = want_text(text);

    wanted->page->end = ORIGIN_STAYS;
    return fails(wanted, ETIMEDOUT,
        text[0] == '\0' ? "a server that never answers"
                        : "a server that falls silent in mid-answer");
}

/* An answer that ends early, or is none. */
static struct wanted *
want_broken(const char *text)
{
    return fails(want_text(text), EPROTO, "an answer that is none");
}

static struct wanted *
want_reset(const char *text)
{
    struct wanted *wanted = want_text(text);

    wanted->page->end = ORIGIN_RESETS;
    return fails(
        wanted, ECONNRESET, "a server that resets the connection");
}

/* Fetching and comparing ------------------------------------------- */

/* The question: fetch all of it. */
static struct ask
question(void)
{
    struct ask ask = ask_new("fetch_all");
    struct packed packed[MOST];
    struct text strings = {0};

    memset(packed, 0, sizeof packed);
    for (size_t i = 0; i < day.n; i++) {
        const struct wanted *wanted = &day.wanted[i];
        packed[i].address = wanted->address;
        packed[i].page = -1;
        for (size_t k = 0; k < origin_pages(day.origin); k++) {
            if (origin_at(day.origin, k) == wanted->page)
                packed[i].page = (int32_t)k;
        }
        text_add(&strings, wanted->host, strlen(wanted->host) + 1);
        text_add(&strings, wanted->path, strlen(wanted->path) + 1);
    }
    ask.faults = day.faults;
    ask.events = day.events;
    ask.event_count = day.event_count;
    ask.virtual_time = !day.real_time;
    ask.world = origin_world(day.origin);
    ask_fd(&ask, origin_done_fd(day.origin));
    ask_int(&ask, day.window);
    ask_int(&ask, day.timeout_ms);
    ask_int(&ask, (int64_t)day.max_body);
    ask_int(&ask, day.lowest);
    ask_int(&ask, !day.untold);
    ask_int(&ask, (int64_t)day.n);
    ask_bytes(&ask, packed, day.n * sizeof packed[0]);
    ask_bytes(&ask, text_string(&strings), strings.length);
    text_free(&strings);
    return ask;
}

/* Take the answer apart; returns what fetch_all() did. */
static int64_t
read_answer(void)
{
    int64_t returned = answer_int(&answer);

    told_count = (size_t)answer_int(&answer);
    for (size_t k = 0; k < day.n && k < told_count; k++) {
        told[k].i = (size_t)answer_int(&answer);
        told[k].fits = answer_int(&answer) != 0;
        told[k].error = (int)answer_int(&answer);
        told[k].length = (size_t)answer_int(&answer);
    }
    for (size_t i = 0; returned == 0 && i < day.n; i++) {
        struct result *result = &results[i];
        size_t length;
        result->status = (int)answer_int(&answer);
        result->error = (int)answer_int(&answer);
        result->length = (size_t)answer_int(&answer);
        result->has_body = answer_int(&answer) != 0;
        result->body = answer_bytes(&answer, &length);
    }
    return returned;
}

/* Ask the program to fetch all of it; returns what fetch_all() did. */
static int64_t
fetch(void)
{
    struct ask ask = question();

    ask_send(&ask, &answer);
    return read_answer();
}

static void
check_error(size_t i)
{
    const struct wanted *wanted = &day.wanted[i];
    int seen = results[i].error;

    if (seen == wanted->error)
        return;
    judge_values(judge_errno(wanted->error), judge_errno(seen));
    if (seen == -1 && results[i].status == -1)
        wrong("fetch_all() returned 0, but wrote nothing into "
              "results[%zu].",
            i);
    if (wanted->error == 0)
        wrong("Request %zu, for %s, failed with %s, although nothing "
              "was wrong with it. %s",
            i, wanted->what, judge_errno(seen), lesson);
    if (seen == 0)
        wrong("Request %zu, for %s, is reported as a success. Its "
              "error is %s. %s",
            i, wanted->what, judge_errno(wanted->error), lesson);
    wrong("Request %zu, for %s, failed with %s instead of %s. %s", i,
        wanted->what, judge_errno(seen), judge_errno(wanted->error),
        lesson);
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

    if (is_body_of(wanted, result))
        return;
    for (size_t k = 0; k < day.n; k++) {
        if (k != i && result->length > 0 &&
            is_body_of(&day.wanted[k], result))
            wrong("results[%zu] holds the answer to request %zu. The "
                  "answer to requests[i] goes to results[i], whichever "
                  "comes first.",
                i, k);
    }
    if (result->length > 0 && !result->has_body)
        wrong("Request %zu has a length of %zu bytes, and no body.", i,
            result->length);
    size_t at = 0;
    while (at < result->length && at < wanted->length &&
           result->body[at] == wanted->body[at])
        at++;
    size_t from = at > 32 ? at - 8 : 0;
    judge_values(shown(wanted->body + from, wanted->length - from),
        shown(result->body + from, result->length - from));
    if (at == result->length || at == wanted->length)
        wrong("Request %zu, for %s, has a body of %zu bytes instead of "
              "%zu. %s",
            i, wanted->what, result->length, wanted->length, lesson);
    wrong("Request %zu, for %s, has a wrong body, from byte %zu on, "
          "counted from 0. %s",
        i, wanted->what, at, lesson);
}

static void
check_result(size_t i)
{
    const struct wanted *wanted = &day.wanted[i];
    const struct result *result = &results[i];

    check_error(i);
    if (result->status != wanted->status) {
        char what[80];
        snprintf(what, sizeof what, "The status of request %zu is", i);
        judge_equal_int(what, wanted->status, result->status);
    }
    if (result->error != 0 && (result->has_body || result->length != 0))
        wrong("Request %zu failed with %s and has a body all the same. "
              "A request that fails has no body (NULL) and length 0.",
            i, judge_errno(result->error));
    if (result->error == 0)
        check_body(i);
}

/* on_done came once for each request, with what belongs to it. */
static void
check_told(void)
{
    static size_t times[MOST];

    if (day.untold)
        return;
    memset(times, 0, sizeof times);
    for (size_t k = 0; k < told_count && k < day.n; k++) {
        size_t i = told[k].i;
        if (i >= day.n)
            wrong("on_done was called for request %zu, which there is "
                  "not.",
                i);
        if (!told[k].fits)
            wrong("on_done was called for request %zu with a result "
                  "that is not &results[%zu].",
                i, i);
        if (times[i]++ > 0)
            wrong("on_done was called for request %zu more than once.",
                i);
        if (told[k].error != results[i].error ||
            told[k].length != results[i].length)
            wrong("The result of request %zu was not final when "
                  "on_done was called for it.",
                i);
    }
    if (told_count != day.n)
        wrong("There were %zu requests, and on_done was called %zu "
              "time%s. Call it once for each, also for one that fails.",
            day.n, told_count, told_count == 1 ? "" : "s");
}

/* Every result is as it must be. */
static void
check_answer(int64_t returned)
{
    if (returned != 0)
        wrong("fetch_all() returned %lld (errno %s). A request that "
              "fails does so in its result; fetch_all() itself returns "
              "0.",
            (long long)returned, judge_errno(answer.error));
    for (size_t i = 0; i < day.n; i++)
        check_result(i);
    check_told();
}

/* Fetch, and find every result as it must be. */
static void
fetch_well(void)
{
    check_answer(fetch());
}

/* It was all over at this moment of virtual time. */
static void
check_time(int64_t ms)
{
    if (answer.now_ms == ms)
        return;
    char expected[40], seen[40];
    snprintf(expected, sizeof expected, "%lld ms", (long long)ms);
    snprintf(seen, sizeof seen, "%lld ms", (long long)answer.now_ms);
    judge_values(expected, seen);
    wrong("fetch_all() returned %s than it should have. %s",
        answer.now_ms > ms ? "later" : "earlier", lesson);
}

/* The program was done with the page when it had come. */
static void
check_done_at_once(const struct wanted *wanted)
{
    const struct origin_page *page = wanted->page;

    if (page->done_ns == page->finished_ns)
        return;
    wrong("The answer to request %d was there after %lld ms, and "
          "on_done was called for it after %lld ms. %s",
        (int)(wanted - day.wanted),
        (long long)(page->finished_ns / 1000000),
        (long long)(page->done_ns / 1000000), lesson);
}

/* The weather, in scripts ------------------------------------------ */

/* The same for the two calls that do one thing: "recv: 1 2; read: 1 2".
 * Valid until the call after the next. */
static const char *
script(const char *call, const char *other, const char *words)
{
    static char scripts[2][1024];
    static int next;
    char *line = scripts[next = 1 - next];

    snprintf(line, 1024, "%s: %s; %s: %s", call, words, other, words);
    return line;
}

static const char *
receiving(const char *words)
{
    return script("recv", "read", words);
}

static const char *
sending(const char *words)
{
    return script("send", "write", words);
}

static const char *
waiting(const char *words)
{
    return script("select", "poll", words);
}

/* "1 3 EINTR" as "gave 1, gave 3, was interrupted (EINTR)". Valid until
 * the next call. */
static const char *
tell(const char *words, const char *moved)
{
    static struct text story;
    char *copy = text_copy(words), *rest;

    story.length = 0;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        text_addf(&story, "%s", story.length > 0 ? ", then " : "");
        if (isdigit((unsigned char)word[0]))
            text_addf(&story, "%s %s", moved, word);
        else if (strcmp(word, "EINTR") == 0)
            text_addf(&story, "was interrupted (EINTR)");
        else
            text_addf(&story, "could not just now (%s)", word);
    }
    free(copy);
    return text_string(&story);
}

/* All schedules of up to three actions: 0 is none, 1 to 4 are of one,
 * and so on. Valid until the next call. */
enum { SCHEDULES = 1 + 4 + 16 + 64 };

static const char *
schedule(int i)
{
    static const char *const actions[] = {"1", "3", "EINTR", "EAGAIN"};
    static struct text words;
    int length = 0;

    for (int count = 1; i >= count; count *= 4, length++)
        i -= count;
    words.length = 0;
    for (; length > 0; length--, i /= 4)
        text_addf(&words, "%s%s", words.length > 0 ? " " : "",
            actions[i % 4]);
    return text_string(&words);
}

/* 3.1 One request, one answer -------------------------------------- */

START_TEST(no_requests_are_no_work)
{
    new_day(4);
    judge_scene("Called with n = 0");
    judge_equal_int("fetch_all() returned", 0, fetch());
    judge_equal_int(
        "on_done was called so often:", 0, (int64_t)told_count);
}
END_TEST

START_TEST(a_window_of_nothing_is_refused)
{
    for (int window = 0; window >= -1; window--) {
        new_day(window);
        want_pages(2);
        judge_scene("Called with max_in_flight = %d", window);
        judge_equal_int("fetch_all() returned", -1, fetch());
        judge_equal_int("errno was", EINVAL, answer.error);
        judge_equal_int(
            "on_done was called so often:", 0, (int64_t)told_count);
        judge_equal_int("So many connections were made:", 0,
            origin_connections(day.origin));
    }
}
END_TEST

START_TEST(every_request_gets_its_own_answer)
{
    static const struct {
        size_t n;
        int window;
    } tries[] = {{1, 1}, {3, 1}, {3, 2}, {1, 5}, {200, 16}};

    for (size_t k = 0; k < sizeof tries / sizeof tries[0]; k++) {
        new_day(tries[k].window);
        while (day.n < tries[k].n)
            want_page(day.n % 8 == 0 ? 50 - (int64_t)day.n / 5 : 0);
        judge_scene("Fetched %zu page%s, at most %d at once",
            tries[k].n, tries[k].n == 1 ? "" : "s", tries[k].window);
        fetch_well();
    }
}
END_TEST

/* A line of the request, "Host: x", its name in any case. */
static bool
has_line(const char *request, const char *name, const char *value)
{
    size_t n = strlen(name), length = strlen(value);

    for (const char *at = request; (at = strstr(at, "\r\n")) != NULL;) {
        at += 2;
        if (strncasecmp(at, name, n) != 0 || at[n] != ':')
            continue;
        const char *is = at + n + 1 + strspn(at + n + 1, " \t");
        if (strncasecmp(is, value, length) == 0 && is[length] == '\r')
            return true;
    }
    return false;
}

START_TEST(a_request_is_as_agreed)
{
    new_day(1);
    struct wanted *wanted = want_page(0);
    char host[40], line[200];

    snprintf(host, sizeof host, "%s.example:8080", draw(6));
    wanted->host = host;
    fetch_well();
    const struct text *request = &wanted->page->request;
    const char *text = text_string(request);
    int n = snprintf(line, sizeof line, "GET %s HTTP/1.", wanted->path);
    judge_scene("The request was looked at");
    judge_values(line, text);
    if (strncmp(text, line, (size_t)n) != 0 ||
        strchr("01", text[n]) == NULL ||
        strncmp(text + n + 1, "\r\n", 2) != 0)
        wrong("Its first line is not \"GET %s HTTP/1.0\" (or 1.1), "
              "with \"\\r\\n\" at its end.",
            wanted->path);
    if (!has_line(text, "Host", host))
        wrong("It has no line \"Host: %s\".", host);
    if (text[n] == '1' && !has_line(text, "Connection", "close"))
        wrong("It is of HTTP/1.1 and lacks \"Connection: close\": the "
              "server would keep the connection open.");
    if (memchr(text, '\0', request->length) != NULL)
        wrong("There is a zero byte in it.");
    for (const char *at = text; (at = strchr(at, '\n')); at++) {
        if (at == text || at[-1] != '\r')
            wrong("One of its lines ends in \"\\n\" without \"\\r\".");
    }
}
END_TEST

START_TEST(a_page_wanted_twice_is_fetched_twice)
{
    new_day(2);
    struct wanted *first = want_page(0);
    want_page(0);
    for (int i = 0; i < 2; i++) {
        struct wanted *again = want(first->address, first->path);
        again->body = first->body;
        again->length = first->length;
    }
    judge_scene("Fetched four pages, three of them the same");
    fetch_well();
    judge_equal_int("The server was asked for it so many times:", 3,
        first->page->requests);
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
    {"\n", 1},
    {"\r\n\r\n", 4},
    {"one\r\n\r\ntwo\r\n\r\n", 14},
    {"HTTP/1.0 404 No\r\nContent-Length: 1\r\n\r\n", 38},
};

enum { ODD_BODIES = sizeof odd_bodies / sizeof odd_bodies[0] };

static void
want_odd_bodies(void)
{
    for (int i = 0; i < 2 * ODD_BODIES; i++)
        want_body(odd_bodies[i / 2].bytes, odd_bodies[i / 2].length,
            i % 2 == 0);
    for (int i = 0; i < 2; i++)
        want_body(judge_random_bytes(3000), 3000, i == 0);
}

START_TEST(a_body_is_bytes)
{
    new_day(1);
    want_odd_bodies();
    lesson = "Zeros and empty lines may be in a body; count its bytes.";
    fetch_well();
}
END_TEST

START_TEST(a_large_body_arrives_whole)
{
    enum { LARGE = 5 << 20 };

    for (int sized = 0; sized < 2; sized++) {
        new_day(1);
        want_body(judge_random_bytes(LARGE), LARGE, sized == 1);
        judge_scene("Fetched 5 MiB");
        lesson = "One recv() gives a piece, as long as it pleases.";
        fetch_well();
    }
}
END_TEST

START_TEST(a_length_ends_the_body)
{
    new_day(1);
    want_headed(200, "Content-Length: 5\r\n", "hello", 5);
    want_headed(200, "Content-Length: 0\r\n", "", 0);
    want_headed(200, "Content-Length: 5\r\n", "hello", 5);
    for (size_t i = 0; i < 3; i++) {
        struct origin_page *page = day.wanted[i].page;
        page->end = ORIGIN_STAYS;
        if (i == 2)
            text_addf(&page->answer, "and more");
    }
    judge_scene("The server kept the connection open after the body");
    lesson = "Content-Length says where the body ends: with that byte "
             "the request is done, and what comes after is no part of "
             "it.";
    fetch_well();
    check_time(0);
}
END_TEST

START_TEST(header_names_come_in_any_case)
{
    static const char *const heads[] = {
        "content-length: 5\r\n",
        "Server: x\r\nCONTENT-LENGTH: 5\r\nDate: now\r\n",
        "CoNtEnT-lEnGtH: 5\r\n",
        "Content-Length:5\r\n",
        "Content-Length: \t  5\r\n",
        "X-Content-Length: 3\r\nContent-Length: 5\r\n",
        "Content-Lengthy: 3\r\nContent-Length: 5\r\n",
        "Note: Content-Length: 3\r\nContent-Length: 5\r\n",
        "Note: length\r\nContent-Length: 005\r\n",
    };

    new_day(1);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct wanted *wanted = want_headed(200, heads[i], "hello", 5);
        text_addf(&wanted->page->answer, " there");
        wanted->page->end = ORIGIN_STAYS;
        wanted->what = shown(heads[i], strlen(heads[i]));
    }
    struct wanted *decoy =
        want_headed(200, "X-Content-Length: 3\r\n", "hello", 5);
    decoy->what = "an answer with X-Content-Length: 3";
    judge_scene("The answer had a header, and the connection stayed "
                "open");
    lesson = "The header is called Content-Length, in upper or lower "
             "case, at the beginning of a line.";
    fetch_well();
}
END_TEST

START_TEST(a_404_is_an_answer_too)
{
    new_day(1);
    want_headed(404, "Content-Length: 9\r\n", "Not here.", 9);
    want_headed(500, "", "Oh no.", 6);
    want_headed(201, "Content-Length: 4\r\n", "Made", 4);
    struct wanted *short_one = want_text("HTTP/1.1 503\r\n\r\nLater.");
    short_one->status = 503;
    short_one->body = "Later.";
    short_one->length = 6;
    lesson = "The status is the server's word; an error is when there "
             "is no answer.";
    fetch_well();
}
END_TEST

START_TEST(each_end_is_told_at_once)
{
    new_day(1);
    for (int i = 0; i < 4; i++)
        want_page(10 * (i + 1));
    judge_scene("Fetched four pages, one at a time");
    lesson = "Call it as soon as a request is done, not when all are.";
    fetch_well();
    for (size_t i = 0; i < day.n; i++)
        check_done_at_once(&day.wanted[i]);
}
END_TEST

START_TEST(nobody_need_be_told)
{
    new_day(2);
    day.untold = true;
    want_pages(4);
    judge_scene("Called with on_done = NULL");
    fetch_well();
}
END_TEST

/* 3.2 Many in flight ----------------------------------------------- */

START_TEST(answers_may_come_in_any_order)
{
    enum { N = 8 };

    new_day(N);
    for (int i = 0; i < N; i++)
        want_page(10 * (1 + (i * 5 + 3) % N));
    judge_scene("Fetched 8 pages at once, which took 10 to 80 ms");
    lesson = "Whichever is done first is told first.";
    fetch_well();
    for (size_t k = 0; k < N; k++) {
        check_done_at_once(&day.wanted[k]);
        int64_t delay_ms = day.wanted[told[k].i].page->delay_ms;
        if (delay_ms != 10 * ((int64_t)k + 1))
            wrong("Call %zu of on_done was for the page that took %lld "
                  "ms, and the one of %zu ms was done before. %s",
                k + 1, (long long)delay_ms, 10 * (k + 1), lesson);
    }
    check_time(80);
}
END_TEST

START_TEST(all_of_them_wait_together)
{
    new_day(32);
    want_pages(32);
    gate_rendezvous(day.origin, 32);
    judge_scene("32 pages, at most 32 in flight");
    fetch_well();

    new_day(INT_MAX);
    want_pages(32);
    gate_rendezvous(day.origin, 32);
    judge_scene("32 pages, with max_in_flight = %d", INT_MAX);
    fetch_well();
}
END_TEST

/* A short answer between two long ones, all there at the same moment.
 * recv() gives 16 bytes at a time and sometimes none, so that whoever
 * takes all there is at one go comes to an end, too. */
static void
fetch_short_among_long(void)
{
    static const char short_one[] =
        "HTTP/1.0 200\r\nContent-Length: 2\r\n\r\nme";
    struct text words = {0};

    for (int i = 0; i < 12; i++)
        text_addf(&words, "16 16 16 16 EAGAIN ");
    new_day(3);
    day.faults = receiving(text_string(&words));
    text_free(&words);
    want_body(draw(4000), 4000, true);
    struct wanted *wanted = want_text(short_one);
    wanted->body = short_one + sizeof short_one - 3;
    wanted->length = 2;
    want_body(draw(4000), 4000, true);
    for (size_t i = 0; i < day.n; i++)
        day.wanted[i].page->delay_ms = 10;
    judge_scene("A short answer between two of 4000 bytes, which all "
                "came at once; recv() gave 16 bytes at a time");
    fetch_well();
    if (told[0].i != 1)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "Your program took all of a long answer before the short "
            "one. After each wait move on every request that is "
            "ready, not only the first: an answer without an end would "
            "hold up all the others.");
}

START_TEST(none_waits_for_one_before_it)
{
    new_day(8);
    want_pages(8);
    gate_reverse(day.origin);
    judge_scene("8 pages, all in flight, answered in reverse");
    fetch_well();
    fetch_short_among_long();
}
END_TEST

START_TEST(where_one_ends_the_next_begins)
{
    for (unsigned pick = 0; pick < 4; pick++) {
        new_day(4);
        want_pages(12);
        gate_refill(day.origin, 4, pick);
        judge_scene("12 pages, at most 4 in flight");
        fetch_well();
    }
}
END_TEST

START_TEST(half_an_answer_holds_up_nobody)
{
    new_day(4);
    want_pages(12);
    gate_slow_half(day.origin);
    judge_scene("12 pages, at most 4 in flight");
    fetch_well();
}
END_TEST

START_TEST(never_more_than_the_window)
{
    for (int window = 1; window <= 7; window += 3) {
        new_day(window);
        want_pages(12);
        gate_cap(day.origin, window);
        judge_scene("12 pages, at most %d in flight", window);
        fetch_well();
    }
}
END_TEST

/* 3.3 Deadlines ---------------------------------------------------- */

START_TEST(a_connection_never_made_times_out)
{
    new_day(1);
    day.timeout_ms = 5000;
    want_hanging();
    judge_scene("Connecting took for ever, with timeout_ms = 5000");
    lesson = "The deadline counts from connect() on.";
    fetch_well();
    check_time(5000);
}
END_TEST

START_TEST(a_silent_server_times_out)
{
    static const char *const texts[] = {"", "HTTP/1.0 20",
        "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.0 200 OK\r\n\r\nand then"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        new_day(1);
        day.timeout_ms = 250;
        want_silent(texts[i]);
        judge_scene("The server sent %zu bytes and fell silent, with "
                    "timeout_ms = 250",
            strlen(texts[i]));
        fetch_well();
        check_time(250);
    }
}
END_TEST

START_TEST(a_clock_put_back_does_not_move_a_deadline)
{
    new_day(1);
    day.timeout_ms = 250;
    day.faults = "clock: step";
    want_silent("");
    judge_scene("Somebody put the wall clock back by an hour, with "
                "timeout_ms = 250");
    fetch_well();
    check_time(250);
}
END_TEST

START_TEST(bytes_that_drip_do_not_move_a_deadline)
{
    static const char *const texts[] = {
        "HTTP/1.0 200 OK\r\n\r\nFor some time now bytes have come.",
        "HTTP/1.0 200 OK\r\nServer: slow\r\nDate: today\r\n\r\nx"};

    for (int i = 0; i < 2; i++) {
        new_day(1);
        day.timeout_ms = 1000;
        struct wanted *wanted = fails(want_text(texts[i]), ETIMEDOUT,
            "a server that sends one byte after the other");
        wanted->page->step = 1;
        wanted->page->every_ms = 30;
        judge_scene("A byte came every 30 ms, with timeout_ms = 1000");
        lesson = "The deadline is of the whole request; a byte that "
                 "comes does not make it later.";
        fetch_well();
        check_time(1000);
    }
}
END_TEST

START_TEST(each_request_has_its_own_deadline)
{
    new_day(1);
    day.timeout_ms = 100;
    for (int i = 0; i < 3; i++)
        want_page(80);
    judge_scene("Three pages of 80 ms, one at a time, with timeout_ms "
                "= 100");
    lesson = "Each request has its own deadline, from its own "
             "connect() on.";
    fetch_well();
    check_time(240);

    new_day(2);
    day.timeout_ms = 100;
    want_page(40);
    want_silent("");
    want_silent("");
    want_page(70);
    judge_scene("Two at a time, with timeout_ms = 100: a page of 40 "
                "ms, two servers that never answer, a page of 70 ms");
    fetch_well();
    check_time(170);

    new_day(2);
    day.timeout_ms = 100;
    want_page(40);
    want_silent("");
    want_page(70);
    judge_scene("Two at a time, with timeout_ms = 100: a page of 40 "
                "ms, a server that never answers, a page of 70 ms");
    fetch_well();
    check_time(110);
}
END_TEST

START_TEST(signals_do_not_move_a_deadline)
{
    static const struct event events[] = {
        {.at_ms = 60, .kind = EVENT_SIGNAL},
        {.at_ms = 90, .kind = EVENT_SIGNAL},
    };

    new_day(2);
    day.timeout_ms = 100;
    day.events = events;
    day.event_count = 2;
    want_silent("");
    want_page(95);
    judge_scene("Signals came after 60 and 90 ms, with timeout_ms = "
                "100");
    lesson = "After EINTR wait for what is left, and no longer.";
    fetch_well();
    check_time(100);
}
END_TEST

START_TEST(a_deadline_may_be_days_away)
{
    const int days[] = {1, 3, 10, 24};

    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        new_day(2);
        day.timeout_ms = days[i] * DAY_MS + 1;
        want_silent("");
        want_page(0);
        gate_hold(day.origin, days[i] * (int64_t)DAY_MS, 1000);
        judge_scene("No answer came in %d day%s (of a clock that the "
                    "judge turns)",
            days[i], days[i] == 1 ? "" : "s");
        lesson = "So many milliseconds fit into an int, so many "
                 "microseconds do not.";
        fetch_well();
        check_time(day.timeout_ms);
    }
}
END_TEST

START_TEST(who_hangs_holds_up_nobody)
{
    new_day(4);
    day.timeout_ms = 1000;
    want_hanging();
    want_silent("");
    want_page(0);
    want_page(30);
    judge_scene("Four at once: a connection that is never made, a "
                "server that never answers, and two pages");
    lesson = "Whoever hangs must not hold up the others.";
    fetch_well();
    check_done_at_once(&day.wanted[2]);
    check_done_at_once(&day.wanted[3]);
    check_time(1000);
}
END_TEST

START_TEST(who_times_out_makes_room)
{
    new_day(2);
    day.timeout_ms = 1000;
    want_hanging();
    want_silent("HTTP/1.0");
    want_page(5);
    want_page(5);
    judge_scene("Two at a time: two that hang, then two pages");
    lesson = "Two hang until their deadline, then there is room for "
             "the others.";
    fetch_well();
    check_time(1005);
}
END_TEST

/* 3.4 Rough weather ------------------------------------------------ */

/* A good answer, whose deliveries are tried. */
static const char short_answer[] = "HTTP/1.0 200 OK\r\n"
                                   "Content-Length: 7\r\n\r\n"
                                   "abc\0def";
enum { SHORT_ANSWER = sizeof short_answer - 1 };

static struct wanted *
want_short_answer(void)
{
    struct wanted *wanted = want_answer(short_answer, SHORT_ANSWER);

    wanted->body = short_answer + SHORT_ANSWER - 7;
    wanted->length = 7;
    return wanted;
}

START_TEST(an_answer_cut_anywhere_is_put_together)
{
    char words[8];

    lesson = "Keep what has come; look for the end of the head in all "
             "of it.";
    for (int cut = 1; cut < SHORT_ANSWER; cut++) {
        new_day(1);
        snprintf(words, sizeof words, "%d", cut);
        day.faults = receiving(words);
        want_short_answer();
        judge_scene("recv() gave %d byte%s first, and then the rest",
            cut, cut == 1 ? "" : "s");
        fetch_well();
    }
    new_day(1);
    for (int i = 0; i < 2; i++) {
        struct wanted *wanted = want_short_answer();
        wanted->page->step = 1;
        wanted->page->every_ms = i;
    }
    judge_scene("The answer came byte by byte");
    fetch_well();
}
END_TEST

START_TEST(receiving_survives_every_delivery)
{
    lesson = "EINTR and EAGAIN mean \"not now\": wait, and ask again.";
    for (int i = 0; i < SCHEDULES; i++) {
        new_day(1);
        day.faults = receiving(schedule(i));
        want_short_answer();
        judge_scene("recv() %s",
            i == 0 ? "gave all at once" : tell(schedule(i), "gave"));
        fetch_well();
    }
}
END_TEST

/* The request of `wanted` arrived as one that was sent whole did. */
static void
check_request(const struct wanted *wanted)
{
    const struct text *request = &wanted->page->request;
    size_t n = strlen(wanted->path);

    if (request->length < n + 4 ||
        memcmp(request->bytes + 4, wanted->path, n) != 0)
        wrong("The request arrived damaged. When send() takes a part, "
              "go on with the first byte that it did not take.");
}

START_TEST(sending_survives_every_delivery)
{
    lesson = "When send() takes a part, go on with the first byte that "
             "it did not take; after EINTR and EAGAIN, with the same.";
    for (int i = 0; i < SCHEDULES; i++) {
        new_day(1);
        day.faults = sending(schedule(i));
        struct wanted *wanted = want_short_answer();
        judge_scene("send() %s", tell(schedule(i), "took"));
        fetch_well();
        check_request(wanted);
    }
}
END_TEST

START_TEST(a_long_request_goes_out_in_pieces)
{
    enum { LONG = 1 << 20 };
    char *path = text_copy(draw(LONG));

    path[0] = '/';
    new_day(2);
    struct wanted *wanted = want_path(path, short_answer, SHORT_ANSWER);
    wanted->address = origin_late(day.origin);
    wanted->body = short_answer + SHORT_ANSWER - 7;
    wanted->length = 7;
    want_page(0);
    judge_scene("The path was a mebibyte long, and the server slow to "
                "read");
    lesson = "A socket takes what it has room for.";
    fetch_well();
    check_request(wanted);
    free(path);
}
END_TEST

START_TEST(a_signal_interrupts_no_wait)
{
    static const char *const words[] = {
        "EINTR", "ok EINTR", "EINTR EINTR EINTR", "ok ok EINTR EINTR"};

    lesson = "A signal interrupted select(), which is no failure: wait "
             "again.";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        new_day(2);
        day.faults = waiting(words[i]);
        want_page(10);
        want_page(20);
        want_page(5);
        judge_scene("Signals interrupted select()");
        fetch_well();
    }
}
END_TEST

START_TEST(a_wait_that_fails_ends_the_call)
{
    int before = ask_open_descriptors();

    new_day(2);
    day.faults = waiting("ok ok ok ok ok ok ENOMEM");
    want_silent("");
    want_pages(8);
    judge_scene("Two at a time of nine, and select() failed with "
                "ENOMEM before all were begun; `results` was not "
                "prepared");
    judge_equal_int("fetch_all() returned", -1, fetch());
    judge_equal_int("errno was", ENOMEM, answer.error);
    judge_equal_int("Of its descriptors, left open were", 0,
        ask_open_descriptors() - before);
    judge_equal_int("Of its blocks of memory, not freed were", 0,
        answer.allocations_left);
}
END_TEST

START_TEST(a_refused_connection_fails_alone)
{
    new_day(2);
    want_refused();
    want_page(0);
    want_refused();
    want_refused();
    want_page(10);
    judge_scene("Nobody listened at some of the addresses");
    lesson = "Writable means that connecting is over, well or badly: "
             "SO_ERROR says which.";
    fetch_well();
    check_time(10);
}
END_TEST

START_TEST(an_answer_cut_short_is_an_error)
{
    static const char head[] = "HTTP/1.0 200 OK\r\nA: b\r\n\r\n";

    lesson = "The end of the stream came before the end of the answer.";
    new_day(4);
    for (size_t n = 0; n < SHORT_ANSWER; n++)
        fails(want_answer(short_answer, n), EPROTO,
            "an answer that was cut short");
    for (size_t n = 0; n < sizeof head - 1; n++)
        fails(want_answer(head, n), EPROTO,
            "an answer that was cut short");
    fetch_well();
}
END_TEST

START_TEST(what_is_no_answer_is_an_error)
{
    static const char *const texts[] = {
        "hello\r\n\r\n",
        "\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.0 abc\r\n\r\n",
        "HTTP/1.0 2000 OK\r\n\r\n",
        "HTTP/1.0 20 OK\r\n\r\n",
        "HTTP/1.0\r\n\r\n200 OK",
        "SMTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: five\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length:\r\n\r\nhello",
    };

    new_day(4);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        want_broken(texts[i])->what = shown(texts[i], strlen(texts[i]));
    lesson = "This is not what fetch.h says an answer looks like.";
    fetch_well();
}
END_TEST

START_TEST(a_head_may_be_long)
{
    struct text text = {0};

    new_day(1);
    text_addf(&text, "HTTP/1.0 200 OK\r\n");
    for (int i = 0; i < 150; i++)
        text_addf(&text, "X-%d: %s\r\n", i, draw(90));
    text_addf(&text, "\r\nbody");
    struct wanted *wanted = want_text(text.bytes);
    wanted->page->step = 3000;
    wanted->page->every_ms = 1;
    wanted->what = "an answer with 15 KiB of headers";
    wanted->body = "body";
    wanted->length = 4;
    text_free(&text);
    lesson = "Headers of 16 KiB must do.";
    fetch_well();
}
END_TEST

START_TEST(a_head_without_an_end_is_an_error)
{
    struct text text = {0};

    new_day(1);
    text_addf(&text, "HTTP/1.0 200 OK\r\nX: %s", draw(1100000));
    struct wanted *wanted = want_broken(text.bytes);
    wanted->page->end = ORIGIN_STAYS;
    wanted->what = "an answer whose headers do not end for more than a "
                   "mebibyte";
    text_free(&text);
    lesson = "It could go on for ever, and so would your buffer.";
    fetch_well();
    check_time(0);
}
END_TEST

START_TEST(a_reset_is_an_error)
{
    static const char *const texts[] = {"", "HTTP/1.0 200",
        "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.0 200 OK\r\n\r\nand then"};

    lesson = "recv() said ECONNRESET: the rest will not come.";
    for (int window = 1; window < 6; window += 4) {
        new_day(window);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            want_reset(texts[i]);
        want_page(0);
        fetch_well();
    }
}
END_TEST

START_TEST(a_server_that_is_gone_kills_nobody)
{
    new_day(2);
    day.faults = sending("10 EPIPE");
    want_page(0);
    want_page(0);
    judge_scene("The server was gone while the request was being sent "
                "(EPIPE)");
    judge_equal_int("fetch_all() returned", 0, fetch());
    int broken =
        (results[0].error == EPIPE) + (results[1].error == EPIPE);
    judge_equal_int(
        "So many requests of the two failed with EPIPE:", 1, broken);
    check_told();
}
END_TEST

START_TEST(a_body_too_long_is_an_error)
{
    static const char *const lengths[] = {"101", "5000000000",
        "4294967336", "9223372036854775807", "9223372036854775909",
        "18446744073709551656", "184467440737095516160000000000"};
    const char *body = draw(101);

    judge_scene("max_body was 100");
    lesson = "100 bytes are allowed, and byte 101 is one too many.";
    new_day(3);
    day.max_body = 100;
    for (int i = 0; i < 2; i++) {
        want_body(body, 100, i == 0);
        fails(want_body(body, 101, i == 0), EMSGSIZE,
            "a body of 101 bytes")
            ->page->end = ORIGIN_STAYS;
    }
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char headers[80];
        snprintf(headers, sizeof headers, "Content-Length: %s\r\n",
            lengths[i]);
        struct wanted *wanted = want_headed(200, headers, body, 40);
        wanted->page->end = ORIGIN_STAYS;
        fails(wanted, EMSGSIZE,
            text_format("a Content-Length of %s", lengths[i]));
    }
    fetch_well();
    check_time(0);

    judge_scene("max_body was 0");
    new_day(1);
    day.max_body = 0;
    want_body("", 0, true);
    want_body("", 0, false);
    fails(want_body("x", 1, true), EMSGSIZE, "a body of 1 byte");
    fails(want_body("x", 1, false), EMSGSIZE, "a body of 1 byte");
    fetch_well();
}
END_TEST

/* How many requests failed with this error; all others went well. */
static int
count_failed(int error)
{
    int count = 0;

    judge_equal_int("fetch_all() returned", 0, fetch());
    for (size_t i = 0; i < day.n; i++) {
        if (results[i].error == error)
            fails(&day.wanted[i], error, "a page");
        check_result(i);
        count += results[i].error == error;
    }
    check_told();
    return count;
}

/* As many are open as before. */
static void
check_descriptors(int before)
{
    int left = ask_open_descriptors() - before;

    if (left > 0)
        wrong("fetch_all() is over and has left %d descriptor%s open. "
              "Each request closes its own, however it ends.",
            left, left == 1 ? "" : "s");
    if (left < 0)
        wrong("fetch_all() closed a descriptor that it had not "
              "opened.");
}

START_TEST(without_a_descriptor_a_request_fails_alone)
{
    new_day(3);
    day.faults = "socket: ok EMFILE";
    want_pages(3);
    judge_scene("The second socket() failed with EMFILE");
    judge_equal_int("So many requests failed with EMFILE:", 1,
        count_failed(EMFILE));

    lesson = "Where one has failed the next begins, before anything "
             "is waited for.";
    for (int window = 1; window <= 3; window += 2) {
        new_day(window);
        day.faults = "socket: EMFILE EMFILE EMFILE EMFILE";
        want_pages(5);
        judge_scene("The first four calls of socket() failed with "
                    "EMFILE, at most %d of 5 requests at once",
            window);
        judge_equal_int("So many requests failed with EMFILE:", 4,
            count_failed(EMFILE));
        check_time(0);
    }
}
END_TEST

START_TEST(a_descriptor_past_the_set_does_no_harm)
{
    enum { SET = 1024 }; /* FD_SETSIZE */

    for (int lowest = SET - 2; lowest <= SET; lowest += 2) {
        int before = ask_open_descriptors();
        new_day(4);
        day.lowest = lowest;
        for (int i = 0; i < 4; i++)
            want_page(10);
        judge_scene("The first free descriptor was %d", lowest);
        int most = 4 - (SET - lowest);
        int failed = count_failed(EMFILE);
        if (failed > most)
            wrong("%d of 4 requests failed with EMFILE, although %d of "
                  "the descriptors were smaller than FD_SETSIZE.",
                failed, 4 - most);
        check_descriptors(before);
    }
}
END_TEST

/* One of each kind of end. */
static void
want_every_end(void)
{
    day.timeout_ms = 1000;
    day.max_body = 5000;
    want_odd_bodies();
    want_refused();
    want_hanging();
    want_silent("");
    want_silent("HTTP/1.0 200 OK\r\n\r\nhalf a bo");
    want_broken("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    want_broken("what?\r\n\r\n");
    want_reset("HTTP/1.0 200 OK\r\n\r\nhalf a bo");
    fails(want_body(draw(5001), 5001, true), EMSGSIZE, "5001 bytes");
    fails(want_body(draw(5001), 5001, false), EMSGSIZE, "5001 bytes");
}

START_TEST(every_descriptor_is_closed)
{
    for (int window = 1; window < 40; window += 13) {
        int before = ask_open_descriptors();
        new_day(window);
        want_every_end();
        fetch_well();
        check_descriptors(before);
    }
}
END_TEST

START_TEST(no_memory_is_kept)
{
    for (int window = 1; window < 40; window += 13) {
        new_day(window);
        want_every_end();
        fetch_well();
        if (answer.allocations_left > 0)
            wrong("fetch_all() is over, fetch_free() was called, and "
                  "%lld block%s of memory %s not been freed.",
                (long long)answer.allocations_left,
                answer.allocations_left == 1 ? "" : "s",
                answer.allocations_left == 1 ? "has" : "have");
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
    want_body(draw(70000), 70000, false);
    want_page(0);
    judge_scene("%s() number %d returned NULL", allocator, k + 1);
    if (fetch() == 0) {
        for (size_t i = 0; i < day.n; i++) {
            if (results[i].error == ENOMEM)
                fails(&day.wanted[i], ENOMEM, "a page");
            check_result(i);
        }
        check_told();
    } else {
        judge_equal_int("errno was", ENOMEM, answer.error);
    }
    if (answer.allocations_left > 0)
        wrong("Memory that was taken before has not been freed.");
}

START_TEST(memory_that_runs_out_is_reported)
{
    static const struct {
        const char *name;
        enum wrapped call;
    } allocators[] = {{"malloc", WRAPPED_malloc},
        {"calloc", WRAPPED_calloc}, {"realloc", WRAPPED_realloc}};

    lesson = "What cannot be stored is not there: ENOMEM.";
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
    want_every_end();
    fetch_well();

    new_day(1);
    for (int i = 0; i < 3; i++)
        want_short_answer()->page->step = 1 + (size_t)i * 18;
    want_body(judge_random_bytes(200000), 200000, false)->page->step =
        1 + judge_random_below(30000);
    fetch_well();
}
END_TEST

/* 3.5 One thread, asleep ------------------------------------------- */

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
        judge_fail(VERDICT_WRONG_ANSWER,
            "While all requests were in flight, your program had %d "
            "threads. fetch.h asks for one: select() is there so that "
            "one can wait for all.",
            threads);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *children = fopen(path, "r");
    if (children == NULL)
        judge_skip("this kernel does not list children in /proc");
    bool has_child = fgets(line, sizeof line, children) != NULL;
    fclose(children);
    if (has_child)
        judge_fail(VERDICT_WRONG_ANSWER,
            "While all requests were in flight, your program had "
            "started another process. fetch.h asks for one thread in "
            "one process.");
}

/* Withholds all answers until all requests are in flight and the
 * program was looked at. */
static int held;

static void
hold_all(struct origin *origin, void *self)
{
    (void)self;
    if (held == 0)
        return;
    for (size_t i = 0; i < origin_pages(origin); i++)
        origin_at(origin, i)->allowed = 0;
}

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
        hold_all, look_and_let_go, give_up, NULL};

    new_day(8);
    want_pages(8);
    held = 8;
    for (size_t i = 0; i < day.n; i++)
        day.wanted[i].page->allowed = 0;
    origin_set_gate(day.origin, &gate);
    judge_scene("8 pages, at most 8 in flight");
    fetch_well();
}
END_TEST

START_TEST(it_sleeps_while_nothing_happens)
{
    new_day(8);
    want_pages(8);
    gate_hold(day.origin, MINUTE_MS / 2, 50);
    judge_scene("The server kept 8 requests waiting for half a minute");
    fetch_well();
}
END_TEST

START_TEST(it_sleeps_until_the_first_deadline)
{
    new_day(4);
    for (int i = 0; i < 3; i++)
        want_silent("");
    want_hanging();
    judge_scene("Four servers said nothing for a minute");
    fetch_well();
    check_time(MINUTE_MS);
    int64_t waits =
        answer.calls[WRAPPED_select] + answer.calls[WRAPPED_poll];
    if (waits > 50)
        judge_fail(VERDICT_BUSY_WAITING,
            "Your program looked %lld times in that minute, and "
            "nothing "
            "was ever there. Wait until the earliest deadline; "
            "select() comes back by itself when something happens.",
            (long long)waits);
}
END_TEST

/* What is timed ---------------------------------------------------- */

/*
 * A unit is one call in real time: many pages, most of them quick, a
 * few slow, at places that are drawn. A window that slides hides the
 * slow ones; in batches each is waited for. The waits are the same in
 * every unit, in another order, so that all units are equal; paths and
 * bodies are of one unit alone.
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
    size_t pages = (size_t)judge_size("pages");
    size_t most_body = (size_t)judge_size("body_kib") << 10;

    if (pages > MOST)
        die("lab.yaml: speed: workload: more than %d pages", MOST);
    new_day((int)judge_size("window"));
    day.real_time = true;
    day.untold = true; /* telling us takes time that is not its own */
    spread(delays_ms, pages);
    draw_order(delays_ms, pages, day.window);
    for (size_t i = 0; i < pages; i++) {
        size_t length = most_body - judge_random_below(most_body / 2);
        want_body(judge_random_bytes(length), length, i % 2 == 0)
            ->page->delay_ms = delays_ms[i];
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

/* More at once would be faster, and is not what was asked for. */
static void
check_window(void)
{
    int most = origin_most_in_flight(day.origin);

    if (most > day.window)
        wrong("%d requests were in flight at once, and max_in_flight "
              "was %d.",
            most, day.window);
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

    judge_scene("In real time, %zu pages, at most %d in flight",
        timed[0].day.n, bound.window);
    for (int i = 0; i < units; i++) {
        day = timed[i].day;
        answer = timed[i].answer;
        check_answer(read_answer());
        check_window();
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

static const char one[] = "3.1 One request, one answer";
static const char many[] = "3.2 Many in flight";
static const char deadlines[] = "3.3 Deadlines";
static const char rough[] = "3.4 Rough weather";
static const char asleep[] = "3.5 One thread, asleep";

static const struct judge_test tests[] = {
    RIGHT(one, no_requests_are_no_work),
    RIGHT(one, a_window_of_nothing_is_refused),
    RIGHT(one, every_request_gets_its_own_answer),
    RIGHT(one, a_request_is_as_agreed),
    RIGHT(one, a_page_wanted_twice_is_fetched_twice),
    RIGHT(one, a_body_is_bytes),
    RIGHT(one, a_large_body_arrives_whole),
    RIGHT(one, a_length_ends_the_body),
    RIGHT(one, header_names_come_in_any_case),
    RIGHT(one, a_404_is_an_answer_too),
    RIGHT(one, each_end_is_told_at_once),
    RIGHT(one, nobody_need_be_told),
    RIGHT(many, answers_may_come_in_any_order),
    PROOF(many, all_of_them_wait_together),
    PROOF(many, none_waits_for_one_before_it),
    PROOF(many, where_one_ends_the_next_begins),
    PROOF(many, half_an_answer_holds_up_nobody),
    PROOF(many, never_more_than_the_window),
    ROUGH(deadlines, a_connection_never_made_times_out),
    ROUGH(deadlines, a_silent_server_times_out),
    ROUGH(deadlines, a_clock_put_back_does_not_move_a_deadline),
    ROUGH(deadlines, bytes_that_drip_do_not_move_a_deadline),
    ROUGH(deadlines, each_request_has_its_own_deadline),
    ROUGH(deadlines, signals_do_not_move_a_deadline),
    ROUGH(deadlines, a_deadline_may_be_days_away),
    ROUGH(deadlines, who_hangs_holds_up_nobody),
    ROUGH(deadlines, who_times_out_makes_room),
    ROUGH(rough, an_answer_cut_anywhere_is_put_together),
    ROUGH(rough, receiving_survives_every_delivery),
    ROUGH(rough, sending_survives_every_delivery),
    ROUGH(rough, a_long_request_goes_out_in_pieces),
    ROUGH(rough, a_signal_interrupts_no_wait),
    ROUGH(rough, a_wait_that_fails_ends_the_call),
    ROUGH(rough, a_refused_connection_fails_alone),
    ROUGH(rough, an_answer_cut_short_is_an_error),
    ROUGH(rough, what_is_no_answer_is_an_error),
    ROUGH(rough, a_head_may_be_long),
    ROUGH(rough, a_head_without_an_end_is_an_error),
    ROUGH(rough, a_reset_is_an_error),
    ROUGH(rough, a_server_that_is_gone_kills_nobody),
    ROUGH(rough, a_body_too_long_is_an_error),
    ROUGH(rough, without_a_descriptor_a_request_fails_alone),
    {rough, PART_WEATHER, BUILD_FORTIFIED,
        &a_descriptor_past_the_set_does_no_harm},
    ROUGH(rough, every_descriptor_is_closed),
    ROUGH(rough, no_memory_is_kept),
    ROUGH(rough, memory_that_runs_out_is_reported),
    CLEAN(rough, no_byte_outside_its_memory_is_touched),
    PROOF(asleep, one_thread_does_it_all),
    PROOF(asleep, it_sleeps_while_nothing_happens),
    PROOF(asleep, it_sleeps_until_the_first_deadline),
};

int
main(int argc, char **argv)
{
    return judge_main(
        argc, argv, tests, sizeof tests / sizeof tests[0], &workload);
}
