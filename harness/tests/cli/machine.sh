# shellcheck shell=sh
# Tools that are missing, places where not all can be checked, an output that
# goes nowhere, two at once.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# in_place COMMAND: `lab doctor` where COMMAND, run as root of a namespace of
# its own, has mounted what it likes
in_place() {
    unshare --user --map-root-user --mount true 2>/dev/null ||
        skip="no namespace can be made here"
    [ -z "$skip" ] || return 0
    printf '%s\nexec "$@"\n' "$1" >"$root/place"
    under="unshare --user --map-root-user --mount sh -e $root/place"
    lab doctor
    [ "$status" -ne 1 ] || fail "exit status 1 is none of doctor's"
}

# --- Tests ------------------------------------------------------------------

a_missing_compiler_is_said() {
    without compiler
    [ -z "$skip" ] || return 0
    rm "$root/bin$number/$cc"
    lab check 00
    exits 2
    says '00-first-check       could not check'
    tells "$cc cannot be started (No such file or directory). Run: sh"
    lab check 00 --json
    exits 2
    says '"verdict": "could not check"'
}

a_missing_part_of_the_compiler_is_said() {
    without as
    [ -z "$skip" ] || return 0
    submit wrong
    lab check 00
    [ "$status" -ne 1 ] || says '00-first-check       wrong answer'
    [ "$status" -ne 2 ] || tells 'A part of the compiler is missing. Run: sh'
}

a_missing_tool_is_said() {
    for tool in nm ld objcopy; do
        without $tool
        [ -z "$skip" ] || return 0
        lab check 00
        exits 2
        says '00-first-check       could not check'
        tells "$tool cannot be started (No such file or directory). Run: sh"
        rm -r "${root:?}/bin$number"
    done
}

a_missing_diff_is_said() {
    without diff
    [ -z "$skip" ] || return 0
    submit wrong
    lab solution 00 --yes
    exits 2
    complains 'diff is not installed'
    complains 'Run: sh harness/setup'
}

a_doctor_in_a_codespace_says_what_is_not_checked() {
    under="env CODESPACES=true"
    lab doctor
    says '! caution  place        GitHub Codespaces: verdicts stand'
    tells 'whether it disturbs a measured time is not checked'
}

a_doctor_on_wsl_says_what_is_not_checked() {
    echo 5.15.153.1-microsoft-standard-WSL2 >"$root/release"
    in_place "mount --bind $root/release /proc/sys/kernel/osrelease"
    [ -n "$skip" ] || says '! caution  place        WSL: verdicts stand'
}

a_doctor_in_a_container_says_what_is_not_checked() {
    if [ -e /.dockerenv ]; then
        lab doctor
        says '! caution  place        Docker: verdicts stand'
        return
    fi
    in_place 'mount -t tmpfs none /run; : >/run/.containerenv'
    [ -n "$skip" ] || says '! caution  place        Podman: verdicts stand'
}

# What it is called in /proc/self/cgroup differs; here it is the highest one.
a_doctor_under_a_quota_says_what_is_not_measured() {
    in_place 'mount -t tmpfs none /sys/fs/cgroup
        mkdir /sys/fs/cgroup/cpu
        echo 50000 100000 >/sys/fs/cgroup/cpu.max
        echo 50000 >/sys/fs/cgroup/cpu/cpu.cfs_quota_us
        echo 100000 >/sys/fs/cgroup/cpu/cpu.cfs_period_us'
    [ -z "$skip" ] || return 0
    says '! caution  cores '
    tells ', 0.5 at a time: parallel programs are proved, but'
}

a_doctor_on_a_changing_clock_says_what_may_be_too_noisy() {
    in_place 'mount -t tmpfs none /sys/devices/system/cpu
        mkdir /sys/devices/system/cpu/cpufreq
        echo 1 >/sys/devices/system/cpu/cpufreq/boost'
    [ -z "$skip" ] || return 0
    says '! caution  clock        governor not known, turbo on: the'
    tells 'but times may be too noisy to compare'
}

a_doctor_under_pressure_says_what_may_be_too_noisy() {
    [ -r /proc/pressure/cpu ] || skip="this kernel does not tell of pressure"
    [ -z "$skip" ] || return 0
    echo 'some avg10=34.00 avg60=0.00 avg300=0.00 total=1' >"$root/pressure"
    in_place "mount --bind $root/pressure /proc/pressure/cpu"
    [ -n "$skip" ] ||
        tells 'work waited for a processor in 34 % of the last ten seconds:'
}

a_doctor_says_why_the_race_tools_find_no_room() {
    wants_races
    without clang
    [ -z "$skip" ] || return 0
    cat >"$root/bin$number/clang" <<'END'
#!/bin/sh
printf '#!/bin/sh\necho "FATAL: ThreadSanitizer: no room"\n' >race
chmod +x race
END
    chmod +x "$root/bin$number/clang"
    ln -s "$(command -v chmod)" "$root/bin$number/"
    lab doctor
    says '! caution  races        data races are not checked (labs: '
    tells 'unless it is started with --security-opt seccomp=unconfined'
}

a_full_standard_output_is_said() {
    [ -c /dev/full ] || skip="there is no /dev/full"
    [ -z "$skip" ] || return 0
    for words in help 'check --help' 'check 00' 'check 00 --json' \
        'check 00 --tap' history progress 'solution 00 --yes'; do
        # shellcheck disable=SC2086 # words
        "$tree/build/lab" $words </dev/null >/dev/full 2>"$err"
        status=$?
        exits 2
        complains 'write to standard output: No space left on device'
    done
}

a_closed_standard_output_is_said_and_no_file_gets_its_text() {
    for words in help 'check 00' 'check 00 --json' history progress; do
        # shellcheck disable=SC2086 # words
        "$tree/build/lab" $words </dev/null >&- 2>"$err"
        status=$?
        exits 2
        complains 'write to standard output: Bad file descriptor'
    done
    lab history
    exits 0
    is_silent
    ! grep -q -r -a -F 'accepted      ' "$tree/build"/gradebook.db* ||
        fail "a report is in the gradebook"
}

everything_closed_is_survived() {
    "$tree/build/lab" check 00 <&- >&- 2>&-
    status=$?
    exits 2
    lab history --json
    exits 0
    is_silent
    [ "$(grep -c '"id"' "$out")" -eq 1 ] || fail "not one run in the history"
}

the_language_of_the_machine_does_not_matter() {
    submit broken
    under="env LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de"
    lab check 00
    exits 1
    tells 'Nothing of this name has been declared'
}

two_checks_at_once_are_both_reported_and_kept() {
    for round in $(seq "$TIMES"); do
        timeout -k 5 300 "$tree/build/lab" check 00 >"$root/one" 2>&1 &
        lab check 00
        exits 0
        wait $! || fail "the other one ended with $? in round $round"
        cat "$root/one"
        grep -q '^00-first-check       accepted ' "$root/one" ||
            fail "the other one's report is missing in round $round"
    done
    lab history --limit 0 --json
    [ "$(grep -c '"verdict": "accepted"' "$out")" -eq $((2 * TIMES)) ] ||
        fail "not $((2 * TIMES)) runs in the history"
    [ -z "$(ls -A "$tree/build/work")" ] || fail "build/work is not empty"
}

no_line_of_a_report_is_wider_than_80_columns() {
    [ -s "$root/lines" ] || skip="no other test was run"
    LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length > 80' "$root/lines" |
        sort -u >"$root/wide"
    cat "$root/wide"
    [ ! -s "$root/wide" ] || fail "lines are wider"
}
