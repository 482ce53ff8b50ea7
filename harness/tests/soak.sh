#!/bin/sh
# usage: sh harness/tests/soak.sh [TIMES]
#
# No right program is ever rejected: the reference and all of accepted/ of
# every lab, judged whole TIMES times (default 20) while two hogs a core keep
# the machine busy. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2
times=${1:-20}
hogs=
trap 'kill $hogs 2>/dev/null' EXIT
trap 'exit 130' INT TERM HUP
i=0
while [ "$i" -lt $((2 * $(nproc))) ]; do
    # An hour is the longest that a hog lives, whatever becomes of us.
    timeout 3600 sh -c 'while :; do :; done' &
    hogs="$hogs $!"
    i=$((i + 1))
done

number=0
for yaml in labs/[0-9]*/lab.yaml; do
    stem=$(basename "$(dirname "$yaml")")
    source=$(sed -n 's/^file: *//p' "$yaml")
    for file in "solutions/$stem/$source" "solutions/$stem/accepted"/*.c; do
        [ -f "$file" ] || continue
        number=$((number + 1))
        rejected=0
        i=0
        while [ "$i" -lt "$times" ]; do
            said=$(build/lab check "${stem%%-*}" --file "$file" --no-time \
                2>&1) || {
                rejected=$((rejected + 1))
                echo "$said" | sed 's/^/# /'
            }
            i=$((i + 1))
        done
        [ "$rejected" -eq 0 ] || printf 'not '
        echo "ok $number - $file was accepted $((times - rejected)) of" \
            "$times times"
    done
done
echo "1..$number"
