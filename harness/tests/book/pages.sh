#!/bin/sh
# usage: sh harness/tests/book/pages.sh [TEST...]
#
# The pages of the book are what they should be; and the tests of what checks
# that, check-pages: it accepts a small site, and rejects it with one thing
# made bad, naming page and line. TAP.
set -u
cd "$(dirname "$0")/../../.." || exit 2
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
tests=0
failed=0

# --- A small site -------------------------------------------------------------

# put FILE LINE...: the lines are the whole file
put() {
    mkdir -p "$tree/$(dirname "$1")"
    path=$tree/$1
    shift
    printf '%s\n' "$@" >"$path"
}

# page LINE...: the one chapter, from line 5 of its page on
page() {
    put build/book/01-name.html '<!DOCTYPE html>' '<html lang="en-GB">' \
        '<head><title>A chapter</title></head>' \
        '<body><h1>A chapter</h1><h2 id="s1.1">1.1 Reading</h2>' "$@" \
        '</body></html>'
}

small_site() {
    tree=$root/$tests
    put labs/01-name/lab.yaml 'file: x.c' 'sections:' \
        '  - title: "1.1 Reading"'
    put labs/01-name/x.h 'int x(void);'
    put labs/01-name/x.c 'a learner wrote this'
    put book/01-name.md '# 01 A chapter' '' 'One wrod too many.'
    put book/words.txt fsync
    put build/book/book.css ''
    put build/book/index.html '<!DOCTYPE html>' \
        '<html><head><link rel="stylesheet" href="book.css"></head>' \
        '<body><h1>Contents</h1><a href="01-name.html#s1.1">Reading</a>' \
        '</body></html>'
    page '<p>Text, <a href="index.html">contents</a>.</p>'
}

# --- Demands ------------------------------------------------------------------

check() {
    harness/tests/book/check-pages "$tree" >"$tree.out" 2>&1
    status=$?
}

complain() {
    echo "# $1; it said:"
    sed 's/^/#   /' "$tree.out"
    why=$1
}

accepts() {
    page "$@"
    check
    [ "$status" -eq 0 ] || complain "exit status $status, not 0"
    [ ! -s "$tree.out" ] || complain "not silent"
}

# rejects TEXT [LINE...]: a line of what it says begins with the text
rejects() {
    text=$1
    shift
    [ $# -eq 0 ] || page "$@"
    check
    if [ "$status" -ne 1 ]; then
        complain "exit status $status, not 1"
    elif ! awk -v text="$text" 'index($0, text) == 1 { found = 1 }
        END { exit !found }' "$tree.out"; then
        complain "no line begins with \"$text\""
    fi
}

# speller: what needs hunspell is skipped without it
speller() {
    hunspell -d en_GB -l </dev/null >/dev/null 2>&1 ||
        skip="hunspell, or its dictionary en_GB, is missing"
}

# --- Tests: every function below this line is one -----------------------------

the_book_is_built() {
    tree=$root/book
    sh book/build >"$tree.out" 2>&1 || complain "it is not"
    built=$why
}

the_pages_of_the_book_are_as_they_should_be() {
    tree=$root/book
    harness/tests/book/check-pages >"$tree.out" 2>&1
    case $? in
    0) why=$built ;; # else these are old pages
    77) skip=$(sed -n 's/^could not check: //p' "$tree.out") ;;
    *) complain "they are not" ;;
    esac
}

# shellcheck disable=SC1112 # as a page has them
a_good_page_is_accepted() {
    accepts '<p id="a">See <a href="#s1.1">above</a>, <a href="#a">here</a>,' \
        '<a href="https://www.kernel.org/doc/man-pages/">there</a> and' \
        '<a href="../../labs/01-name/x.h">a file</a>: naïve &amp; “plain”.</p>' \
        '<h3>1.1.1 More</h3><!-- <h6> unclosed, wrod -->' \
        '<pre><code>int wrod;</code></pre><p>You call <code>wrod</code>.</p>' \
        '<svg role="img" aria-label="A box."><rect width="1"/></svg>' \
        '<p><img src="book.css" alt="A box."><br>It does an fsync. Fsync!</p>' \
        '<p>It doesn’t say ‘no’ to EINTR, a C10K’s fsync’s, 1.04x or 2x.</p>' \
        '<svg role="img" aria-labelledby="t"><title id="t">A box</title></svg>' \
        '<h2>Two levels up</h2>'
}

a_link_to_no_page_is_rejected() {
    rejects '01-name.html:5: the link 02.html: there is no such page' \
        '<p><a href="02.html">next</a></p>'
}

a_link_to_no_id_of_a_page_is_rejected() {
    rejects '01-name.html:6: the link index.html#s9: index.html has no id' \
        '<p>Two' '<a href="index.html#s9">lines</a></p>'
}

a_link_to_no_id_of_its_own_page_is_rejected() {
    rejects '01-name.html:5: the link #s9: 01-name.html has no id' \
        '<p><a href="#s9">here</a></p>'
}

a_link_to_no_file_of_the_repository_is_rejected() {
    rejects '01-name.html:5: the link ../../labs/02/x.h: the repository has no' \
        '<p><a href="../../labs/02/x.h">file</a></p>'
}

a_link_to_what_the_learner_writes_is_rejected() {
    rejects '01-name.html:5: the link ../../labs/01-name/x.c: the repository' \
        '<p><a href="../../labs/01-name/x.c">file</a></p>'
}

a_link_without_encryption_is_rejected() {
    rejects '01-name.html:5: the link http://example.com: outside links' \
        '<p><a href="http://example.com">there</a></p>'
}

a_link_from_the_root_is_rejected() {
    rejects '01-name.html:5: the link /book.css: outside links' \
        '<p><a href="/book.css">there</a></p>'
}

a_picture_that_is_not_there_is_rejected() {
    rejects '01-name.html:5: the link box.svg: there is no such page or file' \
        '<p><img src="box.svg" alt="A box."></p>'
}

an_id_twice_is_rejected() {
    rejects '01-name.html:6: the id "a" is that of line 5' \
        '<p id="a">One</p>' '<p id="a">Two</p>'
}

an_image_without_a_text_is_rejected() {
    rejects '01-name.html:5: this <img> has no text' '<p><img src="book.css"></p>'
}

an_inlined_image_without_a_text_is_rejected() {
    rejects '01-name.html:5: this <svg> has no text' \
        '<svg role="img"><rect width="1"/></svg>'
}

an_inlined_image_that_says_not_that_it_is_one_is_rejected() {
    rejects '01-name.html:5: this <svg> has no text' \
        '<svg aria-label="A box."><rect width="1"/></svg>'
}

an_inlined_image_whose_text_is_elsewhere_is_rejected() {
    rejects '01-name.html:5: the link #t: 01-name.html has no id "t"' \
        '<svg role="img" aria-labelledby="t"><rect width="1"/></svg>'
}

a_heading_left_out_is_rejected() {
    rejects '01-name.html:5: a heading of level 4 after one of level 2' \
        '<h4>Deep</h4>'
}

a_second_main_heading_is_rejected() {
    rejects '01-name.html:5: a second heading of level 1' '<h1>Again</h1>'
}

a_page_without_a_heading_is_rejected() {
    put build/book/02.html '<!DOCTYPE html>' '<p>Text</p>'
    rejects '02.html:1: has no heading'
}

a_tag_that_is_never_ended_is_rejected() {
    rejects '01-name.html:6: </body> where <p> of line 5 is to be ended' \
        '<p>Text'
}

an_end_of_nothing_is_rejected() {
    rejects '01-name.html:5: </em> where <body> of line 4 is to be ended' \
        '</em>'
}

an_attribute_without_quotes_is_rejected() {
    rejects '01-name.html:5: <p> has an attribute without quotes' '<p id=a>A</p>'
}

an_attribute_twice_is_rejected() {
    rejects '01-name.html:5: <p> has two attributes id' '<p id="a" id="b">A</p>'
}

a_section_without_a_place_is_rejected() {
    put labs/01-name/lab.yaml 'file: x.c' 'sections:' \
        '  - title: "1.1 Reading"' '  - title: "1.2 Writing"'
    rejects 'labs/01-name/lab.yaml: build/book/01-name.html has no id "s1.2"'
}

a_misspelt_word_is_rejected_where_the_chapter_has_it() {
    speller
    [ -n "$skip" ] || rejects 'book/01-name.md:3: "wrod" is no word' \
        '<p>One wrod too many.</p>'
}

a_misspelt_word_of_a_page_without_a_number_is_rejected_too() {
    speller
    put book/name.md '# A page' '' Text. '' 'Another wrod.'
    put build/book/name.html '<!DOCTYPE html>' '<html><head></head>' \
        '<body><h1>A page</h1><p>Another wrod.</p></body></html>'
    [ -n "$skip" ] || rejects 'book/name.md:5: "wrod" is no word'
}

a_link_of_a_page_without_a_number_is_rejected_too() {
    put build/book/name.html '<!DOCTYPE html>' '<html><head></head>' \
        '<body><h1>A page</h1><a href="01-name.html#s2.1">Text</a></body>' \
        '</html>'
    rejects 'name.html:3: the link 01-name.html#s2.1: 01-name.html has no id'
}

a_misspelt_word_in_what_a_picture_says_is_rejected() {
    speller
    [ -n "$skip" ] || rejects 'book/01-name.md:3: "wrod" is no word' \
        '<svg role="img" aria-label="A wrod"><rect/></svg>'
}

american_spelling_is_rejected() {
    speller
    [ -n "$skip" ] || rejects 'book/01-name.md: "color" is no word' \
        '<p>A color.</p>'
}

a_missing_speller_is_said() {
    mkdir "$tree.bin"
    for tool in sh mktemp rm cat dirname basename sed awk grep cut uniq sort \
        diff cp find pandoc ls; do
        ln -s "$(command -v $tool)" "$tree.bin/"
    done
    page '<p>One wrod too many.</p>'
    (PATH=$tree.bin && harness/tests/book/check-pages "$tree") >"$tree.out" 2>&1
    status=$?
    [ "$status" -eq 77 ] || complain "exit status $status, not 77"
    grep -q '^could not check: hunspell' "$tree.out" || complain "nothing said"
}

words_out_of_order_are_rejected() {
    put book/words.txt poll fsync
    rejects 'book/words.txt: is not in order'
}

# --- Running them -------------------------------------------------------------

names=$(sed -n '/^# --- Tests/,$s/^\([a-z_0-9]*\)() {$/\1/p' "$0")
# shellcheck disable=SC2086 # words
[ $# -gt 0 ] || set -- $names
for test; do
    tests=$((tests + 1))
    why=
    skip=
    small_site
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
