#!/bin/sh
# usage: sh book/data/timing.sh
#
# The page on timing, told from the calibration that `make bench-duel` kept,
# timing-calibration.tsv: values to standard output, below the machine that
# measured them, and the page's two tables. It measures nothing. Where a
# sentence of the page would not be true it says which, and fails.
set -eu
kept=book/data/timing-calibration.tsv
selves=book/data/timing-selves.tsv
verdicts=book/data/timing-verdicts.tsv

fail() {
    echo "book/data/timing.sh: $*" >&2
    exit 1
}

# speed_of KEY NAME: a value; what the labs that are timed say of it, which
# is to be one number for all
speed_of() {
    sed -n '/^speed:/,/^[^ ]/s/^  '"$1"': *\([0-9]*\).*/\1/p' \
        labs/[0-9]*/lab.yaml | sort -u | awk -v name="$2" '
            END {
                if (NR != 1) exit 1
                printf "%s\t%.2f\n", name, $1 / 100
            }' || fail "the labs have different $1; the page speaks of one"
}

sed -n 1p "$kept" | grep '^# .*; ' || fail "$kept:1: names no machine"
speed_of limit_percent limit
speed_of none_percent none

# Without its comments, by lab, load and factor.
rows=$(sed '/^#/d; /^lab	/d' "$kept" | sort -t '	' -k1,1 -k2,2n -k3,3n)

# table FILE HEAD PROGRAM
table() {
    {
        echo "$2"
        echo "$rows" | awk -F'\t' -v OFS='\t' "$3"
    } >"$1.new"
    mv "$1.new" "$1"
}

# shellcheck disable=SC2016 # of awk, not of the shell
table "$selves" 'lab	hogs	duels	best of 5	mean of 10	duel' \
    '$3 == 1 { print substr($1, 1, 2), $2, $4, $9, $10, $7 }'

# shellcheck disable=SC2016 # likewise; all labs together
table "$verdicts" 'hogs	work	duels	within	too noisy	slower' '
    {
        key = $2 OFS $3
        if (!(key in duels)) keys[++count] = key
        duels[key] += $4; within[key] += $5; unsure[key] += $6
        slower[key] += $7
    }
    END {
        for (i = 1; i <= count; i++) {
            key = keys[i]
            print key, duels[key], within[key], unsure[key], slower[key]
        }
    }'

echo "$rows" | awk -F'\t' -v machine="$(sed -n 1p "$kept")" '
function value(name, text) {
    printf "%s\t%s\n", name, text
}
function grouped(n) {
    for (n = n ""; n ~ /[0-9][0-9][0-9][0-9]/;)
        sub(/[0-9][0-9][0-9](,|$)/, ",&", n)
    return n
}
function percent(part, whole) {
    return whole == 0 ? "none" : sprintf("%.0f %%", 100 * part / whole)
}
function demand(truth, sentence) {
    if (!truth) {
        print "book/data/timing.sh: no longer true: " sentence >"/dev/stderr"
        failed = 1
    }
}
{
    busy = $2 > 0
    if ($2 > hogs) hogs = $2
    key = busy SUBSEP $3 + 0
    duels[key] += $4; within[key] += $5; unsure[key] += $6; slower[key] += $7
    if ($3 == 1) { best[busy] += $9; mean[busy] += $10; all += $4 }
    if ($3 == 1 && $8 > median[busy]) median[busy] = $8
    if (!($2 in loads)) { loads[$2]; count++ }
    if ($3 < 1.5) right_slow += $7
    if ($3 == 2) wrong_within += $5
}
END {
    quiet_self = 0 SUBSEP 1; busy_self = 1 SUBSEP 1
    quiet_double = 0 SUBSEP 2; busy_double = 1 SUBSEP 2
    demand(count == 2 && 0 in loads, "\"quiet, and beside so many hogs\"")
    demand(machine ~ "[ ,]" hogs " cores,", "\"one for each core\"")
    demand(best[1] > 0 && mean[1] > 0, "both other ways fail the reference " \
        "against itself on the busy machine: the opening")
    demand(right_slow == 0, "the duel called none slower that does 1.00 or " \
        "1.25 times the work")
    demand(wrong_within == 0, "it called none within that does twice the work")
    value("hogs", hogs)
    value("busy-duels", duels[busy_self])
    value("best-busy", best[1])
    value("best-busy-share", percent(best[1], duels[busy_self]))
    value("mean-busy", mean[1])
    value("best-quiet", best[0] + 0)
    value("mean-quiet", mean[0] + 0)
    value("quiet-duels", duels[quiet_self])
    value("best-letter", best[1] * 500 < duels[busy_self] ? "b" : \
        best[1] * 20 <= duels[busy_self] ? "c" : "d")
    value("self-duels", grouped(all))
    value("unsure-quiet", percent(unsure[quiet_self], duels[quiet_self]))
    value("unsure-busy", percent(unsure[busy_self], duels[busy_self]))
    value("double-quiet", percent(slower[quiet_double], duels[quiet_double]))
    value("double-busy", percent(slower[busy_double], duels[busy_double]))
    value("median-quiet", sprintf("%.1f", median[0]))
    value("median-busy", sprintf("%.1f", median[1]))
    exit failed
}'
