# shellcheck shell=sh
# Bad files: the learner's and lab.yaml. Each message names the file, the
# line where there is one, and what to do.
#
# shellcheck disable=SC2016,SC2034,SC2154 # quoted text; shared variables

path=labs/00-first-check/first.c
advice='`make reset LAB=00` puts the starter there and keeps what was there.'

# refused_with STATUS VERDICT TEXT: by a check of all and of one lab; reset
# helps; nothing is left in build/work
refused_with() {
    for name in '' 00; do
        lab check $name
        exits "$1"
        says "00-first-check       $2"
        tells "$3"
        is_silent
    done
    [ -z "$(ls -A "$tree/build/work" 2>/dev/null)" ] ||
        fail "something is left in build/work"
    lab reset 00
    exits 0
    lab check 00
    exits 0
}

# yaml_with SED-SCRIPT TEXT: lab.yaml changed so is refused with the text
yaml_with() {
    yaml=labs/00-first-check/lab.yaml
    sed "$1" "$yaml" >"$tree/$yaml"
    for command in check history progress; do
        lab $command
        exits 2
        complains "$2"
    done
    lab hint 00
    exits 2
    complains "$2"
}

# As the owner, but without root's right to read and write everything.
unprivileged() {
    under="setpriv --bounding-set -all --inh-caps -all --no-new-privs"
    [ "$(id -u)" -ne 0 ] && under= && return
    $under true 2>/dev/null || skip="setpriv cannot take root's rights away"
}

# hand_in FILE ARGUMENT...: lab with that file on its standard input
hand_in() {
    echo 'file=$1 && shift && exec "$@" <"$file"' >"$root/hand-in"
    under="sh $root/hand-in $1"
    shift
    lab "$@"
    under=
}

# --- Tests ------------------------------------------------------------------

a_lab_yaml_with_a_tab_is_refused_by_file_and_line() {
    yaml_with "$(printf '/^limits/,$s/^  cpu_s/\tcpu_s/')" \
        'lab: labs/00-first-check/lab.yaml:11: a tab indents this line; use'
}

a_lab_yaml_with_a_wrong_value_is_refused_by_file_and_line() {
    yaml_with 's/^points: .*/points: many/' \
        'lab: labs/00-first-check/lab.yaml:6: points: expected a whole number'
}

a_lab_yaml_with_an_unknown_key_is_refused_by_file_and_line() {
    yaml_with 's/^solved:/sloved:/' \
        'lab: labs/00-first-check/lab.yaml:7: unknown key "sloved"; known are'
}

a_lab_yaml_that_lacks_a_key_is_refused() {
    yaml_with '/^header/d' 'header: missing; expected one line of text'
}

a_lab_without_a_lab_yaml_is_refused() {
    rm "$tree/labs/00-first-check/lab.yaml"
    lab check
    exits 2
    complains 'labs/00-first-check/lab.yaml: missing; every folder'
}

a_lab_without_a_judge_is_refused_with_what_to_type() {
    rm "$tree/build/00-first-check/judge"
    lab check 00
    exits 2
    complains 'build/00-first-check/judge cannot be run (No such file or'
    complains 'Run: make'
}

a_missing_file_is_made_from_the_starter() {
    [ ! -e "$own" ] || fail "the copy holds a learner's file"
    lab check 00
    exits 0
    cmp "$own" "$tree/labs/00-first-check/starter.c" ||
        fail "it is not the starter"
}

a_file_that_cannot_be_made_is_said() {
    unprivileged
    [ -z "$skip" ] || return 0
    chmod a-w "$tree/labs/00-first-check"
    lab check 00
    exits 2
    complains "$path cannot be made from the starter: Permission denied"
    chmod u+w "$tree/labs/00-first-check"
}

an_empty_file_is_refused() {
    : >"$own"
    refused_with 1 'compile error' "$path is empty. $advice"
}

a_file_of_blanks_is_refused() {
    printf ' \n\t\r\n\n' >"$own"
    refused_with 1 'compile error' "$path is empty. $advice"
}

a_file_of_50_mb_is_refused_unread() {
    truncate -s 50000000 "$own"
    refused_with 1 'compile error' "$path is larger than 256 KiB"
}

latin_1_is_refused_with_its_line() {
    printf '/* one\n * caf\351 */\n' >"$own"
    refused_with 1 'compile error' \
        "$path:2: the byte 0xe9 there is not text. Save the file as UTF-8"
}

utf_16_is_refused() {
    printf '\377\376i\0n\0t\0' >"$own"
    refused_with 1 'compile error' "$path:1: the byte 0xff there is not text"
}

a_nul_byte_is_refused_with_its_line() {
    printf 'int a;\nint b;\nint\0c;\n' >"$own"
    refused_with 1 'compile error' "$path:3: the byte 0x00 there is not text"
}

a_file_saved_on_another_system_is_judged() {
    {
        printf '\357\273\277'
        sed 's/$/\r/' "$here/crashes.c"
    } >"$own"
    lab check 00
    exits 1
    says 'where     first.c:12: if (read'
    ! grep -q "$(printf '\r')" "$out" || fail "a carriage return is printed"
    {
        printf '\357\273\277'
        sed 's/$/\r/' "$tree/labs/00-first-check/starter.c"
    } >"$own"
    unsolve
    lab check 00
    exits 0
    says 'not started'
}

an_unreadable_file_is_refused() {
    unprivileged
    [ -z "$skip" ] || return 0
    submit wrong
    chmod a-r "$own"
    lab check 00
    exits 2
    says '00-first-check       could not check'
    tells "$path cannot be read (Permission denied). Let yourself read it:"
    tells "chmod u+r $path"
    chmod u+r "$own"
}

a_folder_is_refused() {
    mkdir "$own"
    refused_with 2 'could not check' \
        "$path is a folder, not a file with a program. $advice"
}

a_fifo_is_refused_and_not_waited_for() {
    mkfifo "$own"
    refused_with 2 'could not check' \
        "$path is a FIFO, not a file with a program. $advice"
}

a_link_to_an_endless_device_is_refused() {
    ln -s /dev/zero "$own"
    refused_with 2 'could not check' \
        "$path is a symbolic link to a device, not a file with a program."
}

a_link_to_the_terminal_is_refused() {
    ln -s /dev/tty "$own"
    refused_with 2 'could not check' \
        "$path is a symbolic link to a device, not a file with a program."
}

a_link_that_leads_nowhere_is_refused() {
    ln -s nowhere.c "$own"
    refused_with 2 'could not check' \
        "$path is a symbolic link to a file that cannot be found (No such"
}

a_link_in_a_circle_is_refused() {
    ln -s first.c "$own"
    refused_with 2 'could not check' \
        "$path is a symbolic link to a file that cannot be found (Too many"
}

a_link_to_a_file_is_followed() {
    cp "$here/wrong.c" "$away/elsewhere.c"
    ln -s "$away/elsewhere.c" "$own"
    lab check 00
    exits 1
    says '00-first-check       wrong answer'
    lab reset 00
    exits 0
    cmp "$here/wrong.c" "$away/elsewhere.c" || fail "reset changed its target"
}

a_named_file_that_is_not_there_is_said() {
    lab check 00 --file nothing.c
    exits 2
    tells 'nothing.c is not there (No such file or directory).'
    says_not 'make reset'
}

a_program_on_standard_input_is_judged() {
    hand_in "$here/wrong.c" check 00 --file - --seed 7
    exits 1
    is_silent
    golden standard-input
    hand_in "$tree/solutions/00-first-check/first.c" check 00 --file=-
    exits 0
    says '00-first-check       accepted'
    lab history
    says 'No lab was judged yet'
    [ ! -e "$own" ] || fail "the learner's own file was made"
    hand_in "$here/wrong.c" check 00 --file - --json
    exits 1
    says '"file": "-"'
}

lines_of_standard_input_are_those_of_the_labs_file() {
    for name in broken crashes forbidden; do
        hand_in "$here/$name.c" check 00 --file -
        exits 1
        says 'where     first.c:'
    done
    echo '#include "first.h"' >"$away/none.c"
    hand_in "$away/none.c" check 00 --file -
    exits 1
    tells 'standard input does not define first_byte(), which first.h asks'
}

standard_input_without_a_program_is_refused() {
    for name in empty blanks; do
        : >"$away/empty"
        printf ' \n\t\r\n' >"$away/blanks"
        hand_in "$away/$name" check 00 --file -
        exits 1
        tells 'standard input is empty. Hand a program in: build/lab check'
        tells '00 --file - <first.c'
    done
    printf 'int a;\nint\0b;\n' >"$away/nul"
    hand_in "$away/nul" check 00 --file -
    exits 1
    tells 'standard input:2: the byte 0x00 there is not text'
    hand_in /dev/zero check 00 --file -
    exits 1
    tells 'standard input is larger than 256 KiB'
    hand_in "$away" check 00 --file -
    exits 2
    tells 'standard input cannot be read (Is a directory).'
    is_silent
}

a_closed_standard_input_is_empty() {
    "$tree/build/lab" check 00 --file - <&- >"$out" 2>"$err"
    status=$?
    exits 1
    tells 'standard input is empty.'
}

standard_input_comes_in_pieces_from_a_pipe() {
    (
        head -c 100 "$here/wrong.c"
        sleep 0.1
        tail -c +101 "$here/wrong.c"
    ) | "$tree/build/lab" check 00 --file - >"$out" 2>"$err"
    says '00-first-check       wrong answer'
}

a_file_called_minus_is_a_file() {
    cp "$here/wrong.c" "$away/-"
    lab check 00 --file ./-
    exits 1
    says '00-first-check       wrong answer'
}
