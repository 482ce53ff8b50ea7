#!/bin/sh
# usage: sh harness/tests/book/values.sh [TEST...]
#
# Tests of book/record: what it does with what was measured. TAP.
#
# shellcheck disable=SC2016,SC2034,SC2088,SC2154 # shared with small/book.sh
set -u
cd "$(dirname "$0")/../../.." || exit 2
# shellcheck disable=SC1091 # is looked at by itself
. harness/tests/book/small/book.sh

# --- Tests: every function below this line is one -----------------------------

values_are_kept_with_their_machine_and_only_when_they_change() {
    put book/data/01.sh 'printf "calls\t%s\n" "$(cat labs/calls)"' \
        'echo line >book/data/01-lane.tsv; echo x >labs/made'
    put labs/calls 12
    record 01
    exits 0
    says 'book/data/01.values: changed'
    says 'book/data/01-lane.tsv: changed'
    sed -n 1p "$tree/book/data/01.values" | grep -q -E \
        '^# .+, [a-z0-9-]+, [0-9]+ cores, (gcc|clang) [0-9.]+; 20..-..-..$' ||
        complain "no machine in the first line"
    [ "$(sed 1d "$tree/book/data/01.values")" = 'calls	12' ] ||
        complain "other values"
    record
    exits 0
    is_silent
    [ ! -e "$tree/labs/made" ] || complain "labs/made is there"
    put labs/calls 13
    record
    says 'book/data/01.values: changed'
    leaves_nothing
}

values_that_were_never_measured_are_rejected() {
    put book/data/01.sh 'printf "calls\t12\n"'
    record --check
    exits 1
    says 'book/data/01.values: is missing: make record CHAPTER=01'
}

values_without_what_measures_them_are_rejected() {
    put book/data/01.values '# a machine' 'calls	12'
    record --check
    exits 1
    says 'book/data/01.values: has no 01.sh that measured it'
}

other_names_are_rejected_and_other_values_are_not() {
    put book/data/01.values '# a machine' 'calls	12' 'time	7 ms'
    put book/data/01.sh 'printf "time\t9 ms\ncalls\t13\n"'
    FULL=1
    export FULL
    record --check
    exits 0
    is_silent
    put book/data/01.sh 'printf "time\t9 ms\ncall\t13\n"'
    record --check
    exits 1
    says 'book/data/01.values: has other names'
    unset FULL
}

values_without_a_text_or_twice_are_rejected() {
    put book/data/01.sh 'printf "calls 12\n"'
    record
    exits 1
    says 'is no "name<tab>text": line 1'
    put book/data/01.sh 'printf "calls\t1\ncalls\t2\n"'
    record
    exits 1
    says 'names twice: calls'
    [ ! -e "$tree/book/data/01.values" ] || complain "it was written"
}

values_are_kept_only_when_all_were_measured() {
    put book/data/01.sh 'printf "calls\t12\n"; echo why >&2; exit 3'
    record
    exits 1
    says 'book/data/01.sh: ended with exit status 3'
    says why
    [ ! -e "$tree/book/data/01.values" ] || complain "it was written"
}

run_tests "$@"
