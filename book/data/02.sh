#!/bin/sh
# What chapter 02 says that was measured: values to standard output, and
# its two timelines.
#
# usage: sh book/data/02.sh >VALUES     (from the repository's root, built)
set -eu

# On the disk that the repository is on: /tmp may have none.
dir=$(mktemp -d build/02.XXXXXX)
trap 'rm -rf "$dir"' EXIT

# 1234567 as 1,234,567.
grouped='
function grouped(n) {
    for (n = n ""; n ~ /[0-9][0-9][0-9][0-9]/;)
        sub(/[0-9][0-9][0-9](,|$)/, ",&", n)
    return n
}'

# The wait in which the pipe refused most often, of up to eight: until one
# is hardly disturbed by others.
for i in 1 2 3 4 5 6 7 8; do
    build/code/02-wait --tsv >"$dir/wait.$i"
    awk -F'\t' '/^work/ && $3 > 0.95 { quiet = 1 } END { exit !quiet }' \
        "$dir/wait.$i" && break
done
best=$(awk -F'\t' '/in a circle/ { print $3, FILENAME }' "$dir"/wait.* |
    sort -n | sed -n '$s/.* //p')
awk -F'\t' "$grouped"'
/^lane/ { name = /circle/ ? "circle" : "chair"; n = $3 + 0 }
/^work/ {
    printf "%s-refusals\t%s\n", name, n == 1 ? "once" : grouped(n)
    if ($3 < 0.001)
        printf "%s-busy\tless than 0.001\n", name
    else
        printf "%s-busy\t%.2f\n", name, $3
}' "$best"

build/code/02-blocks | awk "$grouped"'
NR > 1 {
    ms = sprintf($3 < 1 ? "%.2f" : $3 < 100 ? "%.1f" : "%.0f", $3)
    printf "reads-%d\t%s\n", $1, grouped($2)
    printf "ms-%d\t%s\n", $1, $3 < 1000 ? ms : grouped(ms)
}'

# Five times 51 saves each way: both medians of the fastest time.
for _ in 1 2 3 4 5; do
    (cd "$dir" && ../code/02-sync) |
        awk '/ ms$/ { printf "%s ", $(NF - 1) } END { print "" }'
done | sort -k2n | sed -n 1p |
    awk '{ printf "plain-ms\t%s\nsafe-ms\t%s\n", $1, $2 }'

# Of three runs of the experiment the one in which all came out soonest.
for i in 1 2 3; do
    build/lab run 02 --tsv >"$dir/counter.$i"
done
soonest=$(for i in 1 2 3; do
    awk -F'\t' '/^wait/ { sum += $3 } END { print sum, FILENAME }' \
        "$dir/counter.$i"
done | sort -n | sed -n '1s/.* //p')

# In the figure, without these words, a lane says how long it worked.
awk -F'\t' '/^lane/ { print $1 FS $2; next } { print }' "$best" \
    >"$dir/wait.tsv"
mv "$dir/wait.tsv" book/data/02-wait.tsv
mv "$soonest" book/data/02-counter.tsv
