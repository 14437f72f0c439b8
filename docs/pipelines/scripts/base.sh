#!/bin/sh
# tidelock-base BRANCH [FOLDER]: checks out BRANCH of `origin` into FOLDER [default: .tidelock-base], for
# `tidelock-check gate --policy-base FOLDER`: a change is judged by the policy of the branch that it goes into.
#
# Call it after the plan was made, so that nothing that the plan runs finds it there. Ends with 0, or 1 whatever failed.
set -eu

done=''
trap '[ -n "$done" ] || exit 1' EXIT

refuse() {
    printf 'tidelock-base: %s\n' "$1" >&2
    exit 1
}

branch=${1:-}
folder=${2:-.tidelock-base}
case $branch in '' | -*) refuse 'usage: tidelock-base BRANCH [FOLDER]' ;; esac
case $folder in -*) folder=./$folder ;; esac
command -v git >/dev/null 2>&1 || refuse 'git is missing'

# The checkout may be of another user, as it is in a container.
at() {
    git -c safe.directory='*' "$@"
}

rm -rf "$folder" && [ ! -e "$folder" ] || refuse "$folder cannot be removed"
at worktree prune || refuse 'this is no Git repository'
# The branch, and no tag of the same name.
at fetch --quiet --depth=1 origin "+refs/heads/$branch:refs/tidelock/base" ||
    refuse "the branch $branch cannot be fetched; where the repository is private, this job needs a way to read it"
at worktree add --quiet --force --detach "$folder" refs/tidelock/base || refuse "$branch cannot be checked out to $folder"
done=1
