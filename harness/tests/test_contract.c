#include "contract.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static char io_copy[] = "io_copy", io_save[] = "io_save";
static char call_read[] = "read", call_open[] = "open", call_stat[] = "fstat";
static char *functions[] = {io_copy, io_save, NULL};
static char *calls[] = {call_read, call_open, call_stat, NULL};
static char *none[] = {NULL};
static char call_thread[] = "pthread_create";
static char *threads[] = {call_thread, NULL};
static char header[] = "io.h";

static struct lab lab = {
    .header = header, .functions = functions, .calls = calls};

static char *cause, *where;

static void
check(const char *code, const char *symbols)
{
    struct source source = {.path = text_copy("labs/02-every-byte/io.c"),
        .name = text_copy("labs/02-every-byte/io.c")};

    free(cause);
    free(where);
    text_addf(&source.text, "%s", code);
    cause = contract_check(&lab, &source, symbols, &where);
    intake_free(&source);
}

static void
keeps(const char *symbols)
{
    check("", symbols);
    ck_assert_msg(cause == NULL, "%s", cause);
    ck_assert_ptr_null(where);
}

/* Breaks it by this name. */
static void
breaks(const char *code, const char *symbols, const char *name)
{
    char *expected =
        text_format("Your program uses %s(), which this lab does not allow. "
                    "The system calls it may make are listed in io.h: read, "
                    "open, fstat.",
            name);

    check(code, symbols);
    ck_assert_pstr_eq(cause, expected);
    free(expected);
}

#define DEFINED "io_copy T 0 57\nio_save T 60 12\n"

/* Symbols, as nm -P shows them of what gcc and clang made. */

START_TEST(an_object_that_uses_what_is_allowed_keeps_the_contract)
{
    keeps(".LC0 r 0 \n"
          ".LC1 r 4 \n"
          "free U         \n"
          "fstat U         \n"
          "io_copy T 0 57\n"
          "io_save T 60 12\n"
          "open U         \n"
          "printf U         \n"
          "read U         \n"
          "shared D 0 4\n"
          "used b 0 4\n");
    keeps(".L.str r 0 4\n"
          ".L.str.1 r 4 2\n"
          "_GLOBAL_OFFSET_TABLE_ U         \n"
          "io_copy T 0 57\n"
          "io_save T 60 12\n"
          "read U         \n"
          "shared D 0 4\n");
}
END_TEST

START_TEST(a_call_counts_under_its_64_bit_name_too)
{
    keeps(DEFINED "fstat64 U         \nopen64 U         \n");
    breaks("", DEFINED "lseek64 U         \n", "lseek64");
    breaks("", DEFINED "open6 U         \n", "open6");
    breaks("", DEFINED "open644 U         \n", "open644");
    breaks("", DEFINED "openat U         \n", "openat");
}
END_TEST

START_TEST(what_is_not_allowed_is_refused_by_name)
{
    breaks("", DEFINED "read U         \nsocket U         \n", "socket");
    breaks("", "fopen U         \n" DEFINED, "fopen");
}
END_TEST

START_TEST(what_is_imported_weakly_is_imported)
{
    breaks("", DEFINED "socket w         \n", "socket");
    breaks("", DEFINED "environ v         \n", "environ");
    keeps(DEFINED "own W 0 4\nread w         \n");
}
END_TEST

START_TEST(a_function_of_the_learner_may_be_called_like_a_call)
{
    keeps(DEFINED "read_all T 0 10\nsocket t 20 10\nread U         \n");
}
END_TEST

START_TEST(a_function_that_is_missing_is_named)
{
    check("", "io_copy T 0 57\nread U         \n");
    ck_assert_pstr_eq(cause, "labs/02-every-byte/io.c does not define "
                             "io_save(), which io.h asks for.");
    ck_assert_ptr_null(where);
}
END_TEST

static const char *const missing[] = {
    "io_copy t 0 57\nio_save T 60 12\n",     /* static */
    "io_copy U         \nio_save T 60 12\n", /* only called */
    "io_copy B 0 8\nio_save T 60 12\n",      /* a variable */
    "io_copy_all T 0 57\nio_save T 60 12\n", /* a longer name */
    "my_io_copy T 0 57\nio_save T 60 12\n",  /* another longer name */
    "",
};

START_TEST(a_function_that_is_not_there_for_all_is_missing)
{
    check("", missing[_i]);
    ck_assert_ptr_nonnull(strstr(cause, "does not define io_copy()"));
}
END_TEST

START_TEST(a_missing_function_is_said_before_a_forbidden_one)
{
    check("", "io_copy T 0 57\nsocket U         \n");
    ck_assert_ptr_nonnull(strstr(cause, "does not define io_save()"));
}
END_TEST

START_TEST(a_lab_may_allow_no_call_at_all)
{
    lab.calls = none;
    check("", DEFINED "read U         \n");
    ck_assert_ptr_nonnull(strstr(cause, "uses read()"));
    ck_assert_ptr_nonnull(strstr(cause, "listed in io.h: none."));
}
END_TEST

/* Where it stands in the source. */

static void
finds(const char *code, const char *expected)
{
    breaks(code, DEFINED "socket U         \n", "socket");
    ck_assert_pstr_eq(where, expected);
}

START_TEST(the_line_of_the_call_is_shown)
{
    finds("int\nf(void)\n{\n\treturn socket(1, 2, 3);\n}\n",
        "io.c:4: return socket(1, 2, 3);");
    finds("int a = socket (1, 2, 3);", "io.c:1: int a = socket (1, 2, 3);");
    finds("int a = socket\n    (1, 2, 3);", "io.c:1: int a = socket");
    finds("int a = 1 /socket(1, 2, 3);", "io.c:1: int a = 1 /socket(1, 2, "
                                         "3);");
}
END_TEST

START_TEST(a_longer_name_is_another_one)
{
    finds("int my_socket(int);\nint sockets(int);\nint socket2(int);\n"
          "int a = socket(1, 2, 3);\n",
        "io.c:4: int a = socket(1, 2, 3);");
    finds("int my_socket(int);\nint sockets(int);\n", NULL);
}
END_TEST

START_TEST(comments_and_strings_are_no_calls)
{
    finds("/* socket() is\n * not socket() */\n// socket(1)\n"
          "const char *a = \"socket(1) \\\" socket(2)\";\n"
          "char b = '\"'; char c = '\\''; int d = socket(1, 2, 3);\n",
        "io.c:5: char b = '\"'; char c = '\\''; int d = socket(1, 2, 3);");
    finds("// socket()\n", NULL);
    finds("/* socket() ", NULL);
    finds("\"socket()", NULL);
    finds("'socket(", NULL);
}
END_TEST

START_TEST(a_call_is_shown_before_another_use_of_the_name)
{
    finds("#include <sys/socket.h>\nint (*open_it)(int, int, int) = socket;\n"
          "int a = socket(1, 2, 3);\n",
        "io.c:3: int a = socket(1, 2, 3);");
    finds("#define OPEN_IT socket\nint a = OPEN_IT(1, 2, 3);\n",
        "io.c:1: #define OPEN_IT socket");
}
END_TEST

/* What gcc and clang make of a parallel loop with a reduction and a critical
 * section, and of functions of omp.h. */
static const char team[] =
    ".gomp_critical_user_.var C 20 20\n"
    "GOMP_critical_start U         \n"
    "GOMP_parallel U         \n"
    "__kmpc_fork_call U         \n" DEFINED "io_copy._omp_fn.0 t 0 67\n"
    "omp_get_thread_num U         \n"
    "pthread_create U         \n";

START_TEST(a_lab_of_openmp_allows_all_of_it_and_no_other_thread)
{
    lab.openmp = true;
    check("", team);
    ck_assert_pstr_eq(cause,
        "Your program uses pthread_create(), which this lab does not allow. "
        "The system calls it may make are listed in io.h: read, open, fstat. "
        "OpenMP may be used, too.");
    lab.calls = threads;
    check("", team);
    ck_assert_pstr_eq(cause, NULL);
    lab.calls = calls;
    lab.openmp = false;
    breaks("", team, "GOMP_critical_start");
}
END_TEST

START_TEST(all_calls_that_begin_so_may_be_allowed)
{
    char pattern[] = "pthread_*";
    char *patterns[] = {call_read, pattern, NULL};

    lab.calls = patterns;
    keeps(DEFINED "pthread_join U         \nread U         \n");
    check("", DEFINED "pthreads U         \n");
    ck_assert_pstr_eq(cause,
        "Your program uses pthreads(), which this lab does not allow. The "
        "system calls it may make are listed in io.h: read, pthread_*.");
    lab.calls = calls;
}
END_TEST

START_TEST(a_lab_with_a_package_allows_what_keeps_to_itself)
{
    const struct package *packages[] = {package_find("sqlite3"), NULL};

    breaks("", DEFINED "sqlite3_step U         \n", "sqlite3_step");
    lab.packages = packages;
    keeps(DEFINED "sqlite3_step U         \n");
    check("", DEFINED "curl_easy_init U         \n");
    ck_assert_ptr_nonnull(cause);
    check("", DEFINED "sqlite3_vfs_register U         \n");
    ck_assert_pstr_eq(cause,
        "Your program uses sqlite3_vfs_register(), which this lab does not "
        "allow. The system calls it may make are listed in io.h: read, open, "
        "fstat. SQLite may be used, too, but not what changes it for the "
        "whole process.");
    lab.packages = NULL;
}
END_TEST

START_TEST(an_atomic_operation_may_be_a_function)
{
    keeps(DEFINED "__atomic_compare_exchange_16 U         \n");
}
END_TEST

static void
end(void)
{
    free(cause);
    free(where);
}

int
main(void)
{
    Suite *suite = suite_create("contract");
    TCase *symbols = suite_section(suite, "symbols");
    tcase_add_checked_fixture(symbols, NULL, end);
    tcase_add_test(
        symbols, an_object_that_uses_what_is_allowed_keeps_the_contract);
    tcase_add_test(symbols, a_call_counts_under_its_64_bit_name_too);
    tcase_add_test(symbols, what_is_not_allowed_is_refused_by_name);
    tcase_add_test(symbols, what_is_imported_weakly_is_imported);
    tcase_add_test(
        symbols, a_function_of_the_learner_may_be_called_like_a_call);
    tcase_add_test(symbols, a_function_that_is_missing_is_named);
    tcase_add_loop_test(symbols,
        a_function_that_is_not_there_for_all_is_missing, 0,
        (int)(sizeof missing / sizeof missing[0]));
    tcase_add_test(symbols, a_missing_function_is_said_before_a_forbidden_one);
    tcase_add_test(symbols, a_lab_may_allow_no_call_at_all);
    tcase_add_test(
        symbols, a_lab_of_openmp_allows_all_of_it_and_no_other_thread);
    tcase_add_test(symbols, all_calls_that_begin_so_may_be_allowed);
    tcase_add_test(symbols, a_lab_with_a_package_allows_what_keeps_to_itself);
    tcase_add_test(symbols, an_atomic_operation_may_be_a_function);

    TCase *lines = suite_section(suite, "where it stands");
    tcase_add_checked_fixture(lines, NULL, end);
    tcase_add_test(lines, the_line_of_the_call_is_shown);
    tcase_add_test(lines, a_longer_name_is_another_one);
    tcase_add_test(lines, comments_and_strings_are_no_calls);
    tcase_add_test(lines, a_call_is_shown_before_another_use_of_the_name);
    return suite_run(suite);
}
