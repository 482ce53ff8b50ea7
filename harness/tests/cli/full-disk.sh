#!/bin/sh
# usage: full-disk.sh TREE BUILD space|files|compiler
#
# Called by disk.sh in a mount namespace of its own: puts a small file
# system in the place of TREE/build, with what BUILD holds, and fills it in
# several ways. Prints what it sees; exit status 1 when a check says or
# leaves behind what it must not.
set -u
tree=$1
whole=$2
out=$tree/seen
bad=0

complain() {
    echo "*** $*"
    bad=1
}

# mount_build OPTION: with one run in its history already
mount_build() {
    mount -t tmpfs -o "$1" none "$tree/build" || exit 2
    cp -a "$whole/." "$tree/build/" || exit 2
    lab check 00
    [ "$status" -eq 1 ] || complain "the first check ended with $status"
    runs=$(count_runs)
    echo "$runs" | grep -q '^[1-9]' || complain "no first run in the history"
}

lab() {
    timeout -k 5 300 "$tree/build/lab" "$@" </dev/null >"$out" 2>&1
    status=$?
    echo "\$ lab $*"
    cat "$out"
    echo "[exit $status]"
}

says() {
    tr -s ' \n' '  ' <"$out" | grep -q -F -e "$1" || complain "it lacks \"$1\""
}

count_runs() {
    "$tree/build/lab" history --limit 0 --json 2>&1 | grep -c '"id"'
}

free_kib() {
    df -k --output=avail "$tree/build" | tail -n 1 | tr -d ' '
}

# leave KIB: that much is free
leave() {
    rm -f "$tree/build/filler"
    head -c $((($(free_kib) - $1) * 1024)) /dev/zero >"$tree/build/filler"
}

# After a check that failed, with room again: nothing is half there.
sound() {
    rm -rf "$tree/build/filler" "$tree/build/fillers"
    now=$(count_runs)
    [ "$now" -ge "$runs" ] || complain "$runs runs were kept, $now are left"
    probe=$tree/build/00-first-check/probe
    [ "$(printf a | timeout 60 "$probe" first_byte)" = 97 ] ||
        complain "the probe is not whole"
    lab check 00
    [ "$status" -eq 1 ] || complain "after it the exit status was $status"
    [ -z "$(ls -A "$tree/build/work")" ] || complain "build/work is not empty"
    runs=$(count_runs)
}

# --- The ways ---------------------------------------------------------------

fill_space() {
    mount_build size=80m
    for kib in 0 4 64 1024 16384 32000; do
        leave "$kib"
        lab check 00
        [ "$status" -eq 2 ] || complain "exit status $status with $kib KiB"
        says "only $((kib / 1024)) MiB are free where build/ is"
        says 'Remove what you do not need there.'
        leave "$kib"
        lab hint 00
        lab reset 02
        sound
    done
}

# A check needs some twenty files; it fails where they end.
fill_files() {
    mount_build size=80m,nr_inodes=2000
    failures=0
    for left in 0 1 2 3 4 5 6 8 10 12 14 17 20 24 30; do
        mkdir "$tree/build/fillers"
        free=$(df --output=iavail "$tree/build" | tail -n 1)
        while [ "$free" -gt "$left" ]; do
            : >"$tree/build/fillers/$free"
            free=$((free - 1))
        done
        lab check 00
        case $status in
        1) ;;
        2)
            says 'No space left on device'
            failures=$((failures + 1))
            ;;
        *) complain "exit status $status with $left files" ;;
        esac
        sound
    done
    [ "$failures" -ge 5 ] || complain "only $failures of the checks failed"
}

# Enough room for the harness, and not for what the compiler writes.
fill_compiler() {
    mount_build size=80m
    own=$tree/labs/00-first-check/first.c
    cp "$own" "$tree/plain.c"
    {
        echo 'char large[64 << 20] = {1};'
        cat "$tree/plain.c"
    } >"$own"
    leave 40960
    lab check 00
    [ "$status" -eq 2 ] || complain "exit status $status"
    says '00-first-check could not check'
    says 'The disk is full. Make room where build/ and /tmp are.'
    cp "$tree/plain.c" "$own"
    sound
}

case $3 in
space) fill_space ;;
files) fill_files ;;
compiler) fill_compiler ;;
*) exit 2 ;;
esac
exit $bad
