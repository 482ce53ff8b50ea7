#!/bin/sh
# usage: sh harness/tests/reports/record.sh
# Record the reports of gcc's and clang's sanitizers again, from io.c.txt.
# The expected lines of test_sanitizer.c go with these files.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

asan="heap_write heap_read heap_underflow stack_write global_read after_free
    twice_freed bad_free after_return after_scope null_write wild_read deep
    overlap negative too_big interior leak leaks divide_fpe"
tsan="race race_heap race_free thread_leak deadlock unlock_unlocked
    destroy_locked"
ubsan="add shift_far null_passed out_of_bounds misaligned null_member divide
    bool_load unreachable"

# The probe's own files, which must be passed over.
cat >"$work/faults.c" <<'END'
#include <unistd.h>
ssize_t
__wrap_read(int fd, void *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((char *)to)[i] = (char)fd;
    return (ssize_t)n;
}
END
echo 'int lesson(int); int probe_serve(int n) { return lesson(n) + 1; }' \
    >"$work/serve.c"
echo 'int probe_serve(int); int main(void) { return probe_serve(9) - 1; }' \
    >"$work/probe.c"

build() { # COMPILER -fsanitize=…
    {
        echo '#line 1 "labs/02-every-byte/io.c"'
        cat "$here/io.c.txt"
    } >"$work/learner.c"
    cd "$work"
    for file in learner faults serve probe; do
        "$1" -std=gnu17 -O0 -gdwarf-4 -w "$2" -fno-sanitize-recover=all \
            -c "$file.c"
    done
    ld -r --wrap=read learner.o -o wrapped.o
    objcopy --keep-global-symbol=lesson wrapped.o
    "$1" "$2" -o probe wrapped.o faults.o serve.o probe.o -lpthread
}

record() { # FAULT FILE
    FAULT=$1 ASAN_OPTIONS=detect_stack_use_after_return=1$symbols \
        UBSAN_OPTIONS=print_stacktrace=1$symbols \
        TSAN_OPTIONS=history_size=4$symbols \
        ./probe </dev/null 2>&1 | sed -e "s|$work/||g" -e '/^    #[6-9]/d' \
        -e '/^    #[0-9][0-9]/d' -e '/^Shadow bytes/,$d' -e 's/ *$//' \
        -e '/^SUMMARY/q' >"$here/$2.txt" || true
}

for compiler in gcc clang; do
    symbols=
    build "$compiler" -fsanitize=address
    for fault in $asan; do record "$fault" "$fault.$compiler"; done
    if [ "$compiler" = clang ]; then
        symbols=:external_symbolizer_path=
        record heap_write bare.clang
        symbols=
    fi
    build "$compiler" -fsanitize=thread
    for fault in $tsan; do record "$fault" "$fault.$compiler"; done
    record after_free "after_free_tsan.$compiler"
    build "$compiler" -fsanitize=undefined
    for fault in $ubsan; do record "$fault" "$fault.$compiler"; done
done
