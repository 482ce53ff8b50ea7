#include "diagnose.h"

#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Words of the compilers, and what they mean to someone new. */
static const struct {
    const char *words, *meaning;
} meanings[] = {
    {"implicit declaration", "The compiler has not seen this name yet: is "
                             "a #include missing, or is it misspelt?"},
    {"undeclared", "Nothing of this name has been declared: is a #include "
                   "missing, or is it misspelt?"},
    {"expected ';'", "A semicolon is missing, often at the end of the line "
                     "before."},
    {"expected ‘;’", "A semicolon is missing, often at the end of the line "
                     "before."},
    {"expected ‘=’, ‘,’, ‘;’", "A semicolon is missing, often at the end of "
                               "the line before."},
    {"expected ‘,’ or ‘;’", "A semicolon is missing, often at the end of "
                            "the line before."},
    {"expected declaration or statement at end of input",
        "A closing brace is missing somewhere above."},
    {"expected '}'", "A closing brace is missing somewhere above."},
    {"No such file or directory", "The file named in #include is not "
                                  "there."},
    {"file not found", "The file named in #include is not there."},
    {"conflicting types", "The function is not declared as the header "
                          "declares it."},
    {"unused variable", "It is set aside but never used: is something "
                        "forgotten?"},
    {"unused parameter", "The function does nothing with this argument "
                         "yet."},
    {"used uninitialized", "It may be read before it was given a value."},
    {"is uninitialized when", "It may be read before it was given a value."},
    {"comparison of integer", "One side can be negative, the other cannot: "
                              "-1 then counts as a very large number."},
    {"pointer from integer", "A number stands where an address must."},
    {"integer to pointer", "A number stands where an address must."},
    {"control reaches end", "Not every way through the function returns a "
                            "value."},
    {"does not return a value", "Not every way through the function "
                                "returns a value."},
    {"[-Wunknown-pragmas]", "The compiler does not know this #pragma, and "
                            "passes over it: is it misspelt?"},
    {"ignoring return value", "What this call returns says whether it "
                              "worked, and how far."},
};

static const char *
meaning_of(const char *message, size_t length)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        const char *at = strstr(message, meanings[i].words);
        if (at != NULL && at < message + length)
            return meanings[i].meaning;
    }
    return NULL;
}

/* "FILE:LINE:COLUMN: KIND: message" in [line, end): its parts. */
static bool
split(const char *line, const char *kind, const char **file,
    size_t *file_length, long *number, const char **message)
{
    const char *end = line + strcspn(line, "\n");
    const char *found = strstr(line, kind);

    if (found == NULL || found >= end)
        return false;
    const char *colon = found;
    while (colon > line &&
           (isdigit((unsigned char)colon[-1]) || colon[-1] == ':'))
        colon--;
    if (colon == line || *colon != ':' || !isdigit((unsigned char)colon[1]))
        return false;
    *number = strtol(colon + 1, NULL, 10);
    *file = line;
    for (const char *c = line; c < colon; c++) {
        if (*c == '/')
            *file = c + 1;
    }
    *file_length = (size_t)(colon - *file);
    *message = found + strlen(kind);
    return true;
}

/* The next message of a kind at or after `*at`; false at the end. */
static bool
next(const char **at, const char *kind, char **where, const char **meaning)
{
    const char *file, *message;
    size_t file_length;
    long number;

    for (const char *line = *at; *line != '\0';) {
        const char *end = line + strcspn(line, "\n");
        *at = *end == '\n' ? end + 1 : end;
        if (split(line, kind, &file, &file_length, &number, &message)) {
            size_t length = (size_t)(end - message);
            *where = text_format("%.*s:%ld: %.*s", (int)file_length, file,
                number, (int)length, message);
            *meaning = meaning_of(message, length);
            return true;
        }
        line = *at;
    }
    return false;
}

bool
diagnose_error(const char *output, char **cause, char **where)
{
    const char *at = output, *meaning;

    if (!next(&at, " error: ", where, &meaning)) {
        at = output;
        if (!next(&at, " fatal error: ", where, &meaning))
            return false;
    }
    *cause = text_format("Your program does not compile.%s%s",
        meaning != NULL ? " " : "", meaning != NULL ? meaning : "");
    return true;
}

/* What no C program can bring about, in the words of compiler and linker. */
static const struct {
    const char *words, *remedy;
} troubles[] = {
    {"No space left on device",
        "The disk is full. Make room where build/ and /tmp are."},
    {"Disk quota exceeded", "Your share of the disk is used up. Make room "
                            "where build/ and /tmp are."},
    {"Read-only file system",
        "A folder cannot be written. Look at build/ and /tmp."},
    {"Cannot create temporary file",
        "A folder cannot be written. Look at /tmp."},
    {"cannot execute",
        "A part of the compiler is missing. Run: sh harness/setup"},
    {"cannot find -l", "A library is missing. Run: sh harness/setup"},
};

/* A line that a tool leads with its own name: no place in a source, and no
 * line quoted from one. */
static bool
is_of_tool(const char *line)
{
    const char *colon = line + strcspn(line, ":\n");

    return *colon == ':' && colon[1] == ' ' && !isblank((unsigned char)*line);
}

char *
diagnose_trouble(const char *output)
{
    for (const char *line = output; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
            const char *at = strstr(line, troubles[i].words);
            if (is_of_tool(line) && at != NULL && at < line + length)
                return text_format(
                    "%s (%.*s)", troubles[i].remedy, (int)length, line);
        }
        line += length + (line[length] == '\n');
    }
    return NULL;
}

const char *
diagnose_limit(const char *output)
{
    static const struct {
        const char *words, *limit;
    } limits[] = {
        {"out of memory", "it needed more memory than it may have"},
        {"virtual memory exhausted", "it needed more memory than it may have"},
        {"File size limit exceeded", "the program became too large a file"},
        {"CPU time limit exceeded", "it worked on it for too long"},
    };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (strstr(output, limits[i].words) != NULL)
            return limits[i].limit;
    }
    return NULL;
}

int
diagnose_warnings(const char *output, char **first)
{
    const char *at = output, *meaning;
    char *where;
    int count = 0;

    *first = NULL;
    while (next(&at, " warning: ", &where, &meaning)) {
        if (count++ == 0 && meaning != NULL)
            *first = text_format("%s (%s)", where, meaning);
        else if (count == 1)
            *first = text_copy(where);
        free(where);
    }
    return count;
}
