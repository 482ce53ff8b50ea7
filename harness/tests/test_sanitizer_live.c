#include "sanitizer.h"

#include "spawn.h"
#include "text.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The parser against compilers that are really here, and against reports
 * that stop in the middle.
 */

#define REPORTS "harness/tests/reports/"

static const char faulty[] = "#include <stdlib.h>\n"
                             "int\n"
                             "main(void)\n"
                             "{\n"
                             "    volatile char *buf = malloc(8);\n"
                             "    buf[8] = 1;\n"
                             "    free((void *)buf);\n"
                             "}\n";

static const char expected[] =
    "io.c:6: buf[8] = 1;\n"
    "io.c:5: volatile char *buf = malloc(8);   (the block was made here)";

static char folder[] = "/tmp/test_sanitizer.XXXXXX";

static void
make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
    static const char *const names[] = {"io.c", "probe"};

    for (size_t i = 0; i < 2; i++) {
        char *path = text_format("%s/%s", folder, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
}

/* Run it; everything that it writes is appended to `output`. */
static bool
run(const char *const *argv, const char *const *env, struct text *output)
{
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    spawn.env = env;
    return spawn_capture(&spawn, 60, output, 1 << 20, &outcome) == 0 &&
           outcome.exited && outcome.status == 0;
}

/* Compile the faulty program; false, said aloud, where that cannot be. */
static bool
compile(const char *compiler, const char *program)
{
    char *path = text_format("%s/io.c", folder);
    const char *const argv[] = {compiler, "-gdwarf-4", "-O0",
        "-fsanitize=address", "-o", program, path, NULL};
    struct text output = {0};

    ck_assert_int_eq(text_write_file(path, faulty, sizeof faulty - 1), 0);
    bool compiled = run(argv, NULL, &output);
    if (!compiled)
        printf("could not check: %s has no AddressSanitizer\n", compiler);
    text_free(&output);
    free(path);
    return compiled;
}

/* Compile, run, find. `options` are ASAN_OPTIONS. */
static void
check_finds(const char *compiler, const char *options)
{
    char *program = text_format("%s/probe", folder);
    char *setting = text_format("ASAN_OPTIONS=%s", options);
    const char *const argv[] = {program, NULL};
    const char *const env[] = {setting, "PATH=/usr/bin:/bin", NULL};
    struct text output = {0};
    struct finding finding;

    if (compile(compiler, program)) {
        ck_assert(!run(argv, env, &output));
        ck_assert(sanitizer_find(
            &finding, text_string(&output), "io.c", faulty, program));
        ck_assert_str_eq(finding.kind, "heap-buffer-overflow");
        ck_assert_pstr_eq(finding.where, expected);
        sanitizer_free(&finding);
    }
    text_free(&output);
    free(setting);
    free(program);
}

START_TEST(the_compiler_at_hand_names_the_line)
{
    const char *compiler = getenv("CC");

    check_finds(compiler != NULL ? compiler : "cc", "detect_leaks=0");
}
END_TEST

START_TEST(addr2line_names_the_line_where_there_is_no_symbolizer)
{
    if (access("/usr/bin/addr2line", X_OK) != 0) {
        printf("could not check: there is no addr2line\n");
        return;
    }
    check_finds("clang", "detect_leaks=0:external_symbolizer_path=");
}
END_TEST

START_TEST(without_addr2line_there_is_no_line)
{
    struct finding finding;

    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    ck_assert(sanitizer_find(&finding,
        "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n"
        "    #0 0x1  (/build/probe+0x1234) (BuildId: 00)\n",
        "io.c", faulty, "build/probe"));
    ck_assert_ptr_null(finding.where);
    sanitizer_free(&finding);
}
END_TEST

/* An exact copy on the heap, so that a sanitized test sees a read past its
 * end. */
static void
find_in_prefix(const char *text, size_t length, const char *source)
{
    struct finding finding;
    char *prefix = strndup(text, length);

    if (sanitizer_find(&finding, prefix, "io.c", source, NULL)) {
        ck_assert_ptr_nonnull(finding.kind);
        ck_assert_ptr_nonnull(finding.cause);
        sanitizer_free(&finding);
    }
    free(prefix);
}

START_TEST(no_prefix_of_a_report_breaks_the_parser)
{
    struct text source = {0};
    glob_t paths;

    ck_assert_int_eq(text_read_file(&source, REPORTS "io.c.txt", 1 << 20), 0);
    ck_assert_int_eq(glob(REPORTS "*.*.txt", 0, NULL, &paths), 0);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        struct text text = {0};
        ck_assert_int_eq(text_read_file(&text, paths.gl_pathv[i], 1 << 20), 0);
        for (size_t n = 0; n <= text.length; n++)
            find_in_prefix(text.bytes, n, text_string(&source));
        text_free(&text);
    }
    ck_assert_uint_gt(paths.gl_pathc, 50);
    globfree(&paths);
    text_free(&source);
}
END_TEST

START_TEST(a_line_beyond_the_source_is_named_without_its_text)
{
    struct finding finding;

    ck_assert(sanitizer_find(&finding,
        "labs/02-every-byte/io.c:900:1: runtime error: division by zero\n",
        "io.c", faulty, NULL));
    ck_assert_str_eq(finding.where, "io.c:900");
    sanitizer_free(&finding);
}
END_TEST

START_TEST(bytes_for_the_terminal_are_escaped)
{
    struct finding finding;

    ck_assert(sanitizer_find(&finding,
        "==1==ERROR: AddressSanitizer: bad\x1b[2J on address 0x1\n"
        "    #0 0x1 in f io.c:1\n",
        "io.c", "\x1b[31m\xff\n", NULL));
    ck_assert_str_eq(finding.kind, "bad\\x1b[2J");
    ck_assert_str_eq(finding.where, "io.c:1: \\x1b[31m\\xff");
    sanitizer_free(&finding);
}
END_TEST

static Suite *
suite(void)
{
    Suite *suite = suite_create("sanitizer, live");
    TCase *compilers = tcase_create("compilers at hand");
    TCase *broken = tcase_create("broken reports");

    tcase_set_timeout(compilers, 0);
    tcase_add_checked_fixture(compilers, make_folder, remove_folder);
    tcase_add_test(compilers, the_compiler_at_hand_names_the_line);
    tcase_add_test(
        compilers, addr2line_names_the_line_where_there_is_no_symbolizer);
    tcase_add_test(compilers, without_addr2line_there_is_no_line);
    tcase_set_timeout(broken, 0);
    tcase_add_test(broken, no_prefix_of_a_report_breaks_the_parser);
    tcase_add_test(broken, a_line_beyond_the_source_is_named_without_its_text);
    tcase_add_test(broken, bytes_for_the_terminal_are_escaped);
    suite_add_tcase(suite, compilers);
    suite_add_tcase(suite, broken);
    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
