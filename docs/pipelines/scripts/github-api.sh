# shellcheck shell=sh
# shellcheck disable=SC2154 # whoever reads this file sets `self`
#
# Read by github-comment.sh and github-issue.sh: requests to the API of GitHub, and what both write in the same way.
#
# From the environment: GITHUB_TOKEN, GITHUB_REPOSITORY, and, where it is not github.com, GITHUB_API_URL and
# GITHUB_SERVER_URL; TIDELOCK_OUT, TIDELOCK_STACK, TIDELOCK_DIR as for check.sh.

tell() {
    printf '%s: %s\n' "$self" "$1" >&2
}

# On GitHub, also shown on the page of the run. What is in the text must not become a command of its own.
warn() {
    tell "$1"
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::warning title=%s::%s\n' "$self" "$(escaped "$1")"
}

escaped() {
    printf '%s' "$1" | tr '\r\n' '  ' | sed 's/%/%25/g'
}

# Looks around. Sets code, stack, headline, commit, link; ends with 1 and the reason if there is no way to ask.
prepare() {
    for tool in curl jq; do
        command -v "$tool" >/dev/null 2>&1 || { warn "$tool is missing"; return 1; }
    done
    api=${GITHUB_API_URL:-https://api.github.com}
    api=${api%/}
    [ -n "${GITHUB_REPOSITORY:-}" ] || { warn 'GITHUB_REPOSITORY is not set'; return 1; }
    case ${GITHUB_TOKEN:-} in
        '') warn 'GITHUB_TOKEN is not set'; return 1 ;;
        *[!!-~]*) warn 'GITHUB_TOKEN holds what no token holds: a space, a line break?'; return 1 ;;
    esac
    work=$(mktemp -d) || { warn 'no folder for temporary files'; return 1; }
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM

    out=${TIDELOCK_OUT:-tidelock}
    answer
    stack=${TIDELOCK_STACK:-${TIDELOCK_DIR:-}}
    if [ "$stack" = . ]; then stack=; fi
    commit=$(event '.pull_request.head.sha')
    commit=${commit:-${GITHUB_SHA:-}}
    link=
    if [ -n "${GITHUB_RUN_ID:-}" ]; then
        link=${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
    fi
}

# Sets code and headline, and kept to the code that the files have. The action knows the code (TIDELOCK_EXIT_CODE); files
# that say something else are of somebody else.
answer() {
    kept=$(cat "$out/exit-code" 2>/dev/null) || kept=
    code=${TIDELOCK_EXIT_CODE-$kept}
    case $code in 0 | 1 | 2 | 3) ;; *) code=1 ;; esac
    headline=
    [ "$kept" != "$code" ] || headline=$(head -n 1 "$out/headline" 2>/dev/null) || headline=
    case $headline:$code in
        :1) headline='no answer: the job ended before there was a report' ;;
        :*) headline="exit code $code; no report was kept" ;;
    esac
}

# A value out of what started the workflow; nothing if it is not there.
event() {
    [ -f "${GITHUB_EVENT_PATH:-}" ] || return 0
    jq -r "$1 // empty" "$GITHUB_EVENT_PATH" 2>/dev/null || :
}

# request METHOD PATH [FILE]: asks once for each page, and leaves the answer in $work/answer; a list is there as a whole.
# FILE is the JSON to send.
#
# Ends with 1 if the forge refused, and with 2 if it did not answer: then a POST may have been done all the same.
request() {
    method=$1
    url=$api$2
    pages=0
    : >"$work/pages"
    while [ -n "$url" ]; do
        pages=$((pages + 1))
        # A list that leads back to itself has no end.
        [ "$pages" -le 100 ] || { tell 'more than 100 pages; the list is given up'; return 1; }
        attempt "${3:-}" || return
        cat "$work/page" >>"$work/pages"
        next=$(sed -n 's/.*<\([^>]*\)>; *rel="next".*/\1/p' "$work/links")
        case $next in
            '' | "$api"/*) ;;
            # The token is for the forge alone.
            *) tell 'the next page is somewhere else; it is not fetched'; return 1 ;;
        esac
        url=$next
    done
    jq -s 'if length == 1 then .[0] else add end' "$work/pages" >"$work/answer" || return 2
}

attempt() {
    tries=0
    while :; do
        tries=$((tries + 1))
        : >"$work/head"
        : >"$work/page"
        # The token goes in by standard input, where no list of processes shows it.
        status=$(printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN" | curl --silent --globoff --header @- \
            --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
            --header 'Content-Type: application/json' ${1:+--data-binary "@$1"} --connect-timeout 10 --max-time 60 \
            --dump-header "$work/head" --output "$work/page" --write-out '%{http_code}' --request "$method" "$url") ||
            status=000
        tr -d '\r' <"$work/head" | grep -i '^link:' >"$work/links" || :
        case $status in 2??) return 0 ;; esac
        pause=$(tr -d '\r' <"$work/head" | sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9][0-9]*\)$/\1/p' | tail -n 1)
        # Asked too often: it says so before it does anything.
        case $status:$pause in 429:* | 403:?*) ;; *) break ;; esac
        if [ "$tries" -ge 4 ]; then break; fi
        pause=${pause:-$((tries * ${TIDELOCK_RETRY_SECONDS:-5}))}
        [ "$pause" -le 60 ] || pause=60
        sleep "$pause"
    done
    reason=$(jq -r '.message // empty' "$work/page" 2>/dev/null | tr '[:cntrl:]' ' ') || reason=
    tell "$method ${url#"$api"}: $status $reason"
    case $status in 000 | 5??) return 2 ;; *) return 1 ;; esac
}

# Sets login to the name that the token goes by; to nothing for the token of an app (of a workflow, too), which may not ask.
whoami() {
    login=
    request GET /user 2>/dev/null && login=$(jq -r '.login // empty' "$work/answer") && return
    [ "$?" -eq 1 ] || { tell 'the forge does not answer'; return 2; }
}

# own MARKER: of the list in $work/answer, what begins with the marker and was written by this token, oldest first. The
# token of an app cannot ask for its own name: TIDELOCK_AUTHOR has it, by default that of the token of a workflow. Nobody
# else can have a text of theirs changed, or one of ours, by copying the marker.
own() {
    jq --arg marker "$1" --arg login "${login:-${TIDELOCK_AUTHOR:-github-actions[bot]}}" '
        map(select((.body // "" | startswith($marker)) and (.pull_request | not) and .user.login == $login))
        | sort_by(.number // .id)' "$work/answer"
}

# marker KIND: the first line of a text of ours, which nobody sees. Whatever the stack is called, it ends where it should.
marker() {
    jq -rn --arg kind "$1" --arg stack "$stack" '"<!-- tidelock:\($kind):\($stack | @uri | gsub("-"; "%2D")) -->"'
}

# body MARKER: the report between the marker and a line that says where it is from, as JSON in $work/body. GitHub takes
# 65,536 characters.
body() {
    if [ "$code" != 1 ] && [ "$kept" = "$code" ] && [ -s "$out/report.md" ]; then
        cp "$out/report.md" "$work/text"
    else
        jq -rn --arg headline "$headline" --arg code "$code" '
            $headline | gsub("[`[:cntrl:]]"; " ") |
            if $code == "1" then "### tidelock: ❌ no answer\n\n`\(.)`\n\nNothing is known about this plan. What an earlier report said may not hold any more."
            else "### tidelock\n\n`\(.)`" end' >"$work/text"
    fi
    jq -n --arg marker "$1" --rawfile text "$work/text" --arg stack "$stack" --arg commit "$commit" --arg link "$link" '
        ([ if $stack == "" then empty else "stack `\($stack | gsub("[`[:cntrl:]]"; " "))`" end,
           if $commit == "" then empty else "commit \($commit)" end,
           if $link == "" then empty else "[run](\($link))" end ] | join(" · ")) as $origin
        | (65000 - ($marker + $origin | length)) as $room
        | {body: ([$marker, (if ($text | length) > $room then $text[:$room] + "\n\n… (cut off)" else $text end), "",
                   "<sub>\($origin)</sub>"] | join("\n"))}' >"$work/body"
}

# Up to four times, from looking on: after a POST without an answer, only looking shows whether it was done.
persist() {
    round=0
    while :; do
        round=$((round + 1))
        result=0
        "$1" || result=$?
        if [ "$result" -ne 2 ] || [ "$round" -ge 4 ]; then return "$result"; fi
        sleep "$((round * ${TIDELOCK_RETRY_SECONDS:-5}))"
    done
}
