#!/bin/sh
# The main step of action.yml: plans where no plan is given, asks tidelock, and tells the workflow: outputs, annotations, job
# summary. Ends with 0; the last step of the action turns the answer into a colour, when it was told everywhere.
#
# TIDELOCK_COMMAND, TIDELOCK_PLAN, TIDELOCK_CONFIG, TIDELOCK_FAIL_ON, TIDELOCK_ARGS are the inputs of the action; of check.sh
# and plan.sh come TIDELOCK_DIR, TIDELOCK_STACK, TIDELOCK_OUT.
set -eu

scripts=$(dirname "$0")
out=${TIDELOCK_OUT:-tidelock}
dir=${TIDELOCK_DIR:-.}
command=${TIDELOCK_COMMAND:-drift}

# A file that a workflow names is in the directory of the stack.
inside() {
    case $1 in
        /*) printf '%s' "$1" ;;
        *) printf '%s' "$dir/$1" ;;
    esac
}

# An output, a line whatever is in it.
output() {
    printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr '\r\n' '  ')" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# Leaves an answer where the later steps look for it.
refuse() {
    mkdir -p "$out"
    rm -f "$out"/report.*
    echo 1 >"$out/exit-code"
    printf 'no answer: %s\n' "$1" >"$out/headline"
    printf '%s\n' "$1" >&2
    code=1
}

check() {
    if [ -n "${TIDELOCK_PLAN:-}" ]; then
        TIDELOCK_PLAN=$(inside "$TIDELOCK_PLAN")
    else
        TIDELOCK_OUT=$out TIDELOCK_DIR=$dir sh "$scripts/plan.sh" || { code=1; return; }
        TIDELOCK_PLAN=$dir/plan.json
    fi
    export TIDELOCK_PLAN
    # Words, as on a command line, but without quotes and patterns.
    set -f
    # shellcheck disable=SC2086
    set -- ${TIDELOCK_ARGS:-}
    set +f
    if [ -n "${TIDELOCK_FAIL_ON:-}" ]; then set -- --fail-on "$TIDELOCK_FAIL_ON" "$@"; fi
    if [ -n "${TIDELOCK_CONFIG:-}" ]; then set -- --config "$(inside "$TIDELOCK_CONFIG")" "$@"; fi
    # This form writes the job summary as well.
    TIDELOCK_REPORTS="sarif ${TIDELOCK_REPORTS:-}" sh "$scripts/check.sh" "$command" "$@" \
        --write "github=$out/report.github" || code=$?
}

# Sums up the reports that the jobs of a matrix left behind, a folder each. Where there is none, there was no answer.
summarize() {
    reports=$(inside "${TIDELOCK_PLAN:-reports}")
    mkdir -p "$out"
    rm -f "$out"/report.*
    tidelock summary "$reports" --format json --output "$out/report.json" || code=$?
    tidelock summary "$reports" --format markdown --output "$out/report.md" || code=$?
    headline=$(tidelock summary "$reports" --quiet 2>/dev/null) || :
    for file in "$reports"/*/exit-code; do
        folder=${file%/*}
        if [ ! -f "$file" ] || [ -f "$folder/report.json" ]; then continue; fi
        code=1
        headline='no answer for some of the stacks'
        # shellcheck disable=SC2016 # Markdown
        printf '\n- ❌ `%s`: `%s`\n' "$(plain "${folder##*/}")" "$(plain "$(head -n 1 "$folder/headline")")" >>"$out/report.md"
    done
    cat "$out/report.md" 2>/dev/null >>"${GITHUB_STEP_SUMMARY:-/dev/null}" || :
    : >"$out/report.github"
    echo "$code" >"$out/exit-code"
    printf '%s\n' "${headline:-no answer: there are no reports}" >"$out/headline"
    printf 'tidelock summary: %s (exit code %s)\n' "$headline" "$code"
}

# A line that can be shown as code.
plain() {
    printf '%s' "$1" | tr -d '`' | tr '\r\n' '  '
}

code=0
case $command in
    drift | gate) check ;;
    summary) summarize ;;
    *) refuse "command is drift, gate or summary, not: $command" ;;
esac

if [ "$code" -eq 1 ]; then
    verdict=error
    headline=$(head -n 1 "$out/headline" 2>/dev/null) || headline='no answer'
    # shellcheck disable=SC2016 # Markdown
    printf '### tidelock: ❌ no answer\n\n`%s`\n' "$(plain "$headline")" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    printf '::error title=tidelock::%s\n' "$(plain "$headline" | sed 's/%/%25/g')"
else
    verdict=$(sed -n 's/^  "verdict": "\([a-z]*\)",*$/\1/p' "$out/report.json" | head -n 1)
    cat "$out/report.github" 2>/dev/null || :
fi
output exit-code "$code"
output verdict "$verdict"
output report "$out/report.json"
