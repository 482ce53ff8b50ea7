#!/bin/sh
# What chapter 10 says that was measured: values to standard output, and
# the timelines and the figures that are drawn from measurements.
#
# usage: sh book/data/10.sh >VALUES     (from the repository's root, built)
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

value() {
    printf '%s\t%s\n' "$1" "$2"
}

# The opening picture: steps of each row, and of the two halves.
build/code/10-halves rows >"$dir/rows"
awk '
{ all += $1; if ($1 > most) most = $1; if (NR <= 300) top += $1 }
END {
    printf "halves-top\t%.0f %%\n", 100 * top / all
    printf "halves-bottom\t%.0f %%\n", 100 * (all - top) / all
    printf "halves-speedup\t%.2f\n", all / (all - top)
    printf "longest-row\t%.3f %%\n", 100 * most / all
    printf "rows-busy\t%d\n", all / most
}' "$dir/rows"
sh book/data/10-rows <"$dir/rows" >"$dir/rows.svg"
build/code/10-halves cells | sh book/data/10-set >"$dir/set.svg"

build/code/10-picture >"$dir/picture"
awk -F'\t' '
/^note/ { split($2, words, " "); ms[++charts] = words[3] }
END {
    printf "picture-halves\t%s ms\n", ms[1]
    printf "picture-rows\t%s ms\n", ms[2]
}' "$dir/picture"

build/code/10-office | awk '
{ printf "wait-%s\t%s ms\nwork-%s\t%s ms\n", $2, $4, $2, $7 }'
value cores "$(nproc)"

build/lab run 10 --tsv >"$dir/schedules"
awk -F'\t' '
BEGIN {
    split("static static-1 dynamic-16 guided dynamic longest-first", name, " ")
}
/^chart/ { charts++ }
/^note/ && charts { split($2, words, " "); printf "%s\t%s\n", name[charts], words[3] }
' "$dir/schedules"

# One compiler option more, and a race is gone, or so it seems.
"${CC:-cc}" -O2 -fopenmp book/code/10-count.c -o "$dir/count"
right=0
for _ in 1 2 3 4 5 6; do
    [ "$("$dir/count")" != 20000000 ] || right=$((right + 1))
done
value count-right "$right"

build/code/10-taskloop | awk '
{
    most = $1 > $2 ? $1 : $2
    printf "taskloop-%d\t%d and %d\n", $1 + $2, most, $1 + $2 - most
}'

mv "$dir/rows.svg" book/figures/10-rows.svg
mv "$dir/set.svg" book/figures/10-set.svg
mv "$dir/picture" book/data/10-picture.tsv
mv "$dir/schedules" book/data/10-schedules.tsv
