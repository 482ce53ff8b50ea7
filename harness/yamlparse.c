#include "yamlparse.h"

#include "text.h"
#include "warn.h"

#include <errno.h>
#include <string.h>

enum { BYTES_MAX = 256 * 1024 };

struct source {
    const char *path;
    struct text text;
};

/* What libyaml says, and what to tell an author. */
static const struct problem {
    const char *theirs;
    const char *ours;
    bool at_context; /* the line to name is where the context began */
} problems[] = {
    {"mapping values are not allowed in this context",
        "a \": \" that cannot stand here; indent the line as the ones around "
        "it, or put a text with \": \" in it into quotes",
        false},
    {"could not find expected ':'", "expected \"key: value\", found no \":\"",
        true},
    {"did not find expected key",
        "expected a key; indent the line as the ones around it", false},
    {"did not find expected '-' indicator",
        "expected \"- \", as before the other items of the list", false},
    {"did not find expected ',' or ']'",
        "a list that opens with \"[\" needs \",\" between its items and \"]\" "
        "at its end",
        true},
    {"did not find expected ',' or '}'",
        "a mapping that opens with \"{\" needs \",\" between its keys and "
        "\"}\" at its end",
        true},
    {"found unexpected end of stream", "a quote opens here and never closes",
        true},
    {"found character that cannot start any token",
        "a text cannot begin with this sign; put it into quotes", false},
    {"did not find expected alphabetic or numeric character",
        "a text cannot begin with & or *; put it into quotes", false},
    {"did not find expected node content", "expected a value here", false},
    {"block sequence entries are not allowed in this context",
        "a \"- \" that cannot stand here; put each item on a line of its own",
        false},
    {"found undefined alias", "an alias (*name) without its anchor (&name)",
        false},
    {"found duplicate anchor", "this anchor (&name) exists already", false},
};

/* Where the line (from 0) of the file begins. */
static const char *
line_start(const struct source *source, size_t line)
{
    const char *at = text_string(&source->text);

    while (line-- > 0) {
        const char *newline = strchr(at, '\n');
        if (newline == NULL)
            break;
        at = newline + 1;
    }
    return at;
}

static _Noreturn void
fail_bytes(const struct source *source, const yaml_parser_t *parser)
{
    size_t line = 1;

    for (size_t i = 0; i < source->text.length; i++) {
        if (i == parser->problem_offset)
            break;
        line += source->text.bytes[i] == '\n';
    }
    die("%s:%zu: not plain UTF-8 text (%s)", source->path, line,
        parser->problem);
}

static _Noreturn void
fail_syntax(const struct source *source, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        die("%s: no memory left to read it", source->path);
    if (parser->error == YAML_READER_ERROR)
        fail_bytes(source, parser);

    size_t line = parser->problem_mark.line;
    const char *start = line_start(source, line);
    if (memchr(start, '\t', strspn(start, " \t")) != NULL)
        die("%s:%zu: a tab indents this line; use spaces", source->path,
            line + 1);
    const char *words = parser->problem;
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (strcmp(problems[i].theirs, words) != 0)
            continue;
        words = problems[i].ours;
        if (problems[i].at_context && parser->context != NULL)
            line = parser->context_mark.line;
        break;
    }
    die("%s:%zu: not YAML: %s", source->path, line + 1, words);
}

static void
read_source(struct source *source)
{
    if (text_read_file(&source->text, source->path, BYTES_MAX) == 0)
        return;
    if (errno == EINVAL)
        die("%s: not a regular file", source->path);
    if (errno == EFBIG)
        die("%s: larger than %d bytes", source->path, BYTES_MAX);
    die("%s:", source->path);
}

void
yamlparse(const char *path, yaml_document_t *document)
{
    struct source source = {.path = path};
    yaml_document_t second;
    yaml_parser_t parser;

    read_source(&source);
    if (yaml_parser_initialize(&parser) == 0)
        die("%s: no memory left to read it", path);
    yaml_parser_set_input_string(&parser,
        (const unsigned char *)text_string(&source.text), source.text.length);
    if (yaml_parser_load(&parser, document) == 0)
        fail_syntax(&source, &parser);
    if (yaml_document_get_root_node(document) != NULL) {
        if (yaml_parser_load(&parser, &second) == 0)
            fail_syntax(&source, &parser);
        if (yaml_document_get_root_node(&second) != NULL)
            die("%s:%zu: a second document begins; expected one a file", path,
                second.start_mark.line + 1);
        yaml_document_delete(&second);
    }
    yaml_parser_delete(&parser);
    text_free(&source.text);
}
