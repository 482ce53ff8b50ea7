/*
 * Four ways to save a file, and a power cut after every step. Prints
 * what may then stand under the name "cfg".
 *
 * The disk is a small model, as unkind as a disk may be. There is a
 * file A with the old text, a file B beside it, and a directory in
 * which "cfg" leads to A or to B. Of each of these three, a crash keeps
 * what it held at its last sync or at any moment since.
 */
#include <stdbool.h>
#include <stdio.h>

enum thing { A, B, DIRECTORY, THINGS };
enum text { EMPTY, HALF, OLD, NEW, TEXTS };

static const char *const names[TEXTS] = {"empty", "half", "old", "new"};

/* A step changes one thing, or brings it to the disk. */
struct step {
    const char *name;
    enum thing thing;
    int becomes; /* a text; for the directory A or B; or SYNC */
};

enum { SYNC = -1, MOST = 8 };

struct way {
    const char *name;
    struct step steps[MOST]; /* until one without a name */
};

static const struct way ways[] = {
    {
        "truncate and write",
        {
            {"open with O_TRUNC", A, EMPTY},
            {"write the first half", A, HALF},
            {"write the second half", A, NEW},
            {"fsync", A, SYNC},
        },
    },
    {
        "rename without fsync",
        {
            {"open a temporary file", B, EMPTY},
            {"write the first half", B, HALF},
            {"write the second half", B, NEW},
            {"rename", DIRECTORY, B},
        },
    },
    {
        "fsync, then rename",
        {
            {"open a temporary file", B, EMPTY},
            {"write the first half", B, HALF},
            {"write the second half", B, NEW},
            {"fsync", B, SYNC},
            {"rename", DIRECTORY, B},
        },
    },
    {
        "fsync, rename, fsync the directory",
        {
            {"open a temporary file", B, EMPTY},
            {"write the first half", B, HALF},
            {"write the second half", B, NEW},
            {"fsync", B, SYNC},
            {"rename", DIRECTORY, B},
            {"fsync the directory", DIRECTORY, SYNC},
        },
    },
};

/* What each thing may be after a crash: may[thing][value]. */
static bool may[THINGS][TEXTS];
static int is[THINGS];

static void
begin(void)
{
    for (int thing = 0; thing < THINGS; thing++) {
        for (int value = 0; value < TEXTS; value++)
            may[thing][value] = false;
    }
    is[A] = OLD;
    is[B] = EMPTY;
    is[DIRECTORY] = A;
    for (int thing = 0; thing < THINGS; thing++)
        may[thing][is[thing]] = true;
}

/* book: disk */
static void
take(const struct step *step)
{
    if (step->becomes == SYNC) {
        for (int value = 0; value < TEXTS; value++)
            may[step->thing][value] =
                value == is[step->thing]; /* @last-sync */
    } else {
        is[step->thing] = step->becomes;
        may[step->thing][step->becomes] = true; /* @or-since */
    }
}
/* book: end disk */

static void
cut_the_power(const char *after)
{
    printf("  %-24s", after);
    for (int text = TEXTS - 1; text >= 0; text--) {
        bool found = false;
        for (int file = A; file <= B; file++)
            found = found || (may[DIRECTORY][file] && may[file][text]);
        printf(" %5s", found ? names[text] : ".");
    }
    printf("\n");
}

int
main(void)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        printf("%s\n", ways[i].name);
        begin();
        for (int k = 0; k < MOST && ways[i].steps[k].name; k++) {
            take(&ways[i].steps[k]);
            cut_the_power(ways[i].steps[k].name);
        }
    }
    return 0;
}
