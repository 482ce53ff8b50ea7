/* curl_multi_wait() where there is nothing to wait for. */
#include <curl/curl.h>
#include <stdio.h>

int
main(void)
{
    int waits = 0;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    /* book: nothing */
    while (waits < 1000) {
        curl_multi_wait(multi, NULL, 0, 3600 * 1000, NULL); /* @wait */
        waits++;
    }
    /* book: end nothing */
    printf("%d waits of an hour each, and here we are\n", waits);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return 0;
}
