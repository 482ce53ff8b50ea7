#include "intake.h"

#include "warn.h"

#include <errno.h>
#include <fcntl.h>
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

static char *
reason_unread(const struct lab *lab, const char *path)
{
    if (errno == EINVAL)
        return text_format("%s is not a regular file. Put your program "
                           "there as an ordinary file, or get the starter "
                           "with `make reset LAB=%s`.",
            path, lab->number);
    if (errno == EACCES)
        return text_format("%s cannot be read (%s). Let yourself read it: "
                           "chmod u+r %s",
            path, strerror(errno), path);
    return text_format("%s cannot be read (%s).", path, strerror(errno));
}

static enum intake
check_text(const struct source *source, const struct lab *lab, char **cause)
{
    const char *bytes = text_string(&source->text);
    size_t length = source->text.length;

    if (strspn(bytes, " \t\r\n") == length) {
        *cause = text_format("%s is empty. Get the starter with `make reset "
                             "LAB=%s`.",
            source->path, lab->number);
        return INTAKE_BAD;
    }
    size_t end = strlen(bytes);
    if (end == length)
        end = text_utf8_end(bytes, length);
    if (end == length)
        return INTAKE_FINE;
    *cause = text_format("%s:%zu: the byte 0x%02x there is not text. Save "
                         "the file as UTF-8 in your editor.",
        source->path, line_of(bytes, end), (unsigned char)bytes[end]);
    return INTAKE_BAD;
}

enum intake
intake_read(struct source *source, const struct lab *lab, const char *path,
    char **cause)
{
    *source = (struct source){.path = text_copy(path)};
    if (text_read_file(&source->text, path, INTAKE_MOST) == 0)
        return check_text(source, lab, cause);
    if (errno == EFBIG) {
        *cause = text_format("%s is larger than %d KiB, which no solution "
                             "needs. Is it your C file?",
            path, INTAKE_MOST >> 10);
        return INTAKE_BAD;
    }
    *cause = reason_unread(lab, path);
    return INTAKE_UNREADABLE;
}

void
intake_free(struct source *source)
{
    free(source->path);
    text_free(&source->text);
    source->path = NULL;
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
            text_write_file(to, starter.bytes, starter.length) == 0 ? 1 : -1;
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

    if (text_read_file(&starter, path, INTAKE_MOST) != 0)
        die("%s:", path);
    bool same = starter.length == source->text.length &&
                memcmp(text_string(&starter), text_string(&source->text),
                    starter.length) == 0;
    text_free(&starter);
    free(path);
    return same;
}
