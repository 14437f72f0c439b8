#!/bin/sh
# pre-commit.sh protect|policy FILE…: what can be checked before a commit, where there is no plan yet.
#
# protect: the lock of every stack that a FILE belongs to says what its sources say; 3 if one does not.
# policy: every FILE is a policy that tidelock can read; 1 if one is not.
set -eu

question=${1:-}
[ $# -eq 0 ] || shift
worst=0

# The directory with the lock for a file: its own, or the nearest one above; nothing if no stack there has a lock.
stack_of() {
    dir=$(dirname -- "$1")
    while [ ! -f "$dir/tidelock.lock" ]; do
        [ "$dir" != . ] && [ "$dir" != / ] || return 0
        dir=$(dirname -- "$dir")
    done
    printf '%s\n' "$dir"
}

case $question in
    protect)
        stacks=$(for file; do stack_of "$file"; done | sort -u)
        # One to a line, for the sake of names with blanks.
        while IFS= read -r stack; do
            [ -n "$stack" ] || continue
            code=0
            listing=$(tidelock protect --check --config "$stack") || code=$?
            if [ "$code" -ne 0 ]; then
                worst=$code
                printf '%s: tidelock.lock is not what the sources say; to write it: tidelock protect --write --config %s\n' \
                    "$stack" "$stack"
                printf '%s\n' "$listing" | grep -v '  in the lock$' || :
            fi
        done <<END
$stacks
END
        ;;
    policy)
        # A plan in which nothing happens: the policy is what is asked about.
        for file; do
            printf '{"format_version": "1.2", "planned_values": {}, "configuration": {}}' |
                tidelock drift - --policy "$file" --quiet >/dev/null || worst=1
        done
        ;;
    *)
        echo 'usage: pre-commit.sh protect|policy FILE…' >&2
        exit 1
        ;;
esac
exit "$worst"
