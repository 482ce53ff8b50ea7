#include "intake.h"

#include "interrupt.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t
line_of(const char *bytes, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n';
    return line;
}

static bool
is_input(const char *path)
{
    return strcmp(path, INTAKE_INPUT) == 0;
}

/* What to do about a file in the lab's own place, or about standard input;
 * a sentence or nothing. */
static char *
advise(const struct lab *lab, const char *path)
{
    char *own = lab_learner_path(lab);
    bool is_own = strcmp(path, own) == 0;

    free(own);
    if (is_input(path))
        return text_format(" Hand a program in: build/lab check %s --file - "
                           "<%s",
            lab->number, lab->file);
    return is_own ? text_format(" `make reset LAB=%s` puts the starter there "
                                "and keeps what was there.",
                        lab->number)
                  : text_copy("");
}

static const char *
kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

/* Why the file at `path` cannot be read; errno says the same. */
static char *
reason_unread(const char *path)
{
    int error = errno;
    struct stat status;

    if (is_input(path))
        return text_format(
            "standard input cannot be read (%s).", strerror(error));
    if (lstat(path, &status) != 0)
        return text_format("%s is not there (%s).", path, strerror(errno));
    const char *link = S_ISLNK(status.st_mode) ? "a symbolic link to " : "";
    if (stat(path, &status) != 0)
        return text_format("%s is %sa file that cannot be found (%s).", path,
            link, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return text_format("%s is %s%s, not a file with a program.", path,
            link, kind_of(status.st_mode));
    if (error == EACCES)
        return text_format("%s cannot be read (%s). Let yourself read it: "
                           "chmod u+r %s",
            path, strerror(error), path);
    return text_format("%s cannot be read (%s).", path, strerror(error));
}

static enum intake
check_text(const struct source *source, const struct lab *lab,
    const char *path, char **cause)
{
    const char *bytes = text_string(&source->text);
    size_t length = source->text.length;

    if (strspn(bytes, " \t\r\n") == length) {
        char *advice = advise(lab, path);
        *cause = text_format("%s is empty.%s", source->path, advice);
        free(advice);
        return INTAKE_BAD;
    }
    size_t end = text_utf8_end(bytes, strlen(bytes));
    if (end == length)
        return INTAKE_FINE;
    *cause = text_format("%s:%zu: the byte 0x%02x there is not text. Save "
                         "the file as UTF-8 in your editor.",
        source->path, line_of(bytes, end), (unsigned char)bytes[end]);
    return INTAKE_BAD;
}

/* As an editor of another system saves it: without the mark that says
 * "UTF-8", and with \n for \r\n. */
static void
normalise(struct text *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t from =
        text->length >= 3 && memcmp(text->bytes, mark, 3) == 0 ? 3 : 0;
    size_t to = 0;

    for (; from < text->length; from++) {
        if (text->bytes[from] != '\r' || text->bytes[from + 1] != '\n')
            text->bytes[to++] = text->bytes[from];
    }
    text->length = to;
    if (text->bytes != NULL)
        text->bytes[to] = '\0';
}

/* text_read_file(), which opens what is there to look at it; here not even
 * that is done to a device or FIFO. */
static int
read_regular(struct text *text, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return -1;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    if (text_read_file(text, path, INTAKE_MOST) != 0)
        return -1;
    normalise(text);
    return 0;
}

/* Standard input to its end, or until it is too much. It may be anything,
 * and be a long time in coming: Ctrl-C must be heard. */
static int
read_input(struct text *text)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    char block[16384];
    ssize_t n = 1;

    while (n != 0) {
        interrupt_poll(&input, 1, -1);
        if (interrupted) {
            errno = EINTR;
            return -1;
        }
        n = read(STDIN_FILENO, block, sizeof block);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
        if (n > 0 && text->length + (size_t)n > INTAKE_MOST) {
            errno = EFBIG;
            return -1;
        }
        text_add(text, block, n > 0 ? (size_t)n : 0);
    }
    normalise(text);
    return 0;
}

static int
read_source(struct source *source, const struct lab *lab, const char *path)
{
    if (!is_input(path)) {
        *source =
            (struct source){.path = text_copy(path), .name = text_copy(path)};
        return read_regular(&source->text, path);
    }
    *source = (struct source){
        .path = text_copy("standard input"), .name = text_copy(lab->file)};
    return read_input(&source->text);
}

enum intake
intake_read(struct source *source, const struct lab *lab, const char *path,
    char **cause)
{
    if (read_source(source, lab, path) == 0)
        return check_text(source, lab, path, cause);
    if (interrupted)
        return INTAKE_INTERRUPTED;
    bool large = errno == EFBIG;
    char *reason =
        large ? text_format("%s is larger than %d KiB, which no program of "
                            "this workbook needs.",
                    source->path, INTAKE_MOST >> 10)
              : reason_unread(path);
    char *advice = advise(lab, path);
    *cause = text_format("%s%s", reason, advice);
    free(reason);
    free(advice);
    return large ? INTAKE_BAD : INTAKE_UNREADABLE;
}

void
intake_free(struct source *source)
{
    free(source->path);
    free(source->name);
    text_free(&source->text);
    source->path = NULL;
    source->name = NULL;
}

int
intake_begin(const struct lab *lab)
{
    struct text starter = {0};
    struct stat status;
    char *from = lab_starter_path(lab);
    char *to = lab_learner_path(lab);
    int result = 0;

    if (lstat(to, &status) != 0) {
        if (text_read_file(&starter, from, INTAKE_MOST) != 0)
            die("%s:", from);
        result =
            text_make_file(to, starter.bytes, starter.length) == 0 ? 1 : -1;
        if (result < 0 && errno == EEXIST) /* saved in this very moment */
            result = 0;
    }
    int error = errno;
    text_free(&starter);
    free(from);
    free(to);
    errno = error;
    return result;
}

bool
intake_is_starter(const struct source *source, const struct lab *lab)
{
    struct text starter = {0};
    char *path = lab_starter_path(lab);

    if (read_regular(&starter, path) != 0)
        die("%s:", path);
    bool same = starter.length == source->text.length &&
                memcmp(text_string(&starter), text_string(&source->text),
                    starter.length) == 0;
    text_free(&starter);
    free(path);
    return same;
}
