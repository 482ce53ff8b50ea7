# shellcheck shell=sh
# build/ that cannot be written, a full disk, a corrupt gradebook.
#
# shellcheck disable=SC2034,SC2154 # shared with cli.sh and tree.sh

# On a file system of its own, made by full-disk.sh. As root, or in a user
# namespace where that is allowed.
on_small_disk() {
    if unshare -m true 2>/dev/null; then
        enter="unshare -m"
    else
        enter="unshare -rm"
    fi
    if ! $enter mount -t tmpfs -o size=64k none "$away" 2>/dev/null; then
        skip="no file system can be mounted here (root or user namespaces)"
        return
    fi
    cp -a "$tree/build" "$root/whole"
    submit wrong
    if ! $enter sh "$here/full-disk.sh" "$tree" "$root/whole" "$@"; then
        fail "see above"
    fi
    rm -rf "$root/whole"
}

garble() {
    head -c 20000 /dev/urandom >"$tree/build/gradebook.db"
}

# --- Tests ------------------------------------------------------------------

a_build_folder_that_is_read_only_is_said() {
    unprivileged
    [ -z "$skip" ] || return 0
    chmod a-w "$tree/build"
    lab check 00
    exits 2
    complains 'build/work/ cannot be made (Permission denied).'
    complains 'look at the free space and at who owns the folder.'
    chmod u+w "$tree/build"
    lab check 00
    exits 0
    chmod -R a-w "$tree/build"
    lab check 00
    exits 2
    complains 'nothing can be written in build/work/ (Permission denied).'
    chmod -R u+w "$tree/build"
    lab check 00
    exits 0
}

a_gradebook_that_is_read_only_does_not_swallow_the_verdict() {
    unprivileged
    [ -z "$skip" ] || return 0
    lab check 00
    exits 0
    chmod a-w "$tree/build/gradebook.db"
    lab check 00
    exits 2
    says '00-first-check       accepted'
    complains 'build/gradebook.db cannot be opened: '
    complains 'this run of 00-first-check is not in the gradebook'
    chmod u+w "$tree/build/gradebook.db"
    lab history --json
    [ "$(grep -c '"id"' "$out")" -eq 1 ] || fail "not one run in the history"
}

a_gradebook_that_is_a_folder_is_said() {
    mkdir "$tree/build/gradebook.db"
    lab check 00
    exits 2
    says '00-first-check       accepted'
    complains 'build/gradebook.db cannot be opened: '
    complains 'this run of 00-first-check is not in the gradebook'
    for command in history progress 'hint 00'; do
        # shellcheck disable=SC2086 # words
        lab $command
        exits 2
        complains 'build/gradebook.db cannot be opened: '
    done
}

a_corrupt_gradebook_is_kept_aside_and_begun_anew() {
    garble
    cp "$tree/build/gradebook.db" "$root/garbage"
    lab check 00
    exits 0
    says '00-first-check       accepted'
    complains 'lab: build/gradebook.db is corrupt'
    complains 'and a new one is begun'
    kept=$(sed -n 's/.*it is kept as \([^,]*\),.*/\1/p' "$err")
    cmp "$tree/$kept" "$root/garbage" || fail "the corrupt one is not kept"
    lab history
    exits 0
    is_silent
    says '00-first-check        accepted'
}

a_corrupt_gradebook_stops_no_command() {
    for command in history progress 'hint 00'; do
        garble
        # shellcheck disable=SC2086 # words
        lab $command
        exits 0
        complains 'and a new one is begun'
    done
    [ "$(find "$tree/build" -name 'gradebook.db.corrupt-*' | wc -l)" -eq 3 ] ||
        fail "not three corrupt ones are kept"
}

a_full_disk_is_said_before_anything_is_judged() {
    on_small_disk space
}

a_disk_without_room_for_another_file_fails_whole() {
    on_small_disk files
}

a_disk_that_fills_up_while_compiling_is_not_the_learners_fault() {
    on_small_disk compiler
}
