#include "sanitizer_words.h"

#include "sanitizer_facts.h"
#include "sanitizer_match.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char *
plural(unsigned long long n)
{
    return n == 1 ? "" : "s";
}

/* The sentence for an access that misses `thing`, which is of some size. */
static char *
miss(const char *report, const struct place *place, const char *thing)
{
    unsigned long long size;
    char *access = sanitizer_access(report, &size);
    char *cause;

    if (place->side == UNKNOWN)
        cause = text_format("Your program %s outside %s.", access, thing);
    else if (place->side == BEFORE)
        cause = text_format("Your program %s, %llu byte%s before the start "
                            "of %s.",
            access, place->distance, plural(place->distance), thing);
    else if (place->side == AFTER && place->distance > 0)
        cause = text_format("Your program %s, %llu byte%s past the end of "
                            "%s.",
            access, place->distance, plural(place->distance), thing);
    else if (place->side == AFTER && size == 1)
        cause =
            text_format("Your program %s past the end of %s.", access, thing);
    else
        cause = text_format(
            "Your program %s and went past the end of %s.", access, thing);
    free(access);
    return cause;
}

static char *
heap_overflow(const char *report)
{
    struct place place = sanitizer_block(report);
    char *thing =
        place.side == UNKNOWN
            ? text_copy("the blocks that it got from malloc()")
            : text_format("a block of %llu byte%s that it got from "
                          "%s()",
                  place.size, plural(place.size), sanitizer_allocator(report));
    char *cause = miss(report, &place, thing);

    free(thing);
    return cause;
}

static char *
variable_overflow(
    const char *report, const struct place *place, const char *sort)
{
    char *thing =
        place->side == UNKNOWN
            ? text_format("its %s variables", sort)
            : text_format("the %s variable '%s' of %llu byte%s", sort,
                  place->name, place->size, plural(place->size));
    char *cause = miss(report, place, thing);

    free(thing);
    return cause;
}

static char *
stack_overflow(const char *report)
{
    struct place place = sanitizer_local(report);

    return variable_overflow(report, &place, "local");
}

static char *
global_overflow(const char *report)
{
    struct place place = sanitizer_global(report);

    return variable_overflow(report, &place, "global");
}

static char *
used_after_free(const char *report)
{
    struct place place = sanitizer_block(report);
    unsigned long long size;
    char *access = sanitizer_access(report, &size);
    char *block = place.side == UNKNOWN ? text_copy("a block")
                                        : text_format("a block of %llu byte%s",
                                              place.size, plural(place.size));
    char *cause = text_format("Your program %s of %s that it had already "
                              "given back with free().",
        access, block);

    free(access);
    free(block);
    return cause;
}

/* The sentence for a local variable that is no more. */
static char *
used_too_late(const char *report, const char *when)
{
    struct place place = sanitizer_local(report);
    unsigned long long size;
    char *access = sanitizer_access(report, &size);
    char *cause = place.side == UNKNOWN
                      ? text_format("Your program %s of a local variable %s.",
                            access, when)
                      : text_format("Your program %s of the local variable "
                                    "'%s' %s.",
                            access, place.name, when);

    free(access);
    return cause;
}

static char *
used_after_return(const char *report)
{
    return used_too_late(report, "after its function had returned");
}

static char *
used_after_scope(const char *report)
{
    return used_too_late(report, "outside the braces that it lives in");
}

static char *
freed_twice(const char *report)
{
    struct place place = sanitizer_block(report);

    if (place.side == UNKNOWN)
        return text_copy("Your program freed the same block twice.");
    return text_format("Your program freed a block of %llu byte%s twice.",
        place.size, plural(place.size));
}

static char *
freed_wrongly(const char *report)
{
    struct place place = sanitizer_block(report);

    if (place.side != INSIDE)
        return text_copy("Your program gave free() an address that no "
                         "malloc() had returned.");
    return text_format("Your program gave free() an address %llu byte%s "
                       "inside a block of %llu byte%s; it takes only the "
                       "address that %s() returned.",
        place.distance, plural(place.distance), place.size, plural(place.size),
        sanitizer_allocator(report));
}

static char *
too_big(const char *report)
{
    struct captures c = {0};

    sanitizer_match(report, "requested allocation size * ", &c);
    return text_format("Your program asked for a block of %llu bytes, which "
                       "no machine has. Was the size computed from a "
                       "negative number?",
        sanitizer_number(c.text[0]));
}

static char *
leak(const char *report)
{
    struct captures c;
    unsigned long long blocks = 1, bytes;

    if (sanitizer_search(report,
            "SUMMARY: *: * byte(s) leaked in * allocation(s)", &c) != NULL) {
        bytes = sanitizer_number(c.text[1]);
        blocks = sanitizer_number(c.text[2]);
    } else if (sanitizer_search(report,
                   "irect leak of * byte(s) in * object(s)", &c) != NULL) {
        bytes = sanitizer_number(c.text[0]);
        blocks = sanitizer_number(c.text[1]);
    } else {
        return text_copy("Your program never freed some of its memory.");
    }
    if (blocks == 1)
        return text_format("Your program never freed a block of %llu byte%s "
                           "that it got from %s().",
            bytes, plural(bytes), sanitizer_allocator(report));
    return text_format("Your program never freed %llu blocks of memory, "
                       "%llu byte%s in all.",
        blocks, bytes, plural(bytes));
}

/* A bad address, as the processor reported it. */
static char *
bad_address(const char *report)
{
    struct captures c;
    const char *verb = "used";

    if (strstr(report, "Hint: pc points to the zero page") != NULL)
        return text_copy("Your program called a function through a pointer "
                         "that is NULL.");
    if (strstr(report, "caused by a WRITE memory access") != NULL)
        verb = "wrote to";
    else if (strstr(report, "caused by a READ memory access") != NULL)
        verb = "read from";
    if (sanitizer_match(report, "* on unknown address * (pc", &c) == NULL)
        return text_format("Your program %s memory through a pointer that "
                           "leads nowhere.",
            verb);
    unsigned long long address = sanitizer_number(c.text[1]);
    if (address == 0)
        return text_format(
            "Your program %s memory through a pointer that is NULL.", verb);
    if (address < 4096)
        return text_format("Your program %s a member or element %llu byte%s "
                           "behind a pointer that is NULL.",
            verb, address, plural(address));
    return text_format("Your program %s the address 0x%llx, where it has no "
                       "memory: the pointer is wrong or was never set.",
        verb, address);
}

static char *
race(const char *report)
{
    struct captures c;
    char *what;

    if (sanitizer_search(report, "Location is global '*' of size", &c) != NULL)
        what = text_format("use the variable '%s'", c.text[0]);
    else if (sanitizer_search(
                 report, "Location is heap block of size * at", &c) != NULL)
        what = text_format("use a block of %s bytes that came from %s()",
            c.text[0], sanitizer_allocator(report));
    else
        what = text_copy("use the same memory");
    char *cause = text_format("Two threads %s at the same time, and at least "
                              "one of them writes to it.",
        what);
    free(what);
    return cause;
}

/* What a message begins with, and what to say then. A sentence that needs
 * more than the message comes from a function. */
struct phrase {
    const char *pattern;
    const char *kind; /* NULL: the first word of the message */
    const char *sentence;
    char *(*compose)(const char *report);
};

static const struct phrase phrases[] = {
    {"heap-buffer-overflow", NULL, NULL, heap_overflow},
    {"heap-use-after-free", NULL, NULL, used_after_free},
    {"stack-buffer-overflow", NULL, NULL, stack_overflow},
    {"stack-buffer-underflow", NULL, NULL, stack_overflow},
    {"dynamic-stack-buffer-overflow", NULL, NULL, stack_overflow},
    {"global-buffer-overflow", NULL, NULL, global_overflow},
    {"stack-use-after-return", NULL, NULL, used_after_return},
    {"stack-use-after-scope", NULL, NULL, used_after_scope},
    {"attempting double-free", "double-free", NULL, freed_twice},
    {"attempting free on address", "bad-free", NULL, freed_wrongly},
    {"detected memory leaks", "memory-leak", NULL, leak},
    {"requested allocation size", "allocation-size-too-big", NULL, too_big},
    {"SEGV", NULL, NULL, bad_address},
    {"BUS", NULL, NULL, bad_address},
    {"data race", NULL, NULL, race},
    {"bit out of range 0 - FD_SETSIZE on", "fd-set-overflow",
        "Your program put a descriptor into an fd_set that does not fit: it "
        "has room for the numbers 0 to 1023 (FD_SETSIZE - 1), and FD_SET() "
        "writes beside it without a word. Look at the number first.",
        NULL},
    {"alloc-dealloc-mismatch (* vs *)", NULL,
        "Your program got a block from $1 and gave it back with $2; the two "
        "do not belong together.",
        NULL},
    {"stack-overflow", NULL,
        "Your program used up its stack: a function calls itself without "
        "end, or a local variable is too big.",
        NULL},
    {"*-param-overlap: memory ranges", NULL,
        "Your program gave $1() a source and a destination that overlap; "
        "only memmove() allows that.",
        NULL},
    {"negative-size-param: (size=*)", NULL,
        "Your program gave a function the negative size $1. Is it a -1 that "
        "was not checked?",
        NULL},
    {"calloc parameters overflow", "calloc-overflow",
        "Your program asked calloc() for more bytes than any machine has. "
        "Was the number computed from a negative one?",
        NULL},
    {"allocator is out of memory", "out-of-memory",
        "Your program asked for more memory than there is.", NULL},
    {"out-of-memory", NULL,
        "Your program asked for more memory than there is.", NULL},
    {"FPE", NULL, "Your program divided by zero.", NULL},
    {"ABRT", NULL, "Your program called abort(), as a failed assert() does.",
        NULL},
    {"ILL", NULL,
        "Your program ran into something that is no instruction: a function "
        "pointer is wrong, or a function ends without return.",
        NULL},
    {"lock-order-inversion", NULL,
        "Your program takes two locks in one order here and in the other "
        "order there; two threads that do both at once wait for ever.",
        NULL},
    {"thread leak", NULL,
        "Your program started a thread and neither joined nor detached it.",
        NULL},
    {"unlock of an unlocked mutex", "unlock of an unlocked mutex",
        "Your program unlocked a mutex that this thread had not locked.",
        NULL},
    {"destroy of a locked mutex", NULL,
        "Your program destroyed a mutex that was still locked.", NULL},
    {"double lock of a mutex", NULL,
        "Your program locked a mutex that the same thread had locked "
        "already.",
        NULL},
    {"use of an invalid mutex", NULL,
        "Your program used a mutex that was not initialised, or already "
        "destroyed.",
        NULL},
    {"signal-unsafe call inside of a signal", NULL,
        "Your program called a function in a signal handler that is not "
        "safe there.",
        NULL},
};

/* The tool's word: the message up to the address, the process or a colon. */
static char *
word(const char *message)
{
    static const char *const ends[] = {" on ", ": ", " (", "\n"};
    size_t length = strnlen(message, 60);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const char *end = strstr(message, ends[i]);
        if (end != NULL && (size_t)(end - message) < length)
            length = (size_t)(end - message);
    }
    return text_format("%.*s", (int)length, message);
}

void
sanitizer_words(const char *report, char **kind, char **cause)
{
    struct captures c;

    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        const struct phrase *phrase = &phrases[i];
        if (sanitizer_match(report, phrase->pattern, &c) == NULL)
            continue;
        *kind = phrase->kind != NULL ? text_copy(phrase->kind) : word(report);
        *cause = phrase->compose != NULL
                     ? phrase->compose(report)
                     : sanitizer_fill(phrase->sentence, &c);
        return;
    }
    *kind = word(report);
    *cause = text_format(
        "The sanitizer stopped your program with an error of its own list: "
        "%s.",
        *kind);
}
