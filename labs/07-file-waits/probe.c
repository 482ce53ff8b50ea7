#include "clock.h"
#include "files.h"
#include "heartbeat.h"
#include "script.h"
#include "probe/probe.h"
#include "probe/turnstile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FILES = 5, MOST_DONE = 64, MOST_EMPTY = 100 };

/* The disks -------------------------------------------------------- */

static struct turnstile *turnstile;

/* What was written, for the judge: each with the number of its call. */
static struct written {
    uint64_t number;
    size_t length;
    char *bytes;
} * written;
static size_t written_count, written_room;
static atomic_flag written_lock = ATOMIC_FLAG_INIT;

static void
note_written(uint64_t number, const void *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    while (atomic_flag_test_and_set(&written_lock))
        sched_yield();
    if (written_count == written_room) {
        written_room = 2 * written_room + 64;
        written = realloc(written, written_room * sizeof *written);
    }
    if (copy == NULL || written == NULL)
        abort();
    memcpy(copy, bytes, length);
    written[written_count++] = (struct written){number, length, copy};
    atomic_flag_clear(&written_lock);
}

/* Go through the turnstile: how much may be done of `*length`; false:
 * it fails, with errno. */
static bool
is_let(struct turnstile_pass *pass, uint64_t kind, int fd,
    size_t *length, off_t offset)
{
    *pass = turnstile_enter(
        turnstile, kind, (uint64_t)fd, *length, (uint64_t)offset, 0);
    size_t part = (size_t)pass->values[1];
    if (pass->values[0] == DEED_PART && part < *length)
        *length = part;
    if (pass->values[0] != DEED_FAIL)
        return true;
    errno = (int)pass->values[1];
    return false;
}

static ssize_t
gated_pread(int fd, void *to, size_t length, off_t offset)
{
    struct turnstile_pass pass;
    bool fine = is_let(&pass, KIND_READ, fd, &length, offset);
    ssize_t n = fine ? pread(fd, to, length, offset) : -1;

    turnstile_leave(turnstile, pass, n);
    return n;
}

static ssize_t
gated_pwrite(int fd, const void *from, size_t length, off_t offset)
{
    struct turnstile_pass pass;
    bool fine = is_let(&pass, KIND_WRITE, fd, &length, offset);
    ssize_t n = fine ? pwrite(fd, from, length, offset) : -1;

    if (n > 0)
        note_written(pass.number, from, (size_t)n);
    turnstile_leave(turnstile, pass, n);
    return n;
}

static int
gated_sync(int fd)
{
    struct turnstile_pass pass;
    size_t length = 0;
    int result = is_let(&pass, KIND_SYNC, fd, &length, 0) ? 0 : -1;

    turnstile_leave(turnstile, pass, result);
    return result;
}

/* One file in memory, for the look-out for races: neither this nor the
 * turnstile makes an order between threads that ThreadSanitizer sees.
 * Nobody reads where others write. */
static char still[1 << 16];
static size_t still_length;

static ssize_t
still_pread(int fd, void *to, size_t length, off_t offset)
{
    struct turnstile_pass pass;

    is_let(&pass, KIND_READ, fd, &length, offset);
    size_t end = __atomic_load_n(&still_length, __ATOMIC_RELAXED);
    size_t left = (size_t)offset < end ? end - (size_t)offset : 0;
    if (length > left)
        length = left;
    if (length > 0)
        memcpy(to, still + offset, length);
    turnstile_leave(turnstile, pass, (int64_t)length);
    return (ssize_t)length;
}

static ssize_t
still_pwrite(int fd, const void *from, size_t length, off_t offset)
{
    struct turnstile_pass pass;
    size_t end = (size_t)offset + length;

    is_let(&pass, KIND_WRITE, fd, &length, offset);
    if (end > sizeof still) {
        turnstile_leave(turnstile, pass, -1);
        errno = ENOSPC;
        return -1;
    }
    memcpy(still + offset, from, length);
    if (end > __atomic_load_n(&still_length, __ATOMIC_RELAXED))
        __atomic_store_n(&still_length, end, __ATOMIC_RELAXED);
    turnstile_leave(turnstile, pass, (int64_t)length);
    return (ssize_t)length;
}

static int
still_sync(int fd)
{
    struct turnstile_pass pass;
    size_t length = 0;

    is_let(&pass, KIND_SYNC, fd, &length, 0);
    turnstile_leave(turnstile, pass, 0);
    return 0;
}

/* One that takes its time: of a read, of a write, of a sync. */
static int64_t read_us, write_us, sync_us;

static void
take_time(int64_t us)
{
    struct timespec left = {us / 1000000, us % 1000000 * 1000};

    while (us > 0 && nanosleep(&left, &left) != 0)
        ;
}

static ssize_t
timed_pread(int fd, void *to, size_t length, off_t offset)
{
    take_time(read_us);
    return pread(fd, to, length, offset);
}

static ssize_t
timed_pwrite(int fd, const void *from, size_t length, off_t offset)
{
    take_time(write_us);
    return pwrite(fd, from, length, offset);
}

static _Atomic int64_t timed_syncs;

static int
timed_sync(int fd)
{
    (void)fd;
    timed_syncs++;
    take_time(sync_us);
    return 0;
}

static const struct af_disk disks[] = {
    [DISK_GATED] = {gated_pread, gated_pwrite, gated_sync},
    [DISK_STILL] = {still_pread, still_pwrite, still_sync},
    [DISK_TIMED] = {timed_pread, timed_pwrite, timed_sync},
};

static const struct af_disk *
disk_of(int64_t which)
{
    return which == DISK_SYSTEM ? NULL : &disks[which];
}

/* A script --------------------------------------------------------- */

/* What a submitted operation works on; exact, so that one byte too many
 * is noticed by AddressSanitizer. */
struct block {
    char *bytes;
    size_t length;
};

struct script {
    struct call *call;
    const struct af_disk *disk;
    int files[MOST_FILES];
    const char *arena;
    struct af_pool *pool;
    struct wal *log;
    struct block *blocks; /* by operation */
    int64_t operation, operations;
    int64_t outstanding;
    int64_t empty; /* it could be read, and nothing was there */
};

static int
descriptor(const struct script *script)
{
    if (script->log != NULL)
        return wal_fd(script->log);
    return af_fd(script->pool);
}

static int
reap(struct script *script, struct af_done *done, int most)
{
    int n = script->log != NULL ? wal_reap(script->log, done, most)
                                : af_reap(script->pool, done, most);

    for (int i = 0; i < n && i < most; i++)
        turnstile_tell(turnstile, TOLD_REAPED, done[i].tag,
            (uint64_t)done[i].result, (uint64_t)done[i].error, 0);
    script->outstanding -= n;
    return n;
}

static bool
can_be_read(int fd)
{
    struct pollfd ready = {fd, POLLIN, 0};

    return poll(&ready, 1, 0) == 1;
}

/* What the function returned, and why it failed. */
static void
put(struct script *script, int64_t result)
{
    int error = errno;

    call_return(script->call, result);
    call_return(script->call, result == -1 ? error : 0);
}

static struct block
copy_of(struct script *script)
{
    const char *from = script->arena + call_size(script->call);
    struct block block = {.length = call_size(script->call)};

    block.bytes = malloc(block.length);
    if (block.bytes == NULL && block.length > 0)
        abort();
    if (block.length > 0)
        memcpy(block.bytes, from, block.length);
    return block;
}

static int
file_of(struct script *script)
{
    return script->files[call_int(script->call)];
}

/* An operation was submitted, or was not. */
static void
submitted(struct script *script, int result, uint64_t tag)
{
    int error = errno;

    if (result == 0) {
        script->outstanding++;
        turnstile_tell(turnstile, TOLD_SUBMITTED, tag, 0, 0, 0);
    }
    errno = error;
    put(script, result);
}

static void
submit_read(struct script *script)
{
    int fd = file_of(script);
    struct block block = {.length = call_size(script->call)};
    off_t offset = call_int(script->call);
    uint64_t tag = (uint64_t)call_int(script->call);

    block.bytes = malloc(block.length);
    script->blocks[script->operation] = block;
    if (script->pool == NULL)
        put(script, SKIPPED);
    else
        submitted(script,
            af_read(script->pool, fd, block.bytes, block.length, offset,
                tag),
            tag);
}

static void
submit_write(struct script *script)
{
    int fd = file_of(script);
    struct block block = copy_of(script);
    off_t offset = call_int(script->call);
    uint64_t tag = (uint64_t)call_int(script->call);

    script->blocks[script->operation] = block;
    if (script->pool == NULL)
        put(script, SKIPPED);
    else
        submitted(script,
            af_write(script->pool, fd, block.bytes, block.length,
                offset, tag),
            tag);
}

static void
submit_sync(struct script *script)
{
    int fd = file_of(script);
    uint64_t tag = (uint64_t)call_int(script->call);

    if (script->pool == NULL)
        put(script, SKIPPED);
    else
        submitted(script, af_sync(script->pool, fd, tag), tag);
}

/* The path, and the bytes of a record, are gone after the call. */
static void
submit_load(struct script *script)
{
    struct block block = copy_of(script);
    uint64_t tag = (uint64_t)call_int(script->call);

    if (script->pool == NULL)
        put(script, SKIPPED);
    else
        submitted(script, af_load(script->pool, block.bytes, tag), tag);
    if (block.length > 0)
        memset(block.bytes, '?', block.length - 1);
    free(block.bytes);
}

static void
append(struct script *script)
{
    struct block block = copy_of(script);
    uint64_t tag = (uint64_t)call_int(script->call);

    turnstile_tell(turnstile, TOLD_APPENDS, tag, 0, 0, 0);
    if (script->log == NULL)
        put(script, SKIPPED);
    else
        submitted(script,
            wal_append(script->log, block.bytes, block.length, tag),
            tag);
    if (block.length > 0)
        memset(block.bytes, '?', block.length);
    free(block.bytes);
}

/* The learner's code took that memory: its free() is to see it go. */
void __wrap_free(void *block);

static void
put_done(struct script *script, const struct af_done *done)
{
    struct call *call = script->call;
    size_t length = done->result > 0 ? (size_t)done->result : 0;

    call_return(call, (int64_t)done->tag);
    call_return(call, done->result);
    call_return(call, done->error);
    call_return(call, done->bytes != NULL);
    call_return_bytes(call, done->bytes != NULL ? done->bytes : "",
        done->bytes != NULL ? length : 0);
    if (done->bytes != NULL)
        __wrap_free(done->bytes);
}

/* Results are kept until their number is known. */
struct results {
    struct af_done *done;
    size_t count, room;
};

static void
keep_done(struct results *results, const struct af_done *done, int n)
{
    for (int i = 0; i < n; i++) {
        if (results->count == results->room) {
            results->room = 2 * results->room + 64;
            results->done = realloc(
                results->done, results->room * sizeof *results->done);
            if (results->done == NULL)
                abort();
        }
        results->done[results->count++] = done[i];
    }
}

static void
put_results(struct script *script, struct results *results)
{
    call_return(script->call, (int64_t)results->count);
    for (size_t i = 0; i < results->count; i++)
        put_done(script, &results->done[i]);
    free(results->done);
}

static void
reap_once(struct script *script, int most)
{
    struct af_done done[MOST_DONE];
    struct results results = {NULL, 0, 0};

    if (script->pool == NULL && script->log == NULL) {
        put(script, SKIPPED);
    } else {
        int n = reap(script, done, most);
        put(script, n);
        keep_done(&results, done, n > most ? most : n);
    }
    put_results(script, &results);
}

/* The loop: it answers pings, and reaps when it is told to. */
static void
wait_for_all(struct script *script, int most)
{
    struct af_done done[MOST_DONE];
    struct results results = {NULL, 0, 0};
    int64_t empty = 0;

    while (script->outstanding > 0 && empty < MOST_EMPTY) {
        struct pollfd fds[2] = {{descriptor(script), POLLIN, 0},
            {turnstile_ping_fd(turnstile), POLLIN, 0}};
        poll(fds, 2, -1);
        turnstile_answer(turnstile);
        if (fds[0].revents == 0)
            continue;
        int n = reap(script, done, most);
        if (n < 0 || n > most)
            break;
        empty += n == 0;
        keep_done(&results, done, n);
    }
    put(script, empty);
    put_results(script, &results);
}

static void
wait_for_ping(struct script *script)
{
    struct pollfd ping = {turnstile_ping_fd(turnstile), POLLIN, 0};

    while (!turnstile_answer(turnstile))
        poll(&ping, 1, -1);
    put(script, 0);
}

static void
wait_for_descriptor(struct script *script)
{
    struct pollfd ready = {descriptor(script), POLLIN, 0};

    put(script, poll(&ready, 1, -1));
}

static void
close_all(struct script *script)
{
    if (script->pool != NULL)
        af_close(script->pool);
    if (script->log != NULL)
        wal_close(script->log);
    script->pool = NULL;
    script->log = NULL;
    turnstile_tell(turnstile, TOLD_CLOSED, 0, 0, 0, 0);
    put(script, 0);
}

static int
count_threads(void)
{
    DIR *threads = opendir("/proc/self/task");
    int count = 0;

    if (threads == NULL)
        return 1;
    while (readdir(threads) != NULL)
        count++;
    closedir(threads);
    return count - 2;
}

/* One that has ended is seen for a moment longer. */
static void
wait_until_alone(struct script *script)
{
    while (count_threads() > 1)
        take_time(1000);
    put(script, 0);
}

static void
set_file(struct script *script)
{
    int fd = file_of(script);
    struct block block = copy_of(script);

    if (ftruncate(fd, 0) != 0 || pwrite(fd, block.bytes, block.length,
                                     0) != (ssize_t)block.length)
        abort();
    lseek(fd, 0, SEEK_SET);
    free(block.bytes);
    put(script, 0);
}

struct records {
    struct block *record;
    size_t count, room;
};

static void
keep_record(const void *bytes, size_t length, void *arg)
{
    struct records *records = arg;

    if (records->count == records->room) {
        records->room = 2 * records->room + 64;
        records->record = realloc(
            records->record, records->room * sizeof *records->record);
    }
    char *copy = malloc(length + 1);
    if (copy == NULL || records->record == NULL)
        abort();
    if (length > 0)
        memcpy(copy, bytes, length);
    records->record[records->count++] = (struct block){copy, length};
}

static void
replay_of(struct script *script, int fd, const struct af_disk *disk)
{
    struct records records = {NULL, 0, 0};

    put(script, wal_replay(fd, disk, keep_record, &records));
    call_return(script->call, (int64_t)records.count);
    for (size_t i = 0; i < records.count; i++) {
        call_return_bytes(script->call, records.record[i].bytes,
            records.record[i].length);
        free(records.record[i].bytes);
    }
    free(records.record);
}

static void
replay(struct script *script)
{
    replay_of(script, file_of(script), script->disk);
}

/* Many small ones, half of them writes and half of them reads: as many
 * at once as the pool takes. */

enum { MANY_BYTES = 8 };

struct many {
    int64_t count, wrong, refused, empty;
    uint8_t *seen;
    char *to, *from;
};

static int
submit_one(struct script *script, struct many *many, int fd, int64_t i)
{
    off_t offset = i / 2 * MANY_BYTES;

    if (i % 2 == 0)
        return af_write(script->pool, fd, many->from + offset,
            MANY_BYTES, many->count * MANY_BYTES + offset, (uint64_t)i);
    return af_read(script->pool, fd, many->to + offset, MANY_BYTES,
        offset, (uint64_t)i);
}

static void
take_many(struct script *script, struct many *many, int most)
{
    struct af_done done[MOST_DONE];
    struct pollfd ready = {af_fd(script->pool), POLLIN, 0};

    poll(&ready, 1, -1);
    int n = reap(script, done, most);
    many->empty += n <= 0;
    for (int i = 0; i < n; i++) {
        if (done[i].tag < (uint64_t)many->count &&
            done[i].result == MANY_BYTES && done[i].error == 0)
            many->seen[done[i].tag]++;
    }
}

static void
do_many(struct script *script)
{
    struct call *call = script->call;
    int fd = file_of(script);
    struct many many = {.count = call_int(call)};
    int64_t capacity = call_int(call);
    int most = (int)call_int(call);
    size_t bytes = (size_t)many.count * MANY_BYTES;

    many.seen = calloc((size_t)many.count, 1);
    many.to = calloc(bytes, 1);
    many.from = malloc(bytes);
    if (many.seen == NULL || many.to == NULL || many.from == NULL)
        abort();
    for (size_t i = 0; i < bytes; i++)
        many.from[i] = (char)(i * 7 + i / 256);
    for (int64_t i = 0; i < many.count && many.empty < MOST_EMPTY;) {
        int result = submit_one(script, &many, fd, i);
        bool full = script->outstanding == capacity;
        many.wrong += (result != 0) != full;
        script->outstanding += result == 0;
        i += result == 0;
        if (result != 0)
            take_many(script, &many, most);
    }
    while (script->outstanding > 0 && many.empty < MOST_EMPTY)
        take_many(script, &many, most);
    put(script, many.wrong);
    call_return(call, many.empty);
    call_return_bytes(call, many.seen, (size_t)many.count);
    call_return_bytes(call, many.from, bytes);
    call_return_bytes(call, many.to, bytes);
    free(many.seen);
    free(many.to);
    free(many.from);
}

static void
open_pool(struct script *script)
{
    int threads = (int)call_int(script->call);
    int capacity = (int)call_int(script->call);

    errno = 0;
    script->pool = af_open(threads, capacity, script->disk);
    put(script, script->pool != NULL ? 0 : -1);
}

static void
open_log(struct script *script)
{
    errno = 0;
    script->log = wal_open(file_of(script), script->disk);
    put(script, script->log != NULL ? 0 : -1);
}

static void
cancel(struct script *script)
{
    uint64_t tag = (uint64_t)call_int(script->call);

    put(script,
        script->pool != NULL ? af_cancel(script->pool, tag) : SKIPPED);
}

static void
put_buffer(struct script *script)
{
    struct block block = script->blocks[call_int(script->call)];

    put(script, 0);
    call_return_bytes(script->call, block.bytes, block.length);
}

static void
do_operation(struct script *script, int64_t op)
{
    struct call *call = script->call;

    switch ((enum script_op)op) {
    case OP_OPEN:
        open_pool(script);
        break;
    case OP_LOG_OPEN:
        open_log(script);
        break;
    case OP_READ:
        submit_read(script);
        break;
    case OP_WRITE:
        submit_write(script);
        break;
    case OP_SYNC:
        submit_sync(script);
        break;
    case OP_LOAD:
        submit_load(script);
        break;
    case OP_APPEND:
        append(script);
        break;
    case OP_CANCEL:
        cancel(script);
        break;
    case OP_REAP:
        reap_once(script, (int)call_int(call));
        break;
    case OP_WAIT:
        wait_for_all(script, (int)call_int(call));
        break;
    case OP_SLEEP:
        wait_for_descriptor(script);
        break;
    case OP_READY:
        put(script, can_be_read(descriptor(script)));
        break;
    case OP_PINGED:
        wait_for_ping(script);
        break;
    case OP_BUFFER:
        put_buffer(script);
        break;
    case OP_CLOSE:
        close_all(script);
        break;
    case OP_GONE:
        wait_until_alone(script);
        break;
    case OP_SET:
        set_file(script);
        break;
    case OP_REPLAY:
        replay(script);
        break;
    case OP_MANY:
        do_many(script);
        break;
    case OP_END:
        break;
    }
}

static void
put_written(struct call *call)
{
    call_return(call, (int64_t)written_count);
    for (size_t i = 0; i < written_count; i++) {
        call_return(call, (int64_t)written[i].number);
        call_return_bytes(call, written[i].bytes, written[i].length);
        free(written[i].bytes);
    }
    written_count = 0;
}

static void
call_files(struct call *call)
{
    struct script script = {.call = call};
    size_t length;

    turnstile = turnstile_take(call);
    script.disk = disk_of(call_int(call));
    int64_t files = call_int(call);
    for (int64_t i = 0; i < files; i++)
        script.files[i] = call_fd(call);
    script.operations = call_int(call);
    script.arena = call_bytes(call, &length);
    script.blocks =
        calloc((size_t)script.operations + 1, sizeof *script.blocks);
    if (script.blocks == NULL)
        abort();
    still_length = 0;
    for (; script.operation < script.operations; script.operation++)
        do_operation(&script, call_int(call));
    for (int64_t i = 0; i < script.operations; i++)
        free(script.blocks[i].bytes);
    free(script.blocks);
    put_written(call);
    turnstile_release(turnstile);
}

/* Work to be timed ------------------------------------------------- */

enum { TIMED_BYTES = 8, TIMED_RECORD = 100 };

/* Read pieces of a file, all at once. */
static void
work_on_reads(struct call *call, int fd, int threads)
{
    size_t length;
    const int64_t *offsets = call_bytes(call, &length);
    int count = (int)(length / sizeof *offsets);
    char *to = call_buffer(call, (size_t)count * TIMED_BYTES);
    struct af_pool *pool = af_open(threads, count, &disks[DISK_TIMED]);
    struct af_done done[MOST_DONE];

    for (int i = 0; pool != NULL && i < count; i++)
        af_read(pool, fd, to + i * TIMED_BYTES, TIMED_BYTES, offsets[i],
            (uint64_t)i);
    for (int left = count; pool != NULL && left > 0;) {
        struct pollfd ready = {af_fd(pool), POLLIN, 0};
        poll(&ready, 1, -1);
        left -= af_reap(pool, done, MOST_DONE);
    }
    if (pool != NULL)
        af_close(pool);
    call_return_bytes(call, to, (size_t)count * TIMED_BYTES);
}

/* Append records, so many of them being under way at any moment; and
 * read them back. */
static void
work_on_log(struct call *call, int fd)
{
    size_t length;
    const char *bytes = call_bytes(call, &length);
    int count = (int)(length / TIMED_RECORD);
    int window = (int)call_int(call);
    struct wal *log = wal_open(fd, &disks[DISK_TIMED]);
    struct af_done done[MOST_DONE];
    struct script script = {.call = call, .files = {fd}};

    timed_syncs = 0;
    for (int sent = 0, back = 0; log != NULL && back < count;) {
        struct pollfd ready = {wal_fd(log), POLLIN, 0};
        for (; sent < count && sent < back + window; sent++)
            wal_append(log, bytes + sent * TIMED_RECORD, TIMED_RECORD,
                (uint64_t)sent);
        poll(&ready, 1, -1);
        back += wal_reap(log, done, MOST_DONE);
    }
    if (log != NULL)
        wal_close(log);
    call_return(call, timed_syncs);
    replay_of(&script, fd, NULL);
}

static void
call_work(struct call *call)
{
    int file = call_fd(call), log = call_fd(call);
    int threads = (int)call_int(call);

    read_us = call_int(call);
    sync_us = call_int(call);
    work_on_reads(call, file, threads);
    work_on_log(call, log);
    read_us = sync_us = 0;
}

/* Commands for people ---------------------------------------------- */

static int
fail(const char *what)
{
    perror(what);
    return 1;
}

static int
print_loaded(const struct af_done *done, char **names)
{
    if (done->error != 0)
        fprintf(stderr, "%s: %s\n", names[done->tag],
            strerror(done->error));
    else
        printf("%10" PRId64 " %s\n", done->result, names[done->tag]);
    __wrap_free(done->bytes);
    return done->error != 0;
}

static int
run_load(int argc, char **argv)
{
    int threads = 4, failed = 0, option;
    int64_t total = 0;

    while ((option = getopt(argc, argv, "t:")) != -1)
        threads = option == 't' ? atoi(optarg) : 0;
    char **names = argv + optind;
    int count = argc - optind;
    double start_s = clock_now_s();
    struct af_pool *pool =
        af_open(threads, count > 0 ? count : 1, NULL);
    if (pool == NULL)
        return fail(argv[0]);
    for (int i = 0; i < count; i++) {
        if (af_load(pool, names[i], (uint64_t)i) != 0)
            return fail(names[i]);
    }
    for (int left = count; left > 0; left--) {
        struct pollfd ready = {af_fd(pool), POLLIN, 0};
        struct af_done done;
        poll(&ready, 1, -1);
        while (af_reap(pool, &done, 1) == 0)
            poll(&ready, 1, -1);
        total += done.error == 0 ? done.result : 0;
        failed += print_loaded(&done, names);
    }
    af_close(pool);
    printf("%d files, %" PRId64 " bytes, %d threads, %.3f s\n",
        count - failed, total, threads, clock_now_s() - start_s);
    return failed > 0;
}

static _Atomic int64_t counted_syncs;

static int
counting_sync(int fd)
{
    counted_syncs++;
    return fdatasync(fd);
}

static const struct af_disk counting = {pread, pwrite, counting_sync};

/* So many records, `window` of them under way; how many failed. */
static int
append_many(struct wal *log, int count, int window)
{
    static const char record[TIMED_RECORD] = "a record";
    struct af_done done[MOST_DONE];
    int failed = 0;

    for (int sent = 0, back = 0; back < count;) {
        struct pollfd ready = {wal_fd(log), POLLIN, 0};
        for (; sent < count && sent < back + window; sent++) {
            if (wal_append(
                    log, record, sizeof record, (uint64_t)sent) != 0)
                return count;
        }
        poll(&ready, 1, -1);
        int n = wal_reap(log, done, MOST_DONE);
        for (int i = 0; i < n; i++)
            failed += done[i].error != 0;
        back += n;
    }
    return failed;
}

static int
run_append(int argc, char **argv)
{
    int count = 1000, window = 64, option;

    while ((option = getopt(argc, argv, "n:a:1")) != -1) {
        if (option == 'n')
            count = atoi(optarg);
        else
            window = option == 'a' ? atoi(optarg) : 1;
    }
    if (optind != argc - 1 || count < 1 || window < 1) {
        fprintf(stderr, "append: which log?\n");
        return 2;
    }
    int fd = open(argv[optind], O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd == -1)
        return fail(argv[optind]);
    struct wal *log = wal_open(fd, &counting);
    if (log == NULL)
        return fail(argv[optind]);
    double start_s = clock_now_s();
    int failed = append_many(log, count, window);
    double end_s = clock_now_s();
    wal_close(log);
    close(fd);
    printf("%d records, %" PRId64 " syncs, %.3f s\n", count - failed,
        counted_syncs, end_s - start_s);
    return failed > 0;
}

static const struct probe_entry table[] = {
    {"files", call_files, NULL, NULL},
    {"work", call_work, NULL, NULL},
    {"load", NULL, "[-t THREADS] FILE ...", run_load},
    {"append", NULL, "[-n RECORDS] [-a AT_ONCE | -1] LOG", run_append},
    {"heartbeat", NULL, "THREADS", run_heartbeat},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
