#include "contract.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Functions and objects of the C library that only compute, allocate,
 * print, or end the program: harmless in every lab. */
static const char *const harmless[] = {
    /* assert.h, errno.h, ctype.h, locale.h */
    "__assert_fail",
    "__errno_location",
    "__ctype_b_loc",
    "__ctype_tolower_loc",
    "__ctype_toupper_loc",
    "isalnum",
    "isalpha",
    "isblank",
    "iscntrl",
    "isdigit",
    "isgraph",
    "islower",
    "isprint",
    "ispunct",
    "isspace",
    "isupper",
    "isxdigit",
    "tolower",
    "toupper",
    /* stdlib.h */
    "abort",
    "abs",
    "atexit",
    "atof",
    "atoi",
    "atol",
    "atoll",
    "bsearch",
    "calloc",
    "div",
    "exit",
    "_exit",
    "_Exit",
    "free",
    "getenv",
    "labs",
    "ldiv",
    "llabs",
    "lldiv",
    "malloc",
    "posix_memalign",
    "aligned_alloc",
    "qsort",
    "rand",
    "rand_r",
    "random",
    "realloc",
    "srand",
    "srandom",
    "strtod",
    "strtof",
    "strtol",
    "strtold",
    "strtoll",
    "strtoul",
    "strtoull",
    "__isoc23_strtol",
    "__isoc23_strtoul",
    "__isoc23_strtoll",
    "__isoc23_strtoull",
    /* string.h, strings.h */
    "memccpy",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "stpcpy",
    "stpncpy",
    "strcasecmp",
    "strcat",
    "strchr",
    "strcmp",
    "strcoll",
    "strcpy",
    "strcspn",
    "strdup",
    "strerror",
    "strerror_r",
    "strlen",
    "strncasecmp",
    "strncat",
    "strncmp",
    "strncpy",
    "strndup",
    "strnlen",
    "strpbrk",
    "strrchr",
    "strspn",
    "strstr",
    "strtok",
    "strtok_r",
    "strxfrm",
    "bcmp",
    "bzero",
    "memrchr",
    "rawmemchr",
    "mempcpy",
    "__xpg_basename",
    "basename",
    "dirname",
    "__xpg_strerror_r",
    /* stdio.h: formatting, and printing for a person */
    "asprintf",
    "fflush",
    "fprintf",
    "fputc",
    "fputs",
    "fwrite",
    "perror",
    "printf",
    "putc",
    "putchar",
    "puts",
    "snprintf",
    "sprintf",
    "sscanf",
    "vasprintf",
    "vfprintf",
    "vprintf",
    "vsnprintf",
    "vsprintf",
    "__isoc99_sscanf",
    "__isoc23_sscanf",
    "stderr",
    "stdout",
    "_IO_putc",
    /* unistd.h, time.h, setjmp.h: nothing that waits or touches a file */
    "getpid",
    "getppid",
    "gmtime_r",
    "localtime_r",
    "mktime",
    "strftime",
    "difftime",
    "sysconf",
    "getpagesize",
    "_setjmp",
    "setjmp",
    "longjmp",
    "__sigsetjmp",
    "siglongjmp",
    /* what compilers add */
    "__stack_chk_fail",
    "_GLOBAL_OFFSET_TABLE_",
    "__fdelt_chk",
};

static bool
is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        if (strcmp(name, harmless[i]) == 0)
            return true;
    }
    return false;
}

/* A call of the lab's list; open64 counts as open. */
static bool
is_allowed(const struct lab *lab, const char *name)
{
    size_t length = strlen(name);

    for (char **call = lab->calls; *call != NULL; call++) {
        size_t n = strlen(*call);
        if (strncmp(name, *call, n) == 0 &&
            (length == n || strcmp(name + n, "64") == 0))
            return true;
    }
    return false;
}

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* "io.c:12: the line", where `name` is first called; NULL if nowhere. */
static char *
find_call(const struct source *source, const char *name)
{
    const char *text = text_string(&source->text);
    size_t n = strlen(name);

    for (const char *at = text; (at = strstr(at, name)) != NULL; at += n) {
        const char *after = at + n + strspn(at + n, " \t");
        if ((at > text && is_word_byte(at[-1])) || *after != '(')
            continue;
        int number = 1;
        const char *line = text;
        for (const char *p = text; p < at; p++) {
            if (*p == '\n') {
                number++;
                line = p + 1;
            }
        }
        line += strspn(line, " \t");
        const char *file = strrchr(source->path, '/');
        return text_format("%s:%d: %.*s",
            file != NULL ? file + 1 : source->path, number,
            (int)strcspn(line, "\n"), line);
    }
    return NULL;
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
    char *cause = text_format("Your program uses %s(), which this lab does "
                              "not allow. The system calls it may make are "
                              "listed in %s: %s.",
        name, lab->header, calls);

    *where = find_call(source, name);
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
        if (space == NULL || space[1] != 'U')
            continue;
        *space = '\0';
        if (!is_harmless(line) && !is_allowed(lab, line))
            cause = refuse(lab, source, line, where);
    }
    free(copy);
    return cause;
}
