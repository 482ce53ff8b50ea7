#ifndef GATE_CLIENTS_H
#define GATE_CLIENTS_H

/*
 * For test_gate.c: programs that fetch `count` pages from an origin, at
 * most `window` at a time, in shapes that are right and shapes that are
 * not. Each tells on `done` which page it is done with.
 */
#include "probe_wire.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct {
    int port, done;
    int count, window;
} job;

/* Connect and send the request of page i; blocks, but no gate withholds
 * that. */
static int
begin_page(int i)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)job.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    int length = snprintf(request, sizeof request,
        "GET /%d HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", i);
    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        _exit(4);
    return fd;
}

static void
end_page(int i, int fd)
{
    uint32_t number = (uint32_t)i;

    close(fd);
    if (write(job.done, &number, sizeof number) != sizeof number)
        _exit(5);
}

/* Read to the end. */
static void
read_page(int i, int fd)
{
    char block[4096];

    while (read(fd, block, sizeof block) > 0)
        ;
    end_page(i, fd);
}

/* One thread that waits for all at once -------------------------------- */

typedef int wait_function(struct pollfd *fds, nfds_t count);

static int
wait_in_poll(struct pollfd *fds, nfds_t count)
{
    return poll(fds, count, -1);
}

static int
wait_in_select(struct pollfd *fds, nfds_t count)
{
    fd_set set;
    int highest = -1;

    FD_ZERO(&set);
    for (nfds_t i = 0; i < count; i++) {
        FD_SET(fds[i].fd, &set);
        highest = fds[i].fd > highest ? fds[i].fd : highest;
    }
    int ready = select(highest + 1, &set, NULL, NULL, NULL);
    for (nfds_t i = 0; i < count; i++)
        fds[i].revents = FD_ISSET(fds[i].fd, &set) ? POLLIN : 0;
    return ready;
}

static int64_t virtual_ns;

/* In virtual time, at most `ns` at once. */
static int
wait_virtually(struct pollfd *fds, nfds_t count, int64_t ns)
{
    bool interrupted;

    while (poll(fds, count, 0) == 0)
        virtual_ns =
            sleep_until(ns == INT64_MAX ? ns : virtual_ns + ns, &interrupted);
    return 1;
}

static int
wait_for_ever(struct pollfd *fds, nfds_t count)
{
    return wait_virtually(fds, count, INT64_MAX);
}

static int
wait_in_ticks(struct pollfd *fds, nfds_t count)
{
    return wait_virtually(fds, count, 1000000);
}

/* `to_its_end`: once an answer begins, read all of it. */
static void
fetch_with(wait_function *wait, int window, bool to_its_end)
{
    struct pollfd fds[64];
    int pages[64], count = 0, next = 0;
    char block[16];

    while (next < job.count || count > 0) {
        for (; count < window && next < job.count; count++, next++) {
            pages[count] = next;
            fds[count] = (struct pollfd){begin_page(next), POLLIN, 0};
        }
        if (wait(fds, (nfds_t)count) < 0)
            _exit(6);
        for (int k = count - 1; k >= 0; k--) {
            if (fds[k].revents == 0)
                continue;
            if (to_its_end)
                read_page(pages[k], fds[k].fd);
            else if (read(fds[k].fd, block, sizeof block) == 0)
                end_page(pages[k], fds[k].fd);
            else
                continue;
            count--;
            fds[k] = fds[count];
            pages[k] = pages[count];
        }
    }
}

static void
polls_all(void)
{
    fetch_with(wait_in_poll, job.window, false);
}

static void
selects_all(void)
{
    fetch_with(wait_in_select, job.window, false);
}

static void
waits_virtually(void)
{
    fetch_with(wait_for_ever, job.window, false);
}

static void
ticks(void)
{
    fetch_with(wait_in_ticks, job.window, false);
}

static void
ignores_the_window(void)
{
    fetch_with(wait_in_poll, job.count, false);
}

static void
keeps_one_too_few(void)
{
    fetch_with(wait_in_poll, job.window - 1, false);
}

static void
stays_with_one(void)
{
    fetch_with(wait_in_poll, job.window, true);
}

/* Many that wait for one each ------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int next_page; /* under lock */

static void *
take_pages(void *arg)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        int page = next_page++;
        pthread_mutex_unlock(&lock);
        if (page >= job.count)
            return arg;
        read_page(page, begin_page(page));
    }
}

static void
has_threads(void)
{
    pthread_t threads[64];

    next_page = 0;
    for (int i = 0; i < job.window; i++) {
        if (pthread_create(&threads[i], NULL, take_pages, NULL) != 0)
            _exit(7);
    }
    for (int i = 0; i < job.window; i++)
        pthread_join(threads[i], NULL);
}

static void
start_page(int page)
{
    pid_t pid = fork();

    if (pid < 0)
        _exit(7);
    if (pid > 0)
        return;
    read_page(page, begin_page(page));
    _exit(0);
}

static void
has_processes(void)
{
    int running = 0;

    for (int page = 0; page < job.count; page++, running++) {
        if (running == job.window) {
            wait(NULL);
            running--;
        }
        start_page(page);
    }
    for (; running > 0; running--)
        wait(NULL);
}

/* Wrong ----------------------------------------------------------------- */

static void
one_after_the_other(void)
{
    for (int i = 0; i < job.count; i++)
        read_page(i, begin_page(i));
}

static void
in_batches(void)
{
    for (int page = 0; page < job.count;) {
        int end = page + job.window;
        end = end < job.count ? end : job.count;
        for (int i = page; i < end; i++)
            start_page(i);
        for (; page < end; page++)
            wait(NULL);
    }
}

/* All at once, and then it reads them as they are numbered. */
static void
in_order(void)
{
    int fds[64];

    for (int i = 0; i < job.count; i++)
        fds[i] = begin_page(i);
    for (int i = 0; i < job.count; i++)
        read_page(i, fds[i]);
}

static const struct {
    const char *name;
    void (*fetch)(void);
} clients[] = {
    {"polls_all", polls_all},
    {"selects_all", selects_all},
    {"has_threads", has_threads},
    {"has_processes", has_processes},
    {"waits_virtually", waits_virtually},
    {"ticks", ticks},
    {"ignores_the_window", ignores_the_window},
    {"keeps_one_too_few", keeps_one_too_few},
    {"stays_with_one", stays_with_one},
    {"one_after_the_other", one_after_the_other},
    {"in_batches", in_batches},
    {"in_order", in_order},
};

/* The probe: name, flags, now, script, then port, count, window. */
static int
serve(void)
{
    struct wire_head head;
    struct text payload = {0};
    char name[64], script[8];

    while (wire_receive(WIRE_FD, &head, &payload, given, &given_count) == 1) {
        struct wire_reader call = wire_reader(&payload);
        wire_string(&call, name, sizeof name);
        wire_int(&call);
        virtual_ns = wire_int(&call);
        wire_string(&call, script, sizeof script);
        job.port = (int)wire_int(&call);
        job.count = (int)wire_int(&call);
        job.window = (int)wire_int(&call);
        job.done = given[0];
        tag = head.tag;
        for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
            if (strcmp(clients[i].name, name) == 0)
                clients[i].fetch();
        }
        close(given[0]);
        answer(42);
    }
    text_free(&payload);
    return 0;
}

#endif
