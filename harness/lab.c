#include "lab.h"

#include "text.h"
#include "warn.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

const char *
lab_short_number(const struct lab *lab)
{
    return lab->number + (lab->number[0] == '0');
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
    free(lab->packages);
    for (size_t i = 0; i < lab->speed.size_count; i++)
        free(lab->speed.sizes[i].name);
    free(lab->speed.sizes);
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
            strcmp(name, lab_short_number(lab)) == 0 ||
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
