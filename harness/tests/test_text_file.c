#include "text.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[4096];

/* Every test works in an empty folder of its own. */
static void
enter_folder(void)
{
    const char *top = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/test_text.XXXXXX",
        top != NULL && top[0] != '\0' ? top : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void
remove_folder(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void
put_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(content, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void
holds(const char *path, const char *content)
{
    char found[256] = {0};
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    size_t n = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    found[n] = '\0';
    ck_assert_str_eq(found, content);
}

/* How many names the working directory holds. */
static int
names_here(void)
{
    DIR *here = opendir(".");
    int count = 0;

    ck_assert_ptr_nonnull(here);
    while (readdir(here) != NULL)
        count++;
    closedir(here);
    return count - 2;
}

/* Reading. */

START_TEST(a_whole_file_is_read_behind_what_the_text_holds)
{
    struct text text = {0};

    put_file("file", "12345678");
    text_addf(&text, "> ");

    ck_assert_int_eq(text_read_file(&text, "file", 8), 0);
    ck_assert_str_eq(text_string(&text), "> 12345678");
    text_free(&text);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_string)
{
    struct text text = {0};

    put_file("file", "");

    ck_assert_int_eq(text_read_file(&text, "file", 0), 0);
    ck_assert_str_eq(text_string(&text), "");
    text_free(&text);
}
END_TEST

START_TEST(a_file_longer_than_the_first_block_is_read_whole)
{
    struct text text = {0}, again = {0};

    for (int i = 0; i < 10000; i++)
        text_addf(&text, "%d\n", i);
    ck_assert_int_eq(text_write_file("file", text.bytes, text.length), 0);

    ck_assert_int_eq(text_read_file(&again, "file", 1 << 20), 0);
    ck_assert_str_eq(again.bytes, text.bytes);
    text_free(&text);
    text_free(&again);
}
END_TEST

static void
does_not_read(const char *path, size_t most, int error)
{
    struct text text = {0};

    errno = 0;
    ck_assert_int_eq(text_read_file(&text, path, most), -1);
    ck_assert_int_eq(errno, error);
    text_free(&text);
}

START_TEST(a_file_one_byte_too_large_is_not_read)
{
    put_file("file", "12345678");

    does_not_read("file", 7, EFBIG);
}
END_TEST

START_TEST(a_file_that_hides_its_size_is_not_read_past_the_most)
{
    /* Files of /proc say that they hold 0 bytes. */
    does_not_read("/proc/self/status", 10, EFBIG);
}
END_TEST

START_TEST(a_missing_file_is_no_such_file)
{
    does_not_read("nowhere", 10, ENOENT);
}
END_TEST

START_TEST(a_fifo_without_a_writer_is_refused_at_once)
{
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);

    does_not_read("fifo", 10, EINVAL);
}
END_TEST

START_TEST(a_device_is_refused)
{
    does_not_read("/dev/zero", 10, EINVAL);
}
END_TEST

START_TEST(a_link_to_a_device_is_refused)
{
    ck_assert_int_eq(symlink("/dev/zero", "link"), 0);

    does_not_read("link", 10, EINVAL);
}
END_TEST

START_TEST(a_folder_is_refused)
{
    does_not_read(".", 10, EINVAL);
}
END_TEST

START_TEST(a_link_to_a_file_is_followed)
{
    struct text text = {0};

    put_file("file", "there");
    ck_assert_int_eq(symlink("file", "link"), 0);

    ck_assert_int_eq(text_read_file(&text, "link", 10), 0);
    ck_assert_str_eq(text_string(&text), "there");
    text_free(&text);
}
END_TEST

/* Writing. */

START_TEST(a_file_is_replaced_whole_and_nothing_else_is_left)
{
    struct stat status;

    put_file("file", "a longer old content");

    ck_assert_int_eq(text_write_file("file", "new", 3), 0);
    holds("file", "new");
    ck_assert_int_eq(names_here(), 1);
    ck_assert_int_eq(stat("file", &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0644);
}
END_TEST

START_TEST(a_reader_of_the_old_file_keeps_the_old_content)
{
    char found[4] = {0};

    put_file("file", "old");
    int fd = open("file", O_RDONLY);
    ck_assert_int_ge(fd, 0);

    ck_assert_int_eq(text_write_file("file", "new", 3), 0);
    ck_assert_int_eq(read(fd, found, 3), 3);
    ck_assert_str_eq(found, "old");
    close(fd);
}
END_TEST

START_TEST(a_file_is_made_only_where_nothing_is)
{
    ck_assert_int_eq(text_make_file("file", "new", 3), 0);
    holds("file", "new");
    ck_assert_int_eq(text_make_file("file", "newer", 5), -1);
    ck_assert_int_eq(errno, EEXIST);
    holds("file", "new");
    ck_assert_int_eq(symlink("nowhere", "link"), 0);
    ck_assert_int_eq(text_make_file("link", "new", 3), -1);
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_int_eq(names_here(), 2);
}
END_TEST

START_TEST(a_write_that_fails_halfway_leaves_the_old_file_and_no_other)
{
    static char bytes[100000];
    struct rlimit limit, small;

    put_file("file", "old");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){.rlim_cur = 5000, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);

    int result = text_write_file("file", bytes, sizeof bytes);
    int error = errno;

    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(error, EFBIG);
    holds("file", "old");
    ck_assert_int_eq(names_here(), 1);
}
END_TEST

START_TEST(a_folder_in_the_way_stays_and_no_file_is_left_beside_it)
{
    ck_assert_int_eq(mkdir("file", 0755), 0);

    ck_assert_int_eq(text_write_file("file", "new", 3), -1);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(names_here(), 1);
}
END_TEST

START_TEST(a_missing_folder_is_no_such_file)
{
    ck_assert_int_eq(text_write_file("nowhere/file", "new", 3), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(names_here(), 0);
}
END_TEST

static TCase *
add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, enter_folder, remove_folder);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static void
add_reading(Suite *suite)
{
    TCase *tcase = add_case(suite, "reading");

    tcase_add_test(tcase, a_whole_file_is_read_behind_what_the_text_holds);
    tcase_add_test(tcase, an_empty_file_is_an_empty_string);
    tcase_add_test(tcase, a_file_longer_than_the_first_block_is_read_whole);
    tcase_add_test(tcase, a_file_one_byte_too_large_is_not_read);
    tcase_add_test(
        tcase, a_file_that_hides_its_size_is_not_read_past_the_most);
    tcase_add_test(tcase, a_missing_file_is_no_such_file);
    tcase_add_test(tcase, a_fifo_without_a_writer_is_refused_at_once);
    tcase_add_test(tcase, a_device_is_refused);
    tcase_add_test(tcase, a_link_to_a_device_is_refused);
    tcase_add_test(tcase, a_folder_is_refused);
    tcase_add_test(tcase, a_link_to_a_file_is_followed);
}

static void
add_writing(Suite *suite)
{
    TCase *tcase = add_case(suite, "writing");

    tcase_add_test(tcase, a_file_is_replaced_whole_and_nothing_else_is_left);
    tcase_add_test(tcase, a_reader_of_the_old_file_keeps_the_old_content);
    tcase_add_test(tcase, a_file_is_made_only_where_nothing_is);
    tcase_add_test(
        tcase, a_write_that_fails_halfway_leaves_the_old_file_and_no_other);
    tcase_add_test(
        tcase, a_folder_in_the_way_stays_and_no_file_is_left_beside_it);
    tcase_add_test(tcase, a_missing_folder_is_no_such_file);
}

int
main(void)
{
    Suite *suite = suite_create("files of text");

    add_reading(suite);
    add_writing(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
