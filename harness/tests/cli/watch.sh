# shellcheck shell=sh
# A check on every save: ways to save, and moments.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# It says so after each check.
checks() {
    [ "$(grep -c '^watching ' "$out")" -ge "$1" ]
}

# after CHECKS: it has judged so often, and waits again
after() {
    until_true 1500 checks "$1" || fail "check $1 does not come to its end"
}

# save_by_rename NAME: as many editors do it
save_by_rename() {
    cp "$here/$1.c" "$own.new"
    mv "$own.new" "$own"
}

# end_watch: by Ctrl-C
end_watch() {
    kill -s INT "$pid"
    ended
    cat "$out" "$err"
    exits 130
    until_true 1500 nobody_is_left || fail "processes are left"
    [ -z "$(ls -A "$tree/build/work")" ] || fail "build/work is not empty"
}

# (grep's own status would be an error where a process ended meanwhile.)
a_judge_runs() {
    grep -l -a -F "$tree/build/work/" /proc/[0-9]*/cmdline 2>/dev/null |
        grep -q .
}

# --- Tests ------------------------------------------------------------------

watch_judges_at_once_and_after_every_save() {
    can_signal || return 0
    submit broken
    start watch 00
    after 1
    submit wrong
    after 2
    save_by_rename crashes
    after 3
    end_watch
    is_silent
    sed -n 's/^00-first-check *\([a-z-]* [a-z]*\) .*/\1/p;/^watch/p' "$out" \
        >"$root/verdicts"
    golden watch "$root/verdicts"
    ! grep -q "$escape" "$out" || fail "the screen of a file is cleared"
    lab history --json
    [ "$(grep -c '"id"' "$out")" -eq 3 ] || fail "not three runs are kept"
}

watch_with_poll_finds_a_save_by_looking() {
    can_signal || return 0
    submit broken
    start watch 00 --poll
    after 1
    save_by_rename forbidden
    after 2
    end_watch
    is_silent
    says '00-first-check       contract error'
}

watch_judges_all_labs_and_then_the_one_that_was_saved() {
    can_signal || return 0
    start watch
    after 1
    says '00-first-check       accepted'
    says '02-every-byte        not started'
    says 'watching your files of 2 labs; Ctrl-C ends'
    echo 'int x = ;' >"$tree/labs/02-every-byte/io.c"
    after 2
    end_watch
    says '02-every-byte        compile error'
    [ "$(grep -c '^00-first-check ' "$out")" -eq 1 ] ||
        fail "lab 00 was judged again"
}

watch_takes_each_lab_once() {
    can_signal || return 0
    submit broken
    start watch 00 first-check 0
    after 1
    end_watch
    says 'watching labs/00-first-check/first.c; Ctrl-C ends'
    [ "$(grep -c '^00-first-check ' "$out")" -eq 1 ] || fail "judged twice"
}

watch_waits_for_a_file_that_is_gone() {
    can_signal || return 0
    start watch
    after 1
    mv "$own" "$own~"
    echo 'int x = ;' >"$tree/labs/02-every-byte/io.c"
    after 2
    [ ! -e "$own" ] || fail "the file was made anew"
    submit broken
    after 3
    end_watch
    is_silent
    says '00-first-check       compile error'
}

a_save_breaks_off_the_check_of_what_was_saved_before() {
    can_signal || return 0
    submit hangs
    start watch 00
    until_true 1500 a_judge_runs || fail "no check begins"
    submit broken
    after 1
    end_watch
    says '00-first-check       compile error'
    [ "$(grep -c '^00-first-check ' "$out")" -eq 1 ] ||
        fail "both were judged to the end"
}

a_check_that_is_broken_off_is_made_up_for() {
    can_signal || return 0
    submit hangs
    echo 'int x = ;' >"$tree/labs/02-every-byte/io.c"
    start watch
    until_true 1500 a_judge_runs || fail "no check begins"
    submit broken
    after 1
    end_watch
    says '00-first-check       compile error'
    says '02-every-byte        compile error'
}

the_last_of_many_saves_is_judged() {
    can_signal || return 0
    start watch 00
    for pause in 0 0.02 0.1 0.12 0.2 0; do
        submit wrong
        sleep "$pause"
        save_by_rename broken
        sleep "$pause"
    done
    submit crashes
    until_true 1500 grep -q 'run-time error' "$out" ||
        fail "the last one is not judged"
    end_watch
}

ctrl_c_ends_watch_and_the_check_that_runs() {
    can_signal || return 0
    for signal in 2 15 1 9; do
        submit hangs
        start watch 00
        until_true 1500 a_judge_runs || fail "no check begins"
        kill -$signal "$pid"
        ended
        exits $((128 + signal))
        is_sound
    done
    next_check_is_whole
}

watch_goes_on_when_a_check_is_not_possible() {
    can_signal || return 0
    mv "$tree/build/00-first-check/judge" "$root/judge"
    start watch 00
    after 1
    complains 'build/00-first-check/judge cannot be run'
    mv "$root/judge" "$tree/build/00-first-check/judge"
    submit broken
    after 2
    end_watch
    says '00-first-check       compile error'
}

watch_clears_a_terminal_alone() {
    if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
        skip="script(1) of util-linux is missing: no terminal to try on"
        return
    fi
    submit broken
    mkfifo "$root/keys"
    (cd "$away" && exec timeout -k 5 300 script -qec \
        "$tree/build/lab watch 00" /dev/null) <"$root/keys" >"$out" 2>&1 &
    pid=$!
    exec 9>"$root/keys"
    after 1
    printf '\003' >&9
    ended
    exec 9>&-
    cat "$out"
    exits 130
    says "${escape}[H${escape}[2J"
}
