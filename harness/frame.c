#include "frame.h"

#include "text.h"
#include "tree.h"
#include "warn.h"

#include <ctype.h>
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Theory of operation
 *
 * The whole is written into a scratch folder, whose name is not that of a
 * lab; then its places are renamed, that of labs/ last, since it is what
 * makes a lab of them. When one cannot be renamed, those before it are
 * renamed back, and the scratch folder is removed with all it holds. The
 * contents of the book are written anew once all of them are in place.
 */

enum { MOST_TEMPLATE = 1 << 20 };

static const char templates[] = "harness/new";
static const char contents[] = "book/index.md";

const char *const frame_places[FRAME_PLACES] = {
    "book/%s.md", "solutions/%s", "labs/%s"};

enum { STEM, NN, N, SLUG, NAME, GUARD, TITLE, CHAPTER, MARKS };

static const char *const marks[MARKS] = {"__STEM__", "__NN__", "__N__",
    "__SLUG__", "__NAME__", "__GUARD__", "__TITLE__", "__CHAPTER__"};

struct frame {
    char *scratch;
    char *names[MARKS];   /* what each mark stands for */
    struct text contents; /* with the chapter; empty when it is in them */
};

char *
frame_name(const char *stem)
{
    const char *slug = stem + 3;

    return text_format("%.*s", (int)strcspn(slug, "-"), slug);
}

static void
name_all(struct frame *frame, const char *stem)
{
    char *name = frame_name(stem);
    char *guard = text_format("%s_H", name);
    char *title = text_copy(stem + 3);

    for (char *c = guard; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    title[0] = (char)toupper((unsigned char)title[0]);
    for (char *c = title; *c != '\0'; c++)
        *c = *c == '-' ? ' ' : *c;
    frame->names[STEM] = text_copy(stem);
    frame->names[NN] = text_format("%.2s", stem);
    frame->names[N] = text_format("%d", atoi(stem));
    frame->names[SLUG] = text_copy(stem + 3);
    frame->names[NAME] = name;
    frame->names[GUARD] = guard;
    frame->names[TITLE] = title;
    frame->names[CHAPTER] = text_copy(title);
}

/* The number of the chapter in a line "- NN Title" of the contents, or -1. */
static int
chapter_of(const char *line)
{
    bool is_entry = strncmp(line, "- ", 2) == 0 &&
                    isdigit((unsigned char)line[2]) &&
                    isdigit((unsigned char)line[3]) && line[4] == ' ';

    return is_entry ? atoi(line + 2) : -1;
}

/* Where the line of a chapter stands in the contents, or should stand: after
 * all of lower numbers. */
static const char *
find_line(const char *text, int number)
{
    const char *place = NULL, *next = text;

    for (const char *line = text; *line != '\0'; line = next) {
        int other = chapter_of(line);
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (other == number)
            return line;
        if (other >= 0 && other < number)
            place = next;
        else if (other > number && place == NULL)
            place = line;
    }
    return place != NULL ? place : next;
}

static void
list_chapter(struct frame *frame)
{
    struct text old = {0};

    if (text_read_file(&old, contents, MOST_TEMPLATE) != 0)
        die("read %s:", contents);
    const char *text = text_string(&old);
    const char *line = find_line(text, atoi(frame->names[NN]));
    if (chapter_of(line) == atoi(frame->names[NN])) {
        free(frame->names[CHAPTER]);
        frame->names[CHAPTER] =
            text_format("%.*s", (int)strcspn(line + 5, "\n"), line + 5);
    } else {
        text_add(&frame->contents, text, (size_t)(line - text));
        text_addf(&frame->contents, "- %s %s\n%s", frame->names[NN],
            frame->names[CHAPTER], line);
    }
    text_free(&old);
}

/* The mark that `words` begins with, or MARKS. */
static int
mark_at(const char *words)
{
    int mark = 0;

    while (
        mark < MARKS && strncmp(words, marks[mark], strlen(marks[mark])) != 0)
        mark++;
    return mark;
}

/* The words with names in the place of marks. */
static void
fill_in(const struct frame *frame, const char *words, struct text *filled)
{
    while (*words != '\0') {
        int mark = mark_at(words);
        if (mark < MARKS)
            text_addf(filled, "%s", frame->names[mark]);
        else
            text_add(filled, words, 1);
        words += mark < MARKS ? strlen(marks[mark]) : 1;
    }
}

static _Noreturn void
give_up(const struct frame *frame, const char *what, const char *path)
{
    tree_remove(frame->scratch);
    die("%s %s:", what, path);
}

static void
copy_file(const struct frame *frame, const char *from, const char *to)
{
    struct text template = {0}, filled = {0};

    if (text_read_file(&template, from, MOST_TEMPLATE) != 0)
        give_up(frame, "read", from);
    fill_in(frame, text_string(&template), &filled);
    if (text_write_file(to, filled.bytes, filled.length) != 0)
        give_up(frame, "write", to);
    text_free(&template);
    text_free(&filled);
}

/* One folder or file of the templates, to its place in the scratch. */
static void
copy_entry(const struct frame *frame, const FTSENT *entry)
{
    struct text to = {0};

    errno = entry->fts_errno;
    if (errno != 0)
        give_up(frame, "read", entry->fts_path);
    if (entry->fts_level == 0 || entry->fts_name[0] == '.')
        return;
    text_addf(&to, "%s", frame->scratch);
    fill_in(frame, entry->fts_path + strlen(templates), &to);
    if (entry->fts_info == FTS_D && mkdir(text_string(&to), 0777) != 0)
        give_up(frame, "make", text_string(&to));
    if (entry->fts_info == FTS_F)
        copy_file(frame, entry->fts_path, text_string(&to));
    text_free(&to);
}

static void
copy_all(const struct frame *frame)
{
    char path[] = "harness/new";
    char *paths[] = {path, NULL};
    FTSENT *entry;

    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        give_up(frame, "read", templates);
    while ((entry = fts_read(tree)) != NULL)
        copy_entry(frame, entry);
    fts_close(tree);
}

/* Rename the first `count` places to where they belong, or back. Returns
 * how many were. */
static int
move(const struct frame *frame, int count, bool back)
{
    int moved = 0;

    for (bool fine = true; fine && moved < count; moved += fine) {
        char *place = text_format(frame_places[moved], frame->names[STEM]);
        char *scratch = text_format("%s/%s", frame->scratch, place);
        fine = rename(back ? place : scratch, back ? scratch : place) == 0;
        int error = errno;
        free(place);
        free(scratch);
        errno = error;
    }
    return moved;
}

static int
write_contents(const struct frame *frame)
{
    const struct text *text = &frame->contents;

    return text->length == 0
               ? 0
               : text_write_file(contents, text->bytes, text->length);
}

void
frame_make(const char *stem)
{
    struct frame frame = {.scratch = text_copy("labs/.new.XXXXXX")};

    name_all(&frame, stem);
    list_chapter(&frame);
    if (mkdtemp(frame.scratch) == NULL)
        die("make a folder in labs/:");
    copy_all(&frame);
    int moved = move(&frame, FRAME_PLACES, false);
    if (moved < FRAME_PLACES || write_contents(&frame) != 0) {
        int error = errno;
        char *place = moved < FRAME_PLACES
                          ? text_format(frame_places[moved], stem)
                          : text_copy(contents);
        move(&frame, moved, true);
        errno = error;
        give_up(&frame, "make", place);
    }
    tree_remove(frame.scratch);
    text_free(&frame.contents);
    for (int i = 0; i < MARKS; i++)
        free(frame.names[i]);
    free(frame.scratch);
}
