#include "sanitizer.h"

#include "text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Reports recorded from gcc 12 and clang 14 (reports/record.sh), and what
 * they must come to. The working directory is the root of the repository.
 */

#define REPORTS "harness/tests/reports/"

static const struct expected {
    const char *name, *kind, *cause, *where;
} expected[] = {
    {"heap_write", "heap-buffer-overflow",
        "Your program wrote 1 byte past the end of a block of 8 bytes that it "
        "got from malloc().",
        "io.c:29: buf[n] = 0;\n"
        "io.c:21: char *buf = malloc(n);   (the block was made here)"},
    {"heap_read", "heap-buffer-overflow",
        "Your program read 4 bytes and went past the end of a block of 32 "
        "bytes that it got from malloc().",
        "io.c:38: sink = numbers[8 + (counter & 1)];\n"
        "io.c:36: int *numbers = malloc(8 * sizeof(int));   (the block was "
        "made here)"},
    {"heap_underflow", "heap-buffer-overflow",
        "Your program read 1 byte, 1 byte before the start of a block of 8 "
        "bytes that it got from malloc().",
        "io.c:46: sink = buf[-1 - counter];\n"
        "io.c:45: char *buf = malloc(8);   (the block was made here)"},
    {"stack_write", "stack-buffer-overflow",
        "Your program wrote 1 byte past the end of the local variable 'name' "
        "of 16 bytes.",
        "io.c:55: name[i] = 'x';\n"
        "io.c:53: char name[16];   (the variable is declared here)"},
    {"global_read", "global-buffer-overflow",
        "Your program read 4 bytes and went past the end of the global "
        "variable 'table' of 40 bytes.",
        "io.c:62: sink = table[n];\n"
        "io.c:12: static int table[10];   (the variable is declared here)"},
    {"after_free", "heap-use-after-free",
        "Your program read 1 byte of a block of 32 bytes that it had already "
        "given back with free().",
        "io.c:70: sink = buf[5];\n"
        "io.c:69: free(buf);   (the block was freed here)"},
    {"twice_freed", "double-free",
        "Your program freed a block of 32 bytes twice.",
        "io.c:78: free(buf);\n"
        "io.c:77: free(buf);   (the block was freed here)"},
    {"bad_free", "bad-free",
        "Your program gave free() an address 4 bytes inside a block of 32 "
        "bytes; it takes only the address that malloc() returned.",
        "io.c:85: free(buf + 4);\n"
        "io.c:21: char *buf = malloc(n);   (the block was made here)"},
    {"after_return", "stack-use-after-return",
        "Your program read 4 bytes of the local variable 'local' after its "
        "function had returned.",
        "io.c:100: sink = kept[1];\n"
        "io.c:91: int local[4] = {1, 2, 3, 4};   (the variable is declared "
        "here)"},
    {"after_scope", "stack-use-after-scope",
        "Your program read 4 bytes of the local variable 'inner' outside the "
        "braces that it lives in.",
        "io.c:111: sink = kept[1];\n"
        "io.c:107: int inner[4] = {1, 2, 3, 4};   (the variable is declared "
        "here)"},
    {"null_write", "SEGV",
        "Your program wrote to memory through a pointer that is NULL.",
        "io.c:118: *p = 3;"},
    {"wild_read", "SEGV",
        "Your program read from the address 0x123450, where it has no memory: "
        "the pointer is wrong or was never set.",
        "io.c:125: sink = *p;"},
    {"deep", "stack-overflow",
        "Your program used up its stack: a function calls itself without end, "
        "or a local variable is too big.",
        "io.c:130: {"},
    {"overlap", "memcpy-param-overlap",
        "Your program gave memcpy() a source and a destination that overlap; "
        "only memmove() allows that.",
        "io.c:141: memcpy(p + 2, p, n);\n"
        "io.c:139: char text[32] = \"0123456789\";   (the variable is "
        "declared here)"},
    {"negative", "negative-size-param",
        "Your program gave a function the negative size -11. Is it a -1 that "
        "was not checked?",
        "io.c:150: memset(p, 0, n - 20);\n"
        "io.c:148: char text[32];   (the variable is declared here)"},
    {"too_big", "allocation-size-too-big",
        "Your program asked for a block of 1266637395197943 bytes, which no "
        "machine has. Was the size computed from a negative number?",
        "io.c:157: char *volatile p = malloc((size_t)0x7fffffffffffULL * n);"},
    {"interior", "stack-buffer-overflow",
        "Your program wrote 1 byte past the end of the local variable 'buf' "
        "of 8 bytes.",
        "io.c:165: if (read(0, buf, 64) < 0)\n"
        "io.c:164: char buf[8];   (the variable is declared here)"},
    {"leak", "memory-leak",
        "Your program never freed a block of 100 bytes that it got from "
        "malloc().",
        "io.c:21: char *buf = malloc(n);"},
    {"divide_fpe", "FPE", "Your program divided by zero.",
        "io.c:190: sink = 5 / (n - 9);"},
    {"race", "data race",
        "Two threads use the variable 'counter' at the same time, and at "
        "least one of them writes to it.",
        "io.c:206: counter++;\n"
        "io.c:197: counter++;   (the other thread writes here)"},
    {"race_heap", "data race",
        "Two threads use a block of 16 bytes that came from malloc() at the "
        "same time, and at least one of them writes to it.",
        "io.c:224: sink = buf[3];\n"
        "io.c:214: buf[3] = 'x';   (the other thread writes here)"},
    {"race_free", "data race",
        "Two threads use the same memory at the same time, and at least one "
        "of them writes to it.",
        "io.c:236: free(buf);\n"
        "io.c:214: buf[3] = 'x';   (the other thread writes here)"},
    {"thread_leak", "thread leak",
        "Your program started a thread and neither joined nor detached it.",
        "io.c:250: pthread_create(&thread, NULL, nothing, NULL);"},
    {"deadlock", "lock-order-inversion",
        "Your program takes two locks in one order here and in the other "
        "order there; two threads that do both at once wait for ever.",
        "io.c:258: pthread_mutex_lock(&other);\n"
        "io.c:262: pthread_mutex_lock(&lock);   (the other order is here)"},
    {"unlock_unlocked", "unlock of an unlocked mutex",
        "Your program unlocked a mutex that this thread had not locked.",
        "io.c:270: pthread_mutex_unlock(&lock);"},
    {"destroy_locked", "destroy of a locked mutex",
        "Your program destroyed a mutex that was still locked.",
        "io.c:279: pthread_mutex_destroy(mine);\n"
        "io.c:278: pthread_mutex_lock(mine);   (the mutex was locked here)"},
    {"after_free_tsan", "heap-use-after-free",
        "Your program read 1 byte of a block that it had already given back "
        "with free().",
        "io.c:70: sink = buf[5];\n"
        "io.c:69: free(buf);   (the block was freed here)"},
    {"add", "signed-integer-overflow",
        "The result of 2147483647 + 9 does not fit in the type int.",
        "io.c:287: sink = most + n;"},
    {"shift_far", "shift",
        "Your program shifted a value of 32 bits by 40 places; fewer than 32 "
        "are allowed.",
        "io.c:293: sink = 1 << (n + 31);"},
    {"null_passed", "nonnull-attribute",
        "Your program passed NULL as argument 2 to a function that needs a "
        "real pointer there.",
        "io.c:301: memcpy(to, from, (size_t)n - 9);"},
    {"out_of_bounds", "bounds",
        "Index 12 lies outside the array, which has the type int[10].",
        "io.c:308: sink = table[n + 3];"},
    {"misaligned", "alignment",
        "Your program read a value of type int at an address that is no "
        "multiple of 4.",
        "io.c:316: sink = *p;"},
    {"null_member", "null",
        "Your program used a member of a struct pair through a pointer that "
        "is NULL.",
        "io.c:327: sink = p->second;"},
    {"divide", "integer-divide-by-zero", "Your program divided by zero.",
        "io.c:333: sink = 5 / (n - 9);"},
    {"bool_load", "invalid-bool-load",
        "A bool of your program holds 9, and it can hold only 0 and 1. Was it "
        "ever set?",
        "io.c:341: sink = flag ? 3 : 4;"},
    {"unreachable", "unreachable",
        "Your program came to a point that it promises never to reach.",
        "io.c:348: __builtin_unreachable();"},
};

enum { EXPECTED = sizeof expected / sizeof expected[0] };

static struct text source;

static void
read_source(void)
{
    ck_assert_int_eq(text_read_file(&source, REPORTS "io.c.txt", 1 << 20), 0);
}

static void
free_source(void)
{
    text_free(&source);
}

/* The finding of a recorded report; false when there is none. */
static bool
find(struct finding *finding, const char *name, const char *compiler)
{
    struct text report = {0};
    char *path = text_format(REPORTS "%s.%s.txt", name, compiler);

    ck_assert_msg(
        text_read_file(&report, path, 1 << 20) == 0, "cannot read %s", path);
    bool found = sanitizer_find(
        finding, text_string(&report), "io.c", text_string(&source), NULL);
    text_free(&report);
    free(path);
    return found;
}

static void
check(const struct expected *want, const char *compiler)
{
    struct finding finding;

    ck_assert_msg(find(&finding, want->name, compiler), "%s", want->name);
    ck_assert_str_eq(finding.kind, want->kind);
    ck_assert_str_eq(finding.cause, want->cause);
    ck_assert_pstr_eq(finding.where, want->where);
    sanitizer_free(&finding);
}

START_TEST(a_report_of_gcc_becomes_a_sentence_and_two_lines)
{
    check(&expected[_i], "gcc");
}
END_TEST

START_TEST(a_report_of_clang_becomes_the_same)
{
    check(&expected[_i], "clang");
}
END_TEST

START_TEST(several_leaks_are_counted_and_the_first_is_shown)
{
    check(&(struct expected){"leaks", "memory-leak",
              "Your program never freed 4 blocks of memory, 306 bytes in "
              "all.",
              "io.c:21: char *buf = malloc(n);"},
        "gcc");
}
END_TEST

START_TEST(offsets_without_a_program_name_no_line)
{
    check(&(struct expected){"bare", "heap-buffer-overflow",
              "Your program wrote 1 byte past the end of a block of 8 bytes "
              "that it got from malloc().",
              NULL},
        "clang");
}
END_TEST

/* What sanitizer_find() makes of a text; the cause, or "nothing". */
static char *
cause_of(const char *text)
{
    struct finding finding;

    if (!sanitizer_find(&finding, text, "io.c", "one\n  two\n", NULL))
        return text_copy("nothing");
    char *cause = text_copy(finding.cause);
    sanitizer_free(&finding);
    return cause;
}

static const struct {
    const char *text, *cause;
} messages[] = {
    {"", "nothing"},
    {"ERROR: AddressSanitizer", "nothing"},
    {"==1==ERROR: AddressSanitizer: ", "nothing"},
    {"==1==ERROR: AddressSanitizer: \n#0\n", "nothing"},
    {"my runtime error: bad\n", "nothing"},
    {": runtime error: division by zero\n", "nothing"},
    {"got 3io.c:2:1: runtime error: division by zero\n",
        "Your program divided by zero."},
    {"==1==ERROR: AddressSanitizer: new-thing on address 0x1\n",
        "The sanitizer stopped your program with an error of its own list: "
        "new-thing."},
    {"io.c:2: runtime error: something new\n",
        "Your program did something that C does not define: something new."},
    {"==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n"
     "READ of size 4 at 0x1 thread T0\n"
     "0x1 is located 4 bytes after 8-byte region [0x1,0x9)\n"
     "allocated by thread T0 here:\n    #0 0x1 in calloc (/p+0x1)\n",
        "Your program read 4 bytes, 4 bytes past the end of a block of 8 "
        "bytes that it got from calloc()."},
    {"==1==ERROR: AddressSanitizer: alloc-dealloc-mismatch (operator new [] "
     "vs free) on 0x1\n",
        "Your program got a block from operator new [] and gave it back with "
        "free; the two do not belong together."},
    {"==1==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 "
     "(pc 0x1)\n==1==The signal is caused by a READ memory access.\n",
        "Your program read from a member or element 8 bytes behind a pointer "
        "that is NULL."},
    {"==1==ERROR: AddressSanitizer: SEGV on unknown address (pc 0x1 bp 0x2)\n",
        "Your program used memory through a pointer that leads nowhere."},
    {"io.c:2:1: runtime error: negation of -2147483648 cannot be represented "
     "in type 'int'; cast\n",
        "The negative of -2147483648 does not fit in the type int."},
    {"io.c:2:1: runtime error: shift exponent -5 is negative\n",
        "Your program shifted a value by -5 places; the number must not be "
        "negative."},
    {"io.c:2:1: runtime error: left shift of 19 by 30 places cannot be "
     "represented in type 'int'\n",
        "The result of 19 << 30 does not fit in the type int."},
    {"io.c:2:1: runtime error: store to null pointer of type 'int'\n",
        "Your program wrote a value of type int through a pointer that is "
        "NULL."},
    {"io.c:2:1: runtime error: variable length array bound evaluates to "
     "non-positive value -11\n",
        "Your program made an array of -11 elements."},
    {"io.c:2:1: runtime error: applying non-zero offset 9 to null pointer\n",
        "Your program added 9 to a pointer that is NULL."},
    {"*** bit out of range 0 - FD_SETSIZE on fd_set ***: terminated\n",
        "Your program put a descriptor into an fd_set that does not fit: it "
        "has room for the numbers 0 to 1023 (FD_SETSIZE - 1), and FD_SET() "
        "writes beside it without a word. Look at the number first."},
};

enum { MESSAGES = sizeof messages / sizeof messages[0] };

START_TEST(a_message_becomes_a_sentence)
{
    char *cause = cause_of(messages[_i].text);

    ck_assert_str_eq(cause, messages[_i].cause);
    free(cause);
}
END_TEST

static Suite *
suite(void)
{
    Suite *suite = suite_create("sanitizer");
    TCase *recorded = tcase_create("recorded reports");
    TCase *spoken = tcase_create("messages");

    tcase_add_checked_fixture(recorded, read_source, free_source);
    tcase_add_loop_test(recorded,
        a_report_of_gcc_becomes_a_sentence_and_two_lines, 0, EXPECTED);
    tcase_add_loop_test(
        recorded, a_report_of_clang_becomes_the_same, 0, EXPECTED);
    tcase_add_test(recorded, several_leaks_are_counted_and_the_first_is_shown);
    tcase_add_test(recorded, offsets_without_a_program_name_no_line);
    tcase_add_loop_test(spoken, a_message_becomes_a_sentence, 0, MESSAGES);
    suite_add_tcase(suite, recorded);
    suite_add_tcase(suite, spoken);
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
