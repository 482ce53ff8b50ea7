#ifndef ORIGIN_PAGES_H
#define ORIGIN_PAGES_H

#include "judge/origin.h"

/*
 * The pages of an origin server, by number and by path. Used by origin.c
 * alone.
 */
struct origin_pages {
    struct origin_page *list[ORIGIN_MOST_PAGES];
    size_t count;
    struct origin_page missing; /* for a path that is none: 404 */
};

void origin_pages_begin(struct origin_pages *pages);
struct origin_page *origin_pages_add(
    struct origin_pages *pages, const char *path);

/* The page that a request ("GET /a HTTP/1.0") asks for. */
struct origin_page *origin_pages_find(
    struct origin_pages *pages, const struct text *request);

void origin_pages_free(struct origin_pages *pages);

#endif
