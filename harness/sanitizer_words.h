#ifndef SANITIZER_WORDS_H
#define SANITIZER_WORDS_H

/*
 * The words for a report of AddressSanitizer, LeakSanitizer or
 * ThreadSanitizer: the tool's own, and a sentence for a beginner with the
 * report's numbers in it.
 *
 * `report` begins with the message, after "ERROR: AddressSanitizer: ", and
 * holds the rest of the report. An unknown message gets a general
 * sentence. The caller frees both strings; they quote the report and are
 * not yet cleaned (text_add_clean).
 */
void sanitizer_words(const char *report, char **kind, char **cause);

#endif
