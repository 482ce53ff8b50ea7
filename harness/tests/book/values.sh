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

# A page without a number, told anew from what was measured elsewhere.
told_page() {
    put book/name.md '# A page'
    put book/data/name-runs.tsv '# a machine; a day' 12
    put book/data/name.sh 'sed -n 1p book/data/name-runs.tsv' \
        'printf "runs\t%s\n" "$(sed -n 2p book/data/name-runs.tsv)"' \
        'sed 1d book/data/name-runs.tsv >book/data/name-table.tsv'
}

# calibration LAST_SLOWER: as `make bench-duel RECORD=1` keeps it
calibration() {
    cp book/data/timing.sh "$tree/book/data/"
    put book/timing.md '# A page'
    put labs/01-name/lab.yaml 'speed:' '  limit_percent: 150' \
        '  none_percent: 300' 'sections:'
    put book/data/timing-calibration.tsv '# a machine, 4 cores, gcc 12; a day' \
        '# make bench-duel SELF=500 SLOWED=100' \
        'lab	load	factor	trials	within	unsure	slower	median_s	best5_failed	mean10_failed' \
        '01-name	0	1.00	1500	1499	1	0	1.50	3	2' \
        '01-name	0	2.00	100	0	3	97	1.60	100	100' \
        "01-name	4	1.00	1500	$((1470 - $1))	30	$1	2.50	60	45" \
        '01-name	4	2.00	100	0	12	88	2.60	100	100'
}

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

what_is_told_anew_keeps_the_machine_that_measured_it() {
    told_page
    record
    exits 0
    says 'book/data/name.values: changed'
    says 'book/data/name-table.tsv: changed'
    printf '# a machine; a day\nruns\t12\n' |
        cmp -s - "$tree/book/data/name.values" || complain "other values"
    record --check
    exits 0
    is_silent
    record --check name
    exits 0
    leaves_nothing
}

what_is_told_anew_is_always_compared_and_whole() {
    told_page
    record
    put book/data/name-runs.tsv '# a machine; a day' 13
    record --check
    exits 1
    says 'book/data/name.values: is not what book/data/name.sh makes of it'
    says '< runs	12'
    put book/data/name-runs.tsv '# a machine; a day' 12
    put book/data/name-table.tsv 11
    record --check name
    exits 1
    says 'book/data/name-table.tsv: is not what book/data/name.sh makes'
    leaves_nothing
}

what_a_page_without_a_number_shows_is_run_too() {
    put book/name.md '# A page' '' '```console' '$ echo b' a '```'
    record --check name
    exits 1
    says 'book/name.md:4: prints something else: make record CHAPTER=name'
}

the_page_on_timing_is_told_from_the_calibration() {
    calibration 0
    record timing
    exits 0
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' hogs work duels within 'too noisy' \
        slower 0 1.00 1500 1499 1 0 0 2.00 100 0 3 97 4 1.00 1500 1470 30 0 \
        4 2.00 100 0 12 88 | cmp -s - "$tree/book/data/timing-verdicts.tsv" ||
        complain "another table"
    cp "$tree/book/data/timing.values" "$tree.said"
    for value in '# a machine, 4 cores, gcc 12; a day' 'limit	1.50' \
        'none	3.00' 'hogs	4' 'best-busy	60' 'best-busy-share	4 %' \
        'best-letter	c' 'mean-busy	45' 'best-quiet	3' \
        'self-duels	3,000' 'unsure-busy	2 %' 'double-quiet	97 %' \
        'median-busy	2.5'; do
        grep -qFx -e "$value" "$tree.said" || complain "no \"$value\""
    done
}

a_sentence_of_that_page_that_would_be_false_is_told() {
    calibration 1
    record timing
    exits 1
    says 'no longer true: the duel called none slower that does 1.00'
    calibration 0
    sed -i 's/, 4 cores/, 2 cores/' "$tree/book/data/timing-calibration.tsv"
    record timing
    exits 1
    says 'no longer true: "one for each core"'
    calibration 0
    put labs/02-name/lab.yaml 'speed:' '  limit_percent: 200'
    record timing
    exits 1
    says 'the labs have different limit_percent; the page speaks of one'
    [ ! -e "$tree/book/data/timing.values" ] || complain "it was written"
}

run_tests "$@"
