#ifndef LAB_H
#define LAB_H

#include "package.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The catalogue: what labs/NN-slug/lab.yaml says of each lab.
 *
 * Every function that reads lab.yaml ends the program (warn.h) with file,
 * line and what was expected when the file is broken: an author's mistake
 * is the harness's own fault, never a learner's. Paths are relative to the
 * root of the repository, which is the working directory.
 *
 * All keys are required but `solved`, `openmp`, `packages` and `speed`; none
 * other is known.
 * Lists are of different names, and sections of different numbers.
 */

/* The number of hints that every section has. */
enum { LAB_HINTS = 3 };

/* Sizes of one workload, at most. */
enum { LAB_MOST_SIZES = 32 };

struct lab_section {
    char *title; /* "2.1 Reading until you have it all", as in judge.c */
    char *hints[LAB_HINTS];
};

struct lab_limits {
    unsigned cpu_s;      /* processor seconds of one test, 1 to 600 */
    unsigned memory_mib; /* address space, or resident set where sanitized;
                          * 16 to 65,536 */
    unsigned nofile;     /* open descriptors of one test's probe, 8 to
                          * 65,536 */
};

/* One number of the workload, which the judge asks for by name. */
struct lab_size {
    char *name; /* "lines" */
    long count; /* 1 to 1,000,000,000 */
};

/* How an accepted program is timed beside the reference (duel.h). */
struct lab_speed {
    int limit_percent; /* of the reference's time: up to here all points for
                        * speed; 101 to 10,000; 0: the lab is not timed */
    int none_percent;  /* from here on none of them; above the limit */
    int team;          /* threads that work at once, 1 to 64, whatever the
                        * machine has */
    struct lab_size *sizes; /* of the workload; 1 to LAB_MOST_SIZES */
    size_t size_count;
};

struct lab {
    char *stem;   /* "02-every-byte" */
    char *number; /* "02" */
    char *slug;   /* "every-byte": identity in the gradebook */
    char *title;  /* "Every byte" */
    char *file;   /* "io.c", the learner's file, in labs/STEM/ */
    char *header; /* "io.h" */
    int points;   /* of the lab when all is right, 0 to 1,000 */
    bool solved;  /* the starter is a solution and always judged */
    bool openmp;  /* compiled and linked with -fopenmp */
    const struct package **packages; /* compiled and linked with; NULL at
                                      * the end */
    struct lab_limits limits;
    struct lab_speed speed;
    char **functions; /* what the file must define, one or more; NULL at
                       * the end */
    char **calls;     /* the system calls it may make, "pthread_*" those that
                       * begin so; NULL at the end */
    struct lab_section *sections;
    size_t section_count; /* one or more */
};

/* All labs, in reading order. */
struct catalogue {
    struct lab *labs;
    size_t count;
};

/* Read labs/NN-slug/lab.yaml of every folder of labs/ with such a name (two
 * digits, and a slug of a-z, 0-9 and -); other names are passed over. Dies
 * if two labs share a number or a slug. The caller frees it. */
struct catalogue *lab_catalogue(void);
void lab_catalogue_free(struct catalogue *catalogue);

/* The lab that "02", "2", "every-byte" or "02-every-byte" names; NULL when
 * there is none. */
const struct lab *lab_find(
    const struct catalogue *catalogue, const char *name);

/* Read one lab.yaml into `lab`, whatever was there; `stem` is the name of
 * its folder, NN-slug. lab_free gives back what it holds, not `lab`. */
void lab_read(struct lab *lab, const char *stem, const char *path);
void lab_free(struct lab *lab);

/* The number as sections have it, without a leading zero: "2". */
const char *lab_short_number(const struct lab *lab);

/* The section of that title, or NULL. */
const struct lab_section *lab_section(
    const struct lab *lab, const char *title);

/* Where the lab's files are; the caller frees the path.
 * "labs/02-every-byte/io.c", ".../starter.c",
 * "solutions/02-every-byte/io.c", "build/02-every-byte/judge". */
char *lab_learner_path(const struct lab *lab);
char *lab_starter_path(const struct lab *lab);
char *lab_solution_path(const struct lab *lab);
char *lab_build_path(const struct lab *lab, const char *name);

#endif
