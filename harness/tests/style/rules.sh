#!/bin/sh
# usage: sh harness/tests/style/rules.sh
#
# Tests of the style scripts, as TAP: each accepts a small good tree, and
# rejects it with one thing made bad, naming file and line.
#
# shellcheck disable=SC2016 # scripts in the tree have variables of their own
set -u

here=$(cd "$(dirname "$0")" && pwd)
style=$here
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM HUP
tests=0
failed=0

# --- A tree ---------------------------------------------------------------------

# put FILE LINE...: the lines are the whole file
put() {
    mkdir -p "$tree/$(dirname "$1")"
    path=$tree/$1
    shift
    printf '%s\n' "$@" >"$path"
}

# put_lines FILE COUNT FIRST LAST: a long file, its first and last line given
put_lines() {
    {
        echo "$3"
        awk -v n="$2" 'BEGIN { for (i = 2; i < n; i++) print "    x();" }'
        echo "$4"
    } >"$tree/$1"
}

# A lab called "00-name": labs, solutions and book.
put_lab() {
    put "labs/$1/lab.yaml" 'title: A lab' 'file: x.c' 'sections:' \
        '  - title: "0.1 Reading"' '    hints: [a, b, c]' \
        '  - title: 0.2 Writing, at last'
    put "labs/$1/x.h" 'int x(void);'
    put "labs/$1/starter.c" '#include "x.h"' '' '/* TODO 0.1 Reading' \
        ' * Read. */' '// TODO 0.2 Writing, at last'
    put "labs/$1/probe.c" '#include "x.h"'
    put "labs/$1/judge.c" '#include <check.h>' '' 'START_TEST(it_reads)' \
        'static const char reading[] = "0.1 Reading";' \
        'static const char writing[] = "0.2 Writing, at last";'
    put "solutions/$1/x.c" '#include "x.h"'
    put "solutions/$1/wrong/lost.patch" 'expect: wrong answer: it_reads'
    put "book/$1.md" '# A lab' '## In a hurry' '## 0.1 Reading' \
        '## 0.2 Writing, at last {#last}'
}

good_tree() {
    tree=$root/$tests
    mkdir -p "$tree/harness"
    cp "$here/../../../.clang-format" "$tree/" || exit 2
    put harness/low.h 'int low(void);'
    put harness/low.c '#include "low.h"' '' 'int' 'low(void)' '{' \
        '    return 0;' '}'
    put harness/lab.h '#include "low.h"'
    put harness/lab.c '#include "lab.h"'
    put harness/gradebook.h 'int keep(void);'
    put harness/gradebook.c '#include "gradebook.h"' '#include <sqlite3.h>'
    put harness/cmd.h 'int cmd(void);'
    put harness/probe/wire.h '#include "low.h"'
    put harness/probe/wire.c '#include "probe/wire.h"'
    put harness/probe/faults.h 'int faults(void);'
    put harness/probe/faults.c '#include "probe/faults.h"' '#include "wire.h"'
    put harness/judge/ask.h '#include "probe/wire.h"'
    put harness/judge/ask.c '#include "judge/ask.h"' '#include <check.h>'
    put harness/run.sh '#!/bin/sh' 'echo "$1"'
    put_lab 00-name
    put labs/00-name/x.c "$(printf '\tthe learner may write as he likes   ')"
    put build/junk.c "$(printf '\tx')"
}

# accepts SCRIPT [MODULE...]
accepts() {
    script=$1
    shift
    "$style/$script" "$tree" "$@" >"$tree.out" 2>&1
    status=$?
    if [ "$status" -ne 0 ] || [ -s "$tree.out" ]; then
        complain "not accepted"
    fi
}

# rejects TEXT SCRIPT [MODULE...]: it says a line that begins with the text
rejects() {
    text=$1
    script=$2
    shift 2
    "$style/$script" "$tree" "$@" >"$tree.out" 2>&1
    status=$?
    if [ "$status" -ne 1 ]; then
        complain "exit status $status, not 1"
    elif ! awk -v text="$text" 'index($0, text) == 1 { found = 1 }
        END { exit !found }' "$tree.out"; then
        complain "no line begins with \"$text\""
    fi
}

complain() {
    echo "# $1; it said:"
    sed 's/^/#   /' "$tree.out"
    why=$1
}

layers_accepts() {
    accepts layers low lab gradebook
}

layers_rejects() {
    rejects "$1" layers low lab gradebook
}

have() {
    command -v "$1" >/dev/null 2>&1 || skip="$1 is missing"
}

# --- Tests: every function below this line is one ---------------------------------

layers_accepts_includes_that_point_down() {
    layers_accepts
}

layers_rejects_an_include_that_points_up() {
    put harness/low.h 'int x;' '#include "lab.h"'
    layers_rejects 'harness/low.h:2: includes lab.h, which stands above low'
}

layers_rejects_a_module_that_is_not_listed() {
    put harness/new.c 'int x;'
    layers_rejects 'harness/new.c:1: is not in MODULES'
}

layers_rejects_a_listed_module_that_is_not_there() {
    rejects 'Makefile:1: MODULES names gone' layers low lab gradebook gone
}

layers_rejects_an_unlisted_header_that_includes() {
    put harness/cmd.h '#include "low.h"'
    layers_rejects 'harness/cmd.h:1: a header without a .c includes low.h'
}

layers_rejects_the_judge_in_lab() {
    put harness/lab.c '#include "judge/ask.h"'
    layers_rejects 'harness/lab.c:1: lab includes judge/ask.h'
}

layers_rejects_lab_in_the_judge() {
    put harness/judge/ask.c '#include "lab.h"'
    layers_rejects 'harness/judge/ask.c:1: the judge includes lab.h of lab'
}

layers_rejects_the_fault_layer_in_the_judge() {
    put harness/judge/ask.c '#include "probe/faults.h"'
    layers_rejects 'harness/judge/ask.c:1: the judge includes probe/faults.h'
}

layers_rejects_the_judge_in_the_probe() {
    put harness/probe/faults.c '#include "judge/ask.h"'
    layers_rejects 'harness/probe/faults.c:1: the probe includes judge/ask.h'
}

layers_rejects_lab_in_the_probe() {
    put harness/probe/faults.c '#include "lab.h"'
    layers_rejects 'harness/probe/faults.c:1: the probe includes lab.h of lab'
}

layers_lets_templates_include_what_labs_do() {
    put harness/new/judge.c '#include "judge/ask.h"'
    layers_accepts
}

layers_rejects_a_wire_that_is_not_at_the_bottom() {
    put harness/probe/wire.c '#include "faults.h"'
    layers_rejects 'harness/probe/wire.c:1: the wire includes probe/faults.h'
}

layers_rejects_sqlite_outside_the_gradebook() {
    put harness/lab.c '#include <sqlite3.h>'
    layers_rejects 'harness/lab.c:1: includes sqlite3.h'
}

layers_rejects_check_outside_judges_and_tests() {
    put labs/00-name/probe.c '#include <check.h>'
    layers_rejects 'labs/00-name/probe.c:1: includes check.h'
}

layers_rejects_openssl_where_there_is_no_tls() {
    put harness/judge/authority.c '#include <openssl/x509.h>'
    put harness/judge/origin.c '#include <openssl/ssl.h>'
    layers_rejects 'harness/judge/origin.c:1: includes openssl/ssl.h'
}

layers_rejects_curl_where_nothing_is_fetched() {
    put harness/low.c '#include <curl/curl.h>'
    layers_rejects 'harness/low.c:1: includes curl/curl.h'
}

sizes_accepts_400_lines_and_60() {
    put_lines harness/low.h 400 '/*' '*/'
    put_lines harness/low.c 60 'low(void)' '}'
    accepts sizes
}

sizes_rejects_a_file_of_401_lines() {
    put_lines harness/low.h 401 '/*' '*/'
    rejects 'harness/low.h:401: the file is longer' sizes
}

sizes_rejects_a_function_of_61_lines() {
    put_lines harness/low.c 61 'low(void)' '}'
    rejects 'harness/low.c:1: low() has 61 lines' sizes
}

sizes_lets_labs_be_longer() {
    put_lines labs/00-name/judge.c 500 'low(void)' '}'
    accepts sizes
}

format_accepts_what_the_tools_accept() {
    have clang-format
    have shellcheck
    accepts format
}

format_rejects_c_that_is_laid_out_otherwise() {
    have clang-format
    put harness/low.c 'int x;' 'int low(void) { return 0; }'
    rejects 'harness/low.c:2: is laid out otherwise' format
}

format_rejects_a_script_that_shellcheck_rejects() {
    have shellcheck
    put harness/run.sh '#!/bin/sh' 'echo $1'
    rejects 'harness/run.sh:2: note: Double quote' format
}

format_looks_into_scripts_without_a_suffix() {
    have shellcheck
    put harness/setup '#!/bin/sh' 'echo $1'
    rejects 'harness/setup:2: note: Double quote' format
}

format_says_when_a_tool_is_missing() {
    mkdir "$tree/bin"
    for tool in sh dirname find sed sort awk grep mktemp rm; do
        ln -s "$(command -v $tool)" "$tree/bin/$tool"
    done
    PATH=$tree/bin "$style/format" "$tree" >"$tree.out" 2>&1
    status=$?
    [ "$status" -eq 77 ] || complain "exit status $status, not 77"
    [ "$(grep -c '^could not check: .* is missing$' "$tree.out")" -eq 2 ] ||
        complain 'the tools are not named'
}

paths_accepts_what_is_right() {
    put book/00-name.md '| a row of a table | that is as long as it likes, since nobody can break it, however much longer than 120 columns it gets |' \
        'A file in /home or /tmp/home/kim, and …………………………………………………………………………………………… in 120 columns.'
    accepts paths
}

paths_rejects_a_path_of_one_machine() {
    put harness/run.sh '#!/bin/sh' "cd /ho""me/kim/wait"
    rejects 'harness/run.sh:2: a path of one machine' paths
}

paths_rejects_a_tab_in_c() {
    put harness/low.c 'int x;' "$(printf '\tx')"
    rejects 'harness/low.c:2: a tab' paths
}

paths_rejects_blanks_at_the_end() {
    put book/00-name.md 'A line.' 'A line. '
    rejects 'book/00-name.md:2: blanks at the end' paths
}

paths_rejects_80_columns_of_c() {
    put harness/low.h "// $(printf '%077d' 0)"
    rejects 'harness/low.h:1: 80 columns, 79 are allowed' paths
}

paths_rejects_73_columns_in_labs() {
    put solutions/00-name/x.c "// $(printf '%070d' 0)"
    rejects 'solutions/00-name/x.c:1: 73 columns, 72 are allowed' paths
}

paths_rejects_73_columns_in_code_of_the_book() {
    put book/code/00-name.c "// $(printf '%070d' 0)"
    rejects 'book/code/00-name.c:1: 73 columns, 72 are allowed' paths
}

paths_rejects_121_columns_of_markdown() {
    put book/00-name.md "A $(printf '%0119d' 0)"
    rejects 'book/00-name.md:1: 121 columns, 120 are allowed' paths
}

labs_accepts_a_lab_in_its_three_places() {
    accepts labs
}

labs_accepts_a_solved_lab_without_todos() {
    put labs/00-name/starter.c '#include "x.h"'
    echo 'solved: true' >>"$tree/labs/00-name/lab.yaml"
    accepts labs
}

labs_rejects_a_lab_without_a_judge() {
    rm "$tree/labs/00-name/judge.c"
    rejects 'labs/00-name:1: judge.c is missing' labs
}

labs_rejects_a_lab_without_a_reference() {
    rm "$tree/solutions/00-name/x.c"
    rejects 'labs/00-name/lab.yaml:1: has no reference' labs
}

labs_rejects_a_lab_without_a_chapter() {
    rm "$tree/book/00-name.md"
    rejects 'labs/00-name/lab.yaml:1: has no chapter' labs
}

labs_rejects_a_solution_without_a_lab() {
    mkdir "$tree/solutions/01-more"
    rejects 'solutions/01-more:1: has no lab' labs
}

labs_rejects_a_chapter_without_a_lab() {
    put book/01-more.md '# More'
    rejects 'book/01-more.md:1: has no lab' labs
}

labs_rejects_a_heading_that_is_no_section() {
    put book/00-name.md '## 0.1 Reading' '## 0.2 Writing'
    rejects 'book/00-name.md:1: has "0.2 Writing" where labs/00-name/lab.yaml has "0.2 Writing, at last"' labs
}

labs_rejects_a_section_without_its_todo() {
    put labs/00-name/starter.c '/* TODO 0.1 Reading */'
    rejects 'labs/00-name/starter.c:1: has "" where' labs
}

labs_accepts_tcases_named_in_the_table() {
    put labs/00-name/judge.c 'START_TEST(it_reads)' '    {"0.1 Reading", x},' \
        '    {"0.1 Reading", y},' '    {"0.2 Writing, at last", z},'
    accepts labs
}

labs_rejects_a_tcase_that_is_no_section() {
    put labs/00-name/judge.c 'START_TEST(it_reads)' '    {"0.1 Reading", x},' \
        'static const char writing[] = "0.2 Writing";'
    rejects 'labs/00-name/judge.c:1: has "0.2 Writing" where labs/00-name/lab.yaml has "0.2 Writing, at last"' labs
}

labs_rejects_a_wrong_solution_without_an_assertion() {
    put solutions/00-name/wrong/lost.patch '--- a/x.c'
    rejects 'solutions/00-name/wrong/lost.patch:1: is no "expect:' labs
}

labs_rejects_an_assertion_on_a_test_that_is_not_there() {
    put solutions/00-name/wrong/lost.patch 'expect: wrong answer: it_writes'
    rejects 'solutions/00-name/wrong/lost.patch:1: judge.c has no test' labs
}

# --- Running them -----------------------------------------------------------------

names=$(sed -n '/^# --- Tests/,$s/^\([a-z_0-9]*\)() {$/\1/p' "$0")
for test in $names; do
    tests=$((tests + 1))
    why=
    skip=
    good_tree
    "$test" >"$root/said"
    if [ -n "$skip" ]; then
        echo "ok $tests - $test # SKIP $skip"
    elif [ -z "$why" ]; then
        echo "ok $tests - $test"
    else
        cat "$root/said"
        echo "not ok $tests - $test"
        failed=$((failed + 1))
    fi
done
echo "1..$tests"
[ "$failed" -eq 0 ]
