#include "judge/visit.h"
#include "warn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * origin: serve pages, each after a delay of its own, while a program runs
 * that fetches them; then say how long that took, beside the least that is
 * possible. For `make bench`, and for anybody's curiosity.
 */
static const char usage[] =
    "usage: origin [-k] [-n PAGES] [-w WINDOW] [-d MOST_MS] [-s SEED] "
    "COMMAND...\n"
    "\n"
    "Serve PAGES (40), each MOST_MS / 8 to MOST_MS (40) after it was asked\n"
    "for, and run COMMAND with their URLs behind its words. The delays are\n"
    "drawn from SEED (1). With -k a connection is kept for the next request\n"
    "(HTTP/1.1). What is printed:\n"
    "\n"
    "  seconds    from the command's start to its end\n"
    "  served     from the first connection to the last byte\n"
    "  bound      max(longest delay, sum of all / WINDOW): with WINDOW (8)\n"
    "             at once nobody can be faster\n"
    "  in-flight  at most at once\n"
    "  connections, threads (seen)\n";

struct options {
    long pages, window, most_ms, seed;
    bool keeps;
};

/* splitmix64 (Steele et al. 2014). */
static uint64_t
draw(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void
add_pages(struct origin *origin, const struct options *options)
{
    uint64_t state = (uint64_t)options->seed;
    long least_ms = options->most_ms / 8;

    for (long i = 0; i < options->pages; i++) {
        char *path = text_format("/page/%ld", i);
        struct origin_page *page = origin_page(origin, path);
        uint64_t range = (uint64_t)(options->most_ms - least_ms + 1);
        page->delay_ms = least_ms + (int64_t)(draw(&state) % range);
        text_addf(&page->answer,
            "HTTP/1.%d 200 OK\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\n\r\npage\n",
            options->keeps);
        if (options->keeps)
            page->end = ORIGIN_KEEPS;
        free(path);
    }
}

static double
bound_s(const struct origin *origin, long window)
{
    double sum_ms = 0, longest_ms = 0;

    for (size_t i = 0; i < origin_pages(origin); i++) {
        double delay_ms = (double)origin_at(origin, i)->delay_ms;
        sum_ms += delay_ms;
        longest_ms = delay_ms > longest_ms ? delay_ms : longest_ms;
    }
    double shared_ms = sum_ms / (double)window;
    return (shared_ms > longest_ms ? shared_ms : longest_ms) / 1e3;
}

static double
served_s(const struct origin *origin)
{
    int64_t first_ns = INT64_MAX, last_ns = 0;

    for (size_t i = 0; i < origin_pages(origin); i++) {
        const struct origin_page *page = origin_at(origin, i);
        if (page->connected_ns >= 0 && page->connected_ns < first_ns)
            first_ns = page->connected_ns;
        if (page->finished_ns > last_ns)
            last_ns = page->finished_ns;
    }
    return first_ns < last_ns ? (double)(last_ns - first_ns) / 1e9 : 0;
}

/* The command's words, then a URL a page. */
static const char **
command_line(const struct origin *origin, char **words, int count)
{
    size_t pages = origin_pages(origin);
    const char **argv = text_zeroed((size_t)count + pages + 1, sizeof *argv);

    memcpy(argv, words, (size_t)count * sizeof *argv);
    for (size_t i = 0; i < pages; i++)
        argv[(size_t)count + i] = visit_url(origin, origin_at(origin, i));
    return argv;
}

/* 0 when the command fetched every page and was content. */
static int
report(const struct origin *origin, const struct visit *visit, long window)
{
    size_t missing = 0;

    for (size_t i = 0; i < origin_pages(origin); i++)
        missing += !origin_at(origin, i)->sent_all;
    printf("seconds\t%.6f\nserved\t%.6f\nbound\t%.6f\n", visit->seconds,
        served_s(origin), bound_s(origin, window));
    printf("in-flight\t%d\nconnections\t%d\nthreads\t%d\n",
        origin_most_in_flight(origin), origin_connections(origin),
        visit->most_threads);
    if (missing > 0)
        warn("%zu pages were not fetched", missing);
    if (!visit->outcome.exited || visit->outcome.status != 0)
        warn("the command failed");
    return missing > 0 || !visit->outcome.exited || visit->outcome.status != 0;
}

static long
read_number(const char *word)
{
    char *end;
    long number = strtol(word, &end, 10);

    if (*end != '\0' || number < 1 || number > 1000000)
        die("%s is no number from 1 to 1000000", word);
    return number;
}

static struct options
read_options(int argc, char **argv)
{
    struct options options = {.pages = 40, .window = 8, .most_ms = 40};
    int option;

    options.seed = 1;
    while ((option = getopt(argc, argv, "+hkn:w:d:s:")) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(0);
        }
        if (option == 'k') {
            options.keeps = true;
            continue;
        }
        long *number = option == 'n'   ? &options.pages
                       : option == 'w' ? &options.window
                       : option == 'd' ? &options.most_ms
                                       : &options.seed;
        if (option == '?')
            die("origin -h says how it is called");
        *number = read_number(optarg);
    }
    if (options.pages > ORIGIN_MOST_PAGES)
        die("at most %d pages", ORIGIN_MOST_PAGES);
    return options;
}

int
main(int argc, char **argv)
{
    warn_program("origin");
    struct options options = read_options(argc, argv);
    if (optind == argc)
        die("which command? origin -h says more");
    struct origin *origin = origin_new(-1);
    add_pages(origin, &options);
    const char **command = command_line(origin, argv + optind, argc - optind);
    struct visit visit = visit_run(origin, command);
    int status = report(origin, &visit, options.window);
    for (size_t i = 0; i < origin_pages(origin); i++)
        free((char *)command[(size_t)(argc - optind) + i]);
    free(command);
    origin_free(origin);
    return status;
}
