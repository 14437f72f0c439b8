#!/bin/sh
# tidelock-gitlab-api METHOD PATH [FILE]: one request to the API of this GitLab, with FILE as its JSON body; prints the
# answer. What gitlab-note.sh and gitlab-issue.sh have in common.
set -eu

fail() {
    printf 'tidelock-gitlab-api: %s\n' "$1" >&2
    exit 1
}

for tool in curl jq; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done
[ -n "${GITLAB_TOKEN:-}" ] ||
    fail 'GITLAB_TOKEN: a project access token with the scope api; CI_JOB_TOKEN cannot write notes and issues'
[ -n "${CI_API_V4_URL:-}" ] || fail 'CI_API_V4_URL is not set; GitLab does that'
[ $# -ge 2 ] || fail 'usage: tidelock-gitlab-api METHOD PATH [FILE]'
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# curl waits as long as a server tells it to, unless somebody else looks at the clock.
limited() {
    if command -v timeout >/dev/null 2>&1; then timeout 150 "$@"; else "$@"; fi
}

method=$1 path=$2
shift 2
if [ $# -gt 0 ]; then
    set -- --header 'Content-Type: application/json' --data-binary "@$1"
else
    # Reading may be tried again; writing might then be done twice.
    set -- --retry 3 --retry-max-time 60
fi
# The token goes in by standard input, where no list of processes shows it.
status=$(printf 'header = "PRIVATE-TOKEN: %s"\n' "$GITLAB_TOKEN" | limited curl --config - --silent --show-error \
    --connect-timeout 10 --max-time 60 --request "$method" --output "$answer" --write-out '%{http_code}' \
    "$@" "$CI_API_V4_URL/$path") || fail "$method $path: GitLab cannot be reached"
case $status in
    2??) cat "$answer" ;;
    401 | 403) fail "$method $path: $status: GITLAB_TOKEN needs the scope api and the role Reporter or higher" ;;
    *) fail "$method $path: GitLab answered $status" ;;
esac
