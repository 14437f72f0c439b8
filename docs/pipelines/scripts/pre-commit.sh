#!/bin/sh
# pre-commit.sh protect | policy FILE…: what can be checked before a commit, where there is no plan yet.
#
# protect: every lock of the repository says what the sources beside it say, and none was deleted; 3 if one does not.
# policy: every FILE is a policy that tidelock can read; 1 if one is not.
set -eu

worst=0

# Puts a path between quotes, to be pasted.
quoted() {
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# 1, no answer, wins over 3.
worse() {
    if [ "$worst" -ne 1 ]; then worst=$1; fi
}

files() {
    git -c core.quotePath=false "$@"
}

check_lock() {
    stack=$(dirname -- "$1")
    code=0
    listing=$(tidelock protect --check --config="$stack") || code=$?
    case $code in
        0) return ;;
        3) ;;
        *)
            printf '%s: the lock could not be checked (exit code %s)\n' "$1" "$code"
            worse 1
            return
            ;;
    esac
    worse 3
    printf '%s\n' "$listing" | grep -v '  in the lock$' || :
    case $listing in
        *'  not in the lock'*)
            printf '%s: what is protected is not in it; to write it: tidelock protect --write --config=%s\n' \
                "$1" "$(quoted "$stack")"
            ;;
    esac
    case $listing in
        *'  in the lock, '*)
            printf '%s: what stands in it is not protected any more: put "prevent_destroy" back, or delete the entry in the same review\n' "$1"
            ;;
    esac
}

# A lock that was deleted while its sources stay.
check_deleted() {
    stack=$(dirname -- "$1")
    if files ls-files -- "$stack" | grep -Eq '\.(tf|tofu)(\.json)?$'; then
        printf '%s: was deleted, and its stack is still there; to bring it back: git checkout HEAD -- %s\n' \
            "$1" "$(quoted "$1")"
        worse 3
    fi
}

# Names one to a line, for the sake of blanks. With `*`, Git looks into folders as well.
protect() {
    now=$(files ls-files -- tidelock.lock '*/tidelock.lock') || exit 1
    before=$(files ls-tree -r --name-only HEAD 2>/dev/null | grep -E '(^|/)tidelock\.lock$') || before=''
    while IFS= read -r lock; do
        [ -n "$lock" ] || continue
        if [ -f "$lock" ]; then check_lock "$lock"; else check_deleted "$lock"; fi
    done <<END
$(printf '%s\n%s\n' "$now" "$before" | sort -u)
END
}

question=${1:-}
[ $# -eq 0 ] || shift
case $question in
    protect) protect ;;
    policy)
        # A plan in which nothing happens: the policy is what is asked about.
        for file; do
            printf '{"format_version": "1.2", "planned_values": {}, "configuration": {}}' |
                tidelock drift - "--policy=$file" --quiet >/dev/null || worst=1
        done
        ;;
    *)
        echo 'usage: pre-commit.sh protect | policy FILE…' >&2
        exit 1
        ;;
esac
exit "$worst"
