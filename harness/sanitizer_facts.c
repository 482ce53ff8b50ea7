#include "sanitizer_facts.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

char *
sanitizer_access(const char *report, unsigned long long *size)
{
    struct captures c;
    const char *verb = "wrote";

    *size = 0;
    if (sanitizer_search(report, "WRITE of size * at", &c) == NULL &&
        sanitizer_search(report, "Write of size * at", &c) == NULL) {
        verb = "read";
        if (sanitizer_search(report, "READ of size * at", &c) == NULL &&
            sanitizer_search(report, "Read of size * at", &c) == NULL)
            return text_copy("used memory");
    }
    *size = sanitizer_number(c.text[0]);
    return text_format("%s %llu byte%s", verb, *size, *size == 1 ? "" : "s");
}

static void
set_side(struct place *place, const char *words)
{
    if (strstr(words, "right") != NULL || strstr(words, "after") != NULL)
        place->side = AFTER;
    else if (strstr(words, "left") != NULL || strstr(words, "before") != NULL)
        place->side = BEFORE;
    else
        place->side = INSIDE;
}

struct place
sanitizer_block(const char *report)
{
    struct place place = {0};
    struct captures c;

    if (sanitizer_search(report, "is located * bytes * *-byte region", &c) !=
        NULL) {
        char *words = text_format("%s %s", c.text[1], c.text[2]);
        const char *size = strrchr(words, ' ');
        set_side(&place, words);
        place.distance = sanitizer_number(c.text[0]);
        place.size = sanitizer_number(size + 1);
        free(words);
    }
    return place;
}

/* "[32, 48) 'name' (line 57) <== Memory access at offset 48 overflows" */
struct place
sanitizer_local(const char *report)
{
    struct place place = {0};
    struct captures c, line;

    if (sanitizer_search(
            report, "[*, *) '*'* <== Memory access at offset * ", &c) == NULL)
        return place;
    unsigned long long begin = sanitizer_number(c.text[0]);
    unsigned long long end = sanitizer_number(c.text[1]);
    unsigned long long at = sanitizer_number(c.text[4]);
    place.side = at >= end ? AFTER : at < begin ? BEFORE : INSIDE;
    place.distance = at >= end ? at - end : at < begin ? begin - at : 0;
    place.size = end - begin;
    memcpy(place.name, c.text[2], sizeof place.name);
    if (sanitizer_match(c.text[3], " (line *)", &line) != NULL)
        place.line = (unsigned)sanitizer_number(line.text[0]);
    return place;
}

/* "labs/02-every-byte/io.c:12:12" */
static void
set_declared(struct place *place, const char *where)
{
    struct captures c;

    if (sanitizer_match(where, "*:*:", &c) == NULL)
        return;
    memcpy(place->file, c.text[0], sizeof place->file);
    place->line = (unsigned)sanitizer_number(c.text[1]);
}

struct place
sanitizer_global(const char *report)
{
    struct place place = {0};
    struct captures c;
    const char *at = report;

    while ((at = sanitizer_search(at,
                "is located * bytes * global variable '*' defined in '*' (*) "
                "of size *",
                &c)) != NULL) {
        unsigned long long distance = sanitizer_number(c.text[0]);
        at++;
        if (place.side != UNKNOWN && distance >= place.distance)
            continue;
        set_side(&place, c.text[1]);
        place.distance = distance;
        place.size = sanitizer_number(c.text[5]);
        memcpy(place.name, c.text[2], sizeof place.name);
        set_declared(&place, c.text[3]);
    }
    return place;
}

const char *
sanitizer_allocator(const char *report)
{
    static const char *const names[] = {"calloc", "realloc", "reallocarray",
        "strdup", "strndup", "aligned_alloc", "posix_memalign"};

    const char *stack = strstr(report, "allocated ");
    const char *frame = stack != NULL ? strstr(stack, "#0 ") : NULL;
    if (frame == NULL)
        return "malloc";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = strstr(frame, names[i]);
        size_t length = strlen(names[i]);
        if (name != NULL && name < frame + strcspn(frame, "\n") &&
            (name[-1] == ' ' || name[-1] == '_') && name[length] == ' ')
            return names[i];
    }
    return "malloc";
}
