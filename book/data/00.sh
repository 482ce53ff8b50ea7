#!/bin/sh
# usage: sh book/data/00.sh
#
# The measured values of chapter 00, in the root of a repository that is
# built: what a check of the solved lab takes, alone and beside twenty busy
# programs, and what building the harness takes. Of the short ones, the best
# of five. And what a check says of a program's speed. With ROUGH=1 in the
# environment each is tried once, sure or not, and `lab` alone is built.
set -eu
often='1 2 3 4 5 6 7 8 9 10'
few='1 2 3 4 5'
[ -z "${ROUGH:-}" ] || often=1 few=1
scratch=$(mktemp -d)
busy=

end() {
    # shellcheck disable=SC2086 # numbers
    [ -z "$busy" ] || kill $busy
    rm -rf "$scratch"
}
trap end EXIT

# seconds COMMAND...: what it takes; its output goes to $scratch/said
seconds() {
    start=$(date +%s.%N)
    "$@" >"$scratch/said" 2>&1
    echo "$start $(date +%s.%N)" | awk '{ print $2 - $1 }'
}

# best COMMAND...: of five lines, each what it printed, the smallest number
best() {
    for _ in $few; do
        "$@"
    done | sort -g | head -n 1
}

# value NAME FORMAT SECONDS
value() {
    # shellcheck disable=SC2059 # a format
    printf "%s\t$2\n" "$1" "$3"
}

ten_days() {
    build/lab check 00 --test "$test" --json |
        sed -n 's/.*"wall_s": \([0-9.e-]*\).*/\1/p'
}

# What a check of lab 02 says of the reference's speed, in one line, of the
# first out of ten checks that is sure of it: on a busy machine not all are.
verdict_line() {
    for _ in $often; do
        build/lab check 02 --file solutions/02-every-byte/io.c |
            awk -v rough="${ROUGH:-}" '
                /^ *Speed: / && (/: within the limit: / || rough) { on = 1 }
                on { sub(/^ */, ""); printf "%s%s", blank, $0; blank = " " }
                on && /[.]$/ { exit }' >"$scratch/line"
        [ ! -s "$scratch/line" ] || break
    done
    [ -s "$scratch/line" ] || {
        echo "00.sh: too noisy to show a verdict on speed: wait a while" >&2
        exit 1
    }
    printf 'verdict-line\t%s\n' "$(cat "$scratch/line")"
}

test=it_sleeps_until_the_very_deadline
make -s check LAB=00 "TEST=$test" >"$scratch/said"
value check-s %.2f "$(best seconds make -s check LAB=00 "TEST=$test")"
value ten-days-s %.3f "$(best ten_days)"

verdict_line
value quiet-s %.1f "$(best seconds build/lab check 00)"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sh -c 'while :; do :; done' &
    busy="$busy $!"
done
value busy-s %.1f "$(seconds build/lab check 00)"
grep -q '^00-first-check  *accepted' "$scratch/said"
# shellcheck disable=SC2086 # numbers
kill $busy
busy=

mkdir "$scratch/new"
tar -c --exclude=./build . | tar -x -C "$scratch/new"
value build-s %.0f "$(seconds make -C "$scratch/new" ${ROUGH:+build/lab})"
