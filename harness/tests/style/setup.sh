#!/bin/sh
# usage: sh harness/tests/style/setup.sh
#
# Tests of harness/setup, as TAP. Nothing is installed: setup finds every
# program through PATH, so each test gives it a PATH of its own with programs
# that only write down how they were called. `absent NAME...` says what does
# not work there; a package manager that succeeds makes it work.
set -u

here=$(cd "$(dirname "$0")" && pwd)
setup=$here/../../setup
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM HUP
tests=0
failed=0

# --- A machine made of programs that pretend ----------------------------------

# Writes a program into the machine: pretend NAME, its text on standard input.
pretend() {
    {
        echo '#!/bin/sh'
        echo "machine=$machine"
        cat
    } >"$machine/bin/$1"
    chmod +x "$machine/bin/$1"
}

# A machine on which everything works: machine UID [MANAGER...]
machine() {
    machine=$root/$tests
    mkdir -p "$machine/bin" "$machine/absent" "$machine/kept"
    : >"$machine/log"
    for tool in sh mktemp rm cat dirname env; do
        ln -s "$(command -v $tool)" "$machine/bin/$tool"
    done
    for tool in make ld objcopy nm addr2line patch diff pandoc \
        llvm-symbolizer bwrap strace; do
        echo : | pretend $tool
    done
    compilers
    pretend pkg-config <<'END'
[ ! -e "$machine/absent/$2" ]
END
    echo "echo $1" | pretend id
    shift
    for manager; do
        package_manager "$manager"
    done
    pretend apt-cache <<'END'
[ ! -e "$machine/absent/lists" ]
END
    pretend sudo <<'END'
echo "sudo $*" >>"$machine/log"
exec "$@"
END
}

compilers() {
    pretend cc <<'END'
cat >/dev/null
case $* in
*-fopenmp*) [ ! -e "$machine/absent/openmp" ] ;;
*-fsanitize*) [ ! -e "$machine/absent/sanitizers" ] ;;
esac
END
    pretend clang <<'END'
[ ! -e "$machine/absent/clang" ] || exit 127
case $* in
-print*) echo /nowhere ;;
*) [ ! -e "$machine/absent/archer" ] ;;
esac
END
}

# It fails when told so; else it makes everything work.
package_manager() {
    pretend "$1" <<END
PATH=$PATH
echo "\${0##*/} \$*" >>"\$machine/log"
if [ "\$1" = update ]; then
    rm -f "\$machine/absent/lists" "\$machine/absent/fails-once"
    exit
fi
if [ -e "\$machine/absent/fails" ] || [ -e "\$machine/absent/fails-once" ]; then
    echo "E: Unable to locate package" >&2
    exit 100
fi
[ ! -e "\$machine/absent/does-nothing" ] || exit 0
rm -f "\$machine"/absent/*
mv "\$machine"/kept/* "\$machine/bin/" 2>/dev/null || :
END
}

# What does not work from here on: a library, a program, or what the programs
# above look for.
absent() {
    for name; do
        if [ -e "$machine/bin/$name" ]; then
            mv "$machine/bin/$name" "$machine/kept/$name"
        else
            : >"$machine/absent/$name"
        fi
    done
}

# --- Asking -------------------------------------------------------------------

# Runs setup there: its status, output and what was called are kept.
run_setup() {
    PATH=$machine/bin sh "$setup" "$@" >"$machine/out" 2>"$machine/err"
    status=$?
}

fail() {
    echo "# $1"
    why=$1
}

status_is() {
    [ "$status" -eq "$1" ] || fail "exit status $status, not $1"
}

# says FILE TEXT: a line of out, err or log holds the text
says() {
    grep -qF -- "$2" "$machine/$1" || {
        fail "no \"$2\" in $1:"
        sed 's/^/#   /' "$machine/$1"
    }
}

lacks() {
    ! grep -qF -- "$2" "$machine/$1" || fail "\"$2\" in $1"
}

is_empty() {
    [ ! -s "$machine/$1" ] || {
        fail "$1 is not empty:"
        sed 's/^/#   /' "$machine/$1"
    }
}

# --- Tests: every function below this line is one -----------------------------

a_complete_machine_gets_no_word_and_no_change() {
    machine 1000 apt-get
    run_setup
    status_is 0
    is_empty out
    is_empty err
    is_empty log
}

print_is_silent_on_a_complete_machine() {
    machine 1000 apt-get
    run_setup --print
    status_is 0
    is_empty out
    is_empty err
}

root_installs_by_apt_get_without_questions() {
    machine 0 apt-get
    absent openmp check pandoc
    run_setup
    status_is 0
    says out 'missing: pandoc'
    says out 'missing: Check'
    says out 'missing: a C compiler with OpenMP'
    says out 'running: env DEBIAN_FRONTEND=noninteractive apt-get install'
    says log 'apt-get install -y --no-install-recommends gcc libc6-dev pandoc check'
    lacks log update
    lacks log sudo
}

apt_get_fetches_its_lists_first_when_it_has_none() {
    machine 0 apt-get
    absent check lists
    run_setup
    status_is 0
    [ "$(head -n 1 "$machine/log")" = 'apt-get update' ] ||
        fail 'update did not come first'
    says log 'apt-get install'
}

apt_get_fetches_its_lists_anew_when_an_install_fails_once() {
    machine 0 apt-get
    absent check fails-once
    run_setup
    status_is 0
    says err 'E: Unable to locate package'
    says log 'apt-get update'
}

a_user_installs_through_sudo() {
    machine 1000 apt-get
    absent libcurl
    run_setup
    status_is 0
    says out 'running: sudo env DEBIAN_FRONTEND=noninteractive apt-get'
    says log 'sudo env DEBIAN_FRONTEND=noninteractive apt-get install'
    says log 'libcurl4-openssl-dev'
}

a_user_without_sudo_gets_the_command_for_the_administrator() {
    machine 1000 apt-get
    absent sqlite3 sudo
    run_setup
    status_is 2
    says err 'ask the administrator to run'
    says out 'apt-get install -y --no-install-recommends libsqlite3-dev'
    lacks out 'sudo '
    is_empty log
}

dnf_installs_the_names_of_fedora() {
    machine 0 dnf
    absent openmp sanitizers check libcurl openssl sqlite3 yaml-0.1 jansson
    run_setup
    status_is 0
    says log 'dnf install -y gcc glibc-devel libgomp libasan libubsan check-devel libcurl-devel openssl-devel sqlite-devel libyaml-devel jansson-devel'
}

apk_installs_the_names_of_alpine() {
    machine 0 apk
    absent check libcurl openssl sqlite3 yaml-0.1 jansson pkg-config pandoc
    run_setup
    status_is 0
    says log 'apk add --update-cache pandoc-cli pkgconf check-dev curl-dev openssl-dev sqlite-dev yaml-dev jansson-dev'
}

alpine_is_not_asked_for_sanitizers_that_it_does_not_have() {
    machine 0 apk
    absent sanitizers
    run_setup
    status_is 0
    is_empty out
    is_empty log
}

pacman_installs_the_names_of_arch() {
    machine 0 pacman
    absent make objcopy patch diff pandoc yaml-0.1
    run_setup
    status_is 0
    says log 'pacman -S --needed --noconfirm make binutils patch diffutils pandoc-cli libyaml'
}

pacman_with_old_lists_is_told_what_to_do() {
    machine 0 pacman
    absent check fails
    run_setup
    status_is 2
    says err 'pacman -Syu'
    lacks log '-Syu'
}

an_unknown_system_gets_a_list_in_plain_words() {
    machine 0
    absent openmp make check
    run_setup
    status_is 2
    says out 'missing: a C compiler with OpenMP (gcc, or clang with libomp)'
    says out 'missing: GNU make'
    says out 'missing: Check, the library for unit tests, with its headers'
    says err 'none of apt-get, dnf, apk and pacman'
}

print_installs_nothing() {
    machine 1000 apt-get
    absent check lists
    run_setup --print
    status_is 1
    says out 'missing: Check'
    says out 'sudo env DEBIAN_FRONTEND=noninteractive apt-get install'
    is_empty log
}

a_failing_package_manager_is_heard_and_ends_in_2() {
    machine 0 apt-get
    absent check fails
    run_setup
    status_is 2
    says err 'E: Unable to locate package'
    says err 'setup: apt-get failed, see its message above'
}

what_was_installed_and_still_does_not_work_is_named() {
    machine 0 dnf
    absent jansson does-nothing
    run_setup
    status_is 2
    says err 'installed, but this still does not work'
    says err 'jansson, with its headers'
}

recommended_tools_are_left_alone_unless_asked_for() {
    machine 0 apt-get
    absent bwrap strace
    run_setup
    status_is 0
    is_empty out
    is_empty log
}

recommended_tools_are_installed_one_by_one_when_asked_for() {
    machine 0 apt-get
    absent bwrap strace archer
    run_setup --recommended
    status_is 0
    says out 'missing, and recommended: bubblewrap'
    says log 'apt-get install -y --no-install-recommends bubblewrap'
    says log 'apt-get install -y --no-install-recommends strace'
    says log 'apt-get install -y --no-install-recommends libomp-dev'
}

a_recommended_tool_that_cannot_be_had_is_no_fault() {
    machine 0 dnf
    absent strace fails
    run_setup --recommended
    status_is 0
    says err 'could not install: strace'
    says err 'goes on without: strace'
}

an_unknown_option_is_one_line_and_2() {
    machine 0 apt-get
    run_setup --everything
    status_is 2
    [ "$(wc -l <"$machine/err")" -eq 1 ] || fail 'not one line'
    says err 'unknown option --everything'
}

help_prints_the_usage() {
    machine 0 apt-get
    run_setup --help
    status_is 0
    says out 'usage: sh harness/setup'
}

# --- Running them -------------------------------------------------------------

names=$(sed -n '/^# --- Tests/,$s/^\([a-z_0-9]*\)() {$/\1/p' "$0")
for test in $names; do
    tests=$((tests + 1))
    why=
    "$test"
    if [ -z "$why" ]; then
        echo "ok $tests - $test"
    else
        echo "not ok $tests - $test"
        failed=$((failed + 1))
    fi
done
echo "1..$tests"
[ "$failed" -eq 0 ]
