#ifndef SANITIZER_H
#define SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reports of AddressSanitizer, UndefinedBehaviorSanitizer and
 * ThreadSanitizer, of gcc and of clang, and what a fortified FD_SET() says,
 * reduced to what a learner can use.
 */
struct finding {
    char *kind;  /* the tool's word: "heap-buffer-overflow" */
    char *cause; /* a sentence for a beginner */
    char *where; /* a line or two, "\n" between: "io.c:42: buf[n] = 0;" */
};

/*
 * Find the first report in what a program wrote to standard error.
 * `file` is the base name of the learner's file ("io.c"), `source` its
 * text (the lines quoted in `where` come from it), `program` the binary
 * (for frames that carry only an offset: addr2line is asked).
 * Returns false when there is no report. `where` is NULL when no frame
 * lies in the learner's file. The caller frees with sanitizer_free().
 *
 * Of several frames the innermost one in the learner's file counts; a
 * second line says where the memory was allocated or freed, or where the
 * other side of a race is.
 */
bool sanitizer_find(struct finding *finding, const char *stderr_text,
    const char *file, const char *source, const char *program);
void sanitizer_free(struct finding *finding);

#endif
