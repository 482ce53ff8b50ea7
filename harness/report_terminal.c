#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of these that is set decides (POSIX, XBD 8.2). */
bool
report_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    static int known = -1;

    for (int i = 0; i < 3 && known < 0; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            known = strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
    }
    known = known > 0;
    return known;
}

bool
report_is_terminal(FILE *stream)
{
    const char *terminal = getenv("TERM");

    return isatty(fileno(stream)) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

bool
report_wants_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");

    return (no == NULL || no[0] == '\0') && report_is_terminal(stream);
}
