#!/bin/sh
# usage: sh book/data/07.sh >VALUES     (from the repository's root, built)
#
# What chapter 07 measures: what the disk takes, and the heartbeat of a loop,
# whose timeline it leaves in book/data/07-heart.tsv.
set -eu

# On the disk that the repository is on: /tmp may have none.
dir=$(mktemp -d build/07.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# Of five runs each line's fastest.
for _ in 1 2 3 4 5; do
    (cd "$dir" && ../code/07-disk)
done | awk '
BEGIN { split("file-warm file-cold file-write file-sync file-fifty", name, " ") }
{
    i = (NR - 1) % 5 + 1
    us = $(NF - 1)
    if (NR <= 5 || us < least[i])
        least[i] = us
}
# 1234567 as 1,234,567.
function grouped(n) {
    for (n = n ""; n ~ /[0-9][0-9][0-9][0-9]/;)
        sub(/[0-9][0-9][0-9](,|$)/, ",&", n)
    return n
}
END {
    for (i = 1; i <= 5; i++)
        printf "%s\t%s\n", name[i], \
            grouped(sprintf(least[i] < 10 ? "%.1f" : "%.0f", least[i]))
    printf "file-syncs\t%d\n", int(1e5 / least[4]) * 10
}'

# Of three runs of the experiment the one in which the heart beat most.
for i in 1 2 3; do
    build/lab run 07 --tsv >"$dir/heart.$i"
done
most=$(for i in 1 2 3; do
    awk -F'\t' '/^lane\theart/ { beats += $3 } END { print beats, FILENAME }' \
        "$dir/heart.$i"
done | sort -n | sed -n '$s/.* //p')
awk -F'\t' '
BEGIN { split("beats-inline beats-one beats-four", name, " ") }
/^lane\theart/ { split($3, words, " "); if (++n > 1) printf "%s\t%d\n", name[n], words[1] - 10 }
' "$most"
mv "$most" book/data/07-heart.tsv
