#ifndef YAMLPARSE_H
#define YAMLPARSE_H

#include <yaml.h>

/*
 * The text of a YAML file, as libyaml's tree of nodes.
 *
 * What is not YAML ends the program (warn.h) with file, line and what to do
 * about it in plain words, since libyaml's own assume that one knows its
 * grammar: "lab.yaml:7: a tab indents this line; use spaces".
 */

/* Read the only document of the file at `path`: a regular file of at most
 * 256 KiB. An empty one gives a document without nodes. The caller deletes
 * it with yaml_document_delete. */
void yamlparse(const char *path, yaml_document_t *document);

#endif
