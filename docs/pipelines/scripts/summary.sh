#!/bin/sh
# tidelock-summary STACK…: the reports of many stacks on one page; ends with the worst exit code, and 1 wins over all.
#
# The answer of each STACK is looked for in TIDELOCK_OUT/STACK, where tidelock-check left it. A stack without one counts
# as no answer: a job that never started must not look like a stack without drift. README.md beside this file has the rest.
set -eu

out=${TIDELOCK_OUT:-tidelock}
[ $# -gt 0 ] || {
    echo 'usage: tidelock-summary STACK…' >&2
    exit 1
}

reports=$(mktemp)
trap 'rm -f "$reports"' EXIT
worst=0
unanswered=''
for stack; do
    code=$(cat "$out/$stack/exit-code" 2>/dev/null) || code=1
    case $code in
        0 | 2 | 3)
            # Reports may follow each other on standard input.
            cat "$out/$stack/report.json" >>"$reports" || code=1
            ;;
    esac
    case $code in
        0 | 2 | 3) [ "$code" -le "$worst" ] || worst=$code ;;
        *) unanswered="$unanswered $stack" ;;
    esac
done

mkdir -p "$out"
: >"$out/report.md"
headline=''
if [ -s "$reports" ]; then
    tidelock summary - --format markdown <"$reports" >"$out/report.md" || :
    tidelock summary - <"$reports" || :
    headline=$(tidelock summary - --quiet <"$reports" | sed -n '$s/ *exit [0-9]*$//p') || :
fi
if [ -n "$unanswered" ]; then
    worst=1
    # As code, in which nothing is markup.
    printf '\nNo answer:\n' >>"$out/report.md"
    for stack in $unanswered; do
        reason=$(head -n 1 "$out/$stack/headline" 2>/dev/null) || reason='no report'
        printf -- "- \`%s\`: \`%s\`\n" "$stack" "$(printf %s "$reason" | tr -d '\`')" >>"$out/report.md"
    done
    printf 'no answer:%s\n' "$unanswered"
    headline="no answer:$unanswered${headline:+; $headline}"
fi
echo "$worst" >"$out/exit-code"
printf '%s\n' "$headline" >"$out/headline"
exit "$worst"
