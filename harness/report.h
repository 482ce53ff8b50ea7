#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct record;

/*
 * Records, printed. All formats hold the same facts.
 */

/* Are the user's words UTF-8? To be called before LC_ALL is set to anything
 * else; the first answer stays. */
bool report_is_utf8(void);

/* Is this stream a terminal that can move its cursor, and does it want
 * colour? That never with NO_COLOR. */
bool report_is_terminal(FILE *stream);
bool report_wants_colour(FILE *stream);

/* Print a paragraph, broken at blanks before column 80. It goes on where the
 * line stands, at column `indent`; its other lines begin there. */
void report_paragraph(FILE *out, int indent, const char *paragraph);

/* For a person, 80 columns: one line a lab, then the first test that
 * failed, with its cause and what to do next. `whole` is false when only
 * one test was run. */
void report_text(FILE *out, const struct record *record, bool whole);

/* The page of a chapter's section where the book was built, relative to the
 * root of the repository: "build/book/02-every-byte.html#s2.5"; NULL where
 * it was not. The caller frees it. */
char *report_page(const char *stem, const char *section);

/* Print such a page; where colour is wanted, as a hyperlink (OSC 8). */
void report_put_page(FILE *out, const char *page);

/* How to begin a lab that has not been started. */
void report_text_begin(FILE *out, const struct record *record);

/* One record as a JSON object; the caller frees it. */
char *report_json(const struct record *record);

/* `count` records as one JSON document, "while-you-wait/check/1". */
void report_json_all(FILE *out, const struct record *records, size_t count);

/* `count` records as one TAP stream (version 13): a line a test, with a
 * block for each that failed. A lab that was not run test by test (compile
 * error) is one failed line, one that was not started none. */
void report_tap_all(FILE *out, const struct record *records, size_t count);

#endif
