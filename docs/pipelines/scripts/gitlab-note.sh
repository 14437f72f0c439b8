#!/bin/sh
# tidelock-gitlab-note: the report as one note on the merge request, written once and then kept up to date.
#
# Where nothing is refused and there is no note yet, none is written. Needs curl, jq and a token with the scope `api` in
# GITLAB_TOKEN. README.md beside this file has the rest.
set -eu

if [ -z "${CI_MERGE_REQUEST_IID:-}" ]; then
    echo 'tidelock-gitlab-note: this is no pipeline of a merge request, so there is no note'
    exit 0
fi
api=$(dirname -- "$0")/tidelock-gitlab-api
[ -x "$api" ] || api=$(dirname -- "$0")/gitlab-api.sh
out=${TIDELOCK_OUT:-tidelock}
stack=${TIDELOCK_STACK:-${TIDELOCK_DIR:-.}}
refuse() {
    printf 'tidelock-gitlab-note: %s\n' "$1" >&2
    exit 1
}
for tool in curl jq; do
    command -v "$tool" >/dev/null 2>&1 || refuse "$tool is missing"
done
[ -n "${CI_PROJECT_ID:-}" ] || refuse 'CI_PROJECT_ID is not set; GitLab does that'
notes=projects/${CI_PROJECT_ID}/merge_requests/$CI_MERGE_REQUEST_IID/notes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

code=$(cat "$out/exit-code" 2>/dev/null) || code=1
# A job that failed has not found that all is well: then the files are of somebody else.
case ${CI_JOB_STATUS:-}:$code in failed:0 | canceled:0) code=1 ;; esac
report=$out/report.md
if [ "$code" = 1 ] || [ ! -s "$report" ]; then
    report=$work/report.md
    {
        printf '### tidelock: no answer\n\n'
        grep '^no answer' "$out/headline" 2>/dev/null || echo 'the job ended before there was a report'
    } >"$report"
fi
# What makes a note this one: an encoded name cannot end the comment.
marker=$(jq -nr --arg stack "$stack" '"<!-- tidelock note " + ($stack | @uri | gsub("-"; "%2D")) + " -->"')
# A line that starts with a slash would be a command to GitLab.
jq -n --arg marker "$marker" --arg stack "$stack" --arg link "${CI_JOB_URL:-}" --rawfile report "$report" '
    ($report | gsub("(?<start>(^|\n)[ \t]*)/"; "\(.start)&#47;")) as $text
    | (if $stack == "." then "" else "stack `\($stack | gsub("[`\n]"; ""))`\n\n" end) as $name
    | {body: ($marker + "\n" + $name + $text + (if $link == "" then "" else "\n\n[job](\($link))\n" end))}' >"$work/note"

# Only a note of our own is written over: somebody else can put the marker into theirs.
"$api" GET user >"$work/user"
me=$(jq .id "$work/user")
id=''
page=1
while [ -z "$id" ] && [ "$page" -le 100 ]; do
    "$api" GET "$notes?per_page=100&page=$page&order_by=created_at&sort=asc" >"$work/notes"
    id=$(jq --arg marker "$marker" --argjson me "$me" \
        'first(.[] | select(.author.id == $me and (.body | startswith($marker))) | .id) // empty' "$work/notes")
    [ "$(jq length "$work/notes")" -eq 100 ] || break
    page=$((page + 1))
done

if [ -n "$id" ]; then
    "$api" PUT "$notes/$id" "$work/note" >"$work/answer"
    echo "tidelock-gitlab-note: note $id is up to date"
elif [ "$code" = 0 ]; then
    echo 'tidelock-gitlab-note: there is nothing to say, and no note that says something else'
else
    "$api" POST "$notes" "$work/note" >"$work/answer"
    echo "tidelock-gitlab-note: note $(jq .id "$work/answer") was written"
fi
