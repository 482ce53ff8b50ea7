#!/bin/sh
# usage: sh harness/tests/cli.sh [TEST...]
#
# The command line as its users meet it: what it prints, and what it does
# with bad input, a bad machine and Ctrl-C. All tests, or those named; their
# functions stand in cli/*.sh, each prepared with a private copy of the labs
# and of build/, so that nothing of this tree is touched. TAP.
#
#   GOLDEN=update   write what is printed to cli/NAME.out instead of
#                   comparing (look at the difference before you keep it)
#   SEED=N          of the moments at which signals are sent; printed
#   KILLS=N         signals of a kind, for a submission; 8
#   TIMES=N         so often is tried what has to happen every time; 4
set -u
cd "$(dirname "$0")/../.." || exit 2
here=$(pwd)/harness/tests/cli
root=$(mktemp -d) || exit 2
root=$(cd "$root" && pwd -P)
unset NO_COLOR LAB_DEBUG
export TERM=xterm
: "${TIMES:=4}"
number=0
failed=0

parts="commands time reports colours input labs disk signals watch builds machine run new"

# shellcheck disable=SC1091 # each is looked at by itself
. "$here/tree.sh"
for part in $parts; do
    # shellcheck disable=SC1090
    . "$here/$part.sh"
done

# A failed test may leave a program running that it started.
end() {
    [ -z "${pid:-}" ] || kill -KILL "$pid" 2>/dev/null
    chmod -R u+w "$root" 2>/dev/null
    rm -rf "$root"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# all_tests: their names, one a line
all_tests() {
    for part in $parts; do
        sed -n '/^# --- Tests/,$s/^\([a-z_0-9]*\)() {$/\1/p' "$here/$part.sh"
    done
}

# All: shared out to runs of this script, two a core, since much of it waits.
if [ $# -eq 0 ]; then
    shares=$((2 * $(nproc)))
    running=
    for share in $(seq "$shares"); do
        # shellcheck disable=SC2046 # one argument a test
        sh "$here.sh" $(all_tests | awk -v n="$shares" -v share="$share" \
            'NR % n == share % n') >"$root/share$share" &
        running="$running $!"
    done
    for pid in $running; do
        wait "$pid" || failed=1
    done
    cat "$root"/share*
    exit "$failed"
fi
for test; do
    number=$((number + 1))
    why=
    skip=
    new_tree
    "$test" >"$root/said" 2>&1
    if [ -n "$why" ]; then
        echo "not ok $number - $test"
        echo "# $why"
        sed 's/^/# /' "$root/said" | head -n 60
        failed=$((failed + 1))
    elif [ -n "$skip" ]; then
        echo "ok $number - $test # SKIP $skip"
    else
        sed -n 's/^SEED=/# &/p' "$root/said"
        echo "ok $number - $test"
    fi
done
echo "1..$number"
[ "$failed" -eq 0 ]
