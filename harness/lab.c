#include "lab.h"

#include "text.h"
#include "warn.h"
#include "yamlfile.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static const struct yamlfile_key lab_keys[] = {
    {.name = "title", .kind = YAMLFILE_LINE},
    {.name = "file", .kind = YAMLFILE_LINE},
    {.name = "header", .kind = YAMLFILE_LINE},
    {.name = "points", .kind = YAMLFILE_NUMBER, .most = 1000},
    {.name = "solved", .kind = YAMLFILE_FLAG, .optional = true},
    {.name = "openmp", .kind = YAMLFILE_FLAG, .optional = true},
    {.name = "functions",
        .kind = YAMLFILE_LIST,
        .least = 1,
        .item = &function},
    {.name = "calls", .kind = YAMLFILE_LIST, .item = &call},
    {.name = "limits", .kind = YAMLFILE_MAPPING, .keys = limit_keys},
    {.name = "sections", .kind = YAMLFILE_LIST, .least = 1, .item = &section},
    {.name = NULL},
};

/* Whether a folder of labs/ is a lab's: NN-slug. */
static bool
is_stem(const char *name)
{
    return isdigit((unsigned char)name[0]) &&
           isdigit((unsigned char)name[1]) && name[2] == '-' &&
           name[3] != '\0' &&
           name[3 + strspn(name + 3,
                        "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

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

/* A list of different C names, NULL at the end. */
static char **
read_c_names(struct yamlfile_value list)
{
    size_t count = yamlfile_count(list);
    char **names = text_zeroed(count + 1, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        struct yamlfile_value item = yamlfile_item(list, i);
        names[i] = yamlfile_text(item);
        if (!is_c_name(names[i]))
            yamlfile_refuse(item, "a C name of letters, digits and _");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(names[k], names[i]) == 0)
                yamlfile_fail(item, "%s is listed twice", names[i]);
        }
    }
    return names;
}

static unsigned
read_limit(struct yamlfile_value limits, const char *name)
{
    return (unsigned)yamlfile_number(yamlfile_get(limits, name));
}

/* The number of the lab as in "2.1": without a leading zero. */
static const char *
short_number(const struct lab *lab)
{
    return lab->number + (lab->number[0] == '0');
}

/* The length of the "2.1" that a title of lab 02 begins with, or 0. */
static size_t
section_number(const struct lab *lab, const char *title)
{
    const char *number = short_number(lab);
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
            short_number(lab), short_number(lab), short_number(lab));
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
    assert(is_stem(stem));
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
        .limits.cpu_s = read_limit(limits, "cpu_s"),
        .limits.memory_mib = read_limit(limits, "memory_mib"),
        .limits.nofile = read_limit(limits, "nofile"),
        .functions = read_c_names(yamlfile_get(root, "functions")),
        .calls = read_c_names(yamlfile_get(root, "calls")),
    };
    read_sections(lab, yamlfile_get(root, "sections"));
    yamlfile_close(file);
}

static void
free_names(char **names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        free(names[i]);
    free(names);
}

void
lab_free(struct lab *lab)
{
    free(lab->stem);
    free(lab->number);
    free(lab->slug);
    free(lab->title);
    free(lab->file);
    free(lab->header);
    free_names(lab->functions);
    free_names(lab->calls);
    for (size_t i = 0; i < lab->section_count; i++) {
        free(lab->sections[i].title);
        for (size_t k = 0; k < LAB_HINTS; k++)
            free(lab->sections[i].hints[k]);
    }
    free(lab->sections);
    *lab = (struct lab){0};
}

static int
is_lab_folder(const struct dirent *entry)
{
    struct stat status;

    if (!is_stem(entry->d_name))
        return 0;
    char *path = text_format("labs/%s", entry->d_name);
    bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    free(path);
    return folder;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Die if two folders, given in order, share a number or a slug. */
static void
check_stems(struct dirent *const *folders, int count)
{
    for (int i = 0; i < count; i++) {
        for (int k = i + 1; k < count; k++) {
            const char *a = folders[i]->d_name, *b = folders[k]->d_name;
            if (strncmp(a, b, 2) == 0)
                die("labs/%s and labs/%s have the same number; rename one", a,
                    b);
            if (strcmp(a + 3, b + 3) == 0)
                die("labs/%s and labs/%s have the same slug; rename one", a,
                    b);
        }
    }
}

struct catalogue *
lab_catalogue(void)
{
    struct dirent **folders;
    int count = scandir("labs", &folders, is_lab_folder, by_name);

    if (count < 0)
        die("labs/, looked for in the working directory:");
    check_stems(folders, count);
    struct catalogue *catalogue = text_zeroed(1, sizeof *catalogue);
    catalogue->labs = text_zeroed((size_t)count, sizeof *catalogue->labs);
    for (int i = 0; i < count; i++) {
        const char *stem = folders[i]->d_name;
        char *path = text_format("labs/%s/lab.yaml", stem);
        lab_read(&catalogue->labs[catalogue->count++], stem, path);
        free(path);
        free(folders[i]);
    }
    free(folders);
    return catalogue;
}

void
lab_catalogue_free(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++)
        lab_free(&catalogue->labs[i]);
    free(catalogue->labs);
    free(catalogue);
}

const struct lab *
lab_find(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct lab *lab = &catalogue->labs[i];
        if (strcmp(name, lab->number) == 0 ||
            strcmp(name, short_number(lab)) == 0 ||
            strcmp(name, lab->slug) == 0 || strcmp(name, lab->stem) == 0)
            return lab;
    }
    return NULL;
}

const struct lab_section *
lab_section(const struct lab *lab, const char *title)
{
    for (size_t i = 0; i < lab->section_count; i++) {
        if (strcmp(lab->sections[i].title, title) == 0)
            return &lab->sections[i];
    }
    return NULL;
}

static char *
path_of(const char *top, const struct lab *lab, const char *name)
{
    return text_format("%s/%s/%s", top, lab->stem, name);
}

char *
lab_learner_path(const struct lab *lab)
{
    return path_of("labs", lab, lab->file);
}

char *
lab_starter_path(const struct lab *lab)
{
    return path_of("labs", lab, "starter.c");
}

char *
lab_solution_path(const struct lab *lab)
{
    return path_of("solutions", lab, lab->file);
}

char *
lab_build_path(const struct lab *lab, const char *name)
{
    return path_of("build", lab, name);
}
