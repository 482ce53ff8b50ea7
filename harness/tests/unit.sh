#!/bin/sh
# usage: sh harness/tests/unit.sh [NAME...]
#
# The harness's unit tests (Check), all or those named: test_text, … TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2

# one NAME: run it, and say what came of it
one() {
    name=$1
    log=build/tests/$name.log
    rm -f "$log"
    # Check's own time limits would fail a right test on a busy machine.
    if ! CK_DEFAULT_TIMEOUT=0 CK_TAP_LOG_FILE_NAME=$log \
        CK_VERBOSITY=silent timeout 1200 "build/tests/$name" \
        >"build/tests/$name.out" 2>&1; then
        # Check's own lines say which; one that died says it here.
        grep -q '^not ok' "$log" 2>/dev/null || {
            echo "not ok 1 - $name"
            sed 's/^/# /' "build/tests/$name.out" | tail -n 20
            echo "1..1"
        }
    fi
    sed -n -E "s#^(ok|not ok) ([0-9]+) - [^:]*:[^:]*:#\1 \2 - $name: #p
        /^1\.\./p" "$log" 2>/dev/null |
        sed 's/: Passed$//'
    sed -n 's/^could not check: /# could not check: /p' \
        "build/tests/$name.out"
}

if [ "${1:-}" = --one ]; then
    one "$2" >"build/tests/$2.said"
    exit 0
fi
[ $# -gt 0 ] || set -- build/tests/test_*[a-z]
for program; do
    name=$(basename "$program")
    case $name in *.*) ;; *) echo "$name" ;; esac
done >build/tests/unit.list
# Some wait for most of their time: two a core. The longest stand at the end.
sort -r build/tests/unit.list |
    xargs -P $((2 * $(nproc))) -n 1 sh harness/tests/unit.sh --one
while read -r name; do
    cat "build/tests/$name.said"
done <build/tests/unit.list
