#!/bin/sh
# usage: timing.sh [NAME...]
#
# Submissions that try to gain something from how they are timed, as TAP:
# harness/tests/timing/NAME.c stands behind its lab's reference, in one file,
# and is timed by `lab time`, or all of it is judged by `lab check`. The head
# of the file:
#
#     /* expect: not within */
#     /* The trick, in a sentence. */
#     /* lab: 02: io_copy io_save */     (what it replaces)
#     /* by: check */                    (if not by `lab time`)
#
# "not within" and "not slower" are held against the verdict and the ratio,
# and pass however busy the machine is: a program that is slow enough for
# this list is never called within, and the reference never slower. Anything
# else is a verdict and words of its cause: "wrong answer: While it was".
set -u
cd "$(dirname "$0")/../.." || exit 2
cases=harness/tests/timing
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
number=0
# A "slower" needs 12 pairs, a "within" 9.
pairs=14

head_value() {
    sed -n "2,5s|^/\* $1: \(.*\) \*/$|\1|p" "$2"
}

# assemble FILE STEM SOURCE NAME...: the reference, and behind it the trick
assemble() {
    file=$1 reference=solutions/$2/$3
    shift 3
    for replaced; do
        echo "#define $replaced reference_$replaced"
    done
    cat "$reference"
    for replaced; do
        echo "#undef $replaced"
    done
    # The header has declared them under the other name.
    sed '1,/^$/d' "$file"
}

# json KEY: the value of the first line with that key
json() {
    sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p" "$work/said" | head -n 1
}

# judge EXPECTED STATUS: what is wrong, a line each
judge() {
    case $1 in
    "not within" | "not slower")
        ratio=$(json ratio) limit=$(json limit) verdict=$(json verdict)
        above=$(awk -v r="${ratio:-0}" -v l="${limit:-0}" \
            'BEGIN { print (r > l) ? "above" : "below" }')
        [ "$2" -ne 2 ] || echo "the exit status is 2"
        [ "$verdict" != "\"${1#not }\"" ] || echo "the verdict is $verdict"
        case "$1 $above" in
        "not within above" | "not slower below") ;;
        *) echo "the ratio is $ratio, $above the limit of $limit" ;;
        esac
        ;;
    *)
        [ "$2" -eq 1 ] || echo "the exit status is $2, not 1"
        grep -q "\"verdict\": \"${1%%: *}\"" "$work/said" ||
            echo "the verdict is not ${1%%: *}"
        grep -q "\"cause\": \".*${1#*: }" "$work/said" ||
            echo "no cause has the words: ${1#*: }"
        ;;
    esac
    for folder in build/work/"$stem".*; do
        [ ! -e "$folder" ] || echo "left behind: $folder"
    done
}

run_case() {
    name=$(basename "$1" .c)
    expect=$(sed -n '1s|^/\* expect: \(.*\) \*/$|\1|p' "$1")
    lab=$(head_value lab "$1")
    stem=$(basename labs/"${lab%%: *}"-*)
    source=$(sed -n 's/^file: *//p' "labs/$stem/lab.yaml")
    number=$((number + 1))
    # shellcheck disable=SC2086 # names
    assemble "$1" "$stem" "$source" ${lab#*: } >"$work/$source"
    if [ "$(head_value by "$1")" = check ]; then
        build/lab check "$stem" --file "$work/$source" --json
    else
        build/lab time "$stem" --file "$work/$source" --json \
            --pairs "$pairs" --budget 120
    fi >"$work/said" 2>"$work/err"
    wrong=$(judge "$expect" $?)
    if [ -n "$wrong" ]; then
        echo "not ok $number - $name"
        printf '%s\n' "$wrong" | sed 's/^/#   /'
        sed 's/^/#   /' "$work/err"
    else
        echo "ok $number - $name: $expect"
    fi
}

echo "TAP version 13"
if [ $# -eq 0 ]; then
    for file in "$cases"/*.c; do
        run_case "$file"
    done
else
    for name; do
        run_case "$cases/$name.c"
    done
fi
echo "1..$number"
