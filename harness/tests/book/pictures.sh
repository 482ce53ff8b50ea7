#!/bin/sh
# usage: sh harness/tests/book/pictures.sh
#
# Tests of the pictures in README.md: book/pictures and book/terminal.awk.
# TAP.
set -u
cd "$(dirname "$0")/../../.." || exit 2
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT
number=0

# result STATUS NAME [SKIP]
result() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2${3:+ # SKIP $3}"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$root/said"
    fi
}

# draws NAME WORDS PICTURE: what these bytes (printf) look like
draws() {
    # shellcheck disable=SC2059 # a format
    printf "$2" | awk -v title=t -f book/terminal.awk >"$root/said"
    grep -q -F -e "$3" "$root/said"
    result $? "$1"
}

# The run is the same each time, so what it says is, too.
check() {
    sh book/pictures --check "$2" >"$root/said" 2>&1
    status=$?
    if [ "$status" -eq 77 ]; then
        result 0 "$1" "$(cat "$root/said")"
    else
        [ "$status" -eq "$3" ]
        result $? "$1"
    fi
}

draws "a colour is kept, and ends" 'a \033[31mred\033[0m b\n' \
    'a <tspan class="r">red</tspan> b</text>'
draws "what XML takes for its own is text" 'a < b && c\n' \
    'a &lt; b &amp;&amp; c</text>'
draws "progress is not seen when its line is done" \
    '1 of 2\r2 of 2\r\033[Kdone\r\n' 'preserve">done</text>'
draws "a link is its words" \
    '\033]8;;file://host/there\033\\here\033]8;;\033\\ it is\n' \
    'preserve">here it is</text>'
check "the picture of a check is what a check says" \
    book/readme/check.svg 0
sed 's/not concurrent/accepted/' book/readme/check.svg >"$root/other.svg"
check "a picture of something else is rejected" "$root/other.svg" 1
echo "1..$number"
