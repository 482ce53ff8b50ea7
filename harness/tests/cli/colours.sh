# shellcheck shell=sh
# On a terminal, and away from one.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# on_terminal VARIABLE=VALUE... ARGUMENT...: lab, with all that a terminal
# gets in $out
on_terminal() {
    assignments=
    while :; do
        case $1 in
        *=*) assignments="$assignments $1" ;;
        *) break ;;
        esac
        shift
    done
    if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
        skip="script(1) of util-linux is missing: no terminal to try on"
        return
    fi
    (cd "$away" && timeout -k 5 300 script -qec \
        "env$assignments $tree/build/lab $*" /dev/null) \
        </dev/null >"$out" 2>"$err"
    status=$?
    cat "$out"
}

escape=$(printf '\033')

has_colour() {
    grep -q "$escape\[[0-9;]*m" "$out" || fail "no colour"
}

has_no_colour() {
    ! grep -q "$escape\[[0-9;]*m" "$out" || fail "colour"
}

# --- Tests ------------------------------------------------------------------

a_terminal_gets_colour() {
    submit wrong
    on_terminal check 00 --seed 7
    [ -z "$skip" ] || return
    exits 1
    has_colour
    on_terminal doctor
    has_colour
}

colour_changes_no_word() {
    unsolve
    submit wrong
    on_terminal check --seed 7
    [ -z "$skip" ] || return
    # What takes more than a second shows, and takes away, how far it is.
    sed -i -e "s/$escape\[[0-9;]*m//g" -e "s/.*\r$escape\[K//" \
        -e 's/\r$//' "$out"
    golden wrong
}

no_colour_is_honoured() {
    submit wrong
    on_terminal NO_COLOR=1 check 00
    [ -z "$skip" ] || return
    exits 1
    has_no_colour
    on_terminal NO_COLOR=1 doctor
    has_no_colour
    on_terminal NO_COLOR= check 00
    has_colour
}

a_dumb_terminal_gets_no_colour() {
    submit wrong
    on_terminal TERM=dumb check 00
    [ -z "$skip" ] || return
    ! grep -q "$escape" "$out" || fail "colour, or a moved cursor"
}

a_pipe_gets_no_colour() {
    submit wrong
    lab check 00
    has_no_colour
    lab doctor
    has_no_colour
}


# The copy has a blank in its name here, which a URL must not have.
a_terminal_gets_a_link_to_the_page() {
    submit wrong
    mkdir "$tree/build/book"
    echo 1 >"$tree/build/book/00-first-check.html"
    mv "$tree" "$root/a b$number"
    ln -s "a b$number" "$tree"
    on_terminal check 00
    [ -z "$skip" ] || return
    page='build/book/00-first-check.html#s0.1'
    says "$escape]8;;file://$(uname -n)$root/a%20b$number/$page$escape\\$page"
    on_terminal NO_COLOR=1 check 00
    says "          $page"
    says_not ']8;;'
}

a_terminal_gets_the_difference_in_colour() {
    submit wrong
    on_terminal solution 00 --yes
    [ -z "$skip" ] || return
    has_colour
    on_terminal NO_COLOR=1 solution 00 --yes
    has_no_colour
}
