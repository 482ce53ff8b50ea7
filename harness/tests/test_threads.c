#include "wrapped_calls.h"

#include <pthread.h>

/* Waits on a condition that end for nothing (probe/threads.c). */

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static bool told;

static void *
tell(void *arg)
{
    pthread_mutex_lock(&lock);
    told = true;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&lock);
    return arg;
}

START_TEST(a_wait_may_end_for_nothing)
{
    pthread_t thread;
    int waits = 0;

    faults_begin("pthread_cond_wait: 1 1 ok", false, 0, false);
    told = false;
    pthread_mutex_lock(&lock);
    for (; waits < 2; waits++)
        ck_assert_int_eq(__wrap_pthread_cond_wait(&cond, &lock), 0);
    ck_assert(!told);
    pthread_create(&thread, NULL, tell, NULL);
    while (!told)
        ck_assert_int_eq(__wrap_pthread_cond_wait(&cond, &lock), 0);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    ck_assert_int_ge(faults_calls(WRAPPED_pthread_cond_wait), 3);
    faults_end();
}
END_TEST

START_TEST(who_waits_for_nothing_has_the_lock_again)
{
    faults_begin("pthread_cond_wait: 1", false, 0, false);
    pthread_mutex_lock(&lock);
    ck_assert_int_eq(__wrap_pthread_cond_wait(&cond, &lock), 0);
    ck_assert_int_eq(pthread_mutex_trylock(&lock), EBUSY);
    pthread_mutex_unlock(&lock);
    faults_end();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("threads");
    TCase *tcase = suite_section(suite, "waiting for a condition");

    tcase_add_test(tcase, a_wait_may_end_for_nothing);
    tcase_add_test(tcase, who_waits_for_nothing_has_the_lock_again);
    return suite_run(suite);
}
