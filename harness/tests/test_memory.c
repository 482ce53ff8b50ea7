#include "wrapped_calls.h"

#include <pthread.h>

/* Memory that was taken and not given back. */

const char *__asan_default_options(void);

/* A refusal is an answer, and what is freed can be had again at once. */
const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1:quarantine_size_mb=0:"
           "thread_local_quarantine_size_kb=0";
}

static void
begin(void)
{
    begin_script("");
}

static void
left(int64_t expected)
{
    ck_assert_int_eq(faults_allocations_left(), expected);
}

START_TEST(what_is_not_given_back_is_counted)
{
    void *one = __wrap_malloc(1);
    void *two = __wrap_calloc(2, 3);
    void *three = __wrap_realloc(NULL, 3);

    left(3);
    __wrap_free(two);
    left(2);
    __wrap_free(NULL);
    left(2);
    __wrap_free(one);
    __wrap_free(three);
    left(0);
}
END_TEST

START_TEST(a_block_that_moves_or_grows_stays_one_block)
{
    char *block = __wrap_malloc(1);

    block[0] = 'x';
    for (size_t size = 2; size <= 1 << 20; size *= 2) {
        block = __wrap_realloc(block, size);
        ck_assert_ptr_nonnull(block);
    }
    ck_assert_int_eq(block[0], 'x');
    left(1);
    __wrap_free(block);
    left(0);
}
END_TEST

START_TEST(what_the_library_allocated_may_be_freed)
{
    char *kept = __wrap_malloc(1);
    char *copy = strdup("copy");

    left(1);
    __wrap_free(copy);
    left(1);
    copy = strdup("copy");
    copy = __wrap_realloc(copy, 100);
    ck_assert_str_eq(copy, "copy");
    left(2);
    __wrap_free(copy);
    __wrap_free(kept);
    left(0);
}
END_TEST

START_TEST(what_the_library_freed_is_one_block_when_it_is_had_again)
{
    for (int i = 0; i < 1000; i++) {
        void *block = __wrap_malloc(64);
        free(block);
        void *again = __wrap_malloc(64);
        bool same = again == block;
        if (same)
            left(1);
        __wrap_free(again);
        if (same)
            return;
        begin_script("");
    }
    printf("could not check: no block comes back at once here\n");
}
END_TEST

START_TEST(a_new_call_begins_with_nothing_taken)
{
    void *before = __wrap_malloc(1);

    begin_script("");
    left(0);
    void *now = __wrap_malloc(1);
    __wrap_free(before);
    left(1);
    faults_end();
    left(1);
    __wrap_free(now);
    left(1);
    __wrap_free(__wrap_malloc(1));
    left(1);
}
END_TEST

enum { MANY = 100000 };

static void *many[MANY];

/* Forwards, backwards, in leaps. */
START_TEST(a_hundred_thousand_blocks_are_told_apart)
{
    static const size_t first[] = {0, MANY - 1, 17};
    static const size_t step[] = {1, MANY - 1, 30011};
    size_t at = first[_i];

    for (size_t i = 0; i < MANY; i++) {
        many[i] = __wrap_malloc(i % 64 * 16);
        if (faults_allocations_left() != (int64_t)i + 1)
            ck_abort_msg("block %zu is not counted", i);
    }
    for (size_t i = 0; i < MANY; i++) {
        __wrap_free(many[at]);
        if (faults_allocations_left() != (int64_t)(MANY - 1 - i))
            ck_abort_msg("block %zu is still counted", at);
        at = (at + step[_i]) % MANY;
    }
    ck_assert_int_eq(faults_calls(WRAPPED_malloc), MANY);
    ck_assert_int_eq(faults_calls(WRAPPED_free), MANY);
}
END_TEST

START_TEST(giving_back_leaves_errno_alone)
{
    void *one = __wrap_malloc(8), *two = __wrap_malloc(1 << 22);

    errno = E2BIG;
    __wrap_free(one);
    __wrap_free(two);
    __wrap_free(NULL);
    ck_assert_int_eq(errno, E2BIG);
}
END_TEST

/* Refusals. */

START_TEST(a_scripted_refusal_is_the_programs_to_deal_with)
{
    begin_script("malloc: ok ENOMEM; calloc: ENOMEM; realloc: ENOMEM");
    char *block = __wrap_malloc(4);
    memcpy(block, "abc", 4);
    errno = 0;
    ck_assert_ptr_null(__wrap_malloc(1));
    ck_assert_int_eq(errno, ENOMEM);
    errno = 0;
    ck_assert_ptr_null(__wrap_calloc(1, 1));
    ck_assert_int_eq(errno, ENOMEM);
    errno = 0;
    ck_assert_ptr_null(__wrap_realloc(block, 100));
    ck_assert_int_eq(errno, ENOMEM);
    left(1);
    ck_assert_str_eq(block, "abc");
    __wrap_free(block);
    left(0);
}
END_TEST

static volatile size_t too_much = SIZE_MAX / 4;

START_TEST(memory_that_cannot_be_had_is_noted)
{
    void *block = __wrap_malloc(1);

    ck_assert_noted(_i == 0   ? (void)__wrap_malloc(too_much)
                    : _i == 1 ? (void)__wrap_calloc(too_much, 1)
                              : (void)__wrap_realloc(block, too_much),
        VERDICT_MEMORY_LIMIT);
    char *size = text_format("%zu bytes", too_much);
    ck_assert_ptr_nonnull(strstr(note.sentence, size));
    free(size);
    __wrap_free(block);
}
END_TEST

START_TEST(outside_a_call_it_is_not)
{
    faults_end();
    ck_assert_ptr_null(__wrap_malloc(too_much));
}
END_TEST

enum { THREADS = 4, ROUNDS = 50000, KEPT = 3 };

static pthread_barrier_t start; /* of all threads at once */

/* Takes many blocks, and gives all but KEPT of them back. */
static void *
take_and_give(void *arg)
{
    static _Thread_local void *blocks[ROUNDS];

    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS; i++)
        blocks[i] = __wrap_malloc(16);
    for (int i = KEPT; i < ROUNDS; i++)
        __wrap_free(__wrap_realloc(blocks[i], 48));
    for (int i = 0; i < KEPT; i++)
        ((void **)arg)[i] = blocks[i];
    return NULL;
}

START_TEST(threads_may_take_and_give_back_at_once)
{
    pthread_t threads[THREADS];
    void *kept[THREADS][KEPT];

    ck_assert_int_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, take_and_give, kept[i]), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    left(THREADS * KEPT);
    ck_assert_int_eq(faults_calls(WRAPPED_malloc), THREADS * ROUNDS);
    ck_assert_int_eq(faults_calls(WRAPPED_free), THREADS * (ROUNDS - KEPT));
    for (int i = 0; i < THREADS * KEPT; i++)
        __wrap_free(kept[i / KEPT][i % KEPT]);
    left(0);
}
END_TEST

/* Returns how often memory was refused. */
static void *
count_refusals(void *arg)
{
    int *refused = arg;

    *refused = 0;
    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS; i++) {
        void *one = __wrap_malloc(1);
        *refused += one == NULL;
        __wrap_free(one);
    }
    return NULL;
}

START_TEST(every_action_of_a_script_befalls_one_thread_alone)
{
    struct text script = {0};
    pthread_t threads[THREADS];
    int refused[THREADS], all = 0;

    text_addf(&script, "malloc:");
    for (int i = 0; i < 60; i++)
        text_addf(&script, " ENOMEM");
    begin_script(text_string(&script));
    ck_assert_int_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, count_refusals, &refused[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        all += refused[i];
    }
    ck_assert_int_eq(all, 60);
    text_free(&script);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("memory");
    TCase *counting = suite_section(suite, "counting");
    tcase_add_checked_fixture(counting, begin, NULL);
    tcase_add_test(counting, what_is_not_given_back_is_counted);
    tcase_add_test(counting, a_block_that_moves_or_grows_stays_one_block);
    tcase_add_test(counting, what_the_library_allocated_may_be_freed);
    tcase_add_test(
        counting, what_the_library_freed_is_one_block_when_it_is_had_again);
    tcase_add_test(counting, a_new_call_begins_with_nothing_taken);
    tcase_add_loop_test(
        counting, a_hundred_thousand_blocks_are_told_apart, 0, 3);
    tcase_add_test(counting, giving_back_leaves_errno_alone);
    tcase_add_test(counting, threads_may_take_and_give_back_at_once);

    TCase *refusals = suite_section(suite, "refusals");
    tcase_add_checked_fixture(refusals, begin, NULL);
    tcase_add_test(refusals, a_scripted_refusal_is_the_programs_to_deal_with);
    tcase_add_test(
        refusals, every_action_of_a_script_befalls_one_thread_alone);
    tcase_add_loop_test(refusals, memory_that_cannot_be_had_is_noted, 0, 3);
    tcase_add_test(refusals, outside_a_call_it_is_not);
    return suite_run(suite);
}
