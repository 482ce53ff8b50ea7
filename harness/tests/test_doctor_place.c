#include "doctor_place.h"
#include "suite.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>

static struct finding finding;

static void
expect(enum level level, const char *words)
{
    ck_assert_int_eq((int)finding.level, (int)level);
    ck_assert_msg(strstr(text_string(&finding.says), words) != NULL,
        "\"%s\" lacks \"%s\"", text_string(&finding.says), words);
    text_free(&finding.says);
}

static void
expect_place(struct place place, enum level level, const char *words)
{
    place_judge(&finding, &place);
    expect(level, words);
}

static void
expect_watching(struct place place, enum level level, const char *words)
{
    place_judge_watching(&finding, &place);
    expect(level, words);
}

START_TEST(a_machine_of_its_own_is_no_caution)
{
    expect_place((struct place){.release = "6.1.0-37-amd64"}, LEVEL_OK,
        "neither container, WSL nor codespace");
}
END_TEST

START_TEST(a_place_that_others_share_is_a_caution_by_its_name)
{
    expect_place((struct place){.release = "5.15.1-microsoft-standard-WSL2"},
        LEVEL_CAUTION, "WSL: verdicts stand");
    expect_place((struct place){.release = "4.4.0-19041-Microsoft"},
        LEVEL_CAUTION, "WSL: verdicts stand");
    expect_place((struct place){.container = "Podman"}, LEVEL_CAUTION,
        "Podman: verdicts stand");
    expect_place((struct place){.container = "Docker", .codespace = true},
        LEVEL_CAUTION, "GitHub Codespaces: verdicts stand");
}
END_TEST

START_TEST(this_place_can_be_found)
{
    struct place place;

    place_find(&place);
    ck_assert_str_ne(place.release, "");
    ck_assert_ptr_null(strchr(place.release, '\n'));
    ck_assert(place.file_system != 0);
}
END_TEST

START_TEST(on_a_file_system_of_this_kernel_alone_a_save_is_noticed)
{
    expect_watching(
        (struct place){.file_system = EXT4_SUPER_MAGIC}, LEVEL_OK, "inotify");
    expect_watching((struct place){.file_system = OVERLAYFS_SUPER_MAGIC},
        LEVEL_OK, "inotify");
}
END_TEST

START_TEST(on_one_with_another_side_it_may_be_noticed_late)
{
    expect_watching((struct place){.file_system = V9FS_MAGIC}, LEVEL_CAUTION,
        "9p, a shared folder");
    expect_watching((struct place){.file_system = FUSE_SUPER_MAGIC},
        LEVEL_CAUTION, "FUSE or virtiofs, a shared folder");
    expect_watching((struct place){.file_system = NFS_SUPER_MAGIC},
        LEVEL_CAUTION, "NFS, a shared folder");
    expect_watching((struct place){.file_system = CIFS_SUPER_MAGIC},
        LEVEL_CAUTION, "SMB, a shared folder");
}
END_TEST

START_TEST(a_folder_of_windows_is_told_where_to_go)
{
    expect_watching(
        (struct place){
            .release = "5.15.1-microsoft-standard-WSL2",
            .file_system = V9FS_MAGIC,
        },
        LEVEL_CAUTION, "keep the repository in your Linux home");
}
END_TEST

START_TEST(without_inotify_a_save_is_noticed_late)
{
    expect_watching(
        (struct place){
            .file_system = EXT4_SUPER_MAGIC,
            .inotify = EMFILE,
        },
        LEVEL_CAUTION, "inotify: Too many open files");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("doctor_place");
    TCase *places = suite_section(suite, "where it runs");
    TCase *watching = suite_section(suite, "whether saving is noticed");

    tcase_add_test(places, a_machine_of_its_own_is_no_caution);
    tcase_add_test(places, a_place_that_others_share_is_a_caution_by_its_name);
    tcase_add_test(places, this_place_can_be_found);
    tcase_add_test(
        watching, on_a_file_system_of_this_kernel_alone_a_save_is_noticed);
    tcase_add_test(watching, on_one_with_another_side_it_may_be_noticed_late);
    tcase_add_test(watching, a_folder_of_windows_is_told_where_to_go);
    tcase_add_test(watching, without_inotify_a_save_is_noticed_late);
    return suite_run(suite);
}
