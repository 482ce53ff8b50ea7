#include "package.h"

#include "toolchain.h"

#include <string.h>

static const struct package packages[] = {
    {"libcurl", "libcurl", "curl_",
        (const char *const[]){TOOLCHAIN_LIBCURL_CFLAGS NULL},
        (const char *const[]){TOOLCHAIN_LIBCURL_LIBS NULL},
        "build/probe/interposed.o"},
    {"sqlite3", "SQLite", "sqlite3_",
        (const char *const[]){TOOLCHAIN_SQLITE3_CFLAGS NULL},
        (const char *const[]){TOOLCHAIN_SQLITE3_LIBS NULL}, NULL},
};

/* What changes the library for everybody in the process. */
static const char *const refused[] = {
    "curl_global_init_mem",
    "sqlite3_auto_extension",
    "sqlite3_cancel_auto_extension",
    "sqlite3_config",
    "sqlite3_enable_load_extension",
    "sqlite3_load_extension",
    "sqlite3_reset_auto_extension",
    "sqlite3_shutdown",
    "sqlite3_test_control",
    "sqlite3_vfs_register",
    "sqlite3_vfs_unregister",
};

const struct package *
package_find(const char *name)
{
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
        if (strcmp(packages[i].name, name) == 0)
            return &packages[i];
    }
    return NULL;
}

bool
package_allows(const struct package *package, const char *function)
{
    if (strncmp(function, package->prefix, strlen(package->prefix)) != 0)
        return false;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (strcmp(refused[i], function) == 0)
            return false;
    }
    return true;
}
