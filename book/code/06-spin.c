/* A loop around curl_multi_perform() alone, and one that waits: how
 * often does each look, while a server says nothing? */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOKS = 1000 };

/* A server that takes connections, and never says a word. */
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

int
main(void)
{
    char url[64];
    int running = 1, looks = 0, ready;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    int server = silent_server(url, sizeof url);
    CURLM *multi = curl_multi_init();
    CURL *easy = curl_easy_init();
    if (server == -1 || multi == NULL || easy == NULL)
        return 1;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_multi_add_handle(multi, easy);
    do /* until it is connected, and its request is sent */
        curl_multi_perform(multi, &running);
    while (curl_multi_poll(multi, NULL, 0, 50, &ready) == CURLM_OK &&
           ready > 0);

    /* book: spin */
    while (running > 0 && looks < LOOKS) {
        curl_multi_perform(multi, &running); /* @perform */
        looks++;
    }
    /* book: end spin */
    printf("perform alone: %d looks, and nothing came\n", looks);

    looks = 0;
    /* book: wait */
    while (running > 0 && looks < LOOKS) {
        curl_multi_perform(multi, &running);
        looks++;
        curl_multi_poll(multi, NULL, 0, 1000, &ready); /* @poll */
        if (ready == 0) /* a second, in which nothing came */
            break;
    }
    /* book: end wait */
    printf("with a wait: %d look, and a second had passed\n", looks);
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    close(server);
    return 0;
}
