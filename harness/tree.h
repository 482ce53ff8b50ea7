#ifndef TREE_H
#define TREE_H

/* Remove the folder or file at `path` with all it holds, as far as that can
 * be done, and keep errno. A folder is opened up before it is entered,
 * whatever its mode; what a symbolic link leads to is left alone. */
void tree_remove(const char *path);

#endif
