#include "lab_yaml.h"

/* A good catalogue. */

START_TEST(everything_that_lab_yaml_says_is_read)
{
    write_yaml("02-every-byte", good);

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_uint_eq(catalogue->count, 1);
    const struct lab *lab = &catalogue->labs[0];
    ck_assert_str_eq(lab->stem, "02-every-byte");
    ck_assert_str_eq(lab->number, "02");
    ck_assert_str_eq(lab->slug, "every-byte");
    ck_assert_str_eq(lab->title, "Every byte");
    ck_assert_str_eq(lab->file, "io.c");
    ck_assert_str_eq(lab->header, "io.h");
    ck_assert_int_eq(lab->points, 50);
    ck_assert(lab->solved);
    ck_assert(!lab->openmp);
    ck_assert_ptr_null(lab->packages[0]);
    ck_assert_uint_eq(lab->limits.cpu_s, 2);
    ck_assert_uint_eq(lab->limits.memory_mib, 256);
    ck_assert_uint_eq(lab->limits.nofile, 64);
    ck_assert_str_eq(lab->functions[0], "io_read_full");
    ck_assert_str_eq(lab->functions[1], "io_write_full");
    ck_assert_ptr_null(lab->functions[2]);
    ck_assert_str_eq(lab->calls[2], "poll");
    ck_assert_ptr_null(lab->calls[3]);
    ck_assert_uint_eq(lab->section_count, 2);
    ck_assert_str_eq(lab->sections[0].title, "2.1 Reading");
    ck_assert_str_eq(lab->sections[0].hints[2], "Ask again for the rest.");
    ck_assert_str_eq(lab->sections[1].hints[0], "one");
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_lab_is_compiled_with_openmp_where_it_says_so)
{
    write_spoiled("solved: true\n", "openmp: true\n");
    struct catalogue *catalogue = lab_catalogue();
    ck_assert(catalogue->labs[0].openmp);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_lab_may_be_written_with_packages)
{
    write_spoiled("solved: true\n", "packages: [sqlite3, libcurl]\n");
    struct catalogue *catalogue = lab_catalogue();
    const struct package **packages = catalogue->labs[0].packages;
    ck_assert_str_eq(packages[0]->name, "sqlite3");
    ck_assert_str_eq(packages[1]->prefix, "curl_");
    ck_assert_ptr_null(packages[2]);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_lab_is_not_solved_unless_it_says_so)
{
    write_spoiled("solved: true\n", "");

    struct catalogue *catalogue = lab_catalogue();

    ck_assert(!catalogue->labs[0].solved);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_lab_may_make_no_system_calls_at_all)
{
    write_spoiled("[read, write, poll]", "[]");

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_ptr_null(catalogue->labs[0].calls[0]);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_hint_of_many_lines_keeps_them_but_not_the_newline_at_its_end)
{
    write_spoiled("[one, two, three]", "[\"a\\nb\\n\", two, three]");

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_str_eq(catalogue->labs[0].sections[1].hints[0], "a\nb");
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(letters_beyond_ascii_are_kept)
{
    write_spoiled("Every byte", "\"\xc3\x9c: every byte\"");

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_str_eq(catalogue->labs[0].title, "\xc3\x9c: every byte");
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(anchors_and_aliases_are_fine)
{
    write_spoiled("[one, two, three]", "[&same one, two, *same]");

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_str_eq(catalogue->labs[0].sections[1].hints[2], "one");
    lab_catalogue_free(catalogue);
}
END_TEST

static void
write_three_labs(void)
{
    static const char format[] =
        "title: A\nfile: a.c\nheader: a.h\npoints: 0\nfunctions: [f]\n"
        "calls: []\nlimits: {cpu_s: 1, memory_mib: 16, nofile: 8}\n"
        "sections:\n- {title: \"%s.1 A\", hints: [a, b, c]}\n";
    static const char *const labs[][2] = {
        {"10-ten", "10"}, {"00-first-check", "0"}, {"02-every-byte", "2"}};
    char yaml[1024];

    for (size_t i = 0; i < 3; i++) {
        snprintf(yaml, sizeof yaml, format, labs[i][1]);
        write_yaml(labs[i][0], yaml);
    }
}

START_TEST(labs_come_in_the_order_of_their_numbers)
{
    write_three_labs();

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_uint_eq(catalogue->count, 3);
    ck_assert_str_eq(catalogue->labs[0].number, "00");
    ck_assert_str_eq(catalogue->labs[1].number, "02");
    ck_assert_str_eq(catalogue->labs[2].number, "10");
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(number_short_number_slug_and_stem_all_name_the_lab)
{
    write_three_labs();
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *labs = catalogue->labs;

    ck_assert_ptr_eq(lab_find(catalogue, "02"), &labs[1]);
    ck_assert_ptr_eq(lab_find(catalogue, "2"), &labs[1]);
    ck_assert_ptr_eq(lab_find(catalogue, "every-byte"), &labs[1]);
    ck_assert_ptr_eq(lab_find(catalogue, "02-every-byte"), &labs[1]);
    ck_assert_ptr_eq(lab_find(catalogue, "0"), &labs[0]);
    ck_assert_ptr_eq(lab_find(catalogue, "10"), &labs[2]);
    ck_assert_ptr_null(lab_find(catalogue, "002"));
    ck_assert_ptr_null(lab_find(catalogue, "every"));
    ck_assert_ptr_null(lab_find(catalogue, ""));
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_section_is_found_by_its_whole_title)
{
    write_yaml("02-every-byte", good);
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = &catalogue->labs[0];

    ck_assert_ptr_eq(lab_section(lab, "2.2 Writing"), &lab->sections[1]);
    ck_assert_ptr_null(lab_section(lab, "2.2"));
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(the_files_of_a_lab_are_found_from_its_stem)
{
    write_yaml("02-every-byte", good);
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = &catalogue->labs[0];
    char *paths[] = {
        lab_learner_path(lab),
        lab_starter_path(lab),
        lab_solution_path(lab),
        lab_build_path(lab, "judge"),
    };

    ck_assert_str_eq(paths[0], "labs/02-every-byte/io.c");
    ck_assert_str_eq(paths[1], "labs/02-every-byte/starter.c");
    ck_assert_str_eq(paths[2], "solutions/02-every-byte/io.c");
    ck_assert_str_eq(paths[3], "build/02-every-byte/judge");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        free(paths[i]);
    lab_catalogue_free(catalogue);
}
END_TEST

/* The folders of labs/. */

START_TEST(other_names_in_labs_are_ignored)
{
    static const char *const others[] = {"labs/2-short", "labs/02_under",
        "labs/02-", "labs/02-Upper", "labs/common", "labs/.hidden"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(mkdir(others[i], 0755), 0);
    FILE *file = fopen("labs/03-a-file", "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);

    struct catalogue *catalogue = lab_catalogue();

    ck_assert_uint_eq(catalogue->count, 0);
    lab_catalogue_free(catalogue);
}
END_TEST

START_TEST(a_folder_of_a_lab_without_lab_yaml_is_named)
{
    ck_assert_int_eq(mkdir("labs/03-select-fetcher", 0755), 0);

    dies_saying("lab: labs/03-select-fetcher/lab.yaml: missing; every folder "
                "labs/NN-slug needs one\n");
}
END_TEST

START_TEST(two_labs_of_one_number_are_both_named)
{
    write_yaml("02-every-byte", good);
    write_yaml("02-any-byte", good);

    dies_saying("lab: labs/02-any-byte and labs/02-every-byte have the same "
                "number; rename one\n");
}
END_TEST

START_TEST(two_labs_of_one_slug_are_both_named)
{
    write_yaml("02-every-byte", good);
    write_yaml("05-every-byte", good);

    dies_saying("lab: labs/02-every-byte and labs/05-every-byte have the "
                "same slug; rename one\n");
}
END_TEST

START_TEST(a_working_directory_without_labs_is_said)
{
    ck_assert_int_eq(rmdir("labs"), 0);

    dies_saying("lab: labs/, looked for in the working directory: No such "
                "file or directory\n");
}
END_TEST

static void
add_good(Suite *suite)
{
    TCase *tcase = add_case(suite, "a good catalogue");

    tcase_add_test(tcase, everything_that_lab_yaml_says_is_read);
    tcase_add_test(tcase, a_lab_is_not_solved_unless_it_says_so);
    tcase_add_test(tcase, a_lab_is_compiled_with_openmp_where_it_says_so);
    tcase_add_test(tcase, a_lab_may_be_written_with_packages);
    tcase_add_test(tcase, a_lab_may_make_no_system_calls_at_all);
    tcase_add_test(
        tcase, a_hint_of_many_lines_keeps_them_but_not_the_newline_at_its_end);
    tcase_add_test(tcase, letters_beyond_ascii_are_kept);
    tcase_add_test(tcase, anchors_and_aliases_are_fine);
    tcase_add_test(tcase, labs_come_in_the_order_of_their_numbers);
    tcase_add_test(tcase, number_short_number_slug_and_stem_all_name_the_lab);
    tcase_add_test(tcase, a_section_is_found_by_its_whole_title);
    tcase_add_test(tcase, the_files_of_a_lab_are_found_from_its_stem);
}

static void
add_folders(Suite *suite)
{
    TCase *tcase = add_case(suite, "the folders of labs/");

    tcase_add_test(tcase, other_names_in_labs_are_ignored);
    tcase_add_test(tcase, a_folder_of_a_lab_without_lab_yaml_is_named);
    tcase_add_test(tcase, two_labs_of_one_number_are_both_named);
    tcase_add_test(tcase, two_labs_of_one_slug_are_both_named);
    tcase_add_test(tcase, a_working_directory_without_labs_is_said);
}

int
main(void)
{
    Suite *suite = suite_create("lab");

    add_good(suite);
    add_folders(suite);
    return run(suite);
}
