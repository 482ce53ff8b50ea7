# shellcheck shell=sh
# `lab time`. With so few pairs that nothing can be sure: what is told then
# does not depend on how fast anything was.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

reference=solutions/02-every-byte/io.c

leaves_nothing() {
    [ -z "$(ls -A "$tree/build/work")" ] || fail "build/work is not empty"
}

# refused TEXT ARGUMENT...
refused() {
    text=$1
    shift
    lab time "$@"
    exits 2
    complains "$text"
    says_not "$text"
}

# --- Tests ------------------------------------------------------------------

time_tells_ratio_limit_and_how_long_it_took() {
    lab time 02 --file "$tree/$reference" --pairs 3
    exits 0
    is_silent
    tells 'x of the reference, limit 1.50x, 3 pairs, '
    tells 'There were only 3 pairs of runs; it takes 9 at least to be sure.'
    tells 'The physical limit is '
    leaves_nothing
    [ ! -e "$tree/build/gradebook.db" ] || fail "it is in the gradebook"
}

a_duel_of_the_own_file_is_kept() {
    cp "$tree/$reference" "$tree/labs/02-every-byte/io.c"
    lab time every-byte --pairs 1
    exits 0
    tells '02-every-byte labs/02-every-byte/io.c Speed: too noisy'
    tells 'There was only 1 pair of runs; it takes 9'
    [ -e "$tree/build/gradebook.db" ] || fail "there is no gradebook"
    lab history
    exits 0
    is_silent
}

fewer_processors_than_the_team_are_said() {
    command -v taskset >/dev/null || skip="taskset is missing"
    [ -z "$skip" ] || return
    first=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' \
        /proc/self/status)
    sed -i 's/^  team: .*/  team: 64/' "$tree/labs/02-every-byte/lab.yaml"
    under="taskset -c $first"
    lab time 02 --file "$tree/$reference" --pairs 10
    exits 0
    tells 'Speed: too noisy to say: '
    tells 'have 1 of the 64 processors that the team of this lab works on'
    lab time 02 --file "$tree/$reference" --pairs 1 --json
    exits 0
    says '"cores": 1,'
    says '"team": 64,'
}

what_does_not_compile_is_told_with_its_line() {
    echo 'int' >"$tree/labs/02-every-byte/io.c"
    lab time 02
    exits 1
    says '02-every-byte        compile error'
    tells 'Your program does not compile. io.c:1: '
    is_silent
    leaves_nothing
    lab time 02 --json
    exits 1
    says '"speed": null'
    says '"verdict": "compile error"'
}

a_wrong_answer_in_a_timed_run_is_told() {
    sed 's/return got == -1 ? -1 : copied;/return got == -1 ? -1 : 0;/' \
        "$tree/$reference" >"$tree/labs/02-every-byte/io.c"
    lab time 02
    exits 1
    says '02-every-byte        wrong answer'
    tells 'While it was timed: Copied '
    tells 'io_copy() returned 0'
    leaves_nothing
}

time_refuses_what_it_does_not_understand() {
    refused 'which lab? Type: make time LAB=02'
    refused 'no lab is called "77"' 77
    refused '00-first-check is not timed' 00
    refused '--pairs takes a whole number from 1 to 1000, not "0"' 02 --pairs 0
    refused '--budget takes a whole number from 1 to 86400' 02 --budget 1.5
    refused '--load takes a whole number from 0 to 256' 02 --load many
    refused '--factor takes 1, 1.25, 1.5 or 2, not "3"' --calibrate 1 --factor 3
    refused '--factor and --tsv belong to --calibrate' 02 --tsv
    refused 'takes no --file and no --json' --calibrate 1 --json
    refused '00-first-check is not timed' --calibrate 1 02 00
    refused 'unknown option --fast; try lab time --help' 02 --fast
}

calibrating_prints_a_row_a_factor() {
    lab time --calibrate 2 --pairs 1 --load 1 --tsv
    exits 0
    is_silent
    # 1 pair is never sure
    awk -F'\t' '{ print $1, $2, $3, $4, $5, $6, $7 }' "$out" >"$root/rows"
    golden calibrate "$root/rows"
    lab time --calibrate 1 --pairs 1 --factor 2 02
    exits 0
    says '02-every-byte         2.00x       0         1      0 '
    leaves_nothing
}

nothing_is_left_of_a_calibration_that_is_stopped() {
    can_signal || return
    for moment in $(moments | head -n 3); do
        start time --calibrate 1000 --load 2
        sleep "$moment"
        kill -s INT -- "-$pid"
        ended
        exits 130
        until_true 1500 nobody_is_left || fail "processes are left"
    done
    lab time --calibrate 1 --pairs 1 --factor 1
    exits 0
    leaves_nothing
}
