# shellcheck shell=sh
# What the tests of the command line have in common: the private copy, how
# `lab` is run in it, and what may be demanded of what it said.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and the other parts

# --- The copy ---------------------------------------------------------------

# A new one for each test. Two labs: 00 is solved, 02 is not started. Of
# build/ only what `lab` uses, so that nothing is built again.
new_tree() {
    tree=$root/tree$number
    away=$root/away$number
    own=$tree/labs/00-first-check/first.c
    out=$root/out$number
    err=$root/err$number
    session=$root/session$number
    under=
    pid=
    mkdir -p "$tree/labs" "$tree/solutions" "$tree/build" "$away"
    for stem in 00-first-check 02-every-byte; do
        mkdir "$tree/labs/$stem" "$tree/build/$stem"
        for file in lab.yaml starter.c first.h io.h; do
            [ ! -f "labs/$stem/$file" ] ||
                cp "labs/$stem/$file" "$tree/labs/$stem/"
        done
        cp -a "solutions/$stem" "$tree/solutions/"
        cp -a "build/$stem/judge" "build/$stem"/probe-*.o \
            "$tree/build/$stem/" 2>/dev/null
    done
    cp -a build/lab build/probe "$tree/build/"
    sed -i 's/^points: .*/points: 1000/' "$tree/labs/02-every-byte/lab.yaml"
}

# The lab 00 of this copy is like any other: not started, with points.
unsolve() {
    sed -i -e '/^solved:/d' -e 's/^points: .*/points: 1000/' \
        "$tree/labs/00-first-check/lab.yaml"
}

# submit NAME: the learner's file is cli/NAME.c
submit() {
    cp "$here/$1.c" "$own"
}

# --- Running it -------------------------------------------------------------

# lab ARGUMENT...: from a folder away from the copy, and never for ever. The
# words of $under go in front of it. $session gets what a person would see.
lab() {
    # shellcheck disable=SC2086 # words
    (cd "$away" && exec timeout -k 5 300 $under "$tree/build/lab" "$@") \
        </dev/null >"$out" 2>"$err"
    status=$?
    {
        echo "\$ lab $*"
        cat "$out" "$err"
        echo "[exit $status]"
    } >"$root/seen"
    cat "$root/seen"
    cat "$root/seen" >>"$session"
    case " $* " in
    *' --json '* | *' --tap '*) ;;
    *) cat "$out" >>"$root/lines" ;;
    esac
}

# --- Demands ----------------------------------------------------------------

fail() {
    why=${why:-$*}
}

exits() {
    [ "$status" -eq "$1" ] || fail "exit status $status, not $1"
}

# says TEXT: one of its lines on standard output holds this
says() {
    grep -q -F -e "$1" "$out" || fail "standard output lacks \"$1\""
}

says_not() {
    ! grep -q -F -e "$1" "$out" || fail "standard output holds \"$1\""
}

# complains TEXT: likewise on standard error
complains() {
    grep -q -F -e "$1" "$err" || fail "standard error lacks \"$1\""
}

is_silent() {
    [ ! -s "$err" ] || fail "something on standard error"
}

# all_one FILE: the paragraphs of a report without their breaks
all_one() {
    tr -s ' \n' '  ' <"$1"
}

# tells TEXT: standard output holds this, wherever its lines break
tells() {
    all_one "$out" | grep -q -F -e "$1" || fail "the report lacks \"$1\""
}

# What differs from run to run, compiler to compiler and place to place. A
# command that goes on for several lines becomes one.
normalise() {
    sed -e ':a' -e '/ \\$/{N;s/ \\\n */ /;ta' -e '}' \
        -e "s|$tree|TREE|g" -e "s|$away|AWAY|g" \
        -e 's/[0-9]\{4\}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]/(the moment)    /' \
        -e 's|kept/\(.*\)-[0-9]\{8\}-[0-9]\{6\}/|kept/\1-MOMENT/|' \
        -e 's/\("wall_s": \)[0-9.e-]*/\1SECONDS/' \
        -e 's/\("elapsed_s": \)[0-9.e-]*/\1SECONDS/' \
        -e 's/\("compiler": \).*/\1COMPILER,/' \
        -e 's/\("lab_peak_kib": \).*/\1KIB/' \
        -e 's/\(where .*first\.c:[0-9]*: \).*undeclared.*/\1(undeclared)/' "$@"
}

# golden NAME [FILE]: standard output, or that file, is cli/NAME.out
golden() {
    normalise "${2:-$out}" >"$root/normal"
    if [ "${GOLDEN:-}" = update ]; then
        cp "$root/normal" "$here/$1.out"
    elif ! diff -u "$here/$1.out" "$root/normal"; then
        fail "the output differs from $1.out"
    fi
}

# without NAME...: a PATH with what a check needs, but for these
without() {
    cc=$(sed -n 's/#define TOOLCHAIN_CC "\(.*\)"/\1/p' build/toolchain.h)
    case $cc in
    */*) skip="the compiler is named by its path, $cc" ;;
    esac
    mkdir -p "$root/bin$number"
    for needed in "$cc" nm ld as objcopy diff addr2line timeout sh env; do
        case " $* " in
        *" $needed "*) ;;
        *) ln -sf "$(command -v "$needed")" "$root/bin$number/$needed" ;;
        esac
    done
    under="env PATH=$root/bin$number"
}
