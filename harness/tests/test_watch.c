#include "watch.h"

#include "own_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/syscall.h>

static const char *const paths[] = {"a/x.c", "b/x.c"};

static struct watch watch;
static int refused_init, refused_folder; /* errno, or 0 */

/* The kernel's, unless it refuses. */
int
inotify_init1(int flags)
{
    errno = refused_init;
    return refused_init ? -1 : (int)syscall(SYS_inotify_init1, flags);
}

int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    errno = refused_folder;
    return refused_folder
               ? -1
               : (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

static void
put(const char *path, const char *words)
{
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(words, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* As long ago as this, to the nanosecond. */
static void
date(const char *path, long ns)
{
    const struct timespec times[2] = {{1000, ns}, {1000, ns}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
begin(void)
{
    refused_init = refused_folder = 0;
    ck_assert_int_eq(mkdir("a", 0777), 0);
    ck_assert_int_eq(mkdir("b", 0777), 0);
    for (int i = 0; i < 2; i++) {
        put(paths[i], "one");
        date(paths[i], 5);
    }
}

static void
end(void)
{
    watch_close(&watch);
}

static void
open_watch(bool only_looks)
{
    watch = watch_open(paths, 2, only_looks);
    ck_assert_uint_eq(watch.count, 2);
    ck_assert_int_eq(watch.fd < 0, only_looks);
    ck_assert(!watch_look(&watch));
}

/* The first file was saved, the other not; the mark is taken away. */
static void
first_was_saved(void)
{
    ck_assert(watch_look(&watch));
    ck_assert(watch.files[0].saved && watch.files[0].there);
    ck_assert(!watch.files[1].saved);
    watch.files[0].saved = false;
    ck_assert(!watch_look(&watch));
    ck_assert(!watch.files[0].saved);
}

/* Ways to save. */

static void
in_place(void)
{
    put("a/x.c", "other");
}

static void
in_place_with_the_old_size_and_time(void)
{
    put("a/x.c", "two");
    date("a/x.c", 5);
}

static void
by_rename(void)
{
    put("a/.x.c.new", "one");
    date("a/.x.c.new", 5);
    ck_assert_int_eq(rename("a/.x.c.new", "a/x.c"), 0);
}

static void
by_link(void)
{
    put("a/4913", "one");
    date("a/4913", 5);
    ck_assert_int_eq(rename("a/x.c", "a/x.c~"), 0);
    ck_assert_int_eq(link("a/4913", "a/x.c"), 0);
}

static void
a_nanosecond_later(void)
{
    date("a/x.c", 6);
}

static void (*const told[])(void) = {
    in_place, in_place_with_the_old_size_and_time, by_rename, by_link};
static void (*const found[])(void) = {
    in_place, by_rename, by_link, a_nanosecond_later};

START_TEST(the_kernel_tells_of_every_save)
{
    open_watch(false);
    told[_i]();
    struct pollfd ready = {watch.fd, POLLIN, 0};
    ck_assert_int_eq(poll(&ready, 1, 60000), 1);
    first_was_saved();
}
END_TEST

START_TEST(a_look_finds_what_nobody_tells_of)
{
    open_watch(true);
    found[_i]();
    first_was_saved();
}
END_TEST

START_TEST(looking_goes_on_where_the_kernel_refuses)
{
    refused_init = _i == 0 ? EMFILE : 0;
    refused_folder = _i == 0 ? 0 : ENOSPC;
    watch = watch_open(paths, 2, false);
    found[0]();
    first_was_saved();
}
END_TEST

START_TEST(other_files_of_the_folder_are_not_looked_at)
{
    open_watch(false);
    put("a/x.h", "one");
    put("a/.x.c.swp", "one");
    put("a/x.c~", "one");
    put("x.c", "one");
    ck_assert(!watch_look(&watch));
    ck_assert(!watch.files[0].saved && !watch.files[1].saved);
}
END_TEST

START_TEST(reading_is_no_save)
{
    open_watch(false);
    int fd = open("a/x.c", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(!watch_look(&watch));
}
END_TEST

START_TEST(a_file_that_is_gone_is_not_saved_until_it_is_back)
{
    open_watch(_i == 0);
    ck_assert_int_eq(unlink("a/x.c"), 0);
    ck_assert(!watch_look(&watch));
    ck_assert(!watch.files[0].saved && !watch.files[0].there);
    put("a/x.c", "other");
    first_was_saved();
}
END_TEST

START_TEST(a_file_need_not_be_there_at_first)
{
    ck_assert_int_eq(unlink("a/x.c"), 0);
    open_watch(_i == 0);
    ck_assert(!watch.files[0].there);
    put("a/x.c", "one");
    first_was_saved();
}
END_TEST

START_TEST(both_files_may_be_saved_at_once)
{
    open_watch(_i == 0);
    put("a/x.c", "other");
    put("b/x.c", "other");
    ck_assert(watch_look(&watch));
    ck_assert(watch.files[0].saved && watch.files[1].saved);
    ck_assert(!watch_look(&watch));
    ck_assert(watch.files[0].saved && watch.files[1].saved);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("watch");
    TCase *saves = folder_section(suite, "saves");
    tcase_add_checked_fixture(saves, begin, end);
    tcase_add_loop_test(saves, the_kernel_tells_of_every_save, 0,
        (int)(sizeof told / sizeof told[0]));
    tcase_add_loop_test(saves, a_look_finds_what_nobody_tells_of, 0,
        (int)(sizeof found / sizeof found[0]));
    tcase_add_loop_test(saves, looking_goes_on_where_the_kernel_refuses, 0, 2);
    tcase_add_loop_test(saves, both_files_may_be_saved_at_once, 0, 2);

    TCase *others = folder_section(suite, "what is none");
    tcase_add_checked_fixture(others, begin, end);
    tcase_add_test(others, other_files_of_the_folder_are_not_looked_at);
    tcase_add_test(others, reading_is_no_save);
    tcase_add_loop_test(
        others, a_file_that_is_gone_is_not_saved_until_it_is_back, 0, 2);
    tcase_add_loop_test(others, a_file_need_not_be_there_at_first, 0, 2);
    return suite_run(suite);
}
