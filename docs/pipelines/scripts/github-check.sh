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

# Sums up the reports that the jobs of a matrix left behind, a folder each.
summarize() {
    reports=$(inside "${TIDELOCK_PLAN:-reports}")
    set --
    for folder in "$reports"/*/; do
        folder=${folder%/}
        if [ -d "$folder" ]; then set -- "$@" "${folder##*/}"; fi
    done
    if [ "$#" -eq 0 ]; then
        refuse "there is no report in $reports"
        return
    fi
    TIDELOCK_OUT=$reports sh "$scripts/summary.sh" "$@" || code=$?
    mkdir -p "$out"
    rm -f "$out"/report.*
    cp "$reports/exit-code" "$reports/headline" "$reports/report.md" "$out"
    cat "$out/report.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
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
    case $code in 0) verdict=clear ;; 2) verdict=drift ;; *) verdict=blocked ;; esac
    [ ! -f "$out/report.json" ] ||
        verdict=$(sed -n 's/^  "verdict": "\([a-z]*\)",*$/\1/p' "$out/report.json" | head -n 1)
    cat "$out/report.github" 2>/dev/null || :
fi
output exit-code "$code"
output verdict "$verdict"
output report "$out/report.json"
