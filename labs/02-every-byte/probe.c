#include "io.h"
#include "probe/probe.h"
#include "warn.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void
call_read_full(struct call *call)
{
    int fd = call_fd(call);
    size_t n = call_size(call);
    char *b = call_buffer(call, n);

    call_return(call, io_read_full(fd, b, n));
    call_return_bytes(call, b, n);
}

static void
call_write_full(struct call *call)
{
    int fd = call_fd(call);
    size_t n;
    const void *b = call_bytes(call, &n);

    call_return(call, io_write_full(fd, b, n));
}

static void
call_copy(struct call *call)
{
    int in = call_fd(call);
    int out = call_fd(call);

    call_return(call, io_copy(in, out, call_size(call)));
}

/* Returns whether there is a reader, then what io_getline()
 * returned, its errno and dst, as often as it was called: at most
 * `most` times. */
static void
call_getline(struct call *call)
{
    struct io_lines *lines =
        io_lines_new(call_fd(call), call_size(call));
    size_t cap = call_size(call);
    int64_t most = call_int(call);
    char *dst = call_buffer(call, cap);
    ssize_t n = 0;

    for (call_return(call, lines != NULL); lines && n != -2 && most > 0;
         most--) {
        n = io_getline(lines, dst, cap);
        int error = errno;
        call_return(call, n);
        call_return(call, error);
        call_return_bytes(
            call, dst, n > 0 && n <= (ssize_t)cap ? n : 0);
    }
    io_lines_free(lines);
}

static void
put_all(int fd, const char *block, size_t *used)
{
    if (write(fd, block, *used) != (ssize_t)*used)
        die("write %zu bytes:", *used);
    *used = 0;
}

/* Writes all lines to a file, each with its newline. Returns whether
 * there is a reader, how many lines it gave, what io_getline() returned
 * last, and its errno. It is timed: little else is done. */
static void
call_getline_all(struct call *call)
{
    enum { BLOCK = 64 << 10 };
    int in = call_fd(call), out = call_fd(call);
    struct io_lines *lines = io_lines_new(in, call_size(call));
    size_t cap = call_size(call), used = 0;
    char *block = call_buffer(call, BLOCK + cap);
    int64_t count = 0;
    ssize_t n = -2;

    call_return(call, lines != NULL);
    while (lines && (n = io_getline(lines, block + used, cap)) >= 0 &&
           n <= (ssize_t)cap) {
        used += (size_t)n;
        block[used++] = '\n';
        count++;
        if (used >= BLOCK)
            put_all(out, block, &used);
    }
    int error = errno;
    call_return(call, count);
    call_return(call, n);
    call_return(call, error);
    put_all(out, block, &used);
    io_lines_free(lines);
}

static void
call_save(struct call *call)
{
    const char *path = call_string(call);
    size_t n;
    const void *b = call_bytes(call, &n);

    call_return(call, io_save(path, b, n));
}

static int
run_copy(int argc, char **argv)
{
    (void)argc;
    if (io_copy(STDIN_FILENO, STDOUT_FILENO, 4096) != -1)
        return 0;
    perror(argv[0]);
    return 1;
}

static int
run_lines(int argc, char **argv)
{
    struct io_lines *lines = io_lines_new(STDIN_FILENO, 4096);
    char line[1024];
    ssize_t n = -2;

    (void)argc;
    while (lines && (n = io_getline(lines, line, sizeof line)) != -1) {
        if (n == -2)
            break;
        if (n == -3)
            printf("too long\n");
        else
            printf("%zd\t%.*s\n", n, (int)n, line);
    }
    if (n == -2)
        perror(argv[0]);
    io_lines_free(lines);
    return n == -2;
}

static int
run_save(int argc, char **argv)
{
    static char text[1 << 20];
    ssize_t n = io_read_full(STDIN_FILENO, text, sizeof text);

    if (argc == 2 && n != -1 && io_save(argv[1], text, (size_t)n) == 0)
        return 0;
    perror(argc == 2 ? argv[1] : "save PATH < TEXT");
    return 1;
}

static const struct probe_entry table[] = {
    {"io_read_full", call_read_full, NULL, NULL},
    {"io_write_full", call_write_full, NULL, NULL},
    {"io_copy", call_copy, NULL, NULL},
    {"io_getline", call_getline, NULL, NULL},
    {"io_getline:all", call_getline_all, NULL, NULL},
    {"io_save", call_save, NULL, NULL},
    {"copy", NULL, "< IN > OUT", run_copy},
    {"lines", NULL, "< IN", run_lines},
    {"save", NULL, "PATH < TEXT", run_save},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
