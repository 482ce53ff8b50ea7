#!/bin/sh
# usage: sh harness/tests/labs.sh [LAB]
#
# The grader, graded. For every lab: the reference and all of accepted/ are
# accepted, the starter is not (unless the lab ships solved), and each wrong
# solution of wrong/ gets the verdict, by the test, that its first line
# names; one that this machine cannot find is skipped, aloud. Where a lab is
# timed the right ones also pass its workload, whatever time they take. LAB
# (also in the environment) is a number: only that lab. With SHARE=K/N in the
# environment only every N-th of accepted/ and of wrong/, from the K-th on. TAP.
#
# A judge mostly waits, so some are at work at once, two a core; each is a run
# of this script (--one), and what they say is put in order at the end.
set -u
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

result() {
    if [ "$1" -eq 0 ]; then
        echo "ok - $2"
    else
        echo "not ok - $2"
        if grep -q '^TAP version' "$work/said"; then
            sed -n '/^# .*points/p;/^not ok/,/^  \.\.\./p' "$work/said"
        else
            cat "$work/said"
        fi | head -n 30 | sed 's/^/# /'
    fi
}

# judge FILE ARGUMENT...: its TAP in $work/said
judge() {
    file=$1
    shift
    build/lab check "$lab" --file "$file" --tap --no-time "$@" \
        >"$work/said" 2>&1
}

accepts() {
    judge "$2"
    result $? "$stem: $1 is accepted"
    grep -q '^speed:' "$yaml" && answers "$1" "$2"
}

# One pair is too few for a verdict on time, and its answers are checked.
answers() {
    build/lab time "$lab" --file "$2" --pairs 1 --json >"$work/said" 2>&1 &&
        grep -q '^    "pairs": 1,$' "$work/said"
    result $? "$stem: $1 gives right answers while it is timed"
}

starter() {
    judge "labs/$stem/starter.c"
    [ $? -eq 1 ] && grep -q '^ok ' "$work/said"
    result $? "$stem: the starter passes some tests and is not accepted"
}

# A patch's first line: "expect: VERDICT: test", or "expect: VERDICT" for
# what is told before any test runs, or "expect: VERDICT: workload" for what
# shows only while it is timed.
wrong() {
    name=$(basename "$1" .patch)
    expect=$(sed -n '1s/^expect: //p' "$1")
    verdict=${expect%%: *}
    test=${expect#"$verdict"}
    test=${test#: }
    cat "solutions/$stem/$source" >"$work/reference.c"
    if ! patch -s -o "$work/$source" "$work/reference.c" "$1" \
        >"$work/said" 2>&1; then
        result 1 "$stem: $name applies to the reference"
        return
    fi
    if [ "$test" = workload ]; then
        build/lab time "$lab" --file "$work/$source" --pairs 1 --json \
            >"$work/said" 2>&1
        [ $? -eq 1 ] && grep -q "^    \"verdict\": \"$verdict\",$" "$work/said"
        result $? "$stem: $name is \"$expect\""
        return
    fi
    if [ -n "$test" ]; then
        judge "$work/$source" --test "$test"
    else
        judge "$work/$source"
    fi
    status=$?
    unchecked=$(sed -n 's/^ok 1 - .* # SKIP could not check: //p' "$work/said")
    if [ "$status" -eq 2 ] && [ -n "$unchecked" ]; then
        result 0 "$stem: $name is \"$expect\" # SKIP could not check: $unchecked"
        return
    fi
    [ "$status" -eq 1 ] && grep -q "^  verdict: \"$verdict\"$" "$work/said" &&
        grep -q "^not ok 1 - $stem${test:+: $test}$" "$work/said"
    result $? "$stem: $name is \"$expect\""
}

# one KIND STEM FILE: judge it, and say what came of it
one() {
    stem=$2
    lab=${stem%%-*}
    yaml=labs/$stem/lab.yaml
    source=$(sed -n 's/^file: *//p' "$yaml")
    case $1 in
    reference) accepts "the reference" "$3" ;;
    solved) accepts "the starter" "$3" ;;
    starter) starter ;;
    accepted) accepts "accepted/$(basename "$3")" "$3" ;;
    wrong) wrong "$3" ;;
    esac
}

# list: a line for each that there is to judge
list() {
    for yaml in labs/[0-9]*/lab.yaml; do
        stem=$(basename "$(dirname "$yaml")")
        [ -z "$only" ] || [ "$only" = "${stem%%-*}" ] || continue
        file=solutions/$stem/$(sed -n 's/^file: *//p' "$yaml")
        echo "reference $stem $file"
        kind=starter
        ! grep -q '^solved: true' "$yaml" || kind=solved
        echo "$kind $stem labs/$stem/starter.c"
        for file in "solutions/$stem/accepted"/*.c; do
            [ ! -f "$file" ] || echo "accepted $stem $file"
        done
        for file in "solutions/$stem/wrong"/*.patch; do
            [ ! -f "$file" ] || echo "wrong $stem $file"
        done
    done
}

if [ "${1:-}" = --one ]; then
    one "$3" "$4" "$5" >"$2"
    exit 0
fi
only=${1:-${LAB:-}}
list | awk -v said="$work/said-" -v share="${SHARE:-1/1}" '
    BEGIN { split(share, part, "/") }
    /^accepted / && ++accepted % part[2] != part[1] % part[2] { next }
    /^wrong / && ++wrong % part[2] != part[1] % part[2] { next }
    { printf "%s%04d %s\n", said, ++n, $0 }' |
    xargs -P $((2 * $(nproc))) -L 1 sh harness/tests/labs.sh --one
number=$(cat "$work"/said-* | grep -c '^\(not \)\?ok ')
cat "$work"/said-* | awk '
    /^ok - / || /^not ok - / { sub(/ok - /, "ok " ++n " - ") }
    { print }'
echo "1..$number"
