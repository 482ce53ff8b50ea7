#ifndef DOCTOR_H
#define DOCTOR_H

#include "text.h"

#include <stdbool.h>

/*
 * What a check of the machine is, and what checks are made with.
 *
 * Every check tries the thing itself, where it can be tried, and finds one of
 * three levels. `lab doctor` runs the tables of doctor_tools.h,
 * doctor_machine.h, doctor_timing.h and doctor_place.h.
 */
enum level {
    LEVEL_OK,
    LEVEL_CAUTION, /* the text says what is then not checked */
    LEVEL_FAULT,   /* `lab` cannot do its work here */
    LEVEL_COUNT
};

struct finding {
    enum level level;
    struct text says;
    const char *remedy; /* the command that mends it, or NULL; not owned */
};

/* A table of these ends with a NULL name. `subject` is handed to `look`. */
struct check {
    const char *name; /* at most 12 columns */
    void (*look)(struct finding *finding, const char *subject);
    const char *subject;
};

/* The two commands that mend most. */
extern const char doctor_setup[], doctor_setup_recommended[];

/* A list of words for argv; it lives as long as the block it stands in. */
#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Set what was found; the last call counts. */
void doctor_found(struct finding *finding, enum level level,
    const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Make the folder that programs are compiled and run in (in build/, where
 * `lab` does so too, or else in TMPDIR), and remove it with all that is in
 * it. doctor_open() ends the program when it cannot. */
void doctor_open(void);
void doctor_close(void);

/*
 * Run a program in that folder, for at most 30 s; what it prints replaces
 * `said`. Returns its exit status; or -1, and `said` ends with the reason,
 * when it could not be started or did not end by itself.
 */
int doctor_run(struct text *said, const char *const *argv);

/* Put a program there as try.c and run the compiler's `argv`; true when that
 * succeeds. */
bool doctor_compiles(
    struct text *said, const char *source, const char *const *argv);

/* The first line of what a program said; the rest is cut off. */
const char *doctor_line(struct text *said);

#endif
