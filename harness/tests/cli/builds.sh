# shellcheck shell=sh
# The builds of a learner's file, on the lab of the tests' own, which wants
# every one: plain, sanitized, fortified, and one that looks for data races.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# teams NAME: the lab, and cli/team-NAME.c as the learner's file
teams() {
    stem=90-teams
    mkdir -p "$tree/labs" "$tree/build/$stem"
    cp -R "harness/tests/labs/$stem" "$tree/labs/"
    cp -a "build/$stem/judge" "build/$stem"/probe-*.o "$tree/build/$stem/"
    cp "$here/team-$1.c" "$tree/labs/$stem/team.c"
}

# Races are looked for on this machine; else the test is skipped.
wants_races() {
    grep -q '^#define TOOLCHAIN_ARCHER "/' build/toolchain.h ||
        skip="clang with ThreadSanitizer and Archer is not here"
}

# without_clang: as on a machine that had one when all was built
without_clang() {
    wants_races
    without clang
    [ "$cc" != clang ] || skip="clang builds the rest, too"
}

# --- Tests ------------------------------------------------------------------

a_data_race_is_reported_with_two_lines() {
    wants_races
    [ -z "$skip" ] || return 0
    teams racy
    lab check 90 --seed 7
    exits 1
    golden race
}

a_program_without_a_race_is_never_reported() {
    wants_races
    [ -z "$skip" ] || return 0
    for name in right locked; do
        teams $name
        for _ in $(seq "$TIMES"); do
            lab check 90 --test no_two_threads_write_one_sum
            exits 0
        done
    done
}

a_race_is_reported_every_time() {
    wants_races
    [ -z "$skip" ] || return 0
    teams racy
    for _ in $(seq "$TIMES"); do
        lab check 90 --test no_two_threads_write_one_sum
        exits 1
        says 'data race'
        says 'team.c:18: any = true;'
    done
}

who_says_that_races_cannot_be_found_is_not_believed() {
    wants_races
    bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null)
    [ "${bits:-99}" -le 28 ] ||
        skip="this machine is one where that may be true"
    [ -z "$skip" ] || return 0
    teams claims
    lab check 90
    exits 1
    says '90-teams             run-time error'
    says '3 of  4 tests'
}

what_only_gcc_compiles_hides_no_race() {
    wants_races
    [ -z "$skip" ] || return 0
    teams nested
    lab check 90
    exits 1
    says '90-teams             compile error'
    tells 'Your program does not compile. '
    tells 'team.c:12: function definition is not allowed here'
}

critical_sections_shut_each_other_out() {
    teams locked
    for _ in $(seq "$TIMES"); do
        lab check 90 --test a_sum_is_right
        exits 0
    done
}

a_descriptor_past_an_fd_set_is_found() {
    teams set
    lab check 90 --seed 7 --test a_descriptor_past_the_set_is_refused
    exits 1
    golden fd-set
}

a_thread_that_the_lab_does_not_allow_is_named() {
    teams threads
    lab check 90 --seed 7
    exits 1
    golden threads
}

without_clang_a_lab_is_accepted_and_races_are_not_checked() {
    without_clang
    [ -z "$skip" ] || return 0
    teams racy
    lab check 90 --seed 7
    exits 0
    lab check 90 --seed 7 --tap
    exits 0
    lab check 90 --seed 7 --test no_two_threads_write_one_sum
    exits 2
    lab history
    lab progress
    golden unchecked "$session"
    lab check 90 --json
    exits 0
    says '"verdict": "accepted"'
    says '"unchecked": "races not checked"'
    lab history --json
    says '"unchecked": "races not checked"'
    lab progress --json
    says '"unchecked": "races not checked"'
    lab hint 90
    says 'No test failed in the newest run of 90-teams.'
}

without_clang_a_wrong_program_is_still_wrong() {
    without_clang
    [ -z "$skip" ] || return 0
    teams set
    lab check 90 --seed 7
    exits 1
    golden unchecked-wrong
}

# The grader's own tests, on a wrong solution with a race.
a_wrong_solution_that_cannot_be_found_out_here_is_skipped_aloud() {
    without_clang
    [ -z "$skip" ] || return 0
    teams right
    wrong=$tree/solutions/90-teams/wrong
    mkdir -p "$wrong" "$tree/harness/tests"
    cp harness/tests/labs.sh "$tree/harness/tests/"
    cp "$here/team-right.c" "$tree/solutions/90-teams/team.c"
    {
        echo 'expect: data race: no_two_threads_write_one_sum'
        diff -U1 --label team.c --label team.c "$here/team-right.c" \
            "$here/team-racy.c"
    } >"$wrong/racy.patch"
    sh "$tree/harness/tests/labs.sh" 90 >"$out" 2>"$err"
    says '90-teams: racy is "data race: no_two_threads_write_one_sum"'
    says_not SKIP
    mv "$tree/build/lab" "$tree/build/with-clang"
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$under" "$tree/build/with-clang" \
        >"$tree/build/lab"
    chmod +x "$tree/build/lab"
    sh "$tree/harness/tests/labs.sh" 90 >"$out" 2>"$err"
    grep -q '^ok .*: racy is .* # SKIP could not check: clang cannot' "$out" ||
        fail "it is not skipped"
}

a_crash_outside_the_file_says_what_was_tried() {
    stem=10-independent-work
    mkdir -p "$tree/build/$stem"
    cp -R "labs/$stem" "$tree/labs/"
    cp -a "build/$stem/judge" "build/$stem"/probe-*.o "$tree/build/$stem/"
    sed '/if (found == NULL)/{N;d;}' "solutions/$stem/par.c" \
        >"$tree/labs/$stem/par.c"
    lab check 10 --test no_memory_for_the_blocks_is_reported
    exits 1
    says 'If the first call of malloc() or its like returns NULL: Your program'
    says_not 'where  '
}
