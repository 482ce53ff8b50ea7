#include "doctor_tools.h"

#include "toolchain.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* Every program of a list: "ld objcopy". The first one's version is shown. */
static void
look_programs(struct finding *finding, const char *subject)
{
    struct text said = {0}, version = {0}, missing = {0};
    char *names = text_copy(subject), *rest = names;

    for (char *name; (name = strsep(&rest, " ")) != NULL;) {
        int status = doctor_run(&said, ARGV(name, "--version"));
        if (status < 0)
            text_addf(&missing, " %s", name);
        else if (version.length == 0)
            text_addf(&version, "%s", status == 0 ? doctor_line(&said) : name);
    }
    if (missing.length > 0)
        doctor_found(finding, LEVEL_FAULT, doctor_setup, "not found:%s",
            text_string(&missing));
    else
        doctor_found(finding, LEVEL_OK, NULL, "%s", text_string(&version));
    free(names);
    text_free(&said);
    text_free(&version);
    text_free(&missing);
}

static void
look_library(struct finding *finding, const char *subject)
{
    struct text said = {0};

    if (doctor_run(&said, ARGV("pkg-config", "--modversion", subject)) == 0)
        doctor_found(finding, LEVEL_OK, NULL, "%s", doctor_line(&said));
    else
        doctor_found(finding, LEVEL_FAULT, doctor_setup,
            "not found: pkg-config knows no %s", subject);
    text_free(&said);
}

static void
look_openmp(struct finding *finding, const char *subject)
{
    static const char source[] =
        "#include <omp.h>\n"
        "#include <stdio.h>\n"
        "int main(void) { printf(\"%d\\n\", omp_get_max_threads()); }\n";
    struct text said = {0};

    (void)subject;
    if (!doctor_compiles(
            &said, source, ARGV("cc", "-fopenmp", "try.c", "-o", "openmp")))
        doctor_found(finding, LEVEL_FAULT, doctor_setup,
            "a program with -fopenmp does not compile: %s",
            doctor_line(&said));
    else if (doctor_run(&said, ARGV("./openmp")) != 0)
        doctor_found(finding, LEVEL_FAULT, NULL,
            "a program with -fopenmp does not run: %s", doctor_line(&said));
    else
        doctor_found(finding, LEVEL_OK, NULL, "a team of %s by default",
            doctor_line(&said));
    text_free(&said);
}

/* Both sanitizers must find the fault that the program makes. */
static void
look_sanitizers(struct finding *finding, const char *subject)
{
    static const char source[] = "#include <stdlib.h>\n"
                                 "int main(int argc, char **argv)\n"
                                 "{\n"
                                 "    volatile int big = 2147483647;\n"
                                 "    char *volatile one = malloc(1);\n"
                                 "    (void)argv;\n"
                                 "    big = big + argc;\n"
                                 "    return one[argc];\n"
                                 "}\n";
    struct text said = {0};

    (void)subject;
    bool made = doctor_compiles(&said, source,
        ARGV("cc", "-g", "-fsanitize=address,undefined", "try.c", "-o",
            "sanitized"));
    if (made)
        doctor_run(&said, ARGV("./sanitized"));
    bool address =
        made && strstr(text_string(&said), "heap-buffer-overflow") != NULL;
    bool undefined =
        made && strstr(text_string(&said), "signed integer overflow") != NULL;
    if (address && undefined)
        doctor_found(finding, LEVEL_OK, NULL,
            "AddressSanitizer and UBSan find what they should");
    else
        doctor_found(finding, LEVEL_CAUTION, made ? NULL : doctor_setup,
            "%s%s%s not checked: %s", address ? "" : "memory errors",
            address || undefined ? "" : " and ",
            undefined ? "" : "undefined behaviour", doctor_line(&said));
    text_free(&said);
}

static void
look_clang(struct finding *finding, const char *subject)
{
    struct text said = {0};

    (void)subject;
    if (doctor_run(&said, ARGV("clang", "--version")) == 0)
        doctor_found(finding, LEVEL_OK, NULL, "%s", doctor_line(&said));
    else
        doctor_found(finding, LEVEL_CAUTION, doctor_setup_recommended,
            "clang not found: data races are not checked");
    text_free(&said);
}

/* Does the race build report the program? -1 when it does not compile. */
static int
race_reported(struct text *said, const char *define)
{
    static const char source[] =
        "int main(void)\n"
        "{\n"
        "    int sum = 0;\n"
        "#pragma omp parallel for num_threads(2) REDUCTION\n"
        "    for (int i = 0; i < 1000; i++)\n"
        "        sum += i;\n"
        "    return sum == 499500 ? 0 : 1;\n"
        "}\n";

    if (!doctor_compiles(said, source,
            ARGV("clang", "-g", "-O1", "-fopenmp", "-fsanitize=thread", define,
                "try.c", "-o", "race")))
        return -1;
    doctor_run(
        said, ARGV("env", "OMP_TOOL_LIBRARIES=" TOOLCHAIN_ARCHER,
                  "TSAN_OPTIONS=ignore_noninstrumented_modules=1", "./race"));
    return strstr(text_string(said), "data race") != NULL;
}

/* The labs with tests that look for races: " 10-independent-work". */
static void
add_race_labs(struct text *stems)
{
    glob_t judges;

    if (glob("labs/[0-9]*/judge.c", 0, NULL, &judges) != 0)
        return;
    for (size_t i = 0; i < judges.gl_pathc; i++) {
        const char *path = judges.gl_pathv[i];
        struct text judge = {0};
        if (text_read_file(&judge, path, 1 << 24) == 0 &&
            strstr(text_string(&judge), "BUILD_RACES") != NULL)
            text_addf(stems, " %.*s", (int)strcspn(path + 5, "/"), path + 5);
        text_free(&judge);
    }
    globfree(&judges);
}

/* Why races are not checked; `said` is what the last trial printed. */
static const char *
why_no_races(bool there, bool clean_is_reported, const char *said)
{
    static const char no_room[] = "FATAL: ThreadSanitizer: ";

    if (!there)
        return "clang and libomp with Archer were not found";
    if (clean_is_reported)
        return "a clean program is reported";
    if (strncmp(said, no_room, sizeof no_room - 1) == 0)
        return "ThreadSanitizer finds no room among random addresses, and a "
               "container may not switch these off, unless it is started "
               "with --security-opt seccomp=unconfined";
    return said;
}

static void
look_races(struct finding *finding, const char *subject)
{
    struct text said = {0}, stems = {0};
    bool there = TOOLCHAIN_ARCHER[0] != '\0';
    int clean = 0, racy = 0;

    (void)subject;
    if (there) {
        clean = race_reported(&said, "-DREDUCTION=reduction(+:sum)");
        racy = race_reported(&said, "-DREDUCTION=");
    }
    add_race_labs(&stems);
    if (there && clean == 0 && racy == 1)
        doctor_found(finding, LEVEL_OK, NULL,
            "a race is reported, and no race where there is none");
    else
        doctor_found(finding, LEVEL_CAUTION,
            !there || clean < 0 ? doctor_setup_recommended : NULL,
            "data races are not checked (labs:%s): %s",
            stems.length > 0 ? text_string(&stems) : " none",
            why_no_races(there, clean == 1, doctor_line(&said)));
    text_free(&stems);
    text_free(&said);
}

static void
look_bubblewrap(struct finding *finding, const char *subject)
{
    struct text version = {0}, said = {0};

    (void)subject;
    if (doctor_run(&version, ARGV("bwrap", "--version")) != 0)
        doctor_found(finding, LEVEL_CAUTION, doctor_setup_recommended,
            "not found: programs are judged without a box around them");
    else if (doctor_run(&said, ARGV("bwrap", "--unshare-all", "--ro-bind", "/",
                                   "/", "true")) != 0)
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "cannot make a box here, programs are judged without one: %s",
            doctor_line(&said));
    else
        doctor_found(finding, LEVEL_OK, NULL, "%s, and it can make a box",
            doctor_line(&version));
    text_free(&version);
    text_free(&said);
}

static void
look_strace(struct finding *finding, const char *subject)
{
    struct text said = {0};

    (void)subject;
    int status = doctor_run(&said, ARGV("strace", "-o", "trace", "true"));
    if (status == 0 && doctor_run(&said, ARGV("strace", "--version")) == 0)
        doctor_found(finding, LEVEL_OK, NULL, "%s", doctor_line(&said));
    else if (doctor_run(&said, ARGV("strace", "--version")) < 0)
        doctor_found(finding, LEVEL_CAUTION, doctor_setup_recommended,
            "not found: no timeline of your program can be drawn");
    else
        doctor_found(finding, LEVEL_CAUTION, NULL,
            "may not trace here: no timeline of your program can be drawn");
    text_free(&said);
}

const struct check doctor_tools[] = {
    {"compiler", look_programs, "cc"},
    {"OpenMP", look_openmp, NULL},
    {"sanitizers", look_sanitizers, NULL},
    {"make", look_programs, "make"},
    {"binutils", look_programs, "ld objcopy nm addr2line"},
    {"patch, diff", look_programs, "patch diff"},
    {"pandoc", look_programs, "pandoc"},
    {"pkg-config", look_programs, "pkg-config"},
    {"Check", look_library, "check"},
    {"libcurl", look_library, "libcurl"},
    {"OpenSSL", look_library, "openssl"},
    {"SQLite", look_library, "sqlite3"},
    {"libyaml", look_library, "yaml-0.1"},
    {"jansson", look_library, "jansson"},
    {"clang", look_clang, NULL},
    {"races", look_races, NULL},
    {"bubblewrap", look_bubblewrap, NULL},
    {"strace", look_strace, NULL},
    {NULL, NULL, NULL},
};
