#!/bin/sh
# usage: [TIMES=N] sh harness/tests/soak.sh
#        sh harness/tests/soak.sh --one SAID TIMES FILE   (of itself)
#
# No right program is ever rejected: the reference of every lab, judged whole
# TIMES times (20), and all of accepted/, a quarter of that, while two
# hogs a core keep the machine busy. Right shapes get through gates 100 times
# of 100. Then the harness under ThreadSanitizer: in a copy of the tree, every
# lab's reference is judged, and the unit tests of gates and items are run.
# TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2

# soak FILE TIMES: judge it so often; its line of the count
soak() {
    stem=${1#solutions/}
    stem=${stem%%/*}
    rejected=0
    i=0
    while [ "$i" -lt "$2" ]; do
        said=$(build/lab check "${stem%%-*}" --file "$1" --no-time 2>&1) || {
            rejected=$((rejected + 1))
            echo "$said" | sed 's/^/# /'
        }
        i=$((i + 1))
    done
    [ "$rejected" -eq 0 ] || printf 'not '
    echo "ok - $1 was accepted $(($2 - rejected)) of $2 times"
}

if [ "${1:-}" = --one ]; then
    soak "$4" "$3" >"$2"
    exit 0
fi
times=${TIMES:-20}
hogs=
scratch=$(mktemp -d) || exit 2
end() {
    # shellcheck disable=SC2086 # words, or none
    kill $hogs 2>/dev/null
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM HUP
i=0
while [ "$i" -lt $((2 * $(nproc))) ]; do
    # An hour is the longest that a hog lives, whatever becomes of us.
    timeout 3600 sh -c 'while :; do :; done' &
    hogs="$hogs $!"
    i=$((i + 1))
done

# A judge mostly waits: three a core at a time.
for yaml in labs/[0-9]*/lab.yaml; do
    stem=$(basename "$(dirname "$yaml")")
    source=$(sed -n 's/^file: *//p' "$yaml")
    for file in "solutions/$stem/$source" "solutions/$stem/accepted"/*.c; do
        [ ! -f "$file" ] || echo "$file"
    done
done | awk -v said="$scratch/said-" -v times="$times" '
    { few = /accepted/ ? int((times + 3) / 4) : times }
    { printf "%s%04d %d %s\n", said, NR, few, $0 }' |
    xargs -P $((3 * $(nproc))) -L 1 sh harness/tests/soak.sh --one
cat "$scratch"/said-* | awk '
    /^ok - / || /^not ok - / { sub(/ok - /, "ok " ++n " - ") }
    { print }'
number=$(cat "$scratch"/said-* | grep -c '^\(not \)\?ok ')
# shellcheck disable=SC2086 # words
kill $hogs 2>/dev/null
hogs=

# says NAME COMMAND...: one line of the count
says() {
    number=$((number + 1))
    name=$1
    shift
    if "$@" >"$scratch/said" 2>&1; then
        echo "ok $number - $name$(sed -n 's/^ok .*\( # SKIP\)/\1/p' \
            "$scratch/said")"
    else
        sed 's/^/# /' "$scratch/said" | tail -n 60
        echo "not ok $number - $name"
    fi
}

for test in turnstile lease own_work; do
    says "test_$test is built" make "build/tests/test_$test"
    says "test_$test: 100 times of 100" env SOAK=1 CK_DEFAULT_TIMEOUT=0 \
        "build/tests/test_$test"
done
for test in a_race_is_reported_every_time \
    a_program_without_a_race_is_never_reported \
    two_checks_at_once_are_both_reported_and_kept; do
    says "$test, $times times" env TIMES="$times" sh harness/tests/cli.sh "$test"
done

# Its shadow memory wants addresses that are not drawn too widely.
plain_addresses=
! setarch -R true 2>/dev/null || plain_addresses='setarch -R'

# under_tsan COMMAND...: in the copy
under_tsan() {
    # shellcheck disable=SC2086 # words, or none
    (cd "$copy" && exec $plain_addresses "$@")
}

copy=$scratch/copy
mkdir "$copy"
tar c --exclude=./build --exclude=./.git . | tar x -C "$copy"
says "lab and judges are built with ThreadSanitizer" \
    under_tsan make HARNESS_FLAGS=-fsanitize=thread all
for yaml in labs/[0-9]*/lab.yaml; do
    stem=$(basename "$(dirname "$yaml")")
    source=$(sed -n 's/^file: *//p' "$yaml")
    says "$stem is judged under ThreadSanitizer" under_tsan build/lab check \
        "${stem%%-*}" --file "solutions/$stem/$source" --no-time
done
rm -rf "$copy/build/sanitized" "$copy/build/tests"
says "unit tests are built with ThreadSanitizer" under_tsan make \
    SANITIZE='-O1 -fsanitize=thread' build/tests/test_gate \
    build/tests/test_items
for test in gate items; do
    says "test_$test passes under ThreadSanitizer" \
        under_tsan "build/tests/test_$test"
done
echo "1..$number"
