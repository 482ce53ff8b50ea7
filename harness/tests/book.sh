#!/bin/sh
# usage: sh harness/tests/book.sh
#
# The book: its pages, its transcripts, and the tools that make them. Each of
# the scripts in book/ prints TAP.
#
#   FULL=1   the values are measured anew, and their names compared
set -u
cd "$(dirname "$0")/../.." || exit 2

status=0
for part in harness/tests/book/*.sh; do
    sh "$part" || status=1
done
exit $status
