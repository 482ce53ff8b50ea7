# shellcheck shell=sh
# Ctrl-C, kill and a closed terminal, at any moment of a check.
#
# The moments are drawn from a seed, which is printed, in milliseconds after
# `lab` has begun; whatever the moment, the same must hold.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

: "${SEED:=$(date +%s)}" "${KILLS:=8}"

# moments: KILLS of them between 0 and 300 ms, in seconds; others for each
# test
moments() {
    echo "SEED=$SEED" >&2
    name=$(echo "$test" | cksum)
    awk -v seed="$SEED" -v name="${name%% *}" -v count="$KILLS" 'BEGIN {
        srand((seed + name) % 2147483647)
        for (i = 0; i < count; i++)
            printf "%.3f\n", rand() * 0.3
    }'
}

# until_true TRIES COMMAND...: polled for at most so many times 20 ms
until_true() {
    tries=$1
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" && return 0
        tries=$((tries - 1))
        sleep 0.02
    done
    return 1
}

runs_lab() {
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = lab ] ||
        ! kill -0 "$pid" 2>/dev/null
}

# start ARGUMENT...: lab as the leader of a session of its own, $pid
start() {
    setsid env --default-signal=INT,QUIT,HUP "$tree/build/lab" "$@" </dev/null \
        >"$out" 2>"$err" &
    pid=$!
    until_true 1500 runs_lab || fail "lab does not begin"
}

# Wait for $pid; what does not end is a failure, and ended.
ended() {
    until_true 15000 has_ended || {
        fail "lab does not end"
        kill -s KILL "$pid"
    }
    wait "$pid"
    status=$?
    pid=
}

# A zombie has ended: it waits for us.
has_ended() {
    ! grep -q -s '^State:[^ZX]*$' "/proc/$pid/status"
}

# Processes with a program, a folder or an argument in the copy. (Another
# user's cannot be seen, but there are none.)
survivors() {
    find /proc/[0-9]*/exe /proc/[0-9]*/cwd -maxdepth 0 \
        \( -lname "$tree" -o -lname "$tree/*" \) 2>/dev/null
    echo "$tree/build/" >"$root/pattern"
    grep -l -a -F -f "$root/pattern" /proc/[0-9]*/cmdline 2>/dev/null
}

nobody_is_left() {
    survivors >"$root/left"
    [ ! -s "$root/left" ]
}

# What a stopped check may leave in build/: nothing half.
is_sound() {
    if ! until_true 1500 nobody_is_left; then
        cat "$root/left"
        fail "processes are left"
    fi
    probe=$tree/build/00-first-check/probe
    [ ! -e "$probe" ] ||
        [ "$(printf a | timeout 60 "$probe" first_byte)" = 97 ] ||
        fail "the probe is not whole"
    strange=$(find "$tree/build" "$tree/labs" -path "$tree/build/work" \
        -prune -o -name '*.??????' ! -name 'gradebook.db-*' -print)
    [ -z "$strange" ] || fail "half a file: $strange"
    if ! "$tree/build/lab" history >"$root/history" 2>&1 ||
        grep -q corrupt "$root/history"; then
        fail "the gradebook has suffered"
    fi
}

# The next check works and takes away what the stopped one left.
next_check_is_whole() {
    cp "$tree/labs/00-first-check/starter.c" "$own"
    lab check 00
    exits 0
    [ -z "$(ls -A "$tree/build/work")" ] || fail "build/work is not empty"
}

# stopped NAME SIGNAL TARGET STATUS: checks of cli/NAME.c (or of the
# starter) are sent the signal, to the group or to lab alone. Each ends with
# the status, or (the starter's) was over before.
stopped() {
    early=0
    for moment in $(moments); do
        if [ "$1" = starter ]; then
            cp "$tree/labs/00-first-check/starter.c" "$own"
        else
            submit "$1"
        fi
        start check 00
        sleep "$moment"
        target=$pid
        [ "$3" != group ] || target=-$pid
        kill -s "$2" -- "$target" 2>/dev/null || [ ! -d "/proc/$pid/fd" ] ||
            fail "the signal cannot be sent"
        ended
        echo "after $moment s: exit status $status"
        if [ "$status" -eq 0 ] && [ "$1" = starter ]; then
            says '00-first-check       accepted'
        else
            early=$((early + 1))
            exits "$4"
            says_not 'tests'
        fi
        is_sound
    done
    [ "$early" -gt 0 ] || echo "none of them came before the end"
    next_check_is_whole
}

can_signal() {
    setsid env --default-signal=INT true 2>/dev/null ||
        skip="setsid, or env with --default-signal, is missing"
    [ -z "$skip" ]
}

# --- Tests ------------------------------------------------------------------

ctrl_c_stops_a_check() {
    can_signal && stopped starter INT group 130
}

ctrl_c_stops_a_program_that_hangs() {
    can_signal && stopped hangs INT group 130
}

an_interrupt_of_lab_alone_stops_a_check() {
    can_signal && stopped starter INT lab 130
}

an_interrupt_of_lab_alone_stops_a_program_that_hangs() {
    can_signal && stopped hangs INT lab 130
}

a_polite_kill_stops_a_check() {
    can_signal && stopped starter TERM lab 143
}

a_polite_kill_stops_a_program_that_hangs() {
    can_signal && stopped hangs TERM lab 143
}

a_closed_terminal_stops_a_check() {
    can_signal && stopped starter HUP group 129
}

a_closed_terminal_stops_a_program_that_hangs() {
    can_signal && stopped hangs HUP group 129
}

kill_9_leaves_nothing_of_a_check() {
    can_signal && stopped starter KILL lab 137
}

kill_9_leaves_nothing_of_a_program_that_hangs() {
    can_signal && stopped hangs KILL lab 137
}

what_outlived_a_kill_9_is_ended_by_the_next_check() {
    stale=$tree/build/work/00-first-check.abcdef
    mkdir -p "$stale/1-0"
    cp "$(command -v sleep)" "$stale/probe"
    "$stale/probe" 1000 &
    stray=$!
    next_check_is_whole
    if ! until_true 1500 nobody_is_left; then
        cat "$root/left"
        fail "it is not ended"
        kill -s KILL "$stray"
    fi
    wait "$stray"
}

a_check_under_nohup_outlives_its_terminal() {
    can_signal || return 0
    (
        trap '' HUP
        exec setsid "$tree/build/lab" check 00 </dev/null >"$out" 2>"$err"
    ) &
    pid=$!
    until_true 1500 runs_lab
    kill -s HUP -- "-$pid"
    ended
    exits 0
    says '00-first-check       accepted'
}

ctrl_c_stops_a_judge_that_does_not_even_list_its_tests() {
    can_signal || return 0
    judge=$tree/build/00-first-check/judge
    printf '#!/bin/sh\nexec sleep 1000\n' >"$judge"
    start check 00
    until_true 1500 grep -q . "/proc/$pid/task/$pid/children"
    kill -s INT "$pid"
    ended
    exits 130
    is_sound
}

ctrl_c_answers_the_question_of_solution() {
    if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
        skip="script(1) of util-linux is missing: no terminal to try on"
        return
    fi
    mkfifo "$root/keys"
    (cd "$away" && exec timeout -k 5 300 script -qec \
        "$tree/build/lab solution 00" /dev/null) \
        <"$root/keys" >"$out" 2>&1 &
    pid=$!
    exec 9>"$root/keys"
    until_true 1500 grep -q 'y/N' "$out" || fail "it does not ask"
    printf '\003' >&9
    ended
    exec 9>&-
    exits 130
    cat "$out"
    says_not '#include'
}

ctrl_c_ends_the_wait_for_standard_input() {
    can_signal || return 0
    mkfifo "$root/input"
    exec 9<>"$root/input"
    setsid env --default-signal=INT,QUIT "$tree/build/lab" check 00 --file - \
        <"$root/input" >"$out" 2>"$err" &
    pid=$!
    until_true 1500 runs_lab || fail "lab does not begin"
    kill -s INT "$pid"
    ended
    exec 9>&-
    exits 130
    is_sound
}
