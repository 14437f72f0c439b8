#!/bin/sh
# tidelock-check drift|gate [ARGS…]: asks tidelock about the plan, keeps the answer, and ends with its exit code.
#
# ARGS go to tidelock. The human report is printed. report.json, report.md, report.txt, the forms that TIDELOCK_REPORTS
# names, the exit code and a headline are kept in the directory TIDELOCK_OUT. README.md beside this file has the rest.
set -eu

# A shell that gives up does so with 2, which would be an answer.
answered=''
trap '[ -n "$answered" ] || exit 1' EXIT

command=${1:-}
case $command in
    drift | gate) shift ;;
    *)
        echo 'usage: tidelock-check drift|gate [ARGS…]' >&2
        exit 1
        ;;
esac
plan=${TIDELOCK_PLAN:-${TIDELOCK_DIR:-.}/plan.json}
state=${TIDELOCK_DIR:-.}/state.json
out=${TIDELOCK_OUT:-tidelock}
# No path shall be taken for an option; `-` alone is standard input.
case $plan in -?*) plan=./$plan ;; esac
case $state in -*) state=./$state ;; esac
case $out in -*) out=./$out ;; esac
stack=${TIDELOCK_STACK:-${TIDELOCK_DIR:-}}
# Of the directory it runs in, tidelock tells the name itself.
[ "$stack" != . ] || stack=''

if [ "$command" = gate ]; then
    # What plan.sh kept for these two.
    if [ -n "${TIDELOCK_LINEAGE:-}" ]; then
        set -- --state "$state" "--expect-lineage=$TIDELOCK_LINEAGE" "$@"
    elif [ "${TIDELOCK_STATE:-}" = true ]; then
        set -- --state "$state" "$@"
    fi
fi

# Runs tidelock with further arguments; an exit code that is none of its own (killed, not there) is no answer.
ask() {
    code=0
    tidelock "$command" "$plan" ${stack:+"--stack=$stack"} "$@" || code=$?
    case $command:$code in drift:[0123] | gate:[013]) ;; *) code=1 ;; esac
}

# The same, with a report in each of the forms.
ask_and_keep() {
    # Split into words on purpose: a list.
    # shellcheck disable=SC2086
    for form in json markdown human ${TIDELOCK_REPORTS:-}; do
        case $form in
            json) set -- "$@" --write "json=$out/report.json" ;;
            markdown) set -- "$@" --write "markdown=$out/report.md" ;;
            human) set -- "$@" --write "human=$out/report.txt" ;;
            sarif) set -- "$@" --write "sarif=$out/report.sarif" ;;
            junit) set -- "$@" --write "junit=$out/report.junit.xml" ;;
            gitlab) set -- "$@" --write "gitlab=$out/gl-code-quality-report.json" ;;
            github) set -- "$@" --write "github=$out/report.github" ;;
            # Left out, because it must not cost the verdict.
            *) printf 'tidelock-check: TIDELOCK_REPORTS: no report is written as %s\n' "$form" >&2 ;;
        esac
    done
    ask "$@"
}

if mkdir -p "$out" && rm -rf "$out"/report.* "$out/gl-code-quality-report.json" "$out/exit-code" "$out/headline" "$out/run"; then
    ask_and_keep "$@"
    if [ "$code" -eq 1 ]; then
        # Was it the question or the writing (a full disk) that failed? Without writing there is an answer, or none.
        ask "$@" >/dev/null 2>&1
        [ "$code" -eq 1 ] || echo "tidelock-check: not all reports could be written to $out" >&2
    fi
else
    echo "tidelock-check: no report is kept: $out cannot be written" >&2
    ask "$@"
fi

case $command:$code in
    drift:0) meaning='nothing that counts' ;;
    gate:0) meaning='may be applied' ;;
    *:2) meaning='drift: somebody has to decide' ;;
    drift:3) meaning='blocked: nothing may be applied unseen' ;;
    gate:3) meaning='refused: must not be applied as it is' ;;
    *) meaning='no answer: tidelock could not do its job' ;;
esac
# The last line of a report has the counts behind the verdict.
headline=
[ "$code" -eq 1 ] || headline=$(sed -n '$s/ *exit [0-9]*$//p' "$out/report.txt" 2>/dev/null) || :
# Of which run the answer is, where the CI system says so: summary.sh takes none of another one.
{
    echo "$code" >"$out/exit-code" && printf '%s\n' "${headline:-$meaning}" >"$out/headline" &&
        printf '%s\n' "${CI_PIPELINE_ID:-${GITHUB_RUN_ID:-${CI_PIPELINE_NUMBER:-}}}" >"$out/run"
} 2>/dev/null || :
printf 'tidelock %s: %s (exit code %s)\n' "$command" "$meaning" "$code"
answered=1
exit "$code"
