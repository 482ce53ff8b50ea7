#include "lab.h"

#include "text.h"
#include "warn.h"
#include "yamlfile.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char word[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* The shape of lab.yaml. */
static const struct yamlfile_key limit_keys[] = {
    {.name = "cpu_s", .kind = YAMLFILE_NUMBER, .least = 1, .most = 600},
    {.name = "memory_mib",
        .kind = YAMLFILE_NUMBER,
        .least = 16,
        .most = 65536},
    {.name = "nofile", .kind = YAMLFILE_NUMBER, .least = 8, .most = 65536},
    {.name = NULL},
};

static const struct yamlfile_key hint = {
    .name = "hint", .kind = YAMLFILE_TEXT};

static const struct yamlfile_key section_keys[] = {
    {.name = "title", .kind = YAMLFILE_LINE},
    {.name = "hints",
        .kind = YAMLFILE_LIST,
        .least = LAB_HINTS,
        .most = LAB_HINTS,
        .item = &hint},
    {.name = NULL},
};

static const struct yamlfile_key section = {
    .name = "section", .kind = YAMLFILE_MAPPING, .keys = section_keys};
static const struct yamlfile_key function = {
    .name = "function", .kind = YAMLFILE_LINE};
static const struct yamlfile_key call = {
    .name = "call", .kind = YAMLFILE_LINE};

static const struct yamlfile_key package = {
    .name = "package", .kind = YAMLFILE_LINE};

static const struct yamlfile_key size_keys[] = {
    {.name = "name", .kind = YAMLFILE_LINE},
    {.name = "count", .kind = YAMLFILE_NUMBER, .least = 1, .most = 1000000000},
    {.name = NULL},
};
static const struct yamlfile_key size = {
    .name = "size", .kind = YAMLFILE_MAPPING, .keys = size_keys};
static const struct yamlfile_key speed_keys[] = {
    {.name = "limit_percent",
        .kind = YAMLFILE_NUMBER,
        .least = 101,
        .most = 10000},
    {.name = "none_percent",
        .kind = YAMLFILE_NUMBER,
        .least = 102,
        .most = 100000},
    {.name = "team", .kind = YAMLFILE_NUMBER, .least = 1, .most = 64},
    {.name = "workload",
        .kind = YAMLFILE_LIST,
        .least = 1,
        .most = LAB_MOST_SIZES,
        .item = &size},
    {.name = NULL},
};

static const struct yamlfile_key lab_keys[] = {
    {.name = "title", .kind = YAMLFILE_LINE},
    {.name = "file", .kind = YAMLFILE_LINE},
    {.name = "header", .kind = YAMLFILE_LINE},
    {.name = "points", .kind = YAMLFILE_NUMBER, .most = 1000},
    {.name = "solved", .kind = YAMLFILE_FLAG, .optional = true},
    {.name = "openmp", .kind = YAMLFILE_FLAG, .optional = true},
    {.name = "packages",
        .kind = YAMLFILE_LIST,
        .optional = true,
        .item = &package},
    {.name = "functions",
        .kind = YAMLFILE_LIST,
        .least = 1,
        .item = &function},
    {.name = "calls", .kind = YAMLFILE_LIST, .item = &call},
    {.name = "limits", .kind = YAMLFILE_MAPPING, .keys = limit_keys},
    {.name = "speed",
        .kind = YAMLFILE_MAPPING,
        .optional = true,
        .keys = speed_keys},
    {.name = "sections", .kind = YAMLFILE_LIST, .least = 1, .item = &section},
    {.name = NULL},
};

/* Files of a lab that are not the learner's. */
static bool
is_ours(const char *file)
{
    static const char *const ours[] = {"starter.c", "probe.c", "judge.c"};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (strcmp(file, ours[i]) == 0)
            return true;
    }
    return false;
}

/* The name of a file in the lab's own folder that ends in `ending`. */
static char *
read_file_name(struct yamlfile_value value, const char *ending)
{
    char *name = yamlfile_text(value);
    size_t stem = strspn(name, word);

    if (stem == 0 || strcmp(name + stem, ending) != 0) {
        char *expected = text_format("a file name of letters, digits and _ "
                                     "that ends in %s, like io%s",
            ending, ending);
        yamlfile_refuse(value, expected);
    }
    if (is_ours(name))
        yamlfile_refuse(value, "a name other than starter.c, probe.c and "
                               "judge.c, which are the lab's own");
    return name;
}

static bool
is_c_name(const char *string)
{
    return !isdigit((unsigned char)string[0]) && string[0] != '\0' &&
           string[strspn(string, word)] == '\0';
}

/* "pthread_*": all names that begin so. */
static bool
is_c_pattern(const char *string)
{
    size_t length = strlen(string);
    char *name =
        text_format("%.*s", (int)(length > 0 ? length - 1 : 0), string);
    bool fits = length > 0 && string[length - 1] == '*' && is_c_name(name);

    free(name);
    return fits;
}

/* A list of different C names, or patterns of them; NULL at the end. */
static char **
read_c_names(struct yamlfile_value list, bool patterns)
{
    size_t count = yamlfile_count(list);
    char **names = text_zeroed(count + 1, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        struct yamlfile_value item = yamlfile_item(list, i);
        names[i] = yamlfile_text(item);
        if (!is_c_name(names[i]) && !(patterns && is_c_pattern(names[i])))
            yamlfile_refuse(item,
                patterns ? "a C name of letters, digits and _, or how some "
                           "begin and *"
                         : "a C name of letters, digits and _");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(names[k], names[i]) == 0)
                yamlfile_fail(item, "%s is listed twice", names[i]);
        }
    }
    return names;
}

/* Different packages, NULL at the end; none where the key is absent. */
static const struct package **
read_packages(struct yamlfile_value list)
{
    size_t count = list.node != NULL ? yamlfile_count(list) : 0;
    const struct package **packages = text_zeroed(count + 1, sizeof *packages);

    for (size_t i = 0; i < count; i++) {
        struct yamlfile_value item = yamlfile_item(list, i);
        char *name = yamlfile_text(item);
        packages[i] = package_find(name);
        if (packages[i] == NULL)
            yamlfile_refuse(item, "libcurl or sqlite3");
        for (size_t k = 0; k < i; k++) {
            if (packages[k] == packages[i])
                yamlfile_fail(item, "%s is listed twice", name);
        }
        free(name);
    }
    return packages;
}

static unsigned
read_limit(struct yamlfile_value limits, const char *name)
{
    return (unsigned)yamlfile_number(yamlfile_get(limits, name));
}

static void
read_sizes(struct lab_speed *speed, struct yamlfile_value workload)
{
    speed->size_count = yamlfile_count(workload);
    speed->sizes = text_zeroed(speed->size_count, sizeof *speed->sizes);
    for (size_t i = 0; i < speed->size_count; i++) {
        struct yamlfile_value item = yamlfile_item(workload, i);
        struct yamlfile_value name = yamlfile_get(item, "name");
        struct lab_size *read = &speed->sizes[i];
        *read = (struct lab_size){
            yamlfile_text(name), yamlfile_number(yamlfile_get(item, "count"))};
        if (!is_c_name(read->name))
            yamlfile_refuse(name, "a name of letters, digits and _");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(speed->sizes[k].name, read->name) == 0)
                yamlfile_fail(name, "%s is listed twice", read->name);
        }
    }
}

/* All zero where the key is absent. */
static struct lab_speed
read_speed(struct yamlfile_value value)
{
    struct lab_speed speed = {0};

    if (value.node == NULL)
        return speed;
    struct yamlfile_value none = yamlfile_get(value, "none_percent");
    speed.limit_percent =
        (int)yamlfile_number(yamlfile_get(value, "limit_percent"));
    speed.none_percent = (int)yamlfile_number(none);
    speed.team = (int)yamlfile_number(yamlfile_get(value, "team"));
    if (speed.none_percent <= speed.limit_percent)
        yamlfile_refuse(none, "more than limit_percent");
    read_sizes(&speed, yamlfile_get(value, "workload"));
    return speed;
}

/* The length of the "2.1" that a title of lab 02 begins with, or 0. */
static size_t
section_number(const struct lab *lab, const char *title)
{
    const char *number = lab_short_number(lab);
    size_t length = strlen(number);

    if (strncmp(title, number, length) != 0 || title[length] != '.')
        return 0;
    size_t digits = strspn(title + length + 1, "0123456789");
    if (digits == 0 || title[length + 1] == '0')
        return 0;
    length += 1 + digits;
    if (title[length] != ' ' || title[length + 1] == ' ' ||
        title[length + 1] == '\0')
        return 0;
    return length;
}

static char *
read_section_title(const struct lab *lab, struct yamlfile_value value)
{
    char *title = yamlfile_text(value);

    if (section_number(lab, title) == 0) {
        char *expected = text_format(
            "a number %s.1, %s.2, ..., a blank and a title, like \"%s.1 "
            "Reading\"",
            lab_short_number(lab), lab_short_number(lab),
            lab_short_number(lab));
        yamlfile_refuse(value, expected);
    }
    return title;
}

/* Die if one of the sections before the last has the last one's number. */
static void
check_section_number(
    const struct lab *lab, size_t last, struct yamlfile_value sections)
{
    const char *title = lab->sections[last].title;
    size_t length = section_number(lab, title) + 1;

    for (size_t i = 0; i < last; i++) {
        if (strncmp(lab->sections[i].title, title, length) != 0)
            continue;
        struct yamlfile_value first = yamlfile_item(sections, i);
        yamlfile_fail(yamlfile_get(yamlfile_item(sections, last), "title"),
            "%.*sis the section on line %zu already; give this one another "
            "number",
            (int)length, title, yamlfile_line(yamlfile_get(first, "title")));
    }
}

static void
read_sections(struct lab *lab, struct yamlfile_value sections)
{
    size_t count = yamlfile_count(sections);

    lab->sections = text_zeroed(count, sizeof *lab->sections);
    lab->section_count = count;
    for (size_t i = 0; i < count; i++) {
        struct yamlfile_value item = yamlfile_item(sections, i);
        struct yamlfile_value hints = yamlfile_get(item, "hints");
        lab->sections[i].title =
            read_section_title(lab, yamlfile_get(item, "title"));
        check_section_number(lab, i, sections);
        for (size_t k = 0; k < LAB_HINTS; k++)
            lab->sections[i].hints[k] = yamlfile_text(yamlfile_item(hints, k));
    }
}

void
lab_read(struct lab *lab, const char *stem, const char *path)
{
    assert(strlen(stem) > 3);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        die("%s: missing; every folder labs/NN-slug needs one", path);
    struct yamlfile *file = yamlfile_open(path, lab_keys);
    struct yamlfile_value root = yamlfile_root(file);
    struct yamlfile_value limits = yamlfile_get(root, "limits");

    *lab = (struct lab){
        .stem = text_copy(stem),
        .number = text_format("%.2s", stem),
        .slug = text_copy(stem + 3),
        .title = yamlfile_text(yamlfile_get(root, "title")),
        .file = read_file_name(yamlfile_get(root, "file"), ".c"),
        .header = read_file_name(yamlfile_get(root, "header"), ".h"),
        .points = (int)yamlfile_number(yamlfile_get(root, "points")),
        .solved = yamlfile_flag(yamlfile_get(root, "solved")),
        .openmp = yamlfile_flag(yamlfile_get(root, "openmp")),
        .packages = read_packages(yamlfile_get(root, "packages")),
        .limits.cpu_s = read_limit(limits, "cpu_s"),
        .limits.memory_mib = read_limit(limits, "memory_mib"),
        .limits.nofile = read_limit(limits, "nofile"),
        .speed = read_speed(yamlfile_get(root, "speed")),
        .functions = read_c_names(yamlfile_get(root, "functions"), false),
        .calls = read_c_names(yamlfile_get(root, "calls"), true),
    };
    read_sections(lab, yamlfile_get(root, "sections"));
    yamlfile_close(file);
}
