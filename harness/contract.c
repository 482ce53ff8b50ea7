#include "contract.h"

#include "harmless.h"
#include "probe/wrapped.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What atomic operations too large for an instruction become, and all that
 * a compiler makes of OpenMP. */
static bool
is_of_compiler(const struct lab *lab, const char *name)
{
    static const char *const openmp[] = {"omp_", "GOMP_", "__kmpc_"};

    for (size_t i = 0; lab->openmp && i < sizeof openmp / sizeof *openmp;
         i++) {
        if (strncmp(name, openmp[i], strlen(openmp[i])) == 0)
            return true;
    }
    return strncmp(name, "__atomic_", 9) == 0;
}

static bool
is_of_package(const struct lab *lab, const char *name)
{
    const struct package **package = lab->packages;

    for (; package != NULL && *package != NULL; package++) {
        if (package_allows(*package, name))
            return true;
    }
    return false;
}

/* A call of the lab's list; open64 counts as open, and pthread_join as
 * pthread_*. */
static bool
is_allowed(const struct lab *lab, const char *name)
{
    size_t length = strlen(name);

    for (char **call = lab->calls; *call != NULL; call++) {
        size_t n = strlen(*call);
        if (strncmp(name, *call, n) == 0 &&
            (length == n || strcmp(name + n, "64") == 0))
            return true;
        if ((*call)[n - 1] == '*' && strncmp(name, *call, n - 1) == 0)
            return true;
    }
    return false;
}

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The end of the comment, string or character that begins here; `at` when
 * none does. */
static const char *
skip_quoted(const char *at)
{
    if (strncmp(at, "//", 2) == 0)
        return at + strcspn(at, "\n");
    if (strncmp(at, "/*", 2) == 0) {
        const char *end = strstr(at + 2, "*/");
        return end != NULL ? end + 2 : at + strlen(at);
    }
    if (*at != '"' && *at != '\'')
        return at;
    const char *end = at + 1;
    while (*end != '\0' && *end != '\n' && *end != *at)
        end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
    return *end == *at ? end + 1 : end;
}

/* Where the name first stands in the code, or is first called; NULL if
 * nowhere. */
static const char *
find_word(const char *code, const char *name, bool called)
{
    size_t n = strlen(name);

    for (const char *at = code; *at != '\0';) {
        const char *end = skip_quoted(at);
        size_t length = 0;
        while (end == at && is_word_byte(at[length]))
            length++;
        const char *after = at + length + strspn(at + length, " \t\n");
        if (length == n && memcmp(at, name, n) == 0 &&
            (!called || *after == '('))
            return at;
        at = end > at ? end : at + (length > 0 ? length : 1);
    }
    return NULL;
}

/* "io.c:12: the line", where `name` is first called, or else stands; NULL
 * if nowhere. */
static char *
find_use(const struct source *source, const char *name)
{
    const char *line = text_string(&source->text);
    const char *at = find_word(line, name, true);
    int number = 1;

    if (at == NULL)
        at = find_word(line, name, false);
    if (at == NULL)
        return NULL;
    for (const char *c = line; c < at; c++) {
        if (*c == '\n') {
            number++;
            line = c + 1;
        }
    }
    line += strspn(line, " \t");
    const char *file = strrchr(source->name, '/');
    return text_format("%s:%d: %.*s", file != NULL ? file + 1 : source->name,
        number, (int)strcspn(line, "\n"), line);
}

static char *
list_calls(const struct lab *lab)
{
    struct text list = {0};

    for (char **call = lab->calls; *call != NULL; call++)
        text_addf(&list, "%s%s", list.length > 0 ? ", " : "", *call);
    return list.bytes != NULL ? list.bytes : text_copy("none");
}

static char *
refuse(const struct lab *lab, const struct source *source, const char *name,
    char **where)
{
    char *calls = list_calls(lab);
    const struct package **package = lab->packages;
    char *cause = text_format("Your program uses %s(), which this lab does "
                              "not allow. The system calls it may make are "
                              "listed in %s: %s.%s",
        name, lab->header, calls,
        lab->openmp ? " OpenMP may be used, too." : "");

    for (; package != NULL && *package != NULL; package++) {
        char *said = cause;
        cause = text_format("%s %s may be used, too%s.", said,
            (*package)->title,
            strncmp(name, (*package)->prefix, strlen((*package)->prefix)) == 0
                ? ", but not what changes it for the whole process"
                : "");
        free(said);
    }

    *where = find_use(source, name);
    free(calls);
    return cause;
}

/* Does a line of `nm -P` begin with this name and one of these types? */
static bool
defines(const char *symbols, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = symbols; (at = strstr(at, name)) != NULL; at += n) {
        bool starts = at == symbols || at[-1] == '\n';
        if (starts && at[n] == ' ' && strchr("TWD", at[n + 1]) != NULL)
            return true;
    }
    return false;
}

static char *
find_missing(
    const struct lab *lab, const struct source *source, const char *symbols)
{
    for (char **name = lab->functions; *name != NULL; name++) {
        if (!defines(symbols, *name))
            return text_format("%s does not define %s(), which %s asks "
                               "for.",
                source->path, *name, lab->header);
    }
    return NULL;
}

/* Names that a program must not give its own functions: they would take the
 * place of the fault layer's, or speak to a sanitizer. */
static bool
is_taken(const char *name)
{
#define CALL_NAME(call) #call,
    static const char *const wrapped[] = {WRAPPED_CALLS(CALL_NAME)};
#undef CALL_NAME

    for (size_t i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++) {
        if (strcmp(name, wrapped[i]) == 0)
            return true;
    }
    return name[0] == '_' && name[1] == '_';
}

static char *
refuse_name(const struct source *source, const char *name, char **where)
{
    *where = find_use(source, name);
    return text_format("Your program defines %s() itself. That name belongs "
                       "to the system; give yours another one, or make it "
                       "static.",
        name);
}

/* A type of `nm -P`: undefined, or weak and undefined. */
static bool
is_import(char type)
{
    return type == 'U' || type == 'w' || type == 'v';
}

char *
contract_check(const struct lab *lab, const struct source *source,
    const char *symbols, char **where)
{
    char *copy = text_copy(symbols);
    char *cause = find_missing(lab, source, symbols);
    char *rest;

    *where = NULL;
    for (char *line = strtok_r(copy, "\n", &rest);
         line != NULL && cause == NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *space = strchr(line, ' ');
        if (space == NULL)
            continue;
        *space = '\0';
        if (!is_import(space[1])) {
            if (isupper((unsigned char)space[1]) && is_taken(line))
                cause = refuse_name(source, line, where);
        } else if (!harmless_function(line) && !is_of_compiler(lab, line) &&
                   !is_of_package(lab, line) && !is_allowed(lab, line)) {
            cause = refuse(lab, source, line, where);
        }
    }
    free(copy);
    return cause;
}
