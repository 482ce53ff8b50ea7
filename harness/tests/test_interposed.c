#include "wrapped_calls.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/syscall.h>

/* libcurl's own waits and clocks are those of the fault layer while it works
 * for the learner; everybody else's, and its own at other times, are real. */

static const int64_t ms = 1000000;
static int64_t now_ms;
static int asked;
static int server; /* listens, and never answers */
static char url[64];

/* Nothing ever happens: the program sleeps until its own deadline. */
static int
let_it_sleep(int64_t *now_ns, int64_t deadline_ns)
{
    asked++;
    ck_assert(deadline_ns != INT64_MAX);
    *now_ns = deadline_ns;
    now_ms = deadline_ns / ms;
    return 0;
}

static void
begin(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(server, 400), 0);
    getsockname(server, (struct sockaddr *)&address, &size);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    judge = let_it_sleep;
    asked = 0;
    now_ms = 0;
    faults_begin("", true, 0, false);
}

static void
end(void)
{
    faults_end();
    close(server);
}

static CURL *
new_transfer(long timeout_ms)
{
    CURL *easy = curl_easy_init();

    ck_assert_ptr_nonnull(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    return easy;
}

START_TEST(an_hour_of_waiting_costs_nothing)
{
    CURL *easy = new_transfer(3600000);

    ck_assert_int_eq(curl_easy_perform(easy), CURLE_OPERATION_TIMEDOUT);
    ck_assert_int_eq(now_ms, 3600000);
    curl_easy_cleanup(easy);
}
END_TEST

START_TEST(a_pool_of_handles_waits_for_the_earliest)
{
    CURLM *multi = curl_multi_init();
    CURL *easy[300];
    int running = 1;

    for (int i = 0; i < 300; i++) {
        easy[i] = new_transfer(60000 + i);
        curl_multi_add_handle(multi, easy[i]);
        curl_multi_perform(multi, &running);
    }
    while (running == 300) {
        curl_multi_poll(multi, NULL, 0, 1000000, NULL);
        curl_multi_perform(multi, &running);
    }
    ck_assert_int_eq(running, 299);
    ck_assert_int_eq(now_ms, 60000);
    for (int i = 0; i < 300; i++) {
        curl_multi_remove_handle(multi, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    curl_multi_cleanup(multi);
}
END_TEST

static void
perform_again_and_again(CURLM *multi)
{
    int running;

    do
        curl_multi_perform(multi, &running);
    while (running > 0);
}

START_TEST(who_performs_without_waiting_is_found)
{
    CURLM *multi = curl_multi_init();

    curl_multi_add_handle(multi, new_transfer(1000));
    ck_assert_noted(perform_again_and_again(multi), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "called the library again"));
}
END_TEST

START_TEST(all_others_have_the_real_clock)
{
    struct timespec real, mine, virtual;

    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &real);
    clock_gettime(CLOCK_MONOTONIC, &mine);
    __wrap_clock_gettime(CLOCK_MONOTONIC, &virtual);
    ck_assert(mine.tv_sec == real.tv_sec || mine.tv_sec == real.tv_sec + 1);
    ck_assert_int_eq(virtual.tv_sec, 1000);
    ck_assert_int_eq(poll(NULL, 0, 1), 0);
    ck_assert_int_eq(asked, 0);
}
END_TEST

START_TEST(between_two_calls_it_is_real)
{
    faults_end();
    CURL *easy = new_transfer(1);
    ck_assert_int_eq(curl_easy_perform(easy), CURLE_OPERATION_TIMEDOUT);
    ck_assert_int_eq(asked, 0);
    curl_easy_cleanup(easy);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("interposed");
    TCase *tcase = suite_section(suite, "libcurl in virtual time");

    curl_global_init(CURL_GLOBAL_DEFAULT);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, an_hour_of_waiting_costs_nothing);
    tcase_add_test(tcase, a_pool_of_handles_waits_for_the_earliest);
    tcase_add_test(tcase, who_performs_without_waiting_is_found);
    tcase_add_test(tcase, all_others_have_the_real_clock);
    tcase_add_test(tcase, between_two_calls_it_is_real);
    return suite_run(suite);
}
