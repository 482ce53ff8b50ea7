#include "judge/crash.h"

#include "text.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of directories and files in the logs below. */
enum { HERE = 100, THERE = 101, OLD = 1, TMP = 2, OTHER = 3 };

#define CREATE(INODE, DIR, NAME) \
    { \
        .op = CRASH_OPEN, .inode = INODE, .dir = DIR, .name = NAME, \
        .created = 1 \
    }
#define EMPTY(INODE) \
    { \
        .op = CRASH_OPEN, .inode = INODE, .truncated = 1 \
    }
#define WRITE(INODE, OFFSET, BYTES) \
    { \
        .op = CRASH_WRITE, .inode = INODE, .offset = OFFSET, .bytes = BYTES, \
        .length = sizeof(BYTES) - 1 \
    }
#define TRUNCATE(INODE, LENGTH) \
    { \
        .op = CRASH_TRUNCATE, .inode = INODE, .offset = LENGTH \
    }
#define SYNC(INODE) \
    { \
        .op = CRASH_SYNC, .inode = INODE \
    }
#define RENAME(INODE, DIR, NAME, TO_DIR, TO_NAME) \
    { \
        .op = CRASH_RENAME, .inode = INODE, .dir = DIR, .name = NAME, \
        .to_dir = TO_DIR, .to_name = TO_NAME \
    }
#define UNLINK(INODE, DIR, NAME) \
    { \
        .op = CRASH_UNLINK, .inode = INODE, .dir = DIR, .name = NAME \
    }
#define RETURN \
    { \
        .op = CRASH_RETURN \
    }

#define CREATE_TMP CREATE(TMP, HERE, "t.tmp")
#define WRITE_TMP WRITE(TMP, 0, "fresh")
#define RENAME_TMP RENAME(TMP, HERE, "t.tmp", HERE, "t")

static const struct crash_file old = {OLD, HERE, "t", "old", 3};

/* All states, "prefix[!]:contents" a line: "-" for a name that is gone, "."
 * for a zero and "!" after the return. */
static int
list(size_t done, int returned, const void *bytes, size_t length, void *arg)
{
    struct text *text = arg;

    text_addf(
        text, "%zu%s:%s", done, returned ? "!" : "", bytes == NULL ? "-" : "");
    for (size_t i = 0; i < length; i++) {
        char byte = ((const char *)bytes)[i];
        text_addf(text, "%c", byte != '\0' ? byte : '.');
    }
    text_addf(text, "\n");
    return 0;
}

/* What io_save("t", "fresh") promises; the first break is kept. */
static int
promise(size_t done, int returned, const void *bytes, size_t length, void *arg)
{
    bool is_old = bytes != NULL && length == 3 && !memcmp(bytes, "old", 3);
    bool is_new = bytes != NULL && length == 5 && !memcmp(bytes, "fresh", 5);

    if (is_new || (is_old && !returned))
        return 0;
    list(done, returned, bytes, length, arg);
    return 7;
}

static void
replay(const struct crash_step *steps, size_t count, crash_check *check,
    const char *states)
{
    struct text text = {0};

    int stop = crash_replay(&old, 1, steps, count, HERE, "t", check, &text);
    ck_assert_str_eq(text_string(&text), states);
    ck_assert_int_eq(stop, check == list || states[0] == '\0' ? 0 : 7);
    text_free(&text);
}

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof((ARRAY)[0]))
#define FIRST_BREAK(STEPS, STATE) replay(STEPS, COUNT(STEPS), promise, STATE)
#define ALL_STATES(STEPS, STATES) replay(STEPS, COUNT(STEPS), list, STATES)

START_TEST(the_right_save_never_breaks)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, SYNC(TMP), RENAME_TMP, SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "");
    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n4:old\n4:fresh\n"
                      "5:fresh\n6!:fresh\n");
}
END_TEST

START_TEST(truncating_in_place_can_leave_it_empty)
{
    const struct crash_step steps[] = {
        EMPTY(OLD), WRITE(OLD, 0, "fresh"), SYNC(OLD), RETURN};

    FIRST_BREAK(steps, "1:\n");
    ALL_STATES(steps, "0:old\n1:old\n1:\n2:old\n2:\n2:fr\n2:fresh\n"
                      "3:fresh\n4!:fresh\n");
}
END_TEST

START_TEST(a_rename_without_sync_can_lead_to_an_empty_or_half_a_file)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, RENAME_TMP, SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "3:\n");
    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n3:\n3:fr\n3:fresh\n4:\n"
                      "4:fr\n4:fresh\n5!:\n5!:fr\n5!:fresh\n");
}
END_TEST

START_TEST(a_directory_that_is_not_synced_can_bring_the_old_text_back)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, SYNC(TMP), RENAME_TMP, RETURN};

    FIRST_BREAK(steps, "5!:old\n");
}
END_TEST

START_TEST(writing_in_place_can_mix_old_and_new)
{
    const struct crash_step steps[] = {
        WRITE(OLD, 0, "fresh"), SYNC(OLD), RETURN};

    FIRST_BREAK(steps, "1:frd\n");
}
END_TEST

START_TEST(unlinking_the_old_file_first_can_lose_the_name)
{
    const struct crash_step steps[] = {CREATE_TMP, WRITE_TMP, SYNC(TMP),
        UNLINK(OLD, HERE, "t"), RENAME_TMP, SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "4:-\n");
    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n4:old\n4:-\n5:old\n5:-\n"
                      "5:fresh\n6:fresh\n7!:fresh\n");
}
END_TEST

START_TEST(a_sync_before_the_write_does_not_cover_it)
{
    const struct crash_step steps[] = {
        CREATE_TMP, SYNC(TMP), WRITE_TMP, RENAME_TMP, SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "4:\n");
}
END_TEST

START_TEST(a_sync_of_another_file_does_not_help)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, SYNC(OLD), RENAME_TMP, SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "4:\n");
}
END_TEST

START_TEST(a_sync_of_another_directory_does_not_help)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, SYNC(TMP), RENAME_TMP, SYNC(THERE), RETURN};

    FIRST_BREAK(steps, "6!:old\n");
}
END_TEST

START_TEST(a_sync_only_after_the_rename_comes_too_late)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, RENAME_TMP, SYNC(TMP), SYNC(HERE), RETURN};

    FIRST_BREAK(steps, "3:\n");
}
END_TEST

START_TEST(a_sync_of_the_file_does_not_sync_its_name)
{
    const struct crash_step steps[] = {
        CREATE_TMP, WRITE_TMP, RENAME_TMP, SYNC(TMP), RETURN};

    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n3:\n3:fr\n3:fresh\n"
                      "4:old\n4:fresh\n5!:old\n5!:fresh\n");
}
END_TEST

START_TEST(a_write_after_the_rename_can_be_lost)
{
    const struct crash_step steps[] = {CREATE_TMP, WRITE(TMP, 0, "fr"),
        SYNC(TMP), RENAME_TMP, WRITE(TMP, 2, "esh"), SYNC(HERE)};

    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n4:old\n4:fr\n5:old\n"
                      "5:fr\n5:fre\n5:fresh\n6:fr\n6:fre\n6:fresh\n");
}
END_TEST

START_TEST(a_rename_onto_itself_changes_nothing)
{
    const struct crash_step steps[] = {RENAME(OLD, HERE, "t", HERE, "t")};

    ALL_STATES(steps, "0:old\n1:old\n");
}
END_TEST

START_TEST(a_rename_between_two_names_of_one_file_changes_nothing)
{
    const struct crash_file twice[] = {old, {OLD, HERE, "u", "old", 3}};
    const struct crash_step steps[] = {
        RENAME(OLD, HERE, "t", HERE, "u"), WRITE(OLD, 3, "!")};
    struct text text = {0};

    crash_replay(twice, 2, steps, 2, HERE, "t", list, &text);
    ck_assert_str_eq(text_string(&text), "0:old\n1:old\n2:old\n2:old!\n");
    text_free(&text);
}
END_TEST

START_TEST(a_sync_of_either_directory_syncs_a_rename_across_both)
{
    const struct crash_step steps[] = {RENAME(OLD, HERE, "t", HERE, "u"),
        RENAME(OLD, HERE, "u", THERE, "u"), CREATE(TMP, HERE, "t"),
        SYNC(THERE)};

    ALL_STATES(steps, "0:old\n1:old\n1:-\n2:old\n2:-\n3:old\n3:-\n3:\n4:-\n"
                      "4:\n");
}
END_TEST

START_TEST(a_number_used_again_leaves_the_old_file_to_the_old_name)
{
    const struct crash_step steps[] = {UNLINK(OLD, HERE, "t"),
        CREATE(OLD, HERE, "t"), WRITE(OLD, 0, "n"), SYNC(OLD)};

    ALL_STATES(steps, "0:old\n1:old\n1:-\n2:old\n2:-\n2:\n3:old\n3:-\n3:\n"
                      "3:n\n4:old\n4:-\n4:n\n");
}
END_TEST

START_TEST(a_gap_is_filled_with_zeros)
{
    const struct crash_step steps[] = {
        TRUNCATE(OLD, 1), WRITE(OLD, 3, "x"), TRUNCATE(OLD, 5), SYNC(OLD)};

    ALL_STATES(steps, "0:old\n1:old\n1:o\n2:old\n2:o\n2:o..x\n3:old\n3:o\n"
                      "3:o..x\n3:o..x.\n4:o..x.\n");
}
END_TEST

START_TEST(an_operation_without_effect_makes_no_state)
{
    const struct crash_step steps[] = {
        WRITE(OLD, 9, ""), TRUNCATE(OLD, 3), {.op = CRASH_OPEN, .inode = OLD}};

    ALL_STATES(steps, "0:old\n1:old\n2:old\n3:old\n");
}
END_TEST

START_TEST(each_state_is_checked_once)
{
    const struct crash_step steps[] = {RENAME(OLD, HERE, "t", HERE, "u"),
        RENAME(OLD, HERE, "u", HERE, "t"), UNLINK(OLD, HERE, "t")};

    ALL_STATES(steps, "0:old\n1:old\n1:-\n2:old\n2:-\n3:old\n3:-\n");
}
END_TEST

START_TEST(a_file_that_nobody_told_of_stood_there_empty)
{
    const struct crash_step steps[] = {
        WRITE(OTHER, 0, "x"), RENAME(OTHER, THERE, "x", HERE, "t")};

    ALL_STATES(steps, "0:old\n1:old\n2:old\n2:\n2:x\n");
}
END_TEST

START_TEST(a_name_that_was_never_there_is_gone)
{
    struct text text = {0};

    crash_replay(NULL, 0, NULL, 0, HERE, "t", list, &text);
    ck_assert_str_eq(text_string(&text), "0:-\n");
    text_free(&text);
}
END_TEST

START_TEST(words_say_what_a_step_did)
{
    static const struct {
        struct crash_step step;
        const char *words;
    } cases[] = {
        {CREATE_TMP, "create \"t.tmp\""},
        {EMPTY(12), "open inode 12 and empty it"},
        {{.op = CRASH_OPEN, .name = "t"}, "open \"t\""},
        {WRITE(12, 7, "x"), "write 1 byte to inode 12 at 7"},
        {WRITE_TMP, "write 5 bytes to inode 2 at 0"},
        {{.op = CRASH_SYNC, .name = "t"}, "sync \"t\""},
        {RENAME_TMP, "rename \"t.tmp\" to \"t\""},
        {RENAME(1, HERE, "t", THERE, "u"),
            "rename \"t\" to \"u\" in another directory"},
        {UNLINK(1, HERE, "a\n\x1b"), "unlink \"a\\n\\x1b\""},
        {TRUNCATE(12, 2), "truncate inode 12 to length 2"},
        {RETURN, "return 0"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *words = crash_words(&cases[i].step);
        ck_assert_str_eq(words, cases[i].words);
        free(words);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("crash");

    TCase *saves = tcase_create("saves");
    tcase_add_test(saves, the_right_save_never_breaks);
    tcase_add_test(saves, truncating_in_place_can_leave_it_empty);
    tcase_add_test(
        saves, a_rename_without_sync_can_lead_to_an_empty_or_half_a_file);
    tcase_add_test(
        saves, a_directory_that_is_not_synced_can_bring_the_old_text_back);
    tcase_add_test(saves, writing_in_place_can_mix_old_and_new);
    tcase_add_test(saves, unlinking_the_old_file_first_can_lose_the_name);
    tcase_add_test(saves, a_sync_before_the_write_does_not_cover_it);
    tcase_add_test(saves, a_sync_of_another_file_does_not_help);
    tcase_add_test(saves, a_sync_of_another_directory_does_not_help);
    tcase_add_test(saves, a_sync_only_after_the_rename_comes_too_late);
    tcase_add_test(saves, a_sync_of_the_file_does_not_sync_its_name);
    tcase_add_test(saves, a_write_after_the_rename_can_be_lost);
    suite_add_tcase(suite, saves);

    TCase *corners = tcase_create("corners");
    tcase_add_test(corners, a_rename_onto_itself_changes_nothing);
    tcase_add_test(
        corners, a_rename_between_two_names_of_one_file_changes_nothing);
    tcase_add_test(
        corners, a_sync_of_either_directory_syncs_a_rename_across_both);
    tcase_add_test(
        corners, a_number_used_again_leaves_the_old_file_to_the_old_name);
    tcase_add_test(corners, a_gap_is_filled_with_zeros);
    tcase_add_test(corners, an_operation_without_effect_makes_no_state);
    tcase_add_test(corners, each_state_is_checked_once);
    tcase_add_test(corners, a_file_that_nobody_told_of_stood_there_empty);
    tcase_add_test(corners, a_name_that_was_never_there_is_gone);
    suite_add_tcase(suite, corners);

    TCase *words = tcase_create("words");
    tcase_add_test(words, words_say_what_a_step_did);
    suite_add_tcase(suite, words);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
