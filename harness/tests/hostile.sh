#!/bin/sh
# usage: hostile.sh [NAME...]
#
# Submissions that attack their judge, as TAP: harness/tests/hostile/NAME.c,
# each judged in lab 00's place. The head of the file is what is tested:
#
#     /* expect: VERDICT: words of the cause */
#     /* The attack, in a sentence. */
#     /* only: TEST: why not all of them */       (if need be)
#     /* may pass: N: why */                      (if need be)
#
# Each must be rejected (exit status 1) by that verdict, with those words in
# the cause of a test (or of the whole), with no test passed but the N, with
# no control byte in the report, and with no process and no file left.
set -u
cd "$(dirname "$0")/../.." || exit 2
cases=harness/tests/hostile
# Attacks that outlive their judge would leave files of this name.
marks=/tmp/while-you-wait-hostile
report=$(mktemp -d) || exit 2
trap 'rm -rf "$report"' EXIT
trap 'exit 130' INT TERM HUP
rm -f "$marks"-*
number=0

# Prints the value of `key:` in a case's head, up to the next colon.
head_value() {
    sed -n "2,4s|^/\* $1: \([^:]*\).* \*/\$|\1|p" "$2"
}

# Prints what is wrong with a report, a line each. Lines of it that matter:
# six blanks before a key of the lab, ten before one of a test.
check_report() {
    awk -v verdict="$2" -v words="$3" -v may_pass="${4:-0}" '
        # \" is a quote inside the string
        function value() {
            sub(/^ *"[a-z_]*": "?/, "")
            sub(/"?,?$/, "")
            gsub(/\\"/, "\"")
            return $0
        }
        /^      "verdict": / { seen = value() }
        /^ *"cause": / { found = found || index($0, words) > 0
                         cause = cause "\n      " value() }
        /^          "state": / { tests++; if (value() == "pass") passed++ }
        /^      "points": / { points = value() }
        /\\u00[01]/ { print "a control byte is in the report: " $0 }
        END {
            if (seen != verdict)
                print "the verdict is " seen ", not " verdict
            if (!found)
                print "no cause has the words: " words cause
            if (passed > may_pass)
                print passed " tests passed, " may_pass + 0 " may"
            if (tests == 0)
                print "no test is in the report"
            if (points != 0)
                print points " points were given"
        }' "$1"
}

# Prints the processes that run in, or from, a folder of a run of lab 00,
# and such folders.
find_left() {
    # shellcheck disable=SC2012 # names in /proc are numbers
    ls -l /proc/[0-9]*/exe /proc/[0-9]*/cwd 2>/dev/null |
        awk -v work="-> $PWD/build/work/00-" 'index($0, work) {
            print "left running: " $0 }'
    for folder in build/work/00-*; do
        [ ! -e "$folder" ] || echo "left behind: $folder"
    done
}

run_case() {
    file=$1
    name=$(basename "$file" .c)
    expect=$(sed -n '1s|^/\* expect: \(.*\) \*/$|\1|p' "$file")
    verdict=${expect%%: *}
    words=${expect#*: }
    only=$(head_value only "$file")
    number=$((number + 1))
    build/lab check 00 --file "$file" --json ${only:+--test "$only"} \
        >"$report/$name.json" 2>"$report/$name.err"
    status=$?
    {
        [ "$status" -eq 1 ] || echo "the exit status is $status, not 1"
        check_report "$report/$name.json" "$verdict" "$words" \
            "$(head_value 'may pass' "$file")"
        find_left
        cat "$report/$name.err"
    } >"$report/wrong"
    if [ -s "$report/wrong" ]; then
        echo "not ok $number - $name"
        sed 's/^/#   /' "$report/wrong"
    else
        echo "ok $number - $name: $expect"
    fi
}

check_marks() {
    number=$((number + 1))
    for mark in "$marks"-*; do
        if [ -e "$mark" ]; then
            echo "not ok $number - nothing lived on: there is $mark"
            rm -f "$marks"-*
            return
        fi
    done
    echo "ok $number - nothing lived on to write outside"
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
check_marks
echo "1..$number"
