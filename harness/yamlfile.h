#ifndef YAMLFILE_H
#define YAMLFILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A YAML file read against a table of the keys it may have.
 *
 * yamlfile_open checks the whole file first, so what follows cannot fail.
 * Every mistake ends the program (warn.h) in one line of file, line, key and
 * what was expected:
 *
 *   lab.yaml:7: points: expected a whole number from 0 to 1000, found "many"
 *
 * Plain YAML 1.1 as libyaml reads it, anchors and aliases included; one
 * document a file.
 */
enum yamlfile_kind {
    YAMLFILE_LINE,   /* text of one line */
    YAMLFILE_TEXT,   /* text of any number of lines */
    YAMLFILE_NUMBER, /* a whole number, decimal, without a leading zero */
    YAMLFILE_FLAG,   /* true or false */
    YAMLFILE_LIST,
    YAMLFILE_MAPPING
};

/* What one value must be. A table of keys ends with one without a name. */
struct yamlfile_key {
    const char *name;
    enum yamlfile_kind kind;
    bool optional;
    long least, most; /* of a number, or of a list's items; there most = 0
                       * means any number of them */
    const struct yamlfile_key *item; /* of a list; named in the singular */
    const struct yamlfile_key *keys; /* of a mapping */
};

struct yamlfile;
struct yaml_node_s;

/* One value in a file; passed by value, good until yamlfile_close. */
struct yamlfile_value {
    struct yamlfile *file;
    const struct yaml_node_s *node; /* NULL where an optional key is absent */
    const struct yamlfile_key *key;
};

/* Read and check a file that is a mapping of `keys`. Both arguments are
 * kept until yamlfile_close. */
struct yamlfile *yamlfile_open(
    const char *path, const struct yamlfile_key *keys);
void yamlfile_close(struct yamlfile *file);

/* The file's mapping, the value of a key of a mapping, and the number of
 * items and item `i` (from 0) of a list. */
struct yamlfile_value yamlfile_root(struct yamlfile *file);
struct yamlfile_value yamlfile_get(
    struct yamlfile_value mapping, const char *name);
size_t yamlfile_count(struct yamlfile_value list);
struct yamlfile_value yamlfile_item(struct yamlfile_value list, size_t i);

/* A line or text, without the blanks and newlines at its end: valid UTF-8,
 * no control bytes but newline and tab, never empty. The caller frees it. */
char *yamlfile_text(struct yamlfile_value value);
long yamlfile_number(struct yamlfile_value value);

/* False where the key is absent. */
bool yamlfile_flag(struct yamlfile_value value);

/* The line, from 1, on which the value begins. */
size_t yamlfile_line(struct yamlfile_value value);

/* Die of what only the caller can know: "FILE:LINE: KEY: MESSAGE", and
 * "FILE:LINE: KEY: expected EXPECTED, found THE VALUE". */
_Noreturn void yamlfile_fail(struct yamlfile_value value, const char *format,
    ...) __attribute__((format(printf, 2, 3)));
_Noreturn void yamlfile_refuse(
    struct yamlfile_value value, const char *expected);

#endif
