#include "sanitizer_stack.h"

#include "sanitizer_match.h"
#include "spawn.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Limits of one run of addr2line, which reads a file that the learner's
 * code is in. */
enum { OFFSETS = 24, CPU_S = 10, WALL_S = 20, OUTPUT = 65536 };

static const char *
next_line(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

/* "    #1 0x5555 in ...": the number of the frame, or -1. */
static int
frame_number(const char *line)
{
    const char *text = line + strspn(line, " ");

    if (text == line || *text != '#' || !isdigit((unsigned char)text[1]))
        return -1;
    return (int)strtoul(text + 1, NULL, 10);
}

bool
sanitizer_stack_next(const char **at, struct stack *stack)
{
    const char *line = *at;

    stack->heading = "";
    while (*line != '\0' && frame_number(line) != 0) {
        if (*line != '\n' && frame_number(line) < 0)
            stack->heading = line;
        line = next_line(line);
    }
    stack->frames = line;
    if (*line == '\0')
        return false;
    do
        line = next_line(line);
    while (frame_number(line) > 0);
    *at = line;
    return true;
}

static const char *
base_name(const char *path, int length)
{
    const char *slash = memrchr(path, '/', (size_t)length);

    return slash != NULL ? slash + 1 : path;
}

bool
sanitizer_stack_owns(const struct scene *scene, const char *path, int length)
{
    const char *base = base_name(path, length);
    size_t rest = (size_t)(path + length - base);

    return memmem(path, (size_t)length, "./", 2) == NULL &&
           strlen(scene->file) == rest &&
           strncmp(base, scene->file, rest) == 0;
}

/* The line number in the first "path:NUMBER" of this line that is of the
 * learner's file; 0 when there is none. */
static unsigned
owned_line(const char *line, const struct scene *scene)
{
    const char *end = line + strcspn(line, "\n");

    while (line < end) {
        line += strspn(line, " ");
        size_t word = strcspn(line, " \n");
        const char *colon = memchr(line, ':', word);
        if (colon != NULL &&
            sanitizer_stack_owns(scene, line, (int)(colon - line)))
            return (unsigned)strtoul(colon + 1, NULL, 10);
        line += word;
    }
    return 0;
}

/* The offset of a frame in the program, "0x1234"; false when it lies
 * elsewhere, as in the C library. */
static bool
offset(const char *frame, const struct scene *scene, struct captures *c)
{
    const char *program = scene->program;
    const char *base = base_name(program, (int)strlen(program));
    size_t length = strcspn(frame, "\n");
    const char *open = memmem(frame, length, " (", 2);
    const char *plus = memmem(frame, length, "+0x", 3);

    if (open == NULL || plus == NULL || plus < open + 2)
        return false;
    const char *module = base_name(open + 2, (int)(plus - open - 2));
    return strlen(base) == (size_t)(plus - module) &&
           strncmp(module, base, strlen(base)) == 0 &&
           sanitizer_match(plus, "+*)", c) != NULL;
}

/* What addr2line says, a line an address and one more for each function
 * that was inlined there. */
static unsigned
asked_line(const char *const *argv, const struct scene *scene)
{
    struct text output = {0};
    struct outcome outcome;
    unsigned number = 0;

    struct spawn spawn = spawn_plain(argv);
    spawn.limits.cpu_s = CPU_S;
    if (spawn_capture(&spawn, WALL_S, &output, OUTPUT, &outcome) == 0) {
        const char *line = text_string(&output);
        for (; number == 0 && *line != '\0'; line = next_line(line))
            number = owned_line(line, scene);
    }
    text_free(&output);
    return number;
}

unsigned
sanitizer_stack_line(const struct stack *stack, const struct scene *scene)
{
    const char *argv[OFFSETS + 5] = {"addr2line", "-i", "-e", scene->program};
    struct captures found[OFFSETS];
    const char *frame = stack->frames;
    int count = 0;

    do {
        unsigned number = owned_line(frame, scene);
        if (number > 0)
            return number;
        if (scene->program != NULL && count < OFFSETS &&
            offset(frame, scene, &found[count])) {
            argv[4 + count] = found[count].text[0];
            count++;
        }
        frame = next_line(frame);
    } while (frame_number(frame) > 0);
    return count > 0 ? asked_line(argv, scene) : 0;
}
