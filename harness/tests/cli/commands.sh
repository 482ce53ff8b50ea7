# shellcheck shell=sh
# Commands, options and arguments.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# each COMMAND... -- ARGUMENT...: every command with the same arguments
each() {
    commands=
    while [ "$1" != -- ]; do
        commands="$commands $1"
        shift
    done
    shift
    for command in $commands; do
        lab "$command" "$@"
    done
}

# --- Tests ------------------------------------------------------------------

lab_alone_lists_the_commands_and_exits_2() {
    lab
    exits 2
    golden usage "$err"
}

lab_help_lists_the_commands_and_exits_0() {
    lab help
    exits 0
    golden usage
    lab --help
    exits 0
    golden usage
}

every_command_explains_itself() {
    each check watch time run hint solution reset history progress doctor new -- --help
    exits 0
    golden help "$session"
}

an_unknown_command_is_named() {
    lab chekc 00
    exits 2
    complains 'there is no command "chekc"'
}

an_unknown_option_is_named() {
    each check watch time run hint solution reset history progress doctor new -- --frobnicate
    golden unknown-option "$session"
}

an_option_that_lacks_its_value_is_named() {
    lab check 00 --seed
    lab check 00 --file
    lab hint 00 --section
    lab history --limit
    golden no-value "$session"
}

an_unknown_lab_is_answered_with_all_labs() {
    each check watch time run hint solution reset history -- 99
    golden unknown-lab "$session"
}

a_lab_has_four_names() {
    for name in 00 0 first-check 00-first-check; do
        lab check "$name" --test the_end_of_the_input_is_no_byte
        exits 0
        says '00-first-check       this test passes'
    done
}

a_command_for_one_lab_takes_exactly_one() {
    each run hint solution reset --
    each run hint solution reset -- 00 02
    golden one-lab "$session"
}

an_unknown_test_is_named_with_the_way_to_list_them() {
    lab check 00 --test it_flies
    golden unknown-test "$session"
}

test_and_file_want_one_lab() {
    lab check --test it_flies
    lab check 00 02 --file x.c
    lab check --file -
    golden one-lab-wanted "$session"
}

a_number_is_a_number() {
    for word in '' x 7x -1 ' 7' 0x10 18446744073709551616; do
        lab check 00 --seed "$word"
        exits 2
    done
    for word in '' x -1 0 4294967296 1001; do
        lab check 00 --jobs "$word"
        exits 2
    done
    for word in '' x -1 4294967296; do
        lab history --limit "$word"
        exits 2
    done
    golden numbers "$session"
}

the_largest_seed_is_one() {
    submit wrong
    lab check 00 --seed 18446744073709551615
    exits 1
    says 'SEED=18446744073709551615'
}

a_file_is_looked_for_where_the_user_stands() {
    cp "$here/wrong.c" "$away/mine.c"
    lab check 00 --file mine.c --seed 7
    exits 1
    golden file
    lab check 00 --file=mine.c --seed 7
    exits 1
    golden file
    lab check 00 --file "$away/mine.c" --seed 7
    exits 1
    golden file
}

a_file_elsewhere_is_not_put_into_the_gradebook() {
    cp "$here/wrong.c" "$away/mine.c"
    lab check 00 --file mine.c
    lab history
    says 'No lab was judged yet'
    [ ! -e "$own" ] || fail "the learner's own file was made"
}

a_single_test_is_not_put_into_the_gradebook() {
    lab check 00 --test the_end_of_the_input_is_no_byte
    exits 0
    says 'this test passes'
    lab history
    says 'No lab was judged yet'
}

a_judge_and_its_lab_yaml_agree_about_timing() {
    sed -n '/^speed:/,/^$/p' "$tree/labs/02-every-byte/lab.yaml" \
        >>"$tree/labs/00-first-check/lab.yaml"
    sed -i '/^speed:/,/^$/d' "$tree/labs/02-every-byte/lab.yaml"
    lab check 00
    exits 2
    complains 'labs/00-first-check/lab.yaml has the key speed, and judge.c no workload'
    cp "$tree/solutions/02-every-byte/io.c" "$tree/labs/02-every-byte/"
    lab check 02
    exits 2
    complains 'labs/02-every-byte/judge.c has a workload, and lab.yaml no key speed'
}

# work ARGUMENT...: the workload of lab 02, on a program that is none
work() {
    "$tree/build/02-every-byte/judge" --workload --probe /nowhere \
        --dir "$away" --results 1 "$@" >"$out" 2>"$err"
    status=$?
    cat "$out" "$err"
}

a_size_that_a_workload_lacks_is_named() {
    work
    exits 2
    complains 'lab.yaml: speed: workload: no size is called "copy_kib"'
    work --size copy_kib=1 --size blocks=1 --size bloc=1 --size=block_=1
    exits 2
    complains 'lab.yaml: speed: workload: no size is called "block"'
}
