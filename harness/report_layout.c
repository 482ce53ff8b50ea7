#include "report.h"

#include "text.h"

#include <string.h>

enum { COLUMNS = 79 };

static const char *const plain = "\033[0m";

char *
report_painted(FILE *out, const char *colour, const char *words)
{
    if (report_wants_colour(out))
        return text_format("%s%s%s", colour, words, plain);
    return text_copy(words);
}

/* How many bytes a colour here is: ESC [ … m. */
static size_t
colour_bytes(const char *at, size_t bytes)
{
    if (bytes < 2 || at[0] != '\033' || at[1] != '[')
        return 0;
    const char *end = memchr(at, 'm', bytes);
    return end != NULL ? (size_t)(end - at) + 1 : 0;
}

size_t
report_columns(const char *words, size_t bytes)
{
    size_t columns = 0;

    for (size_t i = 0; i < bytes; i++) {
        size_t colour = colour_bytes(words + i, bytes - i);
        if (colour > 0)
            i += colour - 1;
        else
            columns += ((unsigned char)words[i] & 0xc0) != 0x80;
    }
    return columns;
}

void
report_paragraph(FILE *out, int indent, const char *paragraph)
{
    size_t column = 0;

    for (;;) {
        paragraph += strspn(paragraph, " \n");
        size_t bytes = strcspn(paragraph, " \n");
        size_t columns = report_columns(paragraph, bytes);
        if (bytes == 0)
            break;
        if (column > 0 && (size_t)indent + column + 1 + columns > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = 0;
        }
        fprintf(out, "%s%.*s", column > 0 ? " " : "", (int)bytes, paragraph);
        column += columns + (column > 0);
        paragraph += bytes;
    }
    fputc('\n', out);
}

void
report_indented(FILE *out, int indent, const char *paragraph)
{
    fprintf(out, "%*s", indent, "");
    report_paragraph(out, indent, paragraph);
}
