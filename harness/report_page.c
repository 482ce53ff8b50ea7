#include "report.h"

#include "text.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
report_page(const char *stem, const char *section)
{
    char *page = text_format("build/book/%s.html", stem);
    char *place =
        text_format("%s#s%.*s", page, (int)strcspn(section, " "), section);
    bool is_built = access(page, R_OK) == 0;

    free(page);
    if (is_built)
        return place;
    free(place);
    return NULL;
}

/* A path in a URL (RFC 3986); what has a meaning there is escaped. */
static void
add_path(struct text *url, const char *path)
{
    for (const char *c = path; *c != '\0'; c++)
        text_addf(url,
            isalnum((unsigned char)*c) || strchr("/-._~", *c) != NULL
                ? "%c"
                : "%%%02X",
            (unsigned char)*c);
}

/* The page as file://HOST/PATH#PLACE; a terminal may show files of another
 * machine, hence the host. */
static void
add_url(struct text *url, const char *page)
{
    char host[HOST_NAME_MAX + 1] = "", root[PATH_MAX] = "";
    const char *place = strchr(page, '#');
    char *path = text_format("%.*s", (int)(place - page), page);

    gethostname(host, sizeof host - 1);
    text_addf(url, "file://");
    add_path(url, host);
    if (getcwd(root, sizeof root) != NULL)
        add_path(url, root);
    text_addf(url, "/");
    add_path(url, path);
    text_addf(url, "%s", place);
    free(path);
}

void
report_put_page(FILE *out, const char *page)
{
    struct text url = {0};

    if (!report_wants_colour(out)) {
        fputs(page, out);
        return;
    }
    add_url(&url, page);
    fprintf(out, "\033]8;;%s\033\\%s\033]8;;\033\\", text_string(&url), page);
    text_free(&url);
}
