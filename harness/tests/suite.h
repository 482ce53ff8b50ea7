#ifndef SUITE_H
#define SUITE_H

#include <check.h>

/* A section of a suite. Its time limit is for what hangs: no test passes or
 * fails by time. */
static inline TCase *
suite_section(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 0);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* Run it; main's status. */
static inline int
suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}

#endif
