# shellcheck shell=sh
# What a check prints: as text, JSON and TAP.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# again: the command that a report offers, on one line
again() {
    normalise "$out" | sed -n "s|AWAY|$away|;s/^ *again *//p"
}

# same A B: two JSON reports, but for the moment
same() {
    normalise "$1" >"$root/a"
    normalise "$2" >"$root/b"
    cmp -s "$root/a" "$root/b"
}

# --- Tests ------------------------------------------------------------------

an_accepted_lab_is_one_line() {
    lab check 00 --seed 7
    exits 0
    is_silent
    golden accepted
}

labs_that_were_not_started_are_listed() {
    lab check --seed 7
    exits 0
    golden not-started
    cmp "$tree/labs/02-every-byte/starter.c" "$tree/labs/02-every-byte/io.c" ||
        fail "the learner's file was not made from the starter"
}

a_wrong_answer_tells_cause_values_and_what_to_do_next() {
    unsolve
    submit wrong
    lab check --seed 7
    exits 1
    is_silent
    golden wrong
}

a_single_failing_test_says_the_same() {
    unsolve
    submit wrong
    lab check 00 --seed 7 --test every_byte_comes_back_as_itself
    exits 1
    golden wrong-test
}

a_compile_error_shows_the_first_line_and_names_the_file_with_all() {
    unsolve
    submit broken
    lab check 00 --seed 7
    exits 1
    # The compiler's own words may go on for several lines.
    sed -i '/^ *where/,/^ *all of it/{/^ *\(where\|all of it\)/!d;}' "$out"
    golden broken
    log=$tree/build/00-first-check/compiler.log
    grep -q 'first\.c:12:.*bite' "$log" || fail "the log lacks the first error"
    grep -q 'first\.c:13:.*unknown' "$log" || fail "the log lacks the second"
}

a_contract_error_names_the_call_and_its_line() {
    unsolve
    submit forbidden
    lab check 00 --seed 7
    exits 1
    golden forbidden
}

a_missing_function_is_a_contract_error() {
    printf '%s\n' '#include "first.h"' 'int second_byte;' >"$own"
    lab check 00
    exits 1
    tells 'labs/00-first-check/first.c does not define first_byte(), which'
}

a_run_time_error_shows_a_line_of_the_learners_file() {
    unsolve
    submit crashes
    lab check 00 --seed 7
    exits 1
    golden crashes
}

what_the_program_printed_is_shown_without_its_control_bytes() {
    {
        echo '#include <stdio.h>'
        sed 's|return as_int|printf("%0150d \\033[31m\\n", 1); &|' \
            "$here/wrong.c"
    } >"$own"
    lab check 00 --seed 7
    exits 1
    says 'printed   000000000000'
    says '\x1b[31m'
}

warnings_are_counted_and_the_first_is_explained() {
    sed 's/unsigned char byte;/& int unused_one, unused_two;/' \
        "$tree/labs/00-first-check/starter.c" >"$own"
    lab check 00
    exits 0
    says '2 compiler warnings; the first: first.c:'
    tells 'It is set aside but never used: is something forgotten?'
}

json_has_the_whole_record() {
    unsolve
    submit wrong
    lab check --json --seed 7
    exits 1
    is_silent
    golden json
}

json_of_a_compile_error_holds_its_place() {
    submit broken
    lab check 00 --json
    exits 1
    says '"verdict": "compile error"'
    says '"where": "first.c:12: '
    says '"compiler_log": "build/00-first-check/compiler.log"'
}

json_is_valid_whatever_the_name_of_the_file() {
    name=$(printf 'a\351"b\\.c')
    cp "$here/wrong.c" "$away/$name"
    lab check 00 --json --file "$name"
    exits 1
    # shellcheck disable=SC1003 # a backslash, as JSON writes it
    says '/a\\xe9\"b\\.c"'
}

tap_has_a_line_a_test() {
    unsolve
    submit wrong
    lab check --tap --seed 7
    exits 1
    is_silent
    golden tap
}

tap_of_a_compile_error_is_one_failed_line() {
    submit broken
    lab check 00 --tap --seed 7
    exits 1
    says '1..1'
    says 'not ok 1 - 00-first-check'
    says '  verdict: "compile error"'
}

an_accepted_program_is_timed_and_its_speed_is_told() {
    cp "$tree/solutions/02-every-byte/io.c" "$tree/labs/02-every-byte/"
    lab check 02
    exits 0
    says '    Speed: '
    lab history 02
    says '                  speed: '
}

a_single_test_is_not_timed_nor_is_any_if_so_asked() {
    right=$tree/solutions/02-every-byte/io.c
    lab check 02 --file "$right" --no-time
    exits 0
    says '1000 of 1000 points'
    says_not peed
    lab check 02 --file "$right" --no-time --json
    says '"speed": null'
    lab check 02 --file "$right" --test what_is_written_arrives
    exits 0
    says_not peed
}

the_worst_verdict_is_the_exit_status() {
    lab check 00 00
    exits 0
    submit wrong
    lab check 00 00
    exits 1
    rm "$own"
    mkdir "$own"
    cp -a "$tree/labs/02-every-byte/starter.c" "$tree/labs/02-every-byte/io.c"
    lab check
    exits 2
}

the_same_seed_draws_the_same_inputs() {
    starter=$tree/labs/02-every-byte/starter.c
    if [ ! -x "$tree/build/02-every-byte/judge" ]; then
        skip="lab 02, whose inputs are random, is not built"
        return
    fi
    lab check 02 --no-time --json --seed 7 --file "$starter"
    cp "$out" "$root/first"
    lab check 02 --no-time --json --seed 7 --file "$starter"
    same "$root/first" "$out" || fail "the same seed gave other causes"
    for seed in 8 9 10; do
        lab check 02 --no-time --json --seed $seed --file "$starter"
        sed -i "s/\"seed\": \"$seed\"/\"seed\": \"7\"/" "$out"
        same "$root/first" "$out" || return 0
    done
    fail "other seeds gave the same causes"
}

the_command_that_repeats_a_failure_names_seed_and_test() {
    submit wrong
    lab check 00
    command=$(again)
    case $command in
    'make check LAB=00 SEED='[0-9]*' TEST=every_byte_comes_back_as_itself') ;;
    *) fail "the command is \"$command\"" ;;
    esac
}

the_command_that_repeats_the_failure_of_another_file_works() {
    cp "$here/wrong.c" "$away/my file.c"
    lab check 00 --file "my file.c"
    sed -n '/FAIL/,$p' "$out" >"$root/first"
    command=$(again)
    (cd "$tree" && sh -c "$command") >"$out" 2>"$err"
    sed -n '/FAIL/,$p' "$out" | diff "$root/first" - ||
        fail "\"$command\" says something else"
}

where_the_book_was_built_a_failure_names_the_page() {
    submit wrong
    mkdir "$tree/build/book"
    echo 1 >"$tree/build/book/02-every-byte.html"
    lab check 00 --json
    says_not '"page"'
    echo 1 >"$tree/build/book/00-first-check.html"
    lab check 00 --json
    says '"page": "build/book/00-first-check.html#s0.1"'
    lab check 00 --seed 7
    exits 1
    golden page
    for _ in 1 2 3; do
        lab hint 00
        says_not 'build/book'
    done
    lab hint 00
    [ "$(tail -n 1 "$out")" = 'build/book/00-first-check.html#s0.1' ] ||
        fail "hint does not end with the page"
}
