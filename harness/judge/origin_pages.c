#include "judge/origin_pages.h"

#include "warn.h"

#include <stdlib.h>
#include <string.h>

void
origin_pages_begin(struct origin_pages *pages)
{
    static const char missing[] =
        "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    pages->count = 0;
    pages->missing = (struct origin_page){.allowed = SIZE_MAX};
    text_add(&pages->missing.answer, missing, sizeof missing - 1);
}

static struct origin_page *
new_page(const char *path)
{
    struct origin_page *page = text_zeroed(1, sizeof *page);

    page->path = text_copy(path);
    page->connected_ns = page->arrived_ns = page->released_ns = -1;
    page->finished_ns = page->done_ns = -1;
    page->allowed = SIZE_MAX;
    return page;
}

struct origin_page *
origin_again(struct origin_page *page)
{
    while (page->next != NULL)
        page = page->next;
    page->next = new_page(page->path);
    return page->next;
}

struct origin_page *
origin_pages_add(struct origin_pages *pages, const char *path)
{
    if (pages->count == ORIGIN_MOST_PAGES)
        die("an origin has at most %d pages", ORIGIN_MOST_PAGES);
    struct origin_page *page = new_page(path);
    pages->list[pages->count++] = page;
    return page;
}

struct origin_page *
origin_pages_find(struct origin_pages *pages, const struct text *request)
{
    const char *blank = memchr(request->bytes, ' ', request->length);
    size_t length = blank != NULL ? strcspn(blank + 1, " \r\n") : 0;

    for (size_t i = 0; blank != NULL && i < pages->count; i++) {
        struct origin_page *page = pages->list[i];
        if (strlen(page->path) != length ||
            memcmp(page->path, blank + 1, length) != 0)
            continue;
        while (page->requests > 0 && page->next != NULL)
            page = page->next;
        return page;
    }
    return &pages->missing;
}

static void
free_page(struct origin_page *page)
{
    struct origin_page *next;

    for (struct origin_page *again = page->next; again; again = next) {
        next = again->next;
        again->next = NULL;
        free_page(again);
        free(again);
    }
    free(page->path);
    text_free(&page->answer);
    text_free(&page->request);
}

void
origin_pages_free(struct origin_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        free_page(pages->list[i]);
        free(pages->list[i]);
    }
    free_page(&pages->missing);
}
