#!/bin/sh
# usage: sh harness/tests/book/site.sh
#
# The chapters as pages: a small good book, good/, gets the pages that it
# should; and everything that can be wrong with a book is put into copies of
# it, and told with its file, its line and a remedy. TAP.
#
#   GOLDEN=update   write the pages to good/*.out instead of comparing (look
#                   at the difference before you keep it)
#
# shellcheck disable=SC2016 # Markdown has backquotes
set -u
cd "$(dirname "$0")/../../.." || exit 2
here=$(pwd)/harness/tests/book
build=$(pwd)/book/build
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
number=0
failed=0

# result NAME STATUS [FILE]: one line of TAP, and the file where it failed
result() {
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $number - $1"
        return
    fi
    echo "not ok $number - $1"
    sed 's/^/# /' "${3:-/dev/null}" | head -n 40
    failed=$((failed + 1))
}

skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# --- Books --------------------------------------------------------------------

# new_book NAME: a copy of the good one, without its pages
new_book() {
    book=$root/$1
    mkdir "$book" && cp -R "$here/good/book" "$here/good/labs" \
        "$here/good/solutions" "$book/" || exit 2
    : >"$book/expected"
    : >"$book/names"
    book_words=$1
}

build_book() {
    sh "$build" "$book" >"$book/out" 2>"$book/err"
}

# expect NAME MESSAGE: the book is to be rejected so
expect() {
    echo "$1" >>"$book/names"
    echo "$2" >>"$book/expected"
}

# add NAME FILE K MESSAGE LINE...: the lines are put at the end of the file,
# and the K-th of them is wrong; K may also be another FILE:LINE
add() {
    name=$1 file=$2 place=$3 message=$4
    shift 4
    mkdir -p "$(dirname "$book/$file")"
    [ -e "$book/$file" ] || : >"$book/$file"
    echo >>"$book/$file"
    case $place in
    *:*) ;;
    *) place=$file:$(($(wc -l <"$book/$file") + place)) ;;
    esac
    printf '%s\n' "$@" >>"$book/$file"
    expect "$name" "$place: $message"
}

# edit NAME FILE LINE SCRIPT MESSAGE: a sed script makes that line wrong
edit() {
    sed "$4" "$book/$2" >"$book/new" && mv "$book/new" "$book/$2"
    expect "$1" "$2:$3: $5"
}

# Build it: each message was said, and no other.
reject() {
    mkdir -p "$book/build/book"
    echo old >"$book/build/book/index.html"
    build_book
    [ $? -eq 1 ]
    result "$book_words: exit status 1" $? "$book/err"
    paste "$book/names" "$book/expected" >"$book/both"
    while IFS='	' read -r name message; do
        grep -qFx "$message" "$book/err"
        result "is rejected: $name" $? "$book/err"
    done <"$book/both"
    echo 'book: not built; build/book is as it was' >>"$book/expected"
    sort "$book/expected" >"$book/a"
    grep -v '^\[WARNING\] Duplicate identifier' "$book/err" |
        sort >"$book/b"
    diff "$book/a" "$book/b" >"$book/diff"
    result "$book_words: nothing else is said" $? "$book/diff"
    [ "$(cat "$book/build/book/index.html")" = old ] &&
        [ ! -e "$book/build/book.new" ]
    result "$book_words: the old pages are as they were" $?
}

# --- The tests ----------------------------------------------------------------

good_pages() {
    new_book good-book
    build_book
    result "a good book is built" $? "$book/err"
    said='The book is build/book/index.html: open it in a browser.'
    [ "$(cat "$book/out")" = "$said" ] && [ ! -s "$book/err" ]
    result "it is said where the pages are, and nothing else" $? "$book/out"
    echo '# 05 More' >"$book/book/05-more.md"
    build_book
    grep -q '<li><a href="05-more.html">05 More</a></li>' \
        "$book/build/book/index.html"
    result "a chapter that the contents do not have comes after them" $?
    rm "$book/book/05-more.md"
    build_book
    for page in index 02-bytes 03-fetcher words; do
        made=$book/build/book/$page.html
        if [ "${GOLDEN:-}" = update ]; then
            cp "$made" "$here/good/$page.out"
        fi
        case $(pandoc --version | head -n 1) in
        'pandoc 2.17'*)
            diff "$here/good/$page.out" "$made" >"$book/diff"
            result "$page.html is what it should be" $? "$book/diff"
            ;;
        *) skip "$page.html is what it should be" "pandoc 2.17 is wanted" ;;
        esac
    done
    ! grep -nE '(src|href)="(https?:)?//' "$book"/build/book/*.html \
        >"$book/diff" && ! grep -n 'url(\|@import' "$book"/build/book/*.css \
        >>"$book/diff"
    result "no page asks the network for anything" $? "$book/diff"
}

# Rejections, one after the other; each function is a book.
wrong_listings() {
    new_book listings-wrong
    chapter=book/02-bytes.md
    add "a block of C without include" $chapter 1 \
        'a block of c without include: cut it from a file that is compiled, {.c #lst:NAME include="…"}' \
        '```c' 'int x;' '```'
    add "a diff without include" $chapter 1 \
        'a block of diff without include: cut it from a file that is compiled, {.diff #lst:NAME include="…"}' \
        '~~~ {.diff}' '-int y;' '~~~'
    add "a listing without a name" $chapter 1 \
        'the listing has no name: write {.c #lst:NAME include="book/code/03-hello.c"}' \
        '```{.c include="book/code/03-hello.c"}' 'It says hello.' '```'
    add "a listing of a file that is not there" $chapter 1 \
        'there is no file solutions/03-fetcher/fatch.c: name one relative to the repository' \
        '```{.c #lst:a include="solutions/03-fetcher/fatch.c"}' 'A caption.' '```'
    add "a region that is not there" $chapter 1 \
        'there is no region "windw" in solutions/03-fetcher/fetch.c: there is inner, window' \
        '```{.c #lst:b include="solutions/03-fetcher/fetch.c" region="windw"}' 'A caption.' '```'
    add "a listing without a caption" $chapter 1 \
        'the listing has no caption: write a sentence into the block' \
        '```{.yaml #lst:c include="labs/03-fetcher/lab.yaml" region="file"}' '```'
    add "two listings of one name" $chapter 1 \
        'there are two of "lst:c", the other in book/02-bytes.md:41: name one of them anew' \
        '```{.c #lst:c include="solutions/03-fetcher/fetch.c" region="inner"}' 'A caption.' '```'
    add "an attribute that nobody knows" $chapter 1 \
        'a block like this has no "regoin": there is include, region' \
        '```{.c #lst:d include="book/code/03-hello.c" regoin="main"}' 'A caption.' '```'
    echo 'not a wrong solution' >"$book/solutions/03-fetcher/wrong/plain.patch"
    add "a patch without its verdict" $chapter solutions/03-fetcher/wrong/plain.patch:1 \
        'does not begin with "expect: VERDICT: TEST": only a patch of solutions/*/wrong/ is shown' \
        '```{.diff #lst:e include="solutions/03-fetcher/wrong/plain.patch"}' 'A caption.' '```'
    reject
}

wrong_sources() {
    new_book sources-wrong
    add "a region that is not closed" book/code/03-a.c 1 \
        'the region "open" is not closed: put "book: end open" below it' \
        '/* book: open */' 'int x;'
    expect "a region that no chapter shows" \
        'book/code/03-a.c:2: no chapter shows the region "open": include it, or take its two lines out'
    add "a region that is closed, and not open" book/code/03-b.c 1 \
        'the region "shut" is closed, but not open: put "book: shut" above it' \
        '/* book: end shut */'
    add "a region that is closed twice" solutions/03-fetcher/fetch.c 1 \
        'the region "window" is closed twice, first in line 17: take one out' \
        '/* book: end window */'
    add "two regions of one name" solutions/03-fetcher/fetch.c 1 \
        'there are two regions "inner", the first in line 11: name one of them anew' \
        '/* book: inner */'
    add "two lines of one label" solutions/03-fetcher/fetch.c 1 \
        'there are two lines "@poll", the other is line 12: name one of them anew' \
        'int z; /* @poll */'
    add "a line label that no chapter speaks of" labs/03-fetcher/lab.yaml 1 \
        'no chapter speaks of the line "@nofile": write @ln:LISTING:nofile, or take it out' \
        'nofile: 64 # @nofile'
    reject
}

wrong_references() {
    new_book references-wrong
    add "a listing that is not there" book/02-bytes.md 2 \
        'there is no listing "windw": there is @lst:all, @lst:batches, @lst:inner, @lst:settings, @lst:window' \
        'See @lst:window,' 'and @lst:windw.'
    add "a figure that is not there" book/02-bytes.md 1 \
        'there is no figure "offices": there is @fig:both, @fig:office, @fig:states' \
        '*See @fig:offices*.'
    add "a table that is not there" book/02-bytes.md 1 \
        'there is no table "cost": there is @tbl:costs, @tbl:words' '- See @tbl:cost.'
    add "a section that is not there" book/02-bytes.md 1 \
        'there is no numbered section "3.3": there is @sec:2.1, @sec:3.1, @sec:3.2' 'See @sec:3.3.'
    add "a chapter that is not there" book/02-bytes.md 1 \
        'there is no chapter "04": there is @ch:02, @ch:03, @ch:words' 'See @ch:04.'
    add "a line label that is not there" book/02-bytes.md 1 \
        'there is no line "window:pol": there is @ln:window:poll' 'In @ln:window:pol it waits.'
    add "a value that is not there" book/02-bytes.md 1 \
        'there is no value "at-once": there is @val:dearest, @val:idle, @val:one-by-one' 'It took @val:at-once.'
    add "a reference of no kind" book/02-bytes.md 1 \
        '"@list:window" is no reference: they begin with @lst: @fig: @tbl: @sec: @ch: @ln: or @val:' \
        'See @list:window.'
    add "a reference in brackets" book/02-bytes.md 1 '"[@lst:window]": write it without brackets' \
        'It slides [@lst:window].'
    add "a section twice" book/02-bytes.md 1 \
        'there are two of "sec:2.1", the other in book/02-bytes.md:5: name one of them anew' '## 2.1 Again'
    add "a heading's id twice" book/02-bytes.md 3 \
        'there are two headings with the id "same": take one out' '## One {#same}' '' '## Two {#same}'
    printf '# A machine, a day\nidle\t3 s\n' >"$book/book/data/02.values"
    expect "a value that no chapter uses" \
        'book/data/02.values:2: no chapter uses the value "idle": write @val:idle, or take it out of book/data/02.sh'
    add "values without a machine" book/data/04.values book/data/04.values:1 \
        'does not begin with "# machine, date": let `make record` write this file' ''
    add "a value twice" book/data/03.values 1 \
        'there are two values "one-by-one", the other in book/data/03.values:2: name one of them anew' \
        'one-by-one	2 s'
    add "a value without a text" book/data/03.values 1 \
        'is no "name TAB text": let `make record` write this file' 'nothing'
    reject
}

wrong_figures() {
    new_book figures-wrong
    chapter=book/02-bytes.md
    add "a timeline without alt text" $chapter 1 \
        'the figure has no alt text: say in alt="…" what it shows' \
        '```{.timeline #fig:a data="03-office.tsv"}' 'A caption.' '```'
    add "a timeline without a caption" $chapter 1 'the figure has no caption: write a sentence' \
        '```{.timeline #fig:b data="03-office.tsv" alt="Words."}' '```'
    add "a timeline without a name" $chapter 1 'the figure has no name: write #fig:NAME' \
        '```{.timeline data="03-office.tsv" alt="Words."}' 'A caption.' '```'
    add "a timeline of data that are not there" $chapter 1 \
        'there is no data file book/data/03-ofice.tsv: write data="NAME.tsv", of book/data/' \
        '```{.timeline #fig:c data="03-ofice.tsv" alt="Words."}' 'A caption.' '```'
    add "a chart that is not there" $chapter 1 'there is no chart "3" in book/data/03-office.tsv: it has 2' \
        '```{.timeline #fig:d data="03-office.tsv" charts="1 3" alt="Words."}' 'A caption.' '```'
    printf 'chart\tA\nlane\tb\nwait\t2\t1\n' >"$book/data.tsv"
    mv "$book/data.tsv" "$book/book/data/02-back.tsv"
    add "a timeline that goes back in time" $chapter book/data/02-back.tsv:3 \
        'a span wants a start and an end, in seconds: harness/timeline.h says how its lines look' \
        '```{.timeline #fig:e data="02-back.tsv" alt="Words."}' 'A caption.' '```'
    cp "$book/book/data/02-back.tsv" "$book/book/data/02-unused.tsv"
    expect "data that no chapter shows" 'book/data/02-unused.tsv:1: no chapter shows it, or links to it: use it, or take it away'
    echo '<svg></svg>' >"$book/book/figures/02-small.svg"
    add "a picture that cannot be scaled" $chapter book/figures/02-small.svg:1 \
        'is no <svg> with a viewBox: give it one, so that it can be scaled' \
        '![A caption](figures/02-small.svg){#fig:f alt="Words."}'
    cp "$book/book/figures/02-small.svg" "$book/book/figures/02-unused.svg"
    expect "a picture that no chapter shows" \
        'book/figures/02-unused.svg:1: no chapter shows it, or links to it: use it, or take it away'
    add "a picture that is not there" $chapter 1 'there is no picture book/figures/02-none.svg: draw book/figures/NAME.svg' \
        '![A caption](figures/02-none.svg){#fig:g alt="Words."}'
    add "a picture without alt text" $chapter 1 'the figure has no alt text: say in alt="…" what it shows' \
        '![A caption](figures/03-states.svg){#fig:h}'
    add "a picture without a caption" $chapter 1 'the figure has no caption: write a sentence' \
        '![](figures/03-states.svg){#fig:i alt="Words."}'
    add "a picture within a paragraph" $chapter 1 'a picture in the middle of a paragraph: give it one of its own' \
        'Look: ![A caption](figures/03-states.svg){#fig:j alt="Words."}'
    add "a figure twice" $chapter book/03-fetcher.md:30 \
        'there are two of "fig:office", the other in book/02-bytes.md:54: name one of them anew' \
        '![A caption](figures/03-states.svg){#fig:office alt="Words."}'
    add "a table of data without a name" $chapter 1 'the table has no name: write #tbl:NAME' \
        '```{.table data="words-costs.tsv"}' 'A caption.' '```'
    add "a table of data without a caption" $chapter 1 'the table has no caption: write a sentence' \
        '```{.table #tbl:k data="words-costs.tsv"}' '```'
    add "a table of data that are not there" $chapter 1 \
        'there is no data file book/data/words-cost.tsv: write data="NAME.tsv", of book/data/' \
        '```{.table #tbl:l data="words-cost.tsv"}' 'A caption.' '```'
    add "an attribute that no table has" $chapter 1 'a block like this has no "charts": there is data' \
        '```{.table #tbl:m data="words-costs.tsv" charts="1"}' 'A caption.' '```'
    printf 'a\tb\nc\n' >"$book/book/data/02-short.tsv"
    add "a table with a row too short" $chapter book/data/02-short.tsv:2 \
        'has 1 cells, and the head of the table 2: separate them by one tab each' \
        '```{.table #tbl:n data="02-short.tsv"}' 'A caption.' '```'
    add "a table twice" $chapter book/words.md:7 \
        'there are two of "tbl:words", the other in book/02-bytes.md:75: name one of them anew' \
        '```{.table #tbl:words data="words-costs.tsv"}' 'A caption.' '```'
    add "a table without a name" $chapter 5 'the table has no name: end its caption with {#tbl:NAME}' \
        '| a | b |' '|---|---|' '| c | d |' '' ': Costs of all kinds.'
    reject
}

wrong_frame() {
    new_book frame-wrong
    add "a box of no kind" book/02-bytes.md 1 \
        'there is no box "hury": there is answer, checkpoint, design, hurry, misconception, note, predict, quiz' \
        '::: {.hury}' 'Quick.' ':::'
    edit "a chapter of another number" book/02-bytes.md 1 '1s/02/03/' 'does not begin with "# 02 TITLE"'
    edit "a title that the contents do not have" book/index.md 6 's/^- 03 .*/- 03 Queues/' \
        'chapter 03 is called "Many queues, one person": make it the same here'
    edit "an entry of the contents that is no chapter" book/index.md 7 's/^- 04 .*/- The loop/' \
        '"The loop" is no chapter: write "- NN Title", or the title of a page without a number'
    add "a block whose head cannot be read" book/02-bytes.md 1 \
        'the head of this block cannot be read: {.CLASS #ID NAME="VALUE" …}' \
        '```{.c #lst:head include="book/code/03-hello.c" region}' 'A caption.' '```'
    add "attributes that belong to nothing" book/02-bytes.md 1 \
        '"{#fig:bytes}" belongs to nothing: it stands right behind a picture, or ends a caption' 'Bytes {#fig:bytes}'
    add "an end of no box" book/02-bytes.md 1 'closes no box: take it out, or open one above it, ::: {.note}' ':::'
    add "a box without its end" book/02-bytes.md 1 'the box is not closed: end it with :::' '::: {.note}' 'Text.'
    add "a block of code without its end" book/02-bytes.md 1 'the block of code is not closed: end it with ```' \
        '```sh' 'make'
    reject
    new_book page-wrong
    edit "a page without a title" book/words.md 1 '1s/^# /## /' \
        'does not begin with "# TITLE"; the file of a chapter is called NN-slug.md'
    add "a page with a number in its title alone" book/more.md book/more.md:1 \
        'does not begin with "# TITLE"; the file of a chapter is called NN-slug.md' '# 07 More'
    sed -i 1d "$book/book/more.md"
    edit "a reference that a page has wrong" book/words.md 3 's/@fig:office/@fig:offce/' \
        'there is no figure "offce": there is @fig:both, @fig:office, @fig:states'
    edit "a title of a page that has changed" book/index.md 11 's/^- What .*/- What words mean/' \
        '"What words mean" is no chapter: write "- NN Title", or the title of a page without a number'
    reject
    new_book contents-missing
    rm "$book/book/index.md"
    expect "a book without contents" \
        'book/index.md:1: there is no such file: it has the title, a paragraph, and a list "- NN Title"'
    reject
}

without_pandoc() {
    new_book without-pandoc
    mkdir "$book/bin"
    for tool in sh dirname; do
        ln -s "$(command -v $tool)" "$book/bin/$tool"
    done
    PATH=$book/bin sh "$build" "$book" >"$book/out" 2>"$book/err"
    [ $? -eq 2 ] && [ "$(cat "$book/err")" = \
        'book: pandoc is missing: sh harness/setup installs it' ]
    result "without pandoc it is said what is missing, and what to do" $? \
        "$book/err"
}

colours() {
    sh "$here/contrast" >"$root/said" 2>&1
    result "every colour can be read on its ground" $? "$root/said"
    sed 's/--comment: #.*/--comment: #888888;/' book/book.css >"$root/bad.css"
    sh "$here/contrast" "$root/bad.css" >"$root/said"
    [ $? -eq 1 ] && grep -q "bad.css:[0-9]*: light: --comment on \
--code-ground has a contrast of 3.[0-9]*, 4.5 is wanted" "$root/said"
    result "is rejected: a comment too pale to read" $? "$root/said"
    sed 's/^    margin: 0;/    color: #fff;/' book/book.css >"$root/bad.css"
    ! sh "$here/contrast" "$root/bad.css" >"$root/said" &&
        grep -q 'bad.css:[0-9]*: a colour without a name' "$root/said"
    result "is rejected: a colour that is not named" $? "$root/said"
}

if command -v pandoc >/dev/null 2>&1; then
    good_pages
    wrong_listings
    wrong_sources
    wrong_references
    wrong_figures
    wrong_frame
else
    skip "pages of the book" "pandoc is missing"
fi
without_pandoc
colours
echo "1..$number"
[ "$failed" -eq 0 ]
