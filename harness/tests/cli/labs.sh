# shellcheck shell=sh
# A learner's way through a lab: hint, reset, solution, history, progress.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# answer WORDS ARGUMENT...: lab on a terminal, where someone types the words
answer() {
    words=$1
    shift
    if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
        skip="script(1) of util-linux is missing: no terminal to try on"
        return
    fi
    echo "$words" | (cd "$away" && timeout -k 5 300 script -qec \
        "env NO_COLOR=1 $tree/build/lab $*" /dev/null) >"$out" 2>"$err"
    status=$?
    cat "$out"
}

# --- Tests ------------------------------------------------------------------

hints_come_one_by_one_and_then_all() {
    unsolve
    lab hint 00
    exits 0
    submit wrong
    lab check 00 --seed 7
    for _ in 1 2 3 4 5; do
        lab hint 00
        exits 0
    done
    sed '/^\$ lab check/,/^\[exit/d' "$session" >"$root/hints"
    golden hints "$root/hints"
}

a_section_has_its_hints_whatever_failed() {
    unsolve
    lab hint 00 --section 0.2
    exits 0
    says '0.2 Rough weather'
    says 'hint 1 of 3: '
    submit wrong
    lab check 00
    lab hint --section=0.2 00
    exits 0
    says 'hint 2 of 3: '
    lab hint 00
    says '0.1 Right answers'
    says 'hint 1 of 3: '
    for word in 0.9 0.22 0. '' first; do
        lab hint 00 --section "$word"
        exits 2
        complains "00-first-check has no section \"$word\"; its sections are 0.1 Right answers; 0.2"
    done
}

no_hint_is_given_for_what_did_not_fail() {
    unsolve
    submit broken
    lab check 00
    lab hint 00
    exits 0
    says 'The newest run of 00-first-check came to no test (compile error)'
    cp "$tree/labs/00-first-check/starter.c" "$own"
    echo '/* begun */' >>"$own"
    lab check 00
    exits 0
    lab hint 00
    says 'No test failed in the newest run of 00-first-check.'
}

reset_keeps_the_old_file_and_prints_its_path() {
    submit wrong
    lab reset 00
    exits 0
    golden reset
    cmp "$own" "$tree/labs/00-first-check/starter.c" ||
        fail "the file is not the starter"
    kept=$(sed -n 's/^kept *//p' "$out")
    cmp "$tree/$kept" "$here/wrong.c" || fail "the old file is not kept"
}

resets_at_once_lose_nothing() {
    for i in 1 2 3 4 5 6; do
        echo "/* $i */" >"$own"
        lab reset 00 >"$root/1" &
        lab reset 00 >"$root/2"
        wait
        cat "$root/1" "$root/2"
        grep -q -r -F "/* $i */" "$tree/build/kept" ||
            fail "the file of round $i is gone"
    done
}

reset_makes_a_file_that_was_not_there() {
    lab reset 00
    exits 0
    says_not kept
    [ -f "$own" ] || fail "there is no file"
}

solution_is_not_shown_unasked() {
    lab solution 00
    exits 2
    complains '00-first-check has not been accepted yet; say --yes'
    says_not first_byte
}

solution_asks_on_a_terminal() {
    answer n solution 00
    [ -z "$skip" ] || return
    exits 0
    says 'Show the reference all the same? [y/N]'
    says_not '#include'
    answer y solution 00
    exits 0
    says '#include "first.h"'
}

solution_is_shown_with_yes_and_after_acceptance() {
    submit wrong
    lab solution 00 --yes
    exits 0
    says 'solutions/00-first-check/first.c'
    says '-/* Wrong: a char is signed here, and it stands for 0 to 255. */'
    cp "$tree/labs/00-first-check/starter.c" "$own"
    lab check 00
    exits 0
    submit wrong
    lab check 00
    exits 1
    lab solution 00
    exits 0
    says '#include "first.h"'
}

solution_with_diff_shows_the_difference_alone() {
    submit wrong
    lab solution 00 --diff
    exits 2
    complains 'say --yes'
    lab solution 00 --diff --yes
    exits 0
    head -n 4 "$out" >"$root/head"
    golden solution "$root/head"
    (cd "$tree" && patch -s -o "$root/mended" "$own" "$out") ||
        fail "it is no patch of the learner's file"
    cmp "$root/mended" "$tree/solutions/00-first-check/first.c" ||
        fail "it does not lead to the reference"
}

solution_compares_no_line_ends_of_other_systems() {
    sed 's/$/\r/' "$tree/solutions/00-first-check/first.c" >"$own"
    lab solution 00 --yes --diff
    exits 0
    says 'Your file is the same.'
}

solution_says_that_a_file_cannot_be_compared() {
    unprivileged
    [ -z "$skip" ] || return 0
    submit wrong
    chmod a-r "$own"
    lab solution 00 --yes --diff
    exits 2
    complains 'labs/00-first-check/first.c cannot be compared: diff:'
    chmod u+r "$own"
}

solution_says_when_there_is_no_difference() {
    cp "$tree/solutions/00-first-check/first.c" "$own"
    lab solution 00 --yes
    exits 0
    says 'Your file is the same.'
}

solution_does_not_wait_for_a_fifo() {
    mkfifo "$own"
    lab solution 00 --yes
    exits 0
    says 'There is no labs/00-first-check/first.c yet'
}

history_and_progress_tell_the_runs() {
    unsolve
    lab history
    lab progress
    for name in wrong broken crashes; do
        submit $name
        lab check 00 --seed 7
    done
    cp "$tree/labs/00-first-check/starter.c" "$own"
    echo '/* begun */' >>"$own"
    lab check 00 --seed 7
    lab history
    lab history 00 --limit 1
    lab history --limit 3
    lab history --limit 4
    lab history 02
    lab progress
    sed '/^\$ lab check/,/^\[exit/d' "$session" >"$root/runs"
    golden runs "$root/runs"
}

history_and_progress_are_json_too() {
    unsolve
    submit wrong
    lab check 00 --seed 7
    lab history --json
    exits 0
    says '"failed_test": "every_byte_comes_back_as_itself"'
    says '"seed": "7"'
    lab progress --json
    exits 0
    says '"next": "00-first-check"'
}

doctor_ends_with_a_summary() {
    lab doctor
    says 'fault'
    tail -n 1 "$out" | grep -q '^\(not \)\{0,1\}ready: [0-9]* faults*, [0-9]* caution' ||
        fail "no summary"
    lab doctor --json
    says '"ready": '
}
