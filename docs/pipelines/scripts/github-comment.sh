#!/bin/sh
# tidelock-github-comment drift|gate: one comment about a stack on the pull request, written once and updated in place.
#
# Where nothing counts (exit code 0), a comment that is there is updated, and none is begun, unless TIDELOCK_COMMENT is
# `always`. Ends with 0 whatever happens: a verdict does not hang on a comment, and the token of a pull request from a fork
# may not write one. github-api.sh says what else is read from the environment.
# shellcheck disable=SC2034,SC2154 # github-api.sh takes and sets them
# shellcheck disable=SC2329 # `persist` calls them
set -eu

self=tidelock-github-comment
case $0 in
    *.sh) shared=$(dirname "$0")/github-api.sh ;;
    *) shared=$(dirname "$0")/tidelock-github-api ;;
esac
# shellcheck source=/dev/null
. "$shared"

comment() {
    whoami || return
    request GET "/repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" || return
    id=$(own "$marker" | jq -r '.[0].id // empty') || return
    if [ -n "$id" ]; then
        request PATCH "/repos/$GITHUB_REPOSITORY/issues/comments/$id" "$work/body" || return
        tell "updated the comment on #$number"
    elif [ "$code" = 0 ] && [ "${TIDELOCK_COMMENT:-}" != always ]; then
        tell "nothing counts, and there is no comment on #$number"
    else
        request POST "/repos/$GITHUB_REPOSITORY/issues/$number/comments" "$work/body" || return
        tell "commented on #$number"
    fi
}

main() {
    number=${TIDELOCK_PULL_REQUEST:-$(event '.pull_request.number')}
    case $number in
        '') tell 'this is no pull request: there is nothing to comment on'; return ;;
        *[!0-9]*) warn 'TIDELOCK_PULL_REQUEST is no number'; return ;;
    esac
    prepare || return 0
    { marker=$(marker "${1:-drift}") && body "$marker"; } || { warn 'the comment could not be put together'; return; }
    persist comment || warn "no comment on #$number: the forge did not take it ($status $reason). A pull request from a fork has a token that only reads; else the job needs 'pull-requests: write'. The job summary has the report."
}

main "$@"
exit 0
