#!/bin/sh
# tidelock-github-issue: one issue for a stack that drifts: opened, kept up to date, and closed when the drift is gone.
#
# exit code 2 or 3: the issue that is open is updated, and if the findings are others than before, a comment says so (which
#   is what notifies people); without one, an issue is opened. One that was closed stays closed: it is another story.
# exit code 0: the issue that is open gets a comment and is closed.
# exit code 1: nothing is known, so nothing is touched.
#
# Ends with 1 if somebody should be told and could not be. TIDELOCK_LABEL (default `tidelock`; empty for none) is the label
# of new issues. github-api.sh says what else is read from the environment.
# shellcheck disable=SC2034,SC2154 # github-api.sh takes and sets them
# shellcheck disable=SC2329 # `persist` calls them
set -eu

self=tidelock-github-issue
case $0 in
    *.sh) shared=$(dirname "$0")/github-api.sh ;;
    *) shared=$(dirname "$0")/tidelock-github-api ;;
esac
# shellcheck source=/dev/null
. "$shared"

# What counts of a report: values may change from night to night, the finding is the same.
fingerprints() {
    [ -s "$out/report.json" ] || return 0
    jq -r '[(.reports // [.])[].findings[]? | select(.waived == null and (.severity == "warn" or .severity == "deny"))
        | .fingerprint] | unique[]' "$out/report.json"
}

# Sets number to that of our open issue, and before to its findings. A label can be lost: then all that are open are looked
# through.
find_issue() {
    whoami || return
    label=${TIDELOCK_LABEL-tidelock}
    labels=$(jq -rn --arg name "$label" '$name | @uri') || return
    number=
    for filter in ${labels:+"&labels=$labels"} ''; do
        request GET "/repos/$GITHUB_REPOSITORY/issues?state=open&per_page=100$filter" || return
        own "$marker" >"$work/found" || return
        number=$(jq -r '.[0].number // empty' "$work/found")
        before=$(jq -r '.[0].body // "" | capture("<!-- tidelock:findings:(?<f>[0-9-]*) -->").f' "$work/found") || before=
        [ -z "$number" ] || break
    done
}

# say TEXT: a comment on the issue, with a link to the run.
say() {
    jq -n --arg text "$1" --arg link "$link" '
        {body: ($text + if $link == "" then "" else "\n\n[run](\($link))" end)}' >"$work/comment" || return
    request POST "/repos/$GITHUB_REPOSITORY/issues/$number/comments" "$work/comment"
}

keep_issue() {
    find_issue || return
    if [ -n "$number" ]; then
        # First the comment: if it fails, the next run finds the old findings and writes it.
        [ "$before" = "$now" ] || say "The findings changed: ${before%%-*} before, ${now%%-*} now. The description has them as they are." || return
        request PATCH "/repos/$GITHUB_REPOSITORY/issues/$number" "$work/body" || return
        tell "updated issue #$number"
        return
    fi
    jq -n --slurpfile body "$work/body" --arg name "$label" --arg stack "$stack" '
        $body[0] + {title: ("tidelock: drift" + if $stack == "" then "" else " in \($stack[:200])" end)}
        + if $name == "" then {} else {labels: [$name]} end' >"$work/issue" || return
    request POST "/repos/$GITHUB_REPOSITORY/issues" "$work/issue" || return
    tell "opened issue #$(jq -r .number "$work/answer")"
}

close_issue() {
    find_issue || return
    if [ -z "$number" ]; then
        tell 'nothing counts, and no issue is open'
        return
    fi
    say "Nothing drifts any more: closed by tidelock. Should it drift again, another issue is opened." || return
    echo '{"state": "closed"}' >"$work/change"
    request PATCH "/repos/$GITHUB_REPOSITORY/issues/$number" "$work/change" || return
    tell "closed issue #$number"
}

main() {
    reason=
    prepare || return
    marker=$(marker issue) || return
    case $code in
        1) tell 'there is no answer: issues are left as they are' ;;
        0) persist close_issue || return ;;
        *)
            fingerprints >"$work/fingerprints" || return
            now=$(wc -l <"$work/fingerprints" | tr -d ' ')-$(cksum <"$work/fingerprints" | cut -d ' ' -f 1)
            body "$marker
<!-- tidelock:findings:$now -->" || return
            persist keep_issue || return
            ;;
    esac
}

main || {
    warn "the issue could not be brought up to date (${status:-} ${reason:-}); the job needs 'issues: write', and the repository issues"
    exit 1
}
