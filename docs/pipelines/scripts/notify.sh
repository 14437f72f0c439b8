#!/bin/sh
# tidelock-notify: posts the headline of the outcome to a webhook, as `{"text": …}`.
#
# Speaks up when there is something to say (any outcome but 0), or no report at all. Always ends with 0: whether somebody
# could be told has no part in the verdict of a job. README.md beside this file says what it reads from the environment.
set -eu

# Also if the shell itself gives up.
trap 'exit 0' EXIT

out=${TIDELOCK_OUT:-tidelock}

warn() {
    printf 'tidelock-notify: %s\n' "$1" >&2
}

# curl waits as long as a server tells it to, unless somebody else looks at the clock.
limited() {
    if command -v timeout >/dev/null 2>&1; then timeout 100 "$@"; else "$@"; fi
}

# In single steps, so that whatever fails is said and goes no further.
main() {
    if [ -z "${TIDELOCK_WEBHOOK:-}" ]; then
        warn 'TIDELOCK_WEBHOOK is not set: nobody is told'
        return
    fi
    code=$(cat "$out/exit-code" 2>/dev/null) || code=1
    headline=$(head -n 1 "$out/headline" 2>/dev/null) || headline='no answer: the job ended before there was a report'
    if [ "$code" = 0 ] && [ "${TIDELOCK_NOTIFY:-}" != always ]; then
        return
    fi
    stack=${TIDELOCK_STACK:-${TIDELOCK_DIR:-}}
    place=${CI_REPO:-${CI_PROJECT_PATH:-${GITHUB_REPOSITORY:-}}}
    link=${TIDELOCK_LINK:-${CI_JOB_URL:-${CI_PIPELINE_URL:-}}}
    if [ -z "$link" ] && [ -n "${GITHUB_RUN_ID:-}" ]; then
        link=${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/$GITHUB_RUN_ID
    fi
    # `<`, `>` and `&` are markup to the receivers: `<!channel>` would wake everybody.
    body=$(jq -n --arg place "$place" --arg stack "$stack" --arg headline "$headline" --arg link "$link" '
        [$place, $stack] | map(select(. != "")) | join(" ")
        | (if . == "" then "" else . + ": " end) + $headline + (if $link == "" then "" else "\n" + $link end)
        | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;") | {text: "tidelock: \(.)"}') || {
        warn 'jq could not write the message: nobody was told'
        return
    }
    case $TIDELOCK_WEBHOOK in
        *\"* | *\\*)
            warn 'TIDELOCK_WEBHOOK is no address: nobody was told'
            return
            ;;
    esac
    # The address is a secret: it goes in by standard input, where no list of processes shows it, and curl's words about
    # it stay unsaid.
    printf 'url = "%s"\n' "$TIDELOCK_WEBHOOK" | limited curl --config - --silent --fail \
        --output /dev/null --connect-timeout 10 --max-time 30 --retry 2 --retry-max-time 60 --header 'Content-Type: application/json' --data-binary "$body" \
        2>/dev/null || warn "the webhook did not take the message (curl ended with $?)"
}

main || warn 'nobody was told'
exit 0
