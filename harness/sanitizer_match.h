#ifndef SANITIZER_MATCH_H
#define SANITIZER_MATCH_H

/*
 * Patterns over the lines of a sanitizer's report, and sentences with gaps.
 *
 * In a pattern, '*' stands for the shortest run of bytes up to what follows
 * it (at the end: up to the end of the line), never across a newline and
 * never longer than CAPTURE_ROOM - 1 bytes. Everything else is literal.
 */

enum { CAPTURES = 6, CAPTURE_ROOM = 160 };

/* What each '*' stood for, in order. */
struct captures {
    char text[CAPTURES][CAPTURE_ROOM];
};

/*
 * Where in `text` the pattern matches first, or NULL. `captures` are valid
 * only after a match; those that the pattern does not have are empty.
 */
const char *sanitizer_search(
    const char *text, const char *pattern, struct captures *captures);

/* The same at the start of `text` only. */
const char *sanitizer_match(
    const char *text, const char *pattern, struct captures *captures);

/* The sentence, with $1 to $6 replaced by the captures. The caller frees
 * it. */
char *sanitizer_fill(const char *sentence, const struct captures *captures);

/* A capture as a number (decimal, or hexadecimal after 0x); 0 when it is
 * none. */
unsigned long long sanitizer_number(const char *capture);

#endif
