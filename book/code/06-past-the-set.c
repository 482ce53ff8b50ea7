/* curl_multi_fdset() and descriptors that do not fit into a set. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int
silent_server(char *url, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd == -1 || bind(fd, (struct sockaddr *)&address, length) ||
        listen(fd, 8) == -1 ||
        getsockname(fd, (struct sockaddr *)&address, &length) == -1)
        return -1;
    snprintf(
        url, room, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return fd;
}

/* What curl_multi_fdset() says of one call that waits for its
 * answer. */
static void
ask(const char *when, const char *url)
{
    CURLM *multi = curl_multi_init();
    CURL *easy = curl_easy_init();
    int running, ready;

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_multi_add_handle(multi, easy);
    do
        curl_multi_perform(multi, &running);
    while (curl_multi_poll(multi, NULL, 0, 50, &ready) == CURLM_OK &&
           ready > 0);

    /* book: fdset */
    fd_set reading, writing, failing;
    int most = 0;

    FD_ZERO(&reading);
    FD_ZERO(&writing);
    FD_ZERO(&failing);
    CURLMcode said =
        curl_multi_fdset(multi, &reading, &writing, &failing, &most);
    printf("%s: %d in flight; fdset says %s, and the highest is %s\n",
        when, running, said == CURLM_OK ? "OK" : "an error",
        most == -1 ? "-1" : "there"); /* @most */
    /* book: end fdset */
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
}

int
main(void)
{
    struct rlimit limit;
    char url[64];

    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (silent_server(url, sizeof url) == -1)
        return 1;
    ask("first", url);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 2048 ? limit.rlim_max : 2048;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 0; fd < FD_SETSIZE;) /* take all that would fit */
        if ((fd = fcntl(0, F_DUPFD, 0)) == -1)
            return 1;
    ask("then", url);
    return 0;
}
