#!/bin/sh
# tidelock-gitlab-issue: one issue for each stack, opened on drift (2) or a block (3), kept up to date, closed on 0.
#
# Where there is no answer (1) the issue stays as it is: nobody knows. Needs curl, jq and a token with the scope `api` in
# GITLAB_TOKEN. README.md beside this file has the rest.
set -eu

api=$(dirname -- "$0")/tidelock-gitlab-api
[ -x "$api" ] || api=$(dirname -- "$0")/gitlab-api.sh
out=${TIDELOCK_OUT:-tidelock}
stack=${TIDELOCK_STACK:-${TIDELOCK_DIR:-.}}
refuse() {
    printf 'tidelock-gitlab-issue: %s\n' "$1" >&2
    exit 1
}
for tool in curl jq; do
    command -v "$tool" >/dev/null 2>&1 || refuse "$tool is missing"
done
[ -n "${CI_PROJECT_ID:-}" ] || refuse 'CI_PROJECT_ID is not set; GitLab does that'
issues=projects/${CI_PROJECT_ID}/issues
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

code=$(cat "$out/exit-code" 2>/dev/null) || code=1
# A job that failed has not found that all is well: then the file is of somebody else.
case ${CI_JOB_STATUS:-}:$code in failed:0 | canceled:0) code=1 ;; esac
case $code in
    0 | 2 | 3) ;;
    *)
        echo 'tidelock-gitlab-issue: there is no answer, so the issue stays as it is'
        exit 0
        ;;
esac

# What makes an issue this one: an encoded name cannot end the comment.
marker=$(jq -nr --arg stack "$stack" '"<!-- tidelock issue " + ($stack | @uri | gsub("-"; "%2D")) + " -->"')

# Only an issue of our own is written over: somebody else can put the marker into theirs.
"$api" GET user >"$work/user"
me=$(jq .id "$work/user")
iid=''
page=1
while [ -z "$iid" ] && [ "$page" -le 100 ]; do
    "$api" GET "$issues?state=opened&scope=all&labels=tidelock&per_page=100&page=$page&order_by=created_at&sort=asc" \
        >"$work/issues"
    iid=$(jq --arg marker "$marker" --argjson me "$me" \
        'first(.[] | select(.author.id == $me and (.description // "" | startswith($marker))) | .iid) // empty' \
        "$work/issues")
    [ "$(jq length "$work/issues")" -eq 100 ] || break
    page=$((page + 1))
done

if [ "$code" -eq 0 ]; then
    if [ -n "$iid" ]; then
        jq -n --arg link "${CI_JOB_URL:-}" \
            '{body: ("Nothing that counts any more." + (if $link == "" then "" else " [job](\($link))" end))}' \
            >"$work/last"
        "$api" POST "$issues/$iid/notes" "$work/last" >"$work/answer"
        echo '{"state_event": "close"}' >"$work/close"
        "$api" PUT "$issues/$iid" "$work/close" >"$work/answer"
        echo "tidelock-gitlab-issue: issue $iid is closed"
    fi
    exit 0
fi

# A line that starts with a slash would be a command to GitLab.
jq -n --arg marker "$marker" --arg stack "$stack" --arg link "${CI_JOB_URL:-}" \
    --rawfile headline "$out/headline" --rawfile report "$out/report.md" '
    ($report | gsub("(?<start>(^|\n)[ \t]*)/"; "\(.start)&#47;")) as $text
    | {title: "tidelock: \($stack): \($headline | rtrimstr("\n"))"[:255], labels: "tidelock",
       description: ($marker + "\n" + $text + (if $link == "" then "" else "\n\n[job](\($link))\n" end))}' >"$work/issue"
if [ -n "$iid" ]; then
    "$api" PUT "$issues/$iid" "$work/issue" >"$work/answer"
    echo "tidelock-gitlab-issue: issue $iid is up to date"
else
    "$api" POST "$issues" "$work/issue" >"$work/answer"
    echo "tidelock-gitlab-issue: issue $(jq .iid "$work/answer") was opened"
fi
