#include "probe/vfs.h"

#include "probe/faults.h"
#include "warn.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/*
 * Theory of operation
 *
 * What is counted and logged lies in memory that forked processes share:
 * counters are atomic, the log has a lock of its own, held for a copy. The
 * files themselves are in vfs_files.c.
 */
enum { LOG_ROOM = 24 << 20 };

struct shared {
    _Atomic int64_t counts[VFS_OPS][VFS_FILES];
    _Atomic int64_t writes, syncs, locks, forbidden;
    _Atomic bool begun, active, too_long;
    struct vfs_script script;
    atomic_flag lock; /* of the log */
    size_t length;
    char log[LOG_ROOM];
};

static struct shared *shared;
static _Thread_local bool is_forbidden;

int __wrap_nanosleep(const struct timespec *wait, struct timespec *left);

void
vfs_prepare(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED)
        die("memory for what SQLite does:");
}

/* The log ---------------------------------------------------------------- */

static void
keep(const void *bytes, size_t length)
{
    if (length > 0)
        memcpy(shared->log + shared->length, bytes, length);
    shared->length += length;
}

void
vfs_note(enum vfs_op op, enum vfs_file file, int64_t offset, const void *bytes,
    int64_t length)
{
    struct vfs_step step = {(int32_t)op, (int32_t)file, offset, length};
    size_t size = sizeof step + (size_t)length;

    if (!shared->active)
        return;
    shared->counts[op][file]++;
    if (!shared->script.log)
        return;
    while (atomic_flag_test_and_set(&shared->lock))
        sched_yield();
    if (size > LOG_ROOM - shared->length)
        shared->too_long = true;
    if (!shared->too_long) {
        keep(&step, sizeof step);
        keep(bytes, (size_t)length);
    }
    atomic_flag_clear(&shared->lock);
}

bool
vfs_log(struct text *log)
{
    log->length = 0;
    while (atomic_flag_test_and_set(&shared->lock))
        sched_yield();
    text_add(log, shared->log, shared->length);
    bool whole = !shared->too_long;
    atomic_flag_clear(&shared->lock);
    return whole;
}

void
vfs_mark(int64_t mark)
{
    vfs_note(VFS_MARK, VFS_DATABASE, mark, NULL, 0);
}

/* What befalls a file ---------------------------------------------------- */

void
vfs_sleep(int64_t ns)
{
    struct timespec wait = {ns / 1000000000, ns % 1000000000};

    while (ns > 0 && __wrap_nanosleep(&wait, &wait) != 0)
        ;
}

/* Those of temporary files are not counted: they are no part of a database. */
int
vfs_befall(enum vfs_op op, enum vfs_file kind)
{
    bool writes = op == VFS_WRITE;
    int64_t failing =
        writes ? shared->script.failing_write : shared->script.failing_sync;

    if (!shared->active || kind == VFS_TEMPORARY ||
        ++*(writes ? &shared->writes : &shared->syncs) != failing)
        return 0;
    return (int)shared->script.error;
}

bool
vfs_syncs(enum vfs_file kind)
{
    if (shared->active)
        vfs_sleep(shared->script.sync_us * 1000);
    if (shared->active && shared->script.hold != NULL && kind != VFS_TEMPORARY)
        shared->script.hold(kind);
    return !shared->begun || shared->script.real;
}

void
vfs_touch(void)
{
    if (is_forbidden && shared->active)
        shared->forbidden++;
}

void
vfs_before_lock(void)
{
    if (shared->active && ++shared->locks == shared->script.stopping)
        vfs_sleep(1);
}

void
vfs_begin(const struct vfs_script *script)
{
    shared->active = false;
    for (int op = 0; op < VFS_OPS; op++) {
        for (int file = 0; file < VFS_FILES; file++)
            shared->counts[op][file] = 0;
    }
    shared->writes = shared->syncs = shared->locks = shared->forbidden = 0;
    shared->length = 0;
    shared->too_long = false;
    shared->script = *script;
    shared->begun = shared->active = true;
}

void
vfs_end(void)
{
    shared->active = false;
}

int64_t
vfs_count(enum vfs_op op, enum vfs_file file)
{
    return shared->counts[op][file];
}

int64_t
vfs_locks(void)
{
    return shared->locks;
}

void
vfs_forbid(bool forbidden)
{
    is_forbidden = forbidden;
}

int64_t
vfs_forbidden(void)
{
    return shared->forbidden;
}
