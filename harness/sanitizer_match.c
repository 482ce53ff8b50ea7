#include "sanitizer_match.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* How many bytes a '*' stands for when `literal` must follow it; -1 when
 * it does not follow. */
static int
gap(const char *text, const char *literal, size_t length)
{
    int n = 0;

    while (n < CAPTURE_ROOM && text[n] != '\n' && text[n] != '\0') {
        if (length > 0 && strncmp(text + n, literal, length) == 0)
            return n;
        n++;
    }
    return length == 0 && n < CAPTURE_ROOM ? n : -1;
}

const char *
sanitizer_match(
    const char *text, const char *pattern, struct captures *captures)
{
    const char *start = text;
    int count = 0;

    memset(captures, 0, sizeof *captures);
    while (*pattern != '\0') {
        if (*pattern != '*') {
            if (*text++ != *pattern++)
                return NULL;
            continue;
        }
        pattern++;
        int n = gap(text, pattern, strcspn(pattern, "*"));
        if (n < 0 || n >= CAPTURE_ROOM || count == CAPTURES)
            return NULL;
        memcpy(captures->text[count++], text, (size_t)n);
        text += n;
    }
    return start;
}

const char *
sanitizer_search(
    const char *text, const char *pattern, struct captures *captures)
{
    for (; *text != '\0'; text++) {
        if (*pattern != '*' && *text != *pattern)
            continue;
        if (sanitizer_match(text, pattern, captures) != NULL)
            return text;
    }
    return NULL;
}

char *
sanitizer_fill(const char *sentence, const struct captures *captures)
{
    struct text text = {0};

    for (; *sentence != '\0'; sentence++) {
        int which = sentence[0] == '$' ? sentence[1] - '1' : -1;
        if (which < 0 || which >= CAPTURES) {
            text_add(&text, sentence, 1);
            continue;
        }
        text_addf(&text, "%s", captures->text[which]);
        sentence++;
    }
    char *filled = text_copy(text_string(&text));
    text_free(&text);
    return filled;
}

unsigned long long
sanitizer_number(const char *capture)
{
    return strtoull(capture, NULL, strncmp(capture, "0x", 2) == 0 ? 16 : 10);
}
