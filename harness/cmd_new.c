#include "cmd.h"

#include "frame.h"
#include "text.h"
#include "warn.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab new NN-SLUG\n"
    "\n"
    "Make a frame for a new lab in its three places, labs/, solutions/ and\n"
    "book/: a small lab that is whole and passes `make test`, for its author\n"
    "to change step by step. NN is its place in the reading order; its file\n"
    "is named after the first word of SLUG.\n"
    "\n"
    "  --help  print this\n";

enum { MOST_STEM = 20 }; /* as wide as reports have room for */

static bool
is_slug(const char *slug)
{
    for (const char *c = slug; *c != '\0'; c++) {
        bool starts = c == slug || c[-1] == '-';
        if (!islower((unsigned char)*c) &&
            (starts || (!isdigit((unsigned char)*c) && *c != '-')))
            return false;
    }
    return slug[0] != '\0' && slug[strlen(slug) - 1] != '-';
}

static void
demand_form(const char *stem)
{
    bool fine = strlen(stem) > 3 && isdigit((unsigned char)stem[0]) &&
                isdigit((unsigned char)stem[1]) && stem[2] == '-' &&
                is_slug(stem + 3);

    if (!fine)
        die("new: \"%s\" is no name of a lab. Take two digits and some words "
            "of a-z and 0-9, a hyphen before each: 42-first-answers",
            stem);
    if (strlen(stem) > MOST_STEM)
        die("new: %s is longer than the %d characters that reports have room "
            "for; take fewer words",
            stem, MOST_STEM);
}

/* The first path that matches the pattern in a lab's places, with all that
 * begins with a number and ends with a slug; NULL when none does. */
static char *
find_place(const char *stem_pattern)
{
    char *found = NULL;

    for (int i = 0; found == NULL && i < FRAME_PLACES; i++) {
        char *pattern = text_format(frame_places[i], stem_pattern);
        glob_t paths;
        if (glob(pattern, 0, NULL, &paths) == 0) {
            found = text_copy(paths.gl_pathv[0]);
            globfree(&paths);
        }
        free(pattern);
    }
    return found;
}

static int
first_free_number(void)
{
    for (int number = 0; number < 100; number++) {
        char *pattern = text_format("%02d-*", number);
        char *taken = find_place(pattern);
        free(pattern);
        free(taken);
        if (taken == NULL)
            return number;
    }
    die("new: all numbers from 00 to 99 are taken");
}

static void
demand_new(const char *stem)
{
    char *number = text_format("%.2s-*", stem);
    char *slug = text_format("[0-9][0-9]-%s", stem + 3);
    char *there = find_place(stem);
    char *same_number = find_place(number);
    char *same_slug = find_place(slug);

    if (there != NULL)
        die("new: %s is there already; move it away, or choose another name",
            there);
    if (same_number != NULL)
        die("new: %.2s is the number of %s; the first that is free is %02d",
            stem, same_number, first_free_number());
    if (same_slug != NULL)
        die("new: %s has the same slug, which is what the gradebook knows a "
            "lab by; choose another one",
            same_slug);
    free(number);
    free(slug);
}

/* Its header must not stand in the way of one of the system's, nor its file
 * of another one of the lab. */
static void
demand_file(const char *stem)
{
    static const char *const taken[] = {"starter", "probe", "judge",
        "experiment", "float", "omp", "stdarg", "stdbool", "stddef"};
    char *name = frame_name(stem);
    char *header = text_format("/usr/include/%s.h", name);
    bool is_taken = access(header, F_OK) == 0;

    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        is_taken = is_taken || strcmp(name, taken[i]) == 0;
    if (is_taken)
        die("new: the files would be called %s.c and %s.h, and one of that "
            "name is there already, in the lab or the system; begin the slug "
            "with another word",
            name, name);
    free(header);
    free(name);
}

int
cmd_new(int argc, char **argv)
{
    static const char *const what[FRAME_PLACES] = {"the chapter",
        "the reference, accepted/ and wrong/",
        "lab.yaml, contract, starter, probe, judge"};

    if (argc == 1)
        die("new: which lab? Type: make new LAB=42-answers");
    const char *stem = cmd_read_lab(argc, argv, usage, NULL);
    if (stem == NULL)
        return 0;
    demand_form(stem);
    demand_new(stem);
    demand_file(stem);
    frame_make(stem);
    for (int i = FRAME_PLACES - 1; i >= 0; i--) {
        char *place = text_format(frame_places[i], stem);
        printf("%-32s  %s\n", place, what[i]);
        free(place);
    }
    printf("\nIt is a small lab that works. See it judged:\n"
           "    make test PART=\"style labs\" LAB=%.2s\n"
           "CONTRIBUTING.md says what each file is for.\n",
        stem);
    return 0;
}
