#ifndef SANITIZER_UNDEFINED_H
#define SANITIZER_UNDEFINED_H

/*
 * The words for a report of UndefinedBehaviorSanitizer: the name of the
 * check (as clang's -fsanitize= has it), and a sentence for a beginner.
 *
 * `report` begins after "runtime error: ". An unknown message gives
 * "undefined-behavior" and is quoted. The caller frees both strings; they
 * quote the report and are not yet cleaned (text_add_clean).
 */
void sanitizer_undefined(const char *report, char **kind, char **cause);

#endif
