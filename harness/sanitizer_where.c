#include "sanitizer_where.h"

#include "sanitizer_facts.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The longest line of the source that is quoted whole. */
enum { QUOTED = 120 };

static const char *
source_line(const char *source, unsigned number)
{
    for (unsigned i = 1; i < number && *source != '\0'; i++) {
        source += strcspn(source, "\n");
        source += *source == '\n';
    }
    return source + strspn(source, " \t");
}

static void
add_line(struct text *where, const struct scene *scene, unsigned number,
    const char *note)
{
    const char *line = source_line(scene->source, number);
    size_t length = strcspn(line, "\n");

    while (length > 0 && isspace((unsigned char)line[length - 1]))
        length--;
    size_t shown = length <= QUOTED ? length : text_utf8_end(line, QUOTED);
    text_addf(
        where, "%s%s:%u", where->length > 0 ? "\n" : "", scene->file, number);
    if (length > 0)
        text_addf(where, ": ");
    text_add_clean(where, line, shown);
    if (shown < length)
        text_addf(where, " ...");
    if (note != NULL)
        text_addf(where, "   (%s)", note);
}

/* What the stack is for the learner; NULL when it does not help. */
static const char *
note_of(const struct stack *stack)
{
    static const struct {
        const char *words, *note;
    } notes[] = {
        {"freed by thread", "the block was freed here"},
        {"allocated by ", "the block was made here"},
        {"Previous write", "the other thread writes here"},
        {"Previous atomic write", "the other thread writes here"},
        {"Previous read", "the other thread reads here"},
        {"Previous atomic read", "the other thread reads here"},
        {"acquired here while holding", "the other order is here"},
        {"  and:", "the mutex was locked here"},
    };
    size_t length = strcspn(stack->heading, "\n");
    struct captures c;

    if (sanitizer_match(stack->frames, "    #0 free ", &c) != NULL)
        return "the block was freed here";
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        const char *words = notes[i].words;
        if (memmem(stack->heading, length, words, strlen(words)) != NULL)
            return notes[i].note;
    }
    return NULL;
}

/* The line that declares the variable that the report is about; 0 when it
 * is not in the learner's file. A local one is where its function is. */
static unsigned
declaration(const char *report, const struct scene *scene)
{
    struct place place = sanitizer_global(report);
    const char *at = strstr(report, " is located in stack of ");
    struct stack stack;

    if (place.side != UNKNOWN)
        return sanitizer_stack_owns(scene, place.file, (int)strlen(place.file))
                   ? place.line
                   : 0;
    if (at == NULL || !sanitizer_stack_next(&at, &stack))
        return 0;
    place = sanitizer_local(report);
    if (place.line == 0 || sanitizer_stack_line(&stack, scene) == 0)
        return 0;
    return place.line;
}

static void
add_stacks(struct text *where, const char *report, const struct scene *scene)
{
    const char *at = report;
    struct stack stack;
    int lines = 0;

    for (bool first = true; lines < 2; first = false) {
        if (!sanitizer_stack_next(&at, &stack))
            break;
        size_t length = strcspn(stack.heading, "\n");
        bool leak = memmem(stack.heading, length, "leak of ", 8) != NULL;
        bool leads = first || (leak && lines == 0);
        const char *note = leads ? NULL : note_of(&stack);
        if (!leads && note == NULL)
            continue;
        unsigned number = sanitizer_stack_line(&stack, scene);
        if (number > 0) {
            add_line(where, scene, number, note);
            lines++;
        }
    }
    unsigned number = lines < 2 ? declaration(report, scene) : 0;
    if (number > 0)
        add_line(where, scene, number, "the variable is declared here");
}

char *
sanitizer_where(const char *report, const char *path, unsigned line,
    const struct scene *scene)
{
    struct text where = {0};

    if (path != NULL && line > 0 &&
        sanitizer_stack_owns(scene, path, (int)strlen(path)))
        add_line(&where, scene, line, NULL);
    else
        add_stacks(&where, report, scene);
    return where.bytes;
}
