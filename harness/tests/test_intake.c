#include "intake.h"
#include "own_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static char stem[] = "02-every-byte", number[] = "02", file[] = "io.c";
static const struct lab lab = {.stem = stem, .number = number, .file = file};

static struct source source;
static char *cause;

static void
begin(void)
{
    ck_assert_int_eq(mkdir("labs", 0777), 0);
    ck_assert_int_eq(mkdir("labs/02-every-byte", 0777), 0);
}

static void
end(void)
{
    intake_free(&source);
    free(cause);
}

static void
put(const char *path, const char *bytes, size_t length)
{
    ck_assert_int_eq(text_write_file(path, bytes, length), 0);
}

static enum intake
take(const char *path)
{
    intake_free(&source);
    free(cause);
    cause = NULL;
    return intake_read(&source, &lab, path, &cause);
}

/* The cause names the file and says this. */
static void
says(const char *path, const char *words)
{
    ck_assert_ptr_nonnull(cause);
    ck_assert_msg(strncmp(cause, path, strlen(path)) == 0, "%s", cause);
    ck_assert_msg(strstr(cause, words) != NULL, "%s", cause);
}

/* Files that are fine. */

static void
is_fine(const char *bytes, size_t length, const char *expected)
{
    put("a.c", bytes, length);
    ck_assert_int_eq(take("a.c"), INTAKE_FINE);
    ck_assert_ptr_null(cause);
    ck_assert_str_eq(source.path, "a.c");
    ck_assert_str_eq(text_string(&source.text), expected);
    ck_assert_uint_eq(source.text.length, strlen(expected));
}

START_TEST(text_is_taken_in_as_it_is)
{
    is_fine("int x;\n", 7, "int x;\n");
    is_fine("int x; // \xc3\xa9\t\f", 14, "int x; // \xc3\xa9\t\f");
    is_fine("\rint x;\r\r", 9, "\rint x;\r\r");
}
END_TEST

START_TEST(line_ends_and_the_mark_of_other_systems_are_left_out)
{
    is_fine("int x;\r\nint y;\r\n", 16, "int x;\nint y;\n");
    is_fine("\xef\xbb\xbfint x;\n", 10, "int x;\n");
    is_fine("int x;\r\r\n", 9, "int x;\r\n");
}
END_TEST

START_TEST(a_file_of_256_kib_is_fine_and_a_larger_one_is_not)
{
    struct text text = {0};

    while (text.length < INTAKE_MOST)
        text_add(&text, "int x; \n", 8);
    put("a.c", text.bytes, INTAKE_MOST);
    ck_assert_int_eq(take("a.c"), INTAKE_FINE);
    ck_assert_uint_eq(source.text.length, INTAKE_MOST);
    text_add(&text, "\n", 1);
    put("a.c", text.bytes, INTAKE_MOST + 1);
    ck_assert_int_eq(take("a.c"), INTAKE_BAD);
    says("a.c", "larger than 256 KiB");
    text_free(&text);
}
END_TEST

START_TEST(a_link_to_a_file_is_followed)
{
    put("a.c", "int x;\n", 7);
    ck_assert_int_eq(symlink("a.c", "link.c"), 0);
    ck_assert_int_eq(take("link.c"), INTAKE_FINE);
    ck_assert_str_eq(source.path, "link.c");
}
END_TEST

/* Files that are not. */

static const struct {
    const char *bytes;
    size_t length;
    const char *words;
} bad[] = {
    {"", 0, "is empty"},
    {" \t\r\n\n", 5, "is empty"},
    {"\xef\xbb\xbf", 3, "is empty"},
    {"int x;\nint\0y;\n", 14, "a.c:2: the byte 0x00 there is not text"},
    {"\0", 1, "a.c:1: the byte 0x00"},
    {"\x7f"
     "ELF\x02\x01\x01\0\0\0",
        10, "a.c:1: the byte 0x00"},
    {"// caf\xe9\n", 8, "a.c:1: the byte 0xe9"},
    {"\n\n// \xc3\xa9 \xff\n", 10, "a.c:3: the byte 0xff"},
    {"\xff\xfei\0n\0t\0", 8, "a.c:1: the byte 0xff"},
};

START_TEST(what_is_no_text_is_refused_with_its_line)
{
    put("a.c", bad[_i].bytes, bad[_i].length);
    ck_assert_int_eq(take("a.c"), INTAKE_BAD);
    says("a.c", bad[_i].words);
}
END_TEST

START_TEST(what_is_not_there_is_unreadable)
{
    ck_assert_int_eq(take("nothing.c"), INTAKE_UNREADABLE);
    says("nothing.c", "No such file or directory");
    ck_assert_int_eq(symlink("nothing.c", "link.c"), 0);
    ck_assert_int_eq(take("link.c"), INTAKE_UNREADABLE);
    says("link.c", "symbolic link");
    ck_assert_int_eq(symlink("loop.c", "loop.c"), 0);
    ck_assert_int_eq(take("loop.c"), INTAKE_UNREADABLE);
    put("file", "x", 1);
    ck_assert_int_eq(take("file/a.c"), INTAKE_UNREADABLE);
    says("file/a.c", "Not a directory");
}
END_TEST

static void
make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

/* A FIFO or device that were opened would hang, or do something. */
START_TEST(what_is_no_regular_file_is_refused_unopened)
{
    static const char *const paths[] = {
        "folder", "fifo", "socket", "/dev/zero", "/dev/null"};
    static const char *const kinds[] = {
        "a folder", "a FIFO", "a socket", "a device", "a device"};

    ck_assert_int_eq(mkdir("folder", 0777), 0);
    ck_assert_int_eq(mkfifo("fifo", 0666), 0);
    make_socket("socket");
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(take(paths[i]), INTAKE_UNREADABLE);
        says(paths[i], kinds[i]);
        unlink("link.c");
        ck_assert_int_eq(symlink(paths[i], "link.c"), 0);
        ck_assert_int_eq(take("link.c"), INTAKE_UNREADABLE);
        says("link.c", kinds[i]);
    }
}
END_TEST

START_TEST(a_file_that_may_not_be_read_says_how_to_let_it_be_read)
{
    int status;

    put("a.c", "int x;\n", 7);
    ck_assert_int_eq(chmod("a.c", 0), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(99);
        enum intake intake = take("a.c");
        _exit(intake != INTAKE_UNREADABLE ||
              strstr(cause, "chmod u+r a.c") == NULL);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(only_the_file_of_the_lab_itself_may_be_reset)
{
    put("labs/02-every-byte/io.c", "", 0);
    ck_assert_int_eq(take("labs/02-every-byte/io.c"), INTAKE_BAD);
    says("labs/02-every-byte/io.c", "make reset LAB=02");
    put("a.c", "", 0);
    ck_assert_int_eq(take("a.c"), INTAKE_BAD);
    ck_assert_ptr_null(strstr(cause, "make reset"));
}
END_TEST

/* The starter. */

static const char starter[] = "labs/02-every-byte/starter.c";
static const char own[] = "labs/02-every-byte/io.c";

START_TEST(a_lab_begins_with_a_copy_of_its_starter)
{
    put(starter, "int x;\n", 7);
    ck_assert_int_eq(intake_begin(&lab), 1);
    ck_assert_int_eq(take(own), INTAKE_FINE);
    ck_assert_str_eq(text_string(&source.text), "int x;\n");
    ck_assert(intake_is_starter(&source, &lab));
}
END_TEST

START_TEST(what_is_there_is_never_replaced)
{
    put(starter, "int x;\n", 7);
    put(own, "int mine;\n", 10);
    ck_assert_int_eq(intake_begin(&lab), 0);
    ck_assert_int_eq(take(own), INTAKE_FINE);
    ck_assert_str_eq(text_string(&source.text), "int mine;\n");
    ck_assert(!intake_is_starter(&source, &lab));
    unlink(own);
    ck_assert_int_eq(symlink("nowhere", own), 0);
    ck_assert_int_eq(intake_begin(&lab), 0);
}
END_TEST

START_TEST(where_it_cannot_be_copied_errno_says_why)
{
    static char no_file[] = "none/io.c";
    const struct lab elsewhere = {
        .stem = stem, .number = number, .file = no_file};

    put(starter, "int x;\n", 7);
    ck_assert_int_eq(intake_begin(&elsewhere), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_starter_saved_by_another_system_is_still_the_starter)
{
    put(starter, "int x;\nint y;\n", 14);
    put(own, "int x;\r\nint y;\r\n", 16);
    ck_assert_int_eq(take(own), INTAKE_FINE);
    ck_assert(intake_is_starter(&source, &lab));
    put(own, "int x;\nint y; \n", 15);
    ck_assert_int_eq(take(own), INTAKE_FINE);
    ck_assert(!intake_is_starter(&source, &lab));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("intake");
    TCase *fine = folder_section(suite, "files that are fine");
    tcase_add_checked_fixture(fine, begin, end);
    tcase_add_test(fine, text_is_taken_in_as_it_is);
    tcase_add_test(fine, line_ends_and_the_mark_of_other_systems_are_left_out);
    tcase_add_test(fine, a_file_of_256_kib_is_fine_and_a_larger_one_is_not);
    tcase_add_test(fine, a_link_to_a_file_is_followed);

    TCase *refused = folder_section(suite, "files that are not");
    tcase_add_checked_fixture(refused, begin, end);
    tcase_add_loop_test(refused, what_is_no_text_is_refused_with_its_line, 0,
        (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(refused, what_is_not_there_is_unreadable);
    tcase_add_test(refused, what_is_no_regular_file_is_refused_unopened);
    tcase_add_test(
        refused, a_file_that_may_not_be_read_says_how_to_let_it_be_read);
    tcase_add_test(refused, only_the_file_of_the_lab_itself_may_be_reset);

    TCase *starters = folder_section(suite, "the starter");
    tcase_add_checked_fixture(starters, begin, end);
    tcase_add_test(starters, a_lab_begins_with_a_copy_of_its_starter);
    tcase_add_test(starters, what_is_there_is_never_replaced);
    tcase_add_test(starters, where_it_cannot_be_copied_errno_says_why);
    tcase_add_test(
        starters, a_starter_saved_by_another_system_is_still_the_starter);
    return suite_run(suite);
}
