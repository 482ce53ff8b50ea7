#ifndef OWN_FOLDER_H
#define OWN_FOLDER_H

/*
 * For tests that need a folder of their own: made anew as the working
 * directory of each, and removed.
 */
#include "suite.h"
#include "text.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/test.XXXXXX";

static inline void
folder_begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(home));
    ck_assert_int_eq(chdir(home), 0);
    ck_assert_int_eq(chmod(home, 0777), 0);
}

static inline void
folder_end(void)
{
    char *command = text_format("rm -rf '%s'", home);

    ck_assert_int_eq(system(command), 0);
    free(command);
}

static inline TCase *
folder_section(Suite *suite, const char *name)
{
    TCase *tcase = suite_section(suite, name);

    tcase_add_checked_fixture(tcase, folder_begin, folder_end);
    return tcase;
}

#endif
