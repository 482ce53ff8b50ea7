# shellcheck shell=sh
# A frame for a new lab.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# templates: the copy has them, and a book
templates() {
    mkdir -p "$tree/harness" "$tree/book"
    cp -R harness/new "$tree/harness/"
    printf '# Book\n\n- 00 How\n\n## I\n\n- 02 Bytes\n- 09 Sharing: a *b*\n' \
        >"$tree/book/index.md"
}

# The three places, and all that is in them.
places() {
    (cd "$tree" && find labs solutions book | sort && cat book/index.md)
}

# refuses NAME TEXT: lab new says this, and changes nothing
refuses() {
    places >"$root/before"
    lab new "$1"
    exits 2
    complains "$2"
    places | cmp "$root/before" - || fail "something was made of \"$1\""
}

# --- Tests ------------------------------------------------------------------

new_makes_three_places_of_one_name() {
    templates
    lab new 07-first-answers
    exits 0
    is_silent
    golden new
    (cd "$tree" && find labs/07* solutions/07* book/07*) | sort \
        >"$root/made"
    golden new-files "$root/made"
    ! grep -r '__[A-Z]' "$tree"/labs/07* "$tree"/solutions/07* \
        "$tree"/book/07* || fail "a mark was left"
    grep -q '^# 07 First answers$' "$tree/book/07-first-answers.md" ||
        fail "the chapter has no title"
    grep -q '^## 7\.1 ' "$tree/book/07-first-answers.md" ||
        fail "the chapter has no section 7.1"
    grep -q '^#ifndef FIRST_H$' "$tree/labs/07-first-answers/first.h" ||
        fail "the header has no guard"
    refuses 07-first-answers 'book/07-first-answers.md is there already; move'
}

new_puts_the_chapter_into_the_contents() {
    templates
    for name in 07-seven 01-one 42-forty-two; do
        lab new $name
        exits 0
    done
    cp "$tree/book/index.md" "$root/contents"
    lab new 09-shared-things
    exits 0
    cmp "$root/contents" "$tree/book/index.md" ||
        fail "a planned chapter changes the contents"
    head -n 1 "$tree/book/09-shared-things.md" >>"$root/contents"
    golden new-contents "$root/contents"
}

new_refuses_what_is_no_name() {
    templates
    for name in 42 42- 4-answers 042-answers answers 42-Answers 42_answers \
        42--answers 42-answers- 42-4answers 42-an/swers 42-.. '42-a b' \
        '42-%s' '42-é' ../42-a ''; do
        refuses "$name" 'is no name of a lab. Take two digits'
    done
    refuses 42-seventeen-letters-x 'is longer than the 20 characters'
}

new_refuses_a_number_or_a_slug_that_is_taken() {
    templates
    refuses 02-answers '02 is the number of solutions/02-every-byte; the first'
    complains 'that is free is 01'
    refuses 42-every-byte 'solutions/02-every-byte has the same slug'
    echo '# 05' >"$tree/book/05-loop.md"
    refuses 05-answers '05 is the number of book/05-loop.md; the first'
    refuses 42-loop 'book/05-loop.md has the same slug'
    mkdir "$tree/solutions/42-answers"
    refuses 42-answers 'solutions/42-answers is there already; move it away'
}

new_refuses_files_that_would_stand_in_the_way() {
    templates
    for name in judge probe-it starter experiment signal-handlers float-sums; do
        refuses "42-$name" 'begin the slug with another word'
    done
}

new_wants_exactly_one_name() {
    templates
    lab new
    exits 2
    complains 'new: which lab? Type: make new LAB=42-answers'
    lab new 42-answers 43-more
    exits 2
    complains 'new: takes one lab, not two'
}

new_makes_all_or_nothing() {
    templates
    mv "$tree/harness/new" "$root/new"
    refuses 42-answers 'lab: read harness/new: No such file or directory'
    mv "$root/new" "$tree/harness/new"
    mv "$tree/book/index.md" "$root/index.md"
    refuses 42-answers 'lab: read book/index.md: No such file or directory'
    mv "$root/index.md" "$tree/book/index.md"
    unprivileged
    [ -z "$skip" ] || return 0
    for place in book solutions labs; do
        chmod a-w "$tree/$place"
        refuses 42-answers 'Permission denied'
        chmod u+w "$tree/$place"
    done
    chmod a-r "$tree/harness/new/book/__STEM__.md"
    refuses 42-answers 'read harness/new/book/__STEM__.md: Permission denied'
    chmod u+r "$tree/harness/new/book/__STEM__.md"
    lab new 42-answers
    exits 0
}

# In a copy of the whole repository: what labs.sh and the rules of style
# demand, of the shortest and the longest name.
a_frame_is_a_lab_that_passes_all_tests() {
    whole=$root/whole
    mkdir "$whole"
    tar c --exclude=./.git --exclude=./build/tests --exclude=./build/work \
        . | tar x -C "$whole"
    tree=$whole
    lab new 42-a
    exits 0
    (
        cd "$whole" && mkdir -p build/tests && make -s all &&
            env -u SHARE sh harness/tests/labs.sh 42
    ) >"$out" 2>&1
    status=$?
    exits 0
    cat "$out"
    ! grep '^not ok' "$out" || fail "a frame is not as its author says"
    [ "$(grep -c '^ok' "$out")" -eq 8 ] || fail "not 8 tests"
    lab new 43-reproducible-sums
    exits 0
    # What is wrong with another chapter is not of this test.
    (cd "$whole" && sh book/build) >"$out" 2>&1
    ! grep 'book/4[23]-\|index.md' "$out" || fail "a chapter is not built"
    mkdir "$root/new" "$root/new/book"
    cp .clang-format "$root/new/"
    for top in labs solutions; do
        mkdir "$root/new/$top"
        cp -R "$top/.clang-format" "$whole/$top"/4[23]-* "$root/new/$top/"
    done
    cp "$whole"/book/4[23]-* "$root/new/book/"
    for rule in labs paths format; do
        sh "harness/tests/style/$rule" "$root/new" >"$out" 2>&1
        status=$?
        cat "$out"
        [ "$status" -eq 0 ] || [ "$status" -eq 77 ] ||
            fail "the rule $rule does not hold"
    done
    rm -rf "$whole" "$root/new"
}
