#!/bin/sh
# tidelock-summary STACK…: the reports of many stacks on one page; ends with the worst exit code, and 1 wins over all.
#
# The answer of each STACK is looked for in TIDELOCK_OUT/STACK, where tidelock-check left it. A stack without one counts
# as no answer: a job that never started must not look like a stack without drift. So does one whose report cannot be read,
# or is of another run. README.md beside this file has the rest.
set -eu

# A shell that gives up does so with 2, which would be an answer.
answered=''
work=''
trap '[ -z "$work" ] || rm -rf "$work"; [ -n "$answered" ] || exit 1' EXIT

out=${TIDELOCK_OUT:-tidelock}
case $out in -*) out=./$out ;; esac
[ $# -gt 0 ] || {
    echo 'usage: tidelock-summary STACK…' >&2
    exit 1
}
mkdir -p "$out"
rm -rf "$out/exit-code" "$out/headline" "$out/report.md"
work=$(mktemp -d)
: >"$work/reports"
: >"$work/unanswered"
run=${CI_PIPELINE_ID:-${GITHUB_RUN_ID:-${CI_PIPELINE_NUMBER:-}}}
worst=0
unanswered=''

# Runs tidelock; an exit code that is none of its own is no answer.
ask() {
    code=0
    tidelock summary "$@" || code=$?
    case $code in 0 | 2 | 3) ;; *) code=1 ;; esac
}

worse() {
    if [ "$worst" -ne 1 ] && { [ "$1" -eq 1 ] || [ "$1" -gt "$worst" ]; }; then worst=$1; fi
}

# Why there is no answer in this folder; nothing if there is one.
missing() {
    case $(cat "$1/exit-code" 2>/dev/null) in
        0 | 2 | 3) ;;
        1)
            head -n 1 "$1/headline" 2>/dev/null || echo 'no report'
            return
            ;;
        *)
            echo 'no report'
            return
            ;;
    esac
    if [ -n "$run" ] && [ "$(cat "$1/run" 2>/dev/null)" != "$run" ]; then
        echo 'the report is of another run'
    fi
}

for stack; do
    folder=$out/$stack
    reason=$(missing "$folder")
    if [ -z "$reason" ]; then
        # What the report says counts, and what the job ended with: with --fail-on, that is more.
        ask "$folder/report.json" --quiet >/dev/null 2>&1
        if [ "$code" -eq 1 ]; then
            reason='the report cannot be read'
        else
            worse "$code"
            worse "$(cat "$folder/exit-code")"
            # Reports may follow each other on standard input.
            cat "$folder/report.json" >>"$work/reports"
        fi
    fi
    if [ -n "$reason" ]; then
        worst=1
        unanswered="$unanswered $stack"
        # As code, in which nothing is markup.
        printf -- "- \`%s\`: \`%s\`\n" "$stack" "$(printf %s "$reason" | tr -d '\`')" >>"$work/unanswered"
    fi
done

: >"$out/report.md"
headline=''
if [ -s "$work/reports" ]; then
    ask - --format markdown <"$work/reports" >"$out/report.md"
    worse "$code"
    ask - <"$work/reports"
    worse "$code"
    headline=$(tidelock summary - --quiet <"$work/reports" | sed -n '$s/ *exit [0-9]*$//p') || :
fi
if [ -n "$unanswered" ]; then
    {
        printf '\nNo answer:\n'
        cat "$work/unanswered"
    } >>"$out/report.md"
    printf 'no answer:%s\n' "$unanswered"
    headline="no answer:$unanswered${headline:+; $headline}"
fi
echo "$worst" >"$out/exit-code"
printf '%s\n' "$headline" >"$out/headline"
answered=1
exit "$worst"
