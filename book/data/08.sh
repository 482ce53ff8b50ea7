#!/bin/sh
# usage: sh book/data/08.sh
#
# What chapter 08 measures: the experiment, whose timeline it leaves in
# book/data/08-waits.tsv. Prints the values that the chapter names.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# The run of three in which other programs were least in the way.
least=
for run in 1 2 3; do
    build/lab run 08 --tsv >"$work/waits.$run"
    took=$(awk -F ': ' '/^note\t(each|all),/ { sum += $2 }
        END { print int(sum * 100) }' "$work/waits.$run")
    if [ -z "$least" ] || [ "$took" -lt "$least" ]; then
        least=$took
        cp "$work/waits.$run" book/data/08-waits.tsv
    fi
done

# A time in milliseconds, or seconds.
awk -F '\t' '
function words(ms) {
    if (ms >= 100)
        return sprintf("%.2f s", ms / 1000)
    return sprintf(ms < 1 ? "%.2f ms" : ms < 10 ? "%.1f ms" : "%.0f ms", ms)
}
/^note\t(each|all),/ {
    split($2, part, ": ")
    name = part[1]
    sub(/, rollback/, "-rollback", name)
    sub(/, WAL/, "-wal", name)
    split(part[2], time, " ")
    took[name] = time[1]
    disk[name] = time[4]
}
END {
    print "each-rollback\t" words(took["each-rollback"])
    print "each-rollback-disk\t" words(disk["each-rollback"])
    print "all-rollback\t" words(took["all-rollback"])
    print "each-wal\t" words(took["each-wal"])
    print "all-wal\t" words(took["all-wal"])
    printf "factor-rollback\t%.0f\n", \
        took["each-rollback"] / took["all-rollback"]
    printf "factor-wal\t%.0f\n", took["each-wal"] / took["all-wal"]
    printf "commit-rollback\t%s\n", words(took["each-rollback"] / 100)
    printf "commit-wal\t%s\n", words(took["each-wal"] / 100)
}' book/data/08-waits.tsv
