#ifndef MADE_UP_MACHINE_H
#define MADE_UP_MACHINE_H

/*
 * For tests of what is read from /proc and /sys: files below the folder of
 * the test, which machine.h then reads instead.
 */
#include "machine.h"
#include "own_folder.h"

#include <stdio.h>
#include <string.h>

/* put("/proc/loadavg", "0.5 …"): the file says this, and nothing else. */
static inline void
put(const char *path, const char *says)
{
    char *whole = text_format("%s%s", home, path);

    for (char *slash = strchr(whole + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0777);
        *slash = '/';
    }
    FILE *file = fopen(whole, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(says, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(whole);
}

static inline void
machine_begin(void)
{
    folder_begin();
    machine_root(home);
}

static inline TCase *
machine_section(Suite *suite, const char *name)
{
    TCase *tcase = suite_section(suite, name);

    tcase_add_checked_fixture(tcase, machine_begin, folder_end);
    return tcase;
}

#endif
