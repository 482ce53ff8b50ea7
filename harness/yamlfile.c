#include "yamlfile.h"

#include "text.h"
#include "warn.h"
#include "yamlparse.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 60, DIGITS_MAX = 9 };

struct yamlfile {
    const char *path;
    struct yamlfile_key root;
    yaml_document_t document;
};

/* Whether YAML reads the scalar as null. */
static bool
is_nothing(const yaml_node_t *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

    if (node->type == YAML_NO_NODE)
        return true;
    if (node->type != YAML_SCALAR_NODE ||
        node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        if (strcmp((const char *)node->data.scalar.value, nulls[i]) == 0)
            return true;
    }
    return false;
}

static size_t
item_count(const yaml_node_t *node)
{
    return (size_t)(node->data.sequence.items.top -
                    node->data.sequence.items.start);
}

/* Append what stands there, in the words of an error message. */
static void
add_found(struct text *words, const yaml_node_t *node)
{
    if (node == NULL || is_nothing(node))
        text_addf(words, "nothing");
    else if (node->type == YAML_SEQUENCE_NODE)
        text_addf(words, "a list of %zu", item_count(node));
    else if (node->type == YAML_MAPPING_NODE)
        text_addf(words, "a mapping");
    else
        text_show(words, node->data.scalar.value, node->data.scalar.length,
            SHOWN_MAX);
}

static void
add_names(struct text *words, const struct yamlfile_key *keys)
{
    for (const struct yamlfile_key *key = keys; key->name != NULL; key++)
        text_addf(words, "%s%s", key != keys ? ", " : "", key->name);
}

static void
add_expected(struct text *words, const struct yamlfile_key *key)
{
    switch (key->kind) {
    case YAMLFILE_LINE:
        text_addf(words, "one line of text");
        break;
    case YAMLFILE_TEXT:
        text_addf(words, "text");
        break;
    case YAMLFILE_NUMBER:
        text_addf(
            words, "a whole number from %ld to %ld", key->least, key->most);
        break;
    case YAMLFILE_FLAG:
        text_addf(words, "true or false");
        break;
    case YAMLFILE_LIST:
        text_addf(words, "a list of ");
        if (key->most > 0 && key->least == key->most)
            text_addf(words, "exactly %ld ", key->least);
        else if (key->most > 0)
            text_addf(words, "%ld to %ld ", key->least, key->most);
        else if (key->least > 0)
            text_addf(words, "%ld or more ", key->least);
        text_addf(words, "%ss", key->item->name);
        break;
    case YAMLFILE_MAPPING:
        text_addf(words, "a mapping of ");
        add_names(words, key->keys);
        break;
    }
}

size_t
yamlfile_line(struct yamlfile_value value)
{
    return value.node != NULL ? value.node->start_mark.line + 1 : 1;
}

static _Noreturn void
fail_words(struct yamlfile_value value, const char *words)
{
    const char *name = value.key->name;

    die("%s:%zu: %s%s%s", value.file->path, yamlfile_line(value),
        name != NULL ? name : "", name != NULL ? ": " : "", words);
}

void
yamlfile_fail(struct yamlfile_value value, const char *format, ...)
{
    char *words;
    va_list args;

    va_start(args, format);
    if (vasprintf(&words, format, args) < 0)
        die("format \"%s\":", format);
    va_end(args);
    fail_words(value, words);
}

void
yamlfile_refuse(struct yamlfile_value value, const char *expected)
{
    struct text words = {0};

    text_addf(&words, "expected %s, found ", expected);
    add_found(&words, value.node);
    fail_words(value, text_string(&words));
}

static _Noreturn void
refuse_kind(struct yamlfile_value value)
{
    struct text words = {0};

    add_expected(&words, value.key);
    yamlfile_refuse(value, text_string(&words));
}

/* The text of a scalar without the blanks and newlines at its end, safe for
 * a terminal; empty when it has none or holds other control bytes. */
static struct text
clean_text(const yaml_node_t *node)
{
    const char *bytes = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    struct text clean = {0};

    while (length > 0 && strchr(" \t\n", bytes[length - 1]) != NULL &&
           bytes[length - 1] != '\0')
        length--;
    text_add_clean(&clean, bytes, length);
    if (clean.length != length)
        text_free(&clean);
    return clean;
}

static bool
is_text(const yaml_node_t *node, bool many_lines)
{
    if (node->type != YAML_SCALAR_NODE || is_nothing(node))
        return false;
    struct text text = clean_text(node);
    bool good =
        text.length > 0 && (many_lines || strchr(text.bytes, '\n') == NULL);
    text_free(&text);
    return good;
}

static bool
is_number(const yaml_node_t *node, long least, long most)
{
    if (node->type != YAML_SCALAR_NODE)
        return false;
    const char *digits = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    if (length == 0 || length > DIGITS_MAX ||
        strspn(digits, "0123456789") != length ||
        (digits[0] == '0' && length > 1))
        return false;
    long number = strtol(digits, NULL, 10);
    return number >= least && number <= most;
}

static bool
is_scalar(const yaml_node_t *node, const char *string)
{
    return node->type == YAML_SCALAR_NODE &&
           node->data.scalar.length == strlen(string) &&
           memcmp(node->data.scalar.value, string, strlen(string)) == 0;
}

static struct yamlfile_value
value_at(struct yamlfile *file, int node, const struct yamlfile_key *key)
{
    return (struct yamlfile_value){
        .file = file,
        .node = yaml_document_get_node(&file->document, node),
        .key = key,
    };
}

size_t
yamlfile_count(struct yamlfile_value list)
{
    return item_count(list.node);
}

struct yamlfile_value
yamlfile_item(struct yamlfile_value list, size_t i)
{
    assert(i < yamlfile_count(list));
    return value_at(
        list.file, list.node->data.sequence.items.start[i], list.key->item);
}

static void check(struct yamlfile_value value);

static void
check_list(struct yamlfile_value list)
{
    const struct yamlfile_key *key = list.key;

    if (list.node->type != YAML_SEQUENCE_NODE)
        refuse_kind(list);
    long count = (long)item_count(list.node);
    if (count < key->least || (key->most > 0 && count > key->most))
        refuse_kind(list);
    for (size_t i = 0; i < yamlfile_count(list); i++)
        check(yamlfile_item(list, i));
}

/* The key's own node as a value, to name its line. */
static struct yamlfile_value
pair_key(struct yamlfile_value mapping, const yaml_node_pair_t *pair)
{
    return value_at(mapping.file, pair->key, mapping.key);
}

static const struct yamlfile_key *
known_key(struct yamlfile_value name, const struct yamlfile_key *keys)
{
    for (const struct yamlfile_key *key = keys; key->name != NULL; key++) {
        if (is_scalar(name.node, key->name))
            return key;
    }
    struct text words = {0};
    text_addf(&words, "unknown key ");
    add_found(&words, name.node);
    text_addf(&words, "; known are ");
    add_names(&words, keys);
    fail_words(name, text_string(&words));
}

/* Die if an earlier pair has the key of `pair` too. */
static void
check_unique(struct yamlfile_value mapping, const yaml_node_pair_t *pair,
    const struct yamlfile_key *key)
{
    const yaml_node_pair_t *first = mapping.node->data.mapping.pairs.start;

    while (!is_scalar(pair_key(mapping, first).node, key->name))
        first++;
    struct yamlfile_value again = pair_key(mapping, pair);
    again.key = key;
    if (first != pair)
        yamlfile_fail(again, "given twice; the first is on line %zu",
            yamlfile_line(pair_key(mapping, first)));
}

static void
check_mapping(struct yamlfile_value mapping)
{
    if (mapping.node->type != YAML_MAPPING_NODE)
        refuse_kind(mapping);
    const yaml_node_pair_t *pair = mapping.node->data.mapping.pairs.start;
    for (; pair < mapping.node->data.mapping.pairs.top; pair++) {
        const struct yamlfile_key *key =
            known_key(pair_key(mapping, pair), mapping.key->keys);
        check_unique(mapping, pair, key);
        check(value_at(mapping.file, pair->value, key));
    }
    const struct yamlfile_key *key = mapping.key->keys;
    for (; key->name != NULL; key++) {
        struct yamlfile_value value = yamlfile_get(mapping, key->name);
        if (value.node != NULL || key->optional)
            continue;
        struct text words = {0};
        add_expected(&words, key);
        value.node = mapping.node;
        yamlfile_fail(value, "missing; expected %s", text_string(&words));
    }
}

static void
check(struct yamlfile_value value)
{
    const struct yamlfile_key *key = value.key;
    bool good = true;

    switch (key->kind) {
    case YAMLFILE_LINE:
    case YAMLFILE_TEXT:
        good = is_text(value.node, key->kind == YAMLFILE_TEXT);
        break;
    case YAMLFILE_NUMBER:
        good = is_number(value.node, key->least, key->most);
        break;
    case YAMLFILE_FLAG:
        good = is_scalar(value.node, "true") || is_scalar(value.node, "false");
        break;
    case YAMLFILE_LIST:
        check_list(value);
        break;
    case YAMLFILE_MAPPING:
        check_mapping(value);
        break;
    }
    if (!good)
        refuse_kind(value);
}

struct yamlfile_value
yamlfile_get(struct yamlfile_value mapping, const char *name)
{
    const yaml_node_pair_t *pair = mapping.node->data.mapping.pairs.start;
    const struct yamlfile_key *key = mapping.key->keys;

    while (key->name != NULL && strcmp(key->name, name) != 0)
        key++;
    assert(key->name != NULL);
    for (; pair < mapping.node->data.mapping.pairs.top; pair++) {
        if (is_scalar(pair_key(mapping, pair).node, name))
            return value_at(mapping.file, pair->value, key);
    }
    return (struct yamlfile_value){.file = mapping.file, .key = key};
}

char *
yamlfile_text(struct yamlfile_value value)
{
    return clean_text(value.node).bytes;
}

long
yamlfile_number(struct yamlfile_value value)
{
    return strtol((const char *)value.node->data.scalar.value, NULL, 10);
}

bool
yamlfile_flag(struct yamlfile_value value)
{
    return value.node != NULL && is_scalar(value.node, "true");
}

struct yamlfile_value
yamlfile_root(struct yamlfile *file)
{
    return value_at(file, 1, &file->root);
}

struct yamlfile *
yamlfile_open(const char *path, const struct yamlfile_key *keys)
{
    struct yamlfile *file = text_zeroed(1, sizeof *file);

    file->path = path;
    file->root.kind = YAMLFILE_MAPPING;
    file->root.keys = keys;
    yamlparse(path, &file->document);
    if (yamlfile_root(file).node == NULL)
        refuse_kind(yamlfile_root(file));
    check(yamlfile_root(file));
    return file;
}

void
yamlfile_close(struct yamlfile *file)
{
    yaml_document_delete(&file->document);
    free(file);
}
