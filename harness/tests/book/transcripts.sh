#!/bin/sh
# usage: sh harness/tests/book/transcripts.sh [TEST...]
#
# What the chapters show is what their commands print; and the tests of
# book/record, each with a small book of its own. TAP.
#
# shellcheck disable=SC2016,SC2034,SC2088,SC2154 # shared with small/book.sh
set -u
cd "$(dirname "$0")/../../.." || exit 2
# shellcheck disable=SC1091 # is looked at by itself
. harness/tests/book/small/book.sh

# --- Tests: every function below this line is one -----------------------------

what_is_true_is_accepted_and_left_alone() {
    chapter -- '$ echo hello' hello '$ printf "a\n\nb  \n"; echo c >&2' a '' b c
    accepts
}

what_is_not_printed_any_more_is_rejected_with_the_remedy() {
    chapter -- '$ echo hello' hello '$ echo world' word
    rejects 8 'prints something else: make record CHAPTER=01'
    says '-word'
    says '+world'
}

what_is_printed_is_written_down_and_nothing_else_changes() {
    chapter -- '$ echo hello' '$ for i in 1 2' '> do echo $i' '> done' 3 '$ echo'
    becomes '$ echo hello' hello '$ for i in 1 2' '> do echo $i' '> done' 1 2 \
        '$ echo'
}

what_still_fits_its_dots_stays_short() {
    chapter -- '$ seq 9' 1 … 9 '$ echo a 4711 b' 'a … b' '$ date' …
    accepts
}

what_does_not_fit_its_dots_is_rejected_and_written_whole() {
    chapter -- '$ seq 4' 1 … 3 '$ echo a' …
    rejects 6 'prints something else'
    becomes '$ seq 4' 1 2 3 4 '$ echo a' …
    says 'shorten it again'
}

dots_at_the_end_of_a_line_need_its_beginning() {
    chapter -- '$ echo hello' 'hallo…'
    rejects 6 'prints something else'
}

numbers_may_vary_where_it_says_so() {
    chapter 'varies="numbers"' -- '$ echo "took  12.5 ms, 3,000 calls 1e-05 0xff"' \
        'took 9 ms, 12 calls 2.25e+10 0x7f00'
    accepts
}

blanks_in_a_row_vary_with_numbers() {
    chapter 'varies="numbers"' -- '$ echo "(12, x)     = 0"' '(1234, x)   = 0'
    accepts
}

a_paragraph_breaks_elsewhere_where_a_number_is_longer() {
    chapter 'varies="numbers"' -- '$ echo; echo "  It was 12"; echo "  ms. So"' \
        '' '  It was' '  1234 ms.' '  So'
    accepts
    chapter -- '$ echo; echo "  It was 12"; echo "  ms. So"' '' '  It was 12 ms.' \
        '  So'
    rejects 6 'prints something else'
}

numbers_may_not_vary_elsewhere() {
    chapter -- '$ echo "took 12 ms"' 'took 9 ms'
    rejects 6 'prints something else'
}

words_may_not_vary_among_numbers() {
    chapter 'varies="numbers"' -- '$ echo "took 12 ms"' 'takes 9 ms'
    rejects 6 'prints something else'
}

bars_and_their_axis_may_vary_where_it_says_so() {
    chapter 'varies="bars"' -- \
        '$ echo "  a  ██░░░██    works 35 ms"; echo "     |    |  |"; echo "     0  2  4 s"' \
        '  a     █░░░░█ works 0.2 s' '   |         |' '     0   500 ms'
    accepts
}

a_lane_that_is_gone_is_no_bar_that_varies() {
    chapter 'varies="bars"' -- '$ echo "a  ██░░░██"' 'a █' 'b █'
    rejects 6 'prints something else'
}

the_line_of_the_makefile_may_vary_and_its_exit_status_is_left_out() {
    put Makefile 'check:' "	@echo no; exit 1" 'broken:' "	@exit 3"
    chapter -- '$ make check' no '$ make broken' \
        'make: *** [Makefile:99: broken] Error 3'
    accepts
}

both_outputs_are_seen_and_a_death_as_at_a_prompt() {
    chapter -- '$ echo a; echo b >&2; echo c' a b c \
        '$ sh -c "kill -ABRT \$\$"' Aborted '$ sh -c "kill -SEGV \$\$"' \
        'Segmentation fault'
    accepts
}

a_command_gets_nothing_to_read() {
    chapter -- '$ cat' '$ echo a | cat' a '$ read x </dev/tty' \
        'bash: /dev/tty: No such device or address'
    accepts
}

nothing_of_the_environment_is_seen() {
    chapter -- '$ echo "$NO_COLOR$CI$MAKEFLAGS$MAKELEVEL$OMP_NUM_THREADS"' '' \
        '$ echo $COLUMNS $LC_ALL $TERM; cd; pwd' '80 C.UTF-8 dumb' '~' \
        '$ [ -e labs ] || echo elsewhere' elsewhere
    NO_COLOR=1 CI=1 MAKEFLAGS=-s MAKELEVEL=3 OMP_NUM_THREADS=7
    export NO_COLOR CI MAKEFLAGS MAKELEVEL OMP_NUM_THREADS
    accepts
    unset NO_COLOR CI MAKEFLAGS MAKELEVEL OMP_NUM_THREADS
}

a_reader_goes_on_where_the_last_command_left_off() {
    put book/01-name.md '# 01 A chapter' '' '```console' '$ cd labs' \
        '$ export WORD=hello; exit 3' '```' '' 'Text.' '' '```console' \
        '$ pwd; echo $WORD' '~/while-you-wait/labs' hello '```'
    cp "$tree/book/01-name.md" "$tree.before"
    accepts
}

what_another_compiler_recorded_could_not_be_checked() {
    chapter -- '$ echo hello' hallo
    put book/data/01.values '# Debian, x86-64, 2 cores, tcc 1.0; 2026-11-25'
    record --check --only transcripts 01
    exits 77
    says 'could not check: was recorded with tcc 1.0'
}

every_chapter_begins_anew_and_nothing_is_left_in_the_repository() {
    chapter -- '$ ls labs/01-name' lab.yaml starter.c '$ echo x >labs/made'
    cp "$tree/book/01-name.md" "$tree/book/02-name.md"
    accepts
    [ ! -e "$tree/labs/made" ] || complain "labs/made is there"
}

what_was_judged_in_the_repository_is_not_there() {
    for product in 01-name/judge 01-name/probe 01-name/commands-plain \
        gradebook.db kept/x.c tests/test_text code/01-name; do
        put "build/$product" x
    done
    chapter -- '$ find build -type f | sort' build/01-name/judge \
        build/book/01-name.html build/code/01-name build/toolchain.h
    accepts
}

the_learners_file_is_put_in_place() {
    put book/01-name.md '# 01 A chapter' '' \
        '```{.console file="starter"}' '$ cat labs/01-name/x.c' 'the starter' \
        '```' '' '```{.console file="wrong/lost"}' '$ cat labs/01-name/x.c' \
        'a mistake' '```' '' '```{.console file="solution"}' \
        '$ cat labs/01-name/x.c' 'the reference' '```' '' \
        '```{.console file="accepted/other"}' '$ cat labs/01-name/x.c' \
        'another shape' '```' '' '```{.console file="stages/1.1" lab="01"}' \
        '$ cat labs/01-name/x.c' 'as far as 1.1' '```'
    cp "$tree/book/01-name.md" "$tree.before"
    accepts
    [ "$(cat "$tree/labs/01-name/x.c")" = 'what its author wrote' ] ||
        complain "the author's file is another"
}

a_file_that_is_not_there_is_refused() {
    chapter 'file="stages/1.2"' -- '$ echo a'
    refuses 'book/01-name.md:5: there is no solutions/01-name/stages/1.2.c'
}

a_lab_that_is_not_there_is_refused() {
    chapter 'file="starter" lab="07"' -- '$ echo a'
    refuses 'book/01-name.md:5: there is no lab 07'
}

a_patch_that_does_not_apply_is_refused() {
    put solutions/01-name/x.c 'another reference'
    chapter 'file="wrong/lost"' -- '$ echo a'
    refuses 'wrong/lost.patch does not go on top of'
}

a_missing_tool_is_said_and_nothing_is_run() {
    chapter 'needs="sh no-such-tool"' -- '$ echo a' b
    record --check
    exits 77
    says 'book/01-name.md:5: could not check: no-such-tool is missing'
    leaves_nothing
}

what_is_not_to_be_run_is_not() {
    chapter 'norun="an editor"' -- '$ vi x.c'
    accepts
}

an_unknown_attribute_is_refused() {
    chapter 'flie="starter"' -- '$ echo a'
    refuses 'book/01-name.md:5: unknown attribute flie'
}

what_varies_is_numbers_or_bars() {
    chapter 'varies="words"' -- '$ echo a'
    refuses 'book/01-name.md:5: varies="words"'
}

a_block_that_begins_with_no_command_is_refused() {
    chapter -- 'echo a'
    refuses 'book/01-name.md:6: a console block begins with a command'
}

a_block_that_pandoc_reads_otherwise_is_refused() {
    put book/01-name.md '# 01 A chapter' '' '1. One' '' '   ```console' \
        '   $ echo a' '   ```'
    cp "$tree/book/01-name.md" "$tree.before"
    refuses 'book/01-name.md:5: this console block is not read as one'
}

blocks_that_are_shown_as_text_are_none() {
    put book/01-name.md '# 01 A chapter' '' '````text' '```console' 'a' '```' \
        '````' '' '::: {.note}' '```{.console}' '$ echo a' a '```' ':::'
    cp "$tree/book/01-name.md" "$tree.before"
    accepts
}

a_line_that_looks_like_a_prompt_is_refused() {
    chapter -- '$ echo "$ no"'
    refuses 'book/01-name.md:6: prints a line that looks like a prompt'
}

a_chapter_changed_meanwhile_is_left_alone() {
    chapter -- "\$ echo more >>'$tree/book/01-name.md'; echo a"
    record
    exits 2
    says 'was changed meanwhile'
    [ "$(tail -n 1 "$tree/book/01-name.md")" = more ] ||
        complain "what was written meanwhile is lost"
    leaves_nothing
}

a_command_that_does_not_end_is_ended_with_its_children() {
    chapter -- "\$ setsid sleep 1000 & echo \$! >'$tree.child'; wait" \
        '$ echo a' a
    RECORD_LIMIT_S=1
    export RECORD_LIMIT_S
    rejects 6 'has not ended after 1 s, and was killed'
    unset RECORD_LIMIT_S
    ! alive "$tree.child" || complain "a child of it runs"
}

what_runs_on_behind_a_chapter_is_ended() {
    chapter -- "\$ setsid sleep 1000 & echo \$! >'$tree.child'"
    accepts
    ! alive "$tree.child" || complain "it runs still"
}

# A signal to the script alone, and then all is as if it had never begun.
an_interrupt_ends_all_and_changes_nothing() {
    chapter -- "\$ echo a; echo \$\$ >'$tree.child'; sleep 1000"
    for signal in INT TERM; do
        rm -f "$tree.child"
        TMPDIR=$tree.tmp env --default-signal "$tree/book/record" \
            >"$tree.said" 2>&1 </dev/null &
        script=$!
        waited=0
        until [ -s "$tree.child" ] || [ "$waited" -gt 1000 ]; do
            sleep 0.05
            waited=$((waited + 1))
        done
        kill -$signal "$script"
        wait "$script"
        status=$?
        case $status in
        130 | 143) ;;
        *) complain "exit status $status" ;;
        esac
        ! alive "$tree.child" || complain "the command runs still"
        is_as_before
        leaves_nothing
    done
}

a_chapter_that_is_not_there_is_refused() {
    record 07
    exits 2
    says 'there is no such chapter'
}

# The book itself, which was begun before the other tests.
every_chapter_shows_what_its_commands_print() {
    wait "$checker"
    status=$?
    checker=
    if [ "$status" -eq 77 ]; then
        skip=$(sed 's/:.*could not check//' "$root/said" | tr '\n' ' ')
    else
        cp "$root/said" "$tree.said"
        exits 0
    fi
}

case " $* " in
"  " | *" every_chapter_shows_what_its_commands_print "*)
    FULL=$full env --default-signal book/record --check >"$root/said" 2>&1 &
    checker=$!
    ;;
esac
run_tests "$@"
