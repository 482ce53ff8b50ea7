#include "tree.h"

#include "text.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

void
tree_remove(const char *path)
{
    int error = errno;
    char *copy = text_copy(path);
    char *paths[] = {copy, NULL};
    FTSENT *entry;

    FTS *tree = fts_open(paths, FTS_PHYSICAL, NULL);
    while (tree != NULL && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_D)
            chmod(entry->fts_accpath, 0700);
        else
            remove(entry->fts_accpath);
    }
    if (tree != NULL)
        fts_close(tree);
    free(copy);
    errno = error;
}
