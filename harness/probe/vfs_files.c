#include "probe/vfs.h"

#include "probe/faults.h"
#include "warn.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

/*
 * Theory of operation
 *
 * Each file of SQLite is a struct vfs_handle with the real one behind it,
 * in memory that SQLite gives. What befalls it, and what becomes of that, is
 * in vfs.c.
 *
 * A handle keeps the generation in which it was opened: the number of
 * forks between the probe and its process.
 */
struct vfs_handle {
    sqlite3_file base;
    enum vfs_file kind;
    int generation;
    sqlite3_file *real;
};

static sqlite3_vfs vfs;
static sqlite3_vfs *under;
static int generation;
static _Atomic int64_t open_databases; /* an order between no two threads */

static void
count_fork(void)
{
    generation++;
    open_databases = 0;
}

static void
count_open(enum vfs_file kind, int64_t more)
{
    if (kind == VFS_DATABASE)
        atomic_fetch_add_explicit(&open_databases, more, memory_order_relaxed);
}

int64_t
vfs_open_databases(void)
{
    return open_databases;
}

static struct vfs_handle *
handle_of(sqlite3_file *file)
{
    struct vfs_handle *handle = (struct vfs_handle *)file;

    if (handle->generation != generation)
        serve_note(VERDICT_WRONG_ANSWER,
            "A connection was opened, then fork() was called, and the new "
            "process uses the connection. Its locks and its memory belong "
            "to the old one: open a connection after the fork().");
    vfs_touch();
    return handle;
}

static int
close_file(sqlite3_file *file)
{
    struct vfs_handle *handle = handle_of(file);

    count_open(handle->kind, -1);
    return handle->real->pMethods->xClose(handle->real);
}

static int
read_file(sqlite3_file *file, void *to, int length, sqlite3_int64 offset)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xRead(handle->real, to, length, offset);
}

static int
write_file(
    sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    struct vfs_handle *handle = handle_of(file);

    int rc = vfs_befall(VFS_WRITE, handle->kind);
    if (rc == SQLITE_OK)
        rc = handle->real->pMethods->xWrite(
            handle->real, bytes, length, offset);
    if (rc == SQLITE_OK)
        vfs_note(VFS_WRITE, handle->kind, offset, bytes, length);
    return rc;
}

static int
truncate_file(sqlite3_file *file, sqlite3_int64 length)
{
    struct vfs_handle *handle = handle_of(file);

    int rc = handle->real->pMethods->xTruncate(handle->real, length);
    if (rc == SQLITE_OK)
        vfs_note(VFS_TRUNCATE, handle->kind, length, NULL, 0);
    return rc;
}

static int
sync_file(sqlite3_file *file, int flags)
{
    struct vfs_handle *handle = handle_of(file);

    int rc = vfs_befall(VFS_SYNC, handle->kind);
    if (rc == SQLITE_OK && vfs_syncs(handle->kind))
        rc = handle->real->pMethods->xSync(handle->real, flags);
    if (rc == SQLITE_OK)
        vfs_note(VFS_SYNC, handle->kind, 0, NULL, 0);
    return rc;
}

static int
size_of_file(sqlite3_file *file, sqlite3_int64 *size)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xFileSize(handle->real, size);
}

static int
lock_file(sqlite3_file *file, int lock)
{
    struct vfs_handle *handle = handle_of(file);

    vfs_before_lock();
    return handle->real->pMethods->xLock(handle->real, lock);
}

static int
unlock_file(sqlite3_file *file, int lock)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xUnlock(handle->real, lock);
}

static int
is_reserved(sqlite3_file *file, int *result)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xCheckReservedLock(handle->real, result);
}

static int
control_file(sqlite3_file *file, int op, void *arg)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xFileControl(handle->real, op, arg);
}

static int
sector_size(sqlite3_file *file)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xSectorSize(handle->real);
}

static int
characteristics(sqlite3_file *file)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xDeviceCharacteristics(handle->real);
}

static int
map_shared(sqlite3_file *file, int region, int size, int extend,
    void volatile **memory)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xShmMap(
        handle->real, region, size, extend, memory);
}

static int
lock_shared(sqlite3_file *file, int offset, int n, int flags)
{
    struct vfs_handle *handle = handle_of(file);

    if (flags & SQLITE_SHM_LOCK)
        vfs_before_lock();
    return handle->real->pMethods->xShmLock(handle->real, offset, n, flags);
}

static void
barrier_shared(sqlite3_file *file)
{
    struct vfs_handle *handle = handle_of(file);

    handle->real->pMethods->xShmBarrier(handle->real);
}

static int
unmap_shared(sqlite3_file *file, int delete)
{
    struct vfs_handle *handle = handle_of(file);

    return handle->real->pMethods->xShmUnmap(handle->real, delete);
}

/* Version 2: without what reads a file as memory, past all this. */
static const sqlite3_io_methods methods = {2, close_file, read_file,
    write_file, truncate_file, sync_file, size_of_file, lock_file, unlock_file,
    is_reserved, control_file, sector_size, characteristics, map_shared,
    lock_shared, barrier_shared, unmap_shared, NULL, NULL};

/* The VFS ---------------------------------------------------------------- */

static int
open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
    int *flags_out)
{
    struct vfs_handle *handle = (struct vfs_handle *)file;
    enum vfs_file kind = (flags & SQLITE_OPEN_MAIN_DB)        ? VFS_DATABASE
                         : (flags & SQLITE_OPEN_MAIN_JOURNAL) ? VFS_JOURNAL
                         : (flags & SQLITE_OPEN_WAL)          ? VFS_WAL
                                                              : VFS_TEMPORARY;

    (void)self;
    *handle = (struct vfs_handle){
        .kind = kind, .generation = generation, .real = (void *)(handle + 1)};
    vfs_touch();
    int rc = under->xOpen(under, name, handle->real, flags, flags_out);
    if (handle->real->pMethods != NULL) {
        handle->base.pMethods = &methods; /* so it will be closed */
        count_open(kind, 1);
    }
    return rc;
}

static bool
ends_in(const char *name, const char *end)
{
    size_t length = strlen(name), n = strlen(end);

    return length >= n && strcmp(name + length - n, end) == 0;
}

static int
delete_file(sqlite3_vfs *self, const char *name, int sync_dir)
{
    int rc = under->xDelete(under, name, sync_dir);

    (void)self;
    if (rc == SQLITE_OK && ends_in(name, "-journal"))
        vfs_note(VFS_DELETE, VFS_JOURNAL, 0, NULL, 0);
    if (rc == SQLITE_OK && ends_in(name, "-wal"))
        vfs_note(VFS_DELETE, VFS_WAL, 0, NULL, 0);
    return rc;
}

static int
sleep_us(sqlite3_vfs *self, int us)
{
    (void)self;
    vfs_sleep(us * INT64_C(1000));
    return us;
}

void
vfs_install(void)
{
    vfs_prepare();
    under = sqlite3_vfs_find(NULL);
    if (under == NULL)
        die("SQLite has no files");
    vfs = *under;
    vfs.zName = "watched";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct vfs_handle) + under->szOsFile;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xSleep = sleep_us;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK ||
        pthread_atfork(NULL, NULL, count_fork) != 0)
        die("SQLite does not take another VFS");
}
