#include "warn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *program = "lab";

void
warn_program(const char *name)
{
    program = name;
}

static void
say(const char *format, va_list args)
{
    int error = errno;
    size_t length = strlen(format);

    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, args);
    if (length > 0 && format[length - 1] == ':')
        fprintf(stderr, " %s", strerror(error));
    fputc('\n', stderr);
}

void
warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
}

void
die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    exit(2);
}
