#include "judge/crash.h"
#include "own_folder.h"
#include "probe/wire.h"
#include "wrapped_calls.h"

#include <inttypes.h>

/* The file log, of what is done in a folder that has a folder "sub". */

static void
begin(void)
{
    ck_assert_int_eq(mkdir("sub", 0777), 0);
    faults_begin("", false, 0, true);
}

static uint64_t
inode_of(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

/* The folder with this inode, if we know it. */
static const char *
folder(int64_t inode)
{
    static const char *const known[] = {".", "sub", "/tmp"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (inode != 0 && (uint64_t)inode == inode_of(known[i]))
            return known[i];
    }
    return inode == 0 ? "" : "?";
}

/* An entry as "o ./t > sub/u created truncated @12 "bytes"", without what
 * does not apply. */
static void
describe(struct wire_reader *log, struct text *text)
{
    char name[256];
    size_t length;

    text_addf(text, "%c", (char)wire_int(log));
    wire_int(log);
    for (int i = 0; i < 2; i++) {
        int64_t dir = wire_int(log);
        wire_string(log, name, sizeof name);
        if (name[0] != '\0' || dir != 0)
            text_addf(text, "%s %s/%s", i == 1 ? " >" : "", folder(dir), name);
    }
    text_addf(text, "%s", wire_int(log) ? " created" : "");
    text_addf(text, "%s", wire_int(log) ? " truncated" : "");
    int64_t offset = wire_int(log);
    const char *bytes = wire_bytes(log, &length);
    if (offset != 0 || length > 0)
        text_addf(text, " @%" PRId64, offset);
    if (length > 0)
        text_addf(text, " %.*s", (int)length, bytes);
    text_addf(text, "\n");
}

static void
logged(const char *expected)
{
    struct text text = {0};
    struct wire_reader log = wire_reader(faults_log());

    while (log.left > 0 && !log.broken)
        describe(&log, &text);
    ck_assert(!log.broken);
    ck_assert_str_eq(text_string(&text), expected);
    text_free(&text);
}

/* The inode of the first entry. */
static uint64_t
first_inode(void)
{
    struct wire_reader log = wire_reader(faults_log());

    wire_int(&log);
    return (uint64_t)wire_int(&log);
}

static int
create(const char *path)
{
    int fd = __wrap_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static void
put(int fd, const char *bytes)
{
    ssize_t length = (ssize_t)strlen(bytes);

    ck_assert_int_eq(__wrap_write(fd, bytes, (size_t)length), length);
}

START_TEST(a_file_saved_well_is_logged_step_by_step)
{
    int fd = create("t.tmp");
    put(fd, "fresh");
    ck_assert_int_eq(__wrap_fsync(fd), 0);
    ck_assert_int_eq(__wrap_close(fd), 0);
    ck_assert_int_eq(__wrap_rename("t.tmp", "t"), 0);
    int dir = __wrap_open(".", O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(__wrap_fsync(dir), 0);
    ck_assert_int_eq(__wrap_unlink("t"), 0);

    const char *name = strrchr(home, '/') + 1;
    char *expected = text_format("o ./t.tmp created\n"
                                 "w ./t.tmp @0 fresh\n"
                                 "s ./t.tmp\n"
                                 "r ./t.tmp > ./t\n"
                                 "o /tmp/%s\n"
                                 "s /tmp/%s\n"
                                 "u ./t\n",
        name, name);
    logged(expected);
    free(expected);
}
END_TEST

START_TEST(every_entry_carries_the_inode_of_its_file)
{
    static const char letters[] = "owstru";
    int fd = create("t");
    uint64_t inode = inode_of("t");
    struct text skipped = {0};

    put(fd, "x");
    ck_assert_int_eq(__wrap_fdatasync(fd), 0);
    ck_assert_int_eq(__wrap_ftruncate(fd, 0), 0);
    ck_assert_int_eq(__wrap_rename("t", "u"), 0);
    ck_assert_int_eq(__wrap_unlink("u"), 0);
    struct wire_reader log = wire_reader(faults_log());
    for (const char *letter = letters; *letter != '\0'; letter++) {
        struct wire_reader entry = log;
        ck_assert_int_eq(wire_int(&entry), *letter);
        ck_assert_uint_eq(wire_int(&entry), inode);
        describe(&log, &skipped);
    }
    ck_assert_uint_eq(log.left, 0);
    text_free(&skipped);
}
END_TEST

START_TEST(a_file_that_stood_there_is_opened_or_emptied_and_not_created)
{
    close(open("old", O_WRONLY | O_CREAT, 0666));
    close(__wrap_open("old", O_RDONLY));
    close(__wrap_open("old", O_WRONLY | O_CREAT, 0666));
    close(__wrap_open("old", O_WRONLY | O_TRUNC));
    close(create("new"));
    logged("o ./old\no ./old\no ./old truncated\no ./new created\n");
}
END_TEST

START_TEST(what_failed_is_not_logged)
{
    int fd = open("t", O_RDWR | O_CREAT, 0666);

    ck_assert_int_eq(__wrap_open("nowhere", O_RDONLY), -1);
    ck_assert_int_eq(__wrap_open("no/where", O_WRONLY | O_CREAT, 0666), -1);
    ck_assert_int_eq(__wrap_rename("nowhere", "t"), -1);
    ck_assert_int_eq(__wrap_unlink("nowhere"), -1);
    ck_assert_int_eq(__wrap_fsync(-1), -1);
    ck_assert_int_eq(__wrap_ftruncate(fd, -1), -1);
    faults_begin("open: EIO; write: ENOSPC; fsync: EIO; rename: EIO; "
                 "unlink: EIO; ftruncate: EIO",
        false, 0, true);
    ck_assert_int_eq(__wrap_open("t", O_RDONLY), -1);
    ck_assert_int_eq(__wrap_write(fd, "x", 1), -1);
    ck_assert_int_eq(__wrap_fsync(fd), -1);
    ck_assert_int_eq(__wrap_rename("t", "u"), -1);
    ck_assert_int_eq(__wrap_unlink("t"), -1);
    ck_assert_int_eq(__wrap_ftruncate(fd, 0), -1);
    logged("");
}
END_TEST

START_TEST(a_write_is_logged_where_it_went_and_as_far_as_it_got)
{
    faults_begin("write: 2", false, 0, true);
    int fd = create("t");
    ck_assert_int_eq(__wrap_write(fd, "abcdef", 6), 2);
    put(fd, "cd");
    ck_assert_int_eq(lseek(fd, 10, SEEK_SET), 10);
    put(fd, "k");
    ck_assert_int_eq(__wrap_write(fd, "", 0), 0);
    logged("o ./t created\nw ./t @0 ab\nw ./t @2 cd\nw ./t @10 k\n");
}
END_TEST

START_TEST(an_appended_write_is_logged_at_the_end_of_the_file)
{
    int fd = create("t");
    int end_fd = __wrap_open("t", O_WRONLY | O_APPEND);

    put(fd, "abc");
    put(end_fd, "de");
    ck_assert_int_eq(lseek(end_fd, 0, SEEK_SET), 0);
    put(end_fd, "f");
    logged("o ./t created\no ./t\nw ./t @0 abc\nw ./t @3 de\nw ./t @5 f\n");
}
END_TEST

START_TEST(what_is_no_file_is_not_logged_as_written)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    put(ends[1], "x");
    int null = open("/dev/null", O_WRONLY);
    put(null, "x");
    logged("");
}
END_TEST

START_TEST(a_change_of_length_is_logged_with_the_new_length)
{
    int fd = create("t");

    put(fd, "abcdef");
    ck_assert_int_eq(__wrap_ftruncate(fd, 2), 0);
    ck_assert_int_eq(__wrap_ftruncate(fd, 0), 0);
    logged("o ./t created\nw ./t @0 abcdef\nt ./t @2\nt ./t\n");
}
END_TEST

START_TEST(a_path_may_lead_through_folders)
{
    char *absolute = text_format("%s/sub/a", home);

    close(create(absolute));
    close(create("sub/../b"));
    ck_assert_int_eq(__wrap_rename("./b", "sub//b"), 0);
    ck_assert_int_eq(__wrap_unlink(absolute), 0);
    logged("o sub/a created\no ./b created\nr ./b > sub/b\nu sub/a\n");
    free(absolute);
}
END_TEST

START_TEST(a_file_made_through_a_link_is_logged_under_its_own_name)
{
    ck_assert_int_eq(symlink("sub/real", "link"), 0);
    int fd = create("link");

    put(fd, "x");
    logged("o sub/real created\nw sub/real @0 x\n");
    ck_assert_uint_eq(first_inode(), inode_of("sub/real"));
}
END_TEST

START_TEST(a_link_that_is_renamed_or_removed_is_meant_itself)
{
    close(open("t", O_WRONLY | O_CREAT, 0666));
    ck_assert_int_eq(symlink("t", "link"), 0);
    uint64_t inode = inode_of("link");
    ck_assert_int_eq(__wrap_rename("link", "sub/link"), 0);
    ck_assert_uint_eq(first_inode(), inode);
    ck_assert_int_eq(__wrap_unlink("sub/link"), 0);
    logged("r ./link > sub/link\nu sub/link\n");
}
END_TEST

START_TEST(a_file_is_written_under_the_name_it_has_then)
{
    int fd = create("t.tmp");

    ck_assert_int_eq(__wrap_rename("t.tmp", "sub/t"), 0);
    put(fd, "a");
    ck_assert_int_eq(__wrap_unlink("sub/t"), 0);
    put(fd, "b");
    close(fd);
    fd = create("not (deleted)");
    put(fd, "c");
    logged("o ./t.tmp created\nr ./t.tmp > sub/t\nw sub/t @0 a\nu sub/t\n"
           "w sub/t @1 b\no ./not (deleted) created\n"
           "w ./not (deleted) @0 c\n");
}
END_TEST

START_TEST(a_large_file_is_opened_under_another_name_of_open)
{
    close(__wrap_open64("t", O_WRONLY | O_CREAT, 0666));
    ck_assert_int_eq(faults_calls(WRAPPED_open), 1);
    logged("o ./t created\n");
}
END_TEST

START_TEST(only_what_is_asked_for_is_logged)
{
    close(create("t"));
    faults_end();
    close(create("u"));
    logged("o ./t created\n");
    faults_begin("", false, 0, false);
    close(create("v"));
    logged("");
    faults_begin("", false, 0, true);
    logged("");
}
END_TEST

START_TEST(logging_leaves_errno_alone)
{
    errno = E2BIG;
    int fd = __wrap_open("t", O_WRONLY | O_CREAT, 0666);
    ck_assert_int_eq(__wrap_write(fd, "x", 1), 1);
    ck_assert_int_eq(__wrap_fsync(fd), 0);
    ck_assert_int_eq(__wrap_ftruncate(fd, 0), 0);
    ck_assert_int_eq(__wrap_rename("t", "u"), 0);
    ck_assert_int_eq(errno, E2BIG);
}
END_TEST

/* The last entry in the words that a learner reads. */
static void
in_words(enum crash_op op, const char *expected)
{
    struct wire_reader log = wire_reader(faults_log());
    struct crash_step step = {.op = op};
    char other[256];

    while (log.left > 0) {
        wire_int(&log);
        step.inode = (uint64_t)wire_int(&log);
        step.dir = (uint64_t)wire_int(&log);
        wire_string(&log, step.name, sizeof step.name);
        wire_int(&log);
        wire_string(&log, other, sizeof other);
        wire_int(&log);
        wire_int(&log);
        step.offset = (uint64_t)wire_int(&log);
        step.bytes = wire_bytes(&log, &step.length);
    }
    char *words = crash_words(&step);
    ck_assert_str_eq(words, expected);
    free(words);
}

START_TEST(a_step_can_be_put_into_words)
{
    int fd = create("t");

    put(fd, "fresh");
    in_words(CRASH_WRITE, "write 5 bytes to \"t\" at 0");
    ck_assert_int_eq(__wrap_fsync(fd), 0);
    in_words(CRASH_SYNC, "sync \"t\"");
    ck_assert_int_eq(__wrap_ftruncate(fd, 3), 0);
    in_words(CRASH_TRUNCATE, "truncate \"t\" to length 3");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("files");
    TCase *log = folder_section(suite, "the log");
    tcase_add_checked_fixture(log, begin, faults_end);
    tcase_add_test(log, a_file_saved_well_is_logged_step_by_step);
    tcase_add_test(log, every_entry_carries_the_inode_of_its_file);
    tcase_add_test(
        log, a_file_that_stood_there_is_opened_or_emptied_and_not_created);
    tcase_add_test(log, what_failed_is_not_logged);
    tcase_add_test(log, only_what_is_asked_for_is_logged);
    tcase_add_test(log, logging_leaves_errno_alone);

    TCase *writes = folder_section(suite, "writes");
    tcase_add_checked_fixture(writes, begin, faults_end);
    tcase_add_test(
        writes, a_write_is_logged_where_it_went_and_as_far_as_it_got);
    tcase_add_test(writes, an_appended_write_is_logged_at_the_end_of_the_file);
    tcase_add_test(writes, what_is_no_file_is_not_logged_as_written);
    tcase_add_test(writes, a_change_of_length_is_logged_with_the_new_length);

    TCase *names = folder_section(suite, "names");
    tcase_add_checked_fixture(names, begin, faults_end);
    tcase_add_test(names, a_path_may_lead_through_folders);
    tcase_add_test(
        names, a_file_made_through_a_link_is_logged_under_its_own_name);
    tcase_add_test(names, a_link_that_is_renamed_or_removed_is_meant_itself);
    tcase_add_test(names, a_file_is_written_under_the_name_it_has_then);
    tcase_add_test(names, a_large_file_is_opened_under_another_name_of_open);
    tcase_add_test(names, a_step_can_be_put_into_words);
    return suite_run(suite);
}
