#ifndef PACKAGE_H
#define PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Libraries that a lab may be written with (lab.yaml: packages). Their
 * functions may all be called but those that would take the harness's own
 * instruments away; their flags are what pkg-config said when the harness
 * was built.
 */
struct package {
    const char *name;   /* as pkg-config knows it: "sqlite3" */
    const char *title;  /* as a person reads it: "SQLite" */
    const char *prefix; /* of all its functions: "sqlite3_" */
    const char *const *cflags, *const *libs; /* NULL at the end */
    const char *object; /* of ours, which its probes are linked with; NULL */
};

/* The package of that name, or NULL. */
const struct package *package_find(const char *name);

/* Is this a function of the package that may be called? */
bool package_allows(const struct package *package, const char *function);

#endif
