# shellcheck shell=sh
# A chapter's experiment, which here is a script.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# experiment: the lines of standard input are that of lab 00
experiment() {
    {
        echo '#!/bin/sh'
        cat
    } >"$tree/build/00-first-check/experiment"
    chmod +x "$tree/build/00-first-check/experiment"
}

draws_queue() {
    experiment <<'END'
printf 'note\tTwo people.\n'
printf 'chart\tOne after the other\n'
printf 'lane\tfirst\nwork\t0\t0.2\n'
printf 'lane\tsecond\nwait\t0\t0.2\nwork\t0.2\t0.4\n'
printf 'note\tThe second one waits.\n'
END
}

# --- Tests ------------------------------------------------------------------

run_draws_what_the_experiment_measured() {
    draws_queue
    under='env LC_ALL=C.UTF-8 COLUMNS=60'
    lab run 00
    exits 0
    is_silent
    under='env LC_ALL=C COLUMNS=60'
    lab run first-check
    exits 0
    golden run "$session"
}

run_goes_to_column_80_unless_told_otherwise() {
    draws_queue
    for columns in '' 1 99999 many; do
        under="env COLUMNS=$columns LC_ALL=C"
        lab run 00
        awk 'length > 79 { exit 1 }' "$out" || fail "longer than 79 columns"
        awk 'length > 70 { seen = 1 } END { exit !seen }' "$out" ||
            fail "shorter than 70 columns"
    done
}

run_prints_what_was_measured_with_tsv() {
    draws_queue
    lab run 00 --tsv
    exits 0
    cp "$out" "$root/tsv"
    "$tree/build/00-first-check/experiment" | cmp - "$root/tsv" ||
        fail "not what the experiment printed"
}

run_hands_in_the_starter_and_the_reference() {
    experiment <<'END'
for program; do
    "$program" >/dev/null
    printf 'note\t%s of %s ends with %s.\n' "${program##*/}" \
        "$(basename "${program%/*}")" $?
done
END
    lab run 00
    exits 0
    says 'starter of 00-first-check ends with 2.'
    says 'reference of 00-first-check ends with 2.'
}

run_colours_a_terminal_alone() {
    draws_queue
    lab run 00
    has_no_colour
    on_terminal run 00
    [ -z "$skip" ] || return
    has_colour
    on_terminal NO_COLOR=1 run 00
    has_no_colour
}

run_says_that_a_lab_has_no_experiment() {
    lab run 02
    exits 2
    complains '02-every-byte has no experiment'
}

run_says_what_the_experiment_could_not_do() {
    experiment <<'END'
echo 'experiment: no socket' >&2
exit 2
END
    lab run 00
    exits 2
    complains 'experiment failed and said: experiment: no socket'
    says_not .
}

run_says_what_is_no_timeline() {
    experiment <<'END'
printf 'chart\tA\nhello\n'
END
    lab run 00
    exits 2
    complains 'printed no timeline: line 2: no line of a timeline: hello'
}

run_says_that_the_starter_does_not_compile() {
    draws_queue
    echo 'int x = ;' >>"$tree/labs/00-first-check/starter.c"
    lab run 00
    exits 2
    complains 'labs/00-first-check/starter.c does not compile'
}
