#include "diagnose.h"
#include "suite.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Outputs of gcc 12.2 and clang 14.0, cut to the lines that count. */

static void
explains(
    const char *output, const char *expected_cause, const char *expected_where)
{
    char *cause = NULL, *where = NULL;

    ck_assert(diagnose_error(output, &cause, &where));
    ck_assert_pstr_eq(cause, expected_cause);
    ck_assert_pstr_eq(where, expected_where);
    free(cause);
    free(where);
}

static const struct {
    const char *output, *where, *meaning;
} errors[] = {
    /* A semicolon is missing. */
    {"labs/02-every-byte/io.c: In function ‘f’:\n"
     "labs/02-every-byte/io.c:5:13: error: expected ‘;’ before ‘}’ token\n"
     "    5 |     return 0\n",
        "io.c:5: expected ‘;’ before ‘}’ token",
        "A semicolon is missing, often at the end of the line before."},
    {"io.c:5:5: error: expected ‘=’, ‘,’, ‘;’, ‘asm’ or ‘__attribute__’ "
     "before ‘return’\n",
        "io.c:5: expected ‘=’, ‘,’, ‘;’, ‘asm’ or ‘__attribute__’ before "
        "‘return’",
        "A semicolon is missing, often at the end of the line before."},
    {"clang: warning: argument unused during compilation: "
     "'-fmax-errors=20' [-Wunused-command-line-argument]\n"
     "labs/02-every-byte/io.c:4:11: error: expected ';' at end of "
     "declaration\n"
     "    char c\n          ^\n          ;\n"
     "labs/02-every-byte/io.c:2:11: warning: unused parameter 'unused' "
     "[-Wunused-parameter]\n"
     "1 warning and 1 error generated.\n",
        "io.c:4: expected ';' at end of declaration",
        "A semicolon is missing, often at the end of the line before."},
    /* A name is unknown. */
    {"io.c:2:24: warning: implicit declaration of function ‘helper’ "
     "[-Wimplicit-function-declaration]\n"
     "io.c:2:36: error: ‘missing’ undeclared (first use in this function)\n"
     "io.c:2:36: note: each undeclared identifier is reported only once\n",
        "io.c:2: ‘missing’ undeclared (first use in this function)",
        "Nothing of this name has been declared: is a #include missing, or "
        "is it misspelt?"},
    {"io.c:2:36: error: use of undeclared identifier 'missing'\n",
        "io.c:2: use of undeclared identifier 'missing'",
        "Nothing of this name has been declared: is a #include missing, or "
        "is it misspelt?"},
    /* A brace is missing. */
    {"io.c:4:1: error: expected declaration or statement at end of input\n"
     "io.c:5: warning: control reaches end of non-void function\n",
        "io.c:4: expected declaration or statement at end of input",
        "A closing brace is missing somewhere above."},
    {"io.c:4:2: error: expected '}'\n"
     "io.c:1:14: note: to match this '{'\n",
        "io.c:4: expected '}'", "A closing brace is missing somewhere above."},
    /* A header is missing. */
    {"io.c:1:10: fatal error: nosuch.h: No such file or directory\n"
     "    1 | #include \"nosuch.h\"\n"
     "compilation terminated.\n",
        "io.c:1: nosuch.h: No such file or directory",
        "The file named in #include is not there."},
    {"io.c:1:10: fatal error: 'nosuch.h' file not found\n"
     "1 error generated.\n",
        "io.c:1: 'nosuch.h' file not found",
        "The file named in #include is not there."},
    /* Another declaration, seen from a header. */
    {"io.c:2:6: error: conflicting types for ‘f’; have ‘long int(int)’\n"
     "In file included from io.c:1:\n"
     "io.h:1:5: note: previous declaration of ‘f’ with type ‘int(int)’\n",
        "io.c:2: conflicting types for ‘f’; have ‘long int(int)’",
        "The function is not declared as the header declares it."},
    {"In file included from labs/02/io.c:1:\n"
     "labs/02/io.h:7:1: error: unknown type name 'size'\n",
        "io.h:7: unknown type name 'size'", NULL},
};

START_TEST(an_error_becomes_its_line_and_a_meaning)
{
    char *cause = text_format("Your program does not compile.%s%s",
        errors[_i].meaning != NULL ? " " : "",
        errors[_i].meaning != NULL ? errors[_i].meaning : "");

    explains(errors[_i].output, cause, errors[_i].where);
    free(cause);
}
END_TEST

START_TEST(the_first_error_counts_wherever_it_stands)
{
    explains("io.c:9:1: error: second thoughts\nio.c:2:1: error: first\n",
        "Your program does not compile.", "io.c:9: second thoughts");
    explains("a b/0:9:io2.c:12:5: error: odd file",
        "Your program does not "
        "compile.",
        "0:9:io2.c:12: odd file");
    explains("io.c:3: error: without a column",
        "Your program does not "
        "compile.",
        "io.c:3: without a column");
    explains("io.c:3:1: error: \" error: \" in a string",
        "Your program does "
        "not compile.",
        "io.c:3: \" error: \" in a string");
}
END_TEST

static const char *const no_errors[] = {
    "",
    "\n\n",
    "io.c:2:1: warning: unused variable ‘error’ [-Wunused-variable]\n",
    "collect2: error: ld returned 1 exit status\n",
    "cc1: fatal error: no input files\n",
    "io.c: error: no line\n",
    "/usr/bin/ld: io.o: in function `f':\nundefined reference to `g'\n",
    "io.c:1:2: warning: \"this is an error: really\"\n",
    " error: ",
    ": error: ",
    "1: error: ",
};

START_TEST(what_names_no_line_is_no_error)
{
    char *cause = NULL, *where = NULL;

    ck_assert(!diagnose_error(no_errors[_i], &cause, &where));
    ck_assert_ptr_null(cause);
    ck_assert_ptr_null(where);
}
END_TEST

/* Warnings. */

static void
warns(const char *output, int expected, const char *expected_first)
{
    char *first = NULL;

    ck_assert_int_eq(diagnose_warnings(output, &first), expected);
    ck_assert_pstr_eq(first, expected_first);
    free(first);
}

START_TEST(without_a_warning_there_is_no_first)
{
    warns("", 0, NULL);
    warns("io.c:1:1: error: no warning: here\n", 0, NULL);
    warns("clang: warning: argument unused during compilation\n", 0, NULL);
}
END_TEST

START_TEST(warnings_of_gcc_are_counted_and_the_first_is_explained)
{
    warns("io.c: In function ‘f’:\n"
          "io.c:7:11: warning: comparison of integer expressions of different "
          "signedness: ‘int’ and ‘unsigned int’ [-Wsign-compare]\n"
          "    7 |     if (i < u)\n"
          "io.c:4:11: warning: unused parameter ‘unused’ "
          "[-Wunused-parameter]\n"
          "io.c:5: warning: control reaches end of non-void function\n",
        3,
        "io.c:7: comparison of integer expressions of different signedness: "
        "‘int’ and ‘unsigned int’ [-Wsign-compare] (One side can be negative, "
        "the other cannot: -1 then counts as a very large number.)");
}
END_TEST

START_TEST(a_warning_without_an_explanation_stands_alone)
{
    warns("io.c:7:11: warning: something new [-Wnew]\n"
          "io.c:8:11: warning: unused variable ‘x’ [-Wunused-variable]\n",
        2, "io.c:7: something new [-Wnew]");
}
END_TEST

/* The same mistake, as gcc and as clang say it. */
static const struct {
    const char *gcc, *clang, *meaning;
} pairs[] = {
    {"comparison of integer expressions of different signedness: ‘int’ and "
     "‘unsigned int’ [-Wsign-compare]",
        "comparison of integers of different signs: 'int' and 'unsigned int' "
        "[-Wsign-compare]",
        "One side can be negative, the other cannot: -1 then counts as a very "
        "large number."},
    {"initialization of ‘char *’ from ‘int’ makes pointer from integer "
     "without a cast [-Wint-conversion]",
        "incompatible integer to pointer conversion initializing 'char *' "
        "with an expression of type 'int' [-Wint-conversion]",
        "A number stands where an address must."},
    {"‘z’ is used uninitialized [-Wuninitialized]",
        "variable 'z' is uninitialized when used here [-Wuninitialized]",
        "It may be read before it was given a value."},
    {"‘z’ may be used uninitialized [-Wmaybe-uninitialized]",
        "variable 'z' is uninitialized when used here [-Wuninitialized]",
        "It may be read before it was given a value."},
    {"control reaches end of non-void function [-Wreturn-type]",
        "non-void function does not return a value in all control paths "
        "[-Wreturn-type]",
        "Not every way through the function returns a value."},
    {"implicit declaration of function ‘g’ "
     "[-Wimplicit-function-declaration]",
        "implicit declaration of function 'g' is invalid in C99 "
        "[-Wimplicit-function-declaration]",
        "The compiler has not seen this name yet: is a #include missing, or "
        "is it misspelt?"},
    {"ignoring return value of ‘write’ declared with attribute "
     "‘warn_unused_result’ [-Wunused-result]",
        "ignoring return value of function declared with "
        "'warn_unused_result' attribute [-Wunused-result]",
        "What this call returns says whether it worked, and how far."},
    {"unused parameter ‘n’ [-Wunused-parameter]",
        "unused parameter 'n' [-Wunused-parameter]",
        "The function does nothing with this argument yet."},
    {"ignoring ‘#pragma opm parallel’ [-Wunknown-pragmas]",
        "unknown pragma ignored [-Wunknown-pragmas]",
        "The compiler does not know this #pragma, and passes over it: is it "
        "misspelt?"},
};

START_TEST(a_mistake_has_one_meaning_whichever_compiler_finds_it)
{
    const char *words[] = {pairs[_i].gcc, pairs[_i].clang};

    for (int i = 0; i < 2; i++) {
        char *output = text_format("io.c:3:9: warning: %s\n", words[i]);
        char *first =
            text_format("io.c:3: %s (%s)", words[i], pairs[_i].meaning);
        warns(output, 1, first);
        free(output);
        free(first);
    }
}
END_TEST

/* The machine's fault. */

static const char *const troubles[] = {
    "/tmp/ccNWfJ5Q.s: Assembler messages:\n"
    "as: /tmp/ccX.o: No space left on device\n",
    "cc1: fatal error: error writing to /tmp/ccA.s: No space left on "
    "device\n",
    "ld: final link failed: Disk quota exceeded\n",
    "Cannot create temporary file in /tmp/: Read-only file system\n",
    "gcc: fatal error: cannot execute ‘cc1’: execvp: No such file or "
    "directory\n",
    "/usr/bin/ld: cannot find -lasan: No such file or directory\n",
};

START_TEST(what_no_program_can_bring_about_is_the_machines_fault)
{
    char *trouble = diagnose_trouble(troubles[_i]);

    ck_assert_msg(trouble != NULL, "%s", troubles[_i]);
    free(trouble);
}
END_TEST

static const char *const no_troubles[] = {
    "",
    "io.c:3:2: error: #error \"No space left on device\"\n",
    "    3 |     const char *x = \"ld: cannot find -lasan\";\n",
    "collect2: error: ld returned 1 exit status\n",
};

START_TEST(what_stands_in_the_source_is_not)
{
    char *trouble = diagnose_trouble(no_troubles[_i]);

    ck_assert_msg(trouble == NULL, "%s", trouble);
}
END_TEST

#define COUNT(ARRAY) (int)(sizeof(ARRAY) / sizeof((ARRAY)[0]))

int
main(void)
{
    Suite *suite = suite_create("diagnose");
    TCase *first = suite_section(suite, "errors");
    tcase_add_loop_test(
        first, an_error_becomes_its_line_and_a_meaning, 0, COUNT(errors));
    tcase_add_test(first, the_first_error_counts_wherever_it_stands);
    tcase_add_loop_test(
        first, what_names_no_line_is_no_error, 0, COUNT(no_errors));

    TCase *warnings = suite_section(suite, "warnings");
    tcase_add_test(warnings, without_a_warning_there_is_no_first);
    tcase_add_test(
        warnings, warnings_of_gcc_are_counted_and_the_first_is_explained);
    tcase_add_test(warnings, a_warning_without_an_explanation_stands_alone);
    tcase_add_loop_test(warnings,
        a_mistake_has_one_meaning_whichever_compiler_finds_it, 0,
        COUNT(pairs));

    TCase *machine = suite_section(suite, "the machine");
    tcase_add_loop_test(machine,
        what_no_program_can_bring_about_is_the_machines_fault, 0,
        COUNT(troubles));
    tcase_add_loop_test(
        machine, what_stands_in_the_source_is_not, 0, COUNT(no_troubles));
    return suite_run(suite);
}
