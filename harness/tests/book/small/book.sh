# shellcheck shell=sh
# What the tests of book/record have in common: a small book for each, what
# may be demanded of it, and how they are run. Sourced in the repository.
#
# shellcheck disable=SC2016,SC2034,SC2154 # shared with transcripts.sh, values.sh

root=$(mktemp -d) || exit 2
root=$(cd "$root" && pwd -P)
checker=
trap '[ -z "$checker" ] || kill "$checker"; rm -rf "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
full=${FULL:-}
unset FULL
tests=0
failed=0

# --- A small book -------------------------------------------------------------

# put FILE LINE...: the lines are the whole file
put() {
    mkdir -p "$tree/$(dirname "$1")"
    path=$tree/$1
    shift
    printf '%s\n' "$@" >"$path"
}

# chapter [ATTRIBUTES] -- LINE...: chapter 01 has one such block
chapter() {
    attributes=console
    if [ "$1" != -- ]; then
        attributes="{.console $1}"
        shift
    fi
    shift
    put book/01-name.md '# 01 A chapter' '' 'Before it.' '' \
        "\`\`\`$attributes" "$@" '```' '' 'After it.'
    cp "$tree/book/01-name.md" "$tree.before"
}

small_book() {
    tree=$root/$tests
    mkdir -p "$tree/book/data" "$tree/build" "$tree/harness/tests/style" \
        "$tree.tmp"
    cp book/record book/record.lua book/compiler book/machine "$tree/book/"
    cp harness/tests/style/files "$tree/harness/tests/style/"
    cp build/toolchain.h "$tree/build/"
    echo '[]' >"$tree/compile_commands.json"
    put labs/01-name/lab.yaml 'title: A lab' 'file: x.c'
    put labs/01-name/starter.c 'the starter'
    put labs/01-name/x.c 'what its author wrote'
    put solutions/01-name/x.c 'the reference'
    put solutions/01-name/accepted/other.c 'another shape'
    put solutions/01-name/stages/1.1.c 'as far as 1.1'
    put solutions/01-name/wrong/lost.patch 'expect: wrong answer: it_reads' \
        '--- x.c' '+++ x.c' '@@ -1 +1 @@' '-the reference' '+a mistake'
}

# record ARGUMENT...: what it says is in $tree.said, its exit status $status
record() {
    TMPDIR=$tree.tmp timeout --foreground -k 5 120 "$tree/book/record" "$@" \
        >"$tree.said" 2>&1 </dev/null
    status=$?
}

# --- Demands ------------------------------------------------------------------

complain() {
    echo "# $1; it said:"
    sed 's/^/#   /' "$tree.said"
    why=$1
}

exits() {
    [ "$status" -eq "$1" ] || complain "exit status $status, not $1"
}

# says TEXT: a line of what it said holds the text
says() {
    grep -qF -e "$1" "$tree.said" || complain "no \"$1\""
}

is_silent() {
    [ ! -s "$tree.said" ] || complain "not silent"
}

# is_as_before: the chapter, to the byte
is_as_before() {
    cmp -s "$tree.before" "$tree/book/01-name.md" ||
        complain "the chapter has changed"
}

# leaves_nothing: neither half a file in the tree nor a copy elsewhere
leaves_nothing() {
    [ -z "$(find "$tree" -name '*.new')" ] || complain "half a file is left"
    [ -z "$(ls -A "$tree.tmp")" ] || complain "a copy is left"
}

# accepts: as it is, the chapter is true; to record it changes nothing
accepts() {
    record --check
    exits 0
    is_silent
    record
    exits 0
    is_silent
    is_as_before
    leaves_nothing
}

# rejects LINE TEXT: it is not, and the check names the line
rejects() {
    record --check
    exits 1
    says "book/01-name.md:$1: $2"
    is_as_before
    leaves_nothing
}

# becomes LINE...: recorded, the block's body is this, and all else as before
becomes() {
    record
    exits 0
    says 'book/01-name.md:'
    {
        sed -n '1,/^```./p' "$tree.before"
        printf '%s\n' "$@"
        sed -n '/^```$/,$p' "$tree.before"
    } >"$tree.want"
    diff "$tree.want" "$tree/book/01-name.md" >>"$tree.said" ||
        complain "the chapter is another"
    leaves_nothing
}

# refuses TEXT: it is a mistake of the author, and nothing is written
refuses() {
    record
    exits 2
    says "$1"
    is_as_before
    leaves_nothing
}

# alive FILE: does a process whose number it holds run?
alive() {
    pid=$(cat "$1" 2>/dev/null)
    case $(cat "/proc/${pid:-none}/stat" 2>/dev/null) in
    '' | *') Z '*) return 1 ;;
    esac
}

# --- Running them -------------------------------------------------------------

# run_tests [TEST...]: those named, or all below "# --- Tests" of the script
run_tests() {
    # shellcheck disable=SC2046 # words
    [ $# -gt 0 ] || set -- $(sed -n \
        '/^# --- Tests/,$s/^\([a-z_0-9]*\)() {$/\1/p' "$0")
    for test; do
        tests=$((tests + 1))
        why=
        skip=
        small_book
        "$test" >"$root/notes"
        if [ -n "$skip" ]; then
            echo "ok $tests - $test # SKIP $skip"
        elif [ -z "$why" ]; then
            echo "ok $tests - $test"
        else
            echo "not ok $tests - $test"
            cat "$root/notes"
            failed=$((failed + 1))
        fi
    done
    echo "1..$tests"
    [ "$failed" -eq 0 ]
}
