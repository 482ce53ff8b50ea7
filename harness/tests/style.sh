#!/bin/sh
# usage: sh harness/tests/style.sh
#
# The rules that are scripts, held to this repository, and then the tests of
# those scripts. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2
number=0

# hold NAME SCRIPT ARGUMENT...: passes when the script says nothing
hold() {
    name=$1
    shift
    number=$((number + 1))
    said=$("$@" 2>&1)
    case $? in
    0) echo "ok $number - $name" ;;
    77) echo "ok $number - $name # SKIP $said" ;;
    *)
        echo "not ok $number - $name"
        echo "$said" | sed 's/^/# /'
        ;;
    esac
}

modules=$(make -s print-MODULES)
# shellcheck disable=SC2086 # one argument a module
hold "includes point downwards" sh harness/tests/style/layers . $modules
hold "files and functions are short" sh harness/tests/style/sizes
hold "code is laid out by clang-format, scripts by shellcheck" \
    sh harness/tests/style/format
hold "lines are short, and no path of a machine is in them" \
    sh harness/tests/style/paths
hold "labs, solutions and chapters agree" sh harness/tests/style/labs
echo "1..$number"
sh harness/tests/style/rules.sh
sh harness/tests/style/setup.sh
