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

#define REPORT_GREEN "\033[32m"
#define REPORT_RED "\033[31m"
#define REPORT_YELLOW "\033[33m"
#define REPORT_BOLD "\033[1m"

/* The words in that colour where the stream wants colour, else as they are.
 * The caller frees them. */
char *report_painted(FILE *out, const char *colour, const char *words);

/* Columns that the bytes take: characters, and nothing for a colour. */
size_t report_columns(const char *words, size_t bytes);

/* Print a paragraph, broken at blanks before column 80. It goes on where the
 * line stands, at column `indent`; its other lines begin there. Of
 * report_indented() the first one does, too. */
void report_paragraph(FILE *out, int indent, const char *paragraph);
void report_indented(FILE *out, int indent, const char *paragraph);

/* For a person, 80 columns: one line a lab, then the first test that
 * failed, with its cause and what to do next. `whole` is false when only
 * one test was run. */
void report_text(FILE *out, const struct record *record, bool whole);

/*
 * What the duel came to, in paragraphs that begin at column `indent`: the
 * verdict in words with its line (record_timing_line), why it could not be
 * said, and the physical limit where it is known. Nothing of points. Prints
 * nothing where nothing was timed.
 *
 *     Speed: within the limit: 1.04x of the reference (95 % interval 0.99 to
 *     1.09), limit 1.50x, 9 pairs, 2.2 s; machine 12 % busy with other work.
 *     The physical limit is 20.0 ms, set by the longest wait: you 1.31x of
 *     it, the reference 1.03x.
 */
void report_timing(FILE *out, const struct record *record, int indent);

/* The page of a chapter's section where the book was built, relative to the
 * root of the repository: "build/book/02-every-byte.html#s2.5"; NULL where
 * it was not. The caller frees it. */
char *report_page(const char *stem, const char *section);

/* Print such a page; where colour is wanted, as a hyperlink (OSC 8). */
void report_put_page(FILE *out, const char *page);

/* How to begin a lab that has not been started. */
void report_text_begin(FILE *out, const struct record *record);

/*
 * One record as a JSON object; the caller frees it. Its "speed" is null
 * where nothing was timed, else an object:
 *
 *     verdict              "within", "slower", "too noisy to say"
 *     limit, none          times the reference (lab.yaml)
 *     team, cores          threads the lab works on; processors here
 *     ratio, interval      the median, and [low, high] of 95 %; or null
 *     pairs, discarded     of runs
 *     seconds              that all of it took
 *     busy, steal, load    how busy the machine was; null: unknown
 *     why                  where it is too noisy to say: a sentence; or null
 *     bound                the physical limit: {seconds, by, submission,
 *                          reference}, the last two times it; or null
 *     seed                 of the first pair, a string
 *     samples              {reference, submission}: arrays of seconds
 */
char *report_json(const struct record *record);

/* `count` records as one JSON document, "while-you-wait/check/2". (Version 1
 * had "ratio" and "ratio_runs" in place of "speed".) */
void report_json_all(FILE *out, const struct record *records, size_t count);

/* A duel alone, "while-you-wait/time/1": lab, file, speed, compiler and
 * isolation, all as in a record, and failure: null, or {verdict, cause} where
 * the program did not compile or a timed run was wrong. The caller frees it.
 */
char *report_timing_json(const struct record *record);

/* `count` records as one TAP stream (version 13): a line a test, with a
 * block for each that failed; what a duel came to is a comment. A lab that
 * was not run test by test (compile error) is one failed line, one that was
 * not started none. */
void report_tap_all(FILE *out, const struct record *records, size_t count);

#endif
