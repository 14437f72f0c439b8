#!/bin/sh
# The main step of action.yml: plans where no plan is given, asks tidelock, and tells the workflow: outputs, annotations, job
# summary. Ends with 0; the last step of the action turns the answer into a colour, when it was told everywhere.
#
# TIDELOCK_COMMAND, TIDELOCK_PLAN, TIDELOCK_CONFIG, TIDELOCK_FAIL_ON, TIDELOCK_ARGS are the inputs of the action; of check.sh
# and plan.sh come TIDELOCK_DIR, TIDELOCK_STACK, TIDELOCK_OUT.
set -eu

scripts=$(dirname -- "$0")
out=${TIDELOCK_OUT:-tidelock}
dir=${TIDELOCK_DIR:-.}
case $out in -*) out=./$out ;; esac
case $dir in -*) dir=./$dir ;; esac
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

# Whatever an earlier run, or the repository, has where the answer is going to be.
clear_answer() {
    rm -rf "$out"/report.* "$out/exit-code" "$out/headline" "$out/run" || return
    for old in "$out"/report.* "$out/exit-code" "$out/headline"; do
        if [ -e "$old" ] || [ -h "$old" ]; then return 1; fi
    done
}

# Leaves an answer where the later steps look for it; the code goes to them as an output, too.
refuse() {
    code=1
    headline="no answer: $1"
    printf '%s\n' "$1" >&2
    {
        mkdir -p "$out" && clear_answer && echo 1 >"$out/exit-code" && printf '%s\n' "$headline" >"$out/headline"
    } 2>/dev/null || printf '%s cannot be written\n' "$out" >&2
}

# Why the script before has no answer; nothing that it wrote is the reason that is given here.
reason() {
    said=$(head -n 1 "$out/headline" 2>/dev/null) || said=
    case $said in 'no answer: '*) printf '%s' "${said#no answer: }" ;; *) printf '%s' "$1" ;; esac
}

make_plan() {
    TIDELOCK_OUT=$out TIDELOCK_DIR=$dir sh "$scripts/plan.sh" || refuse "$(reason 'the plan did not finish')"
}

check() {
    if [ -n "${TIDELOCK_PLAN:-}" ]; then
        TIDELOCK_PLAN=$(inside "$TIDELOCK_PLAN")
        if [ ! -s "$TIDELOCK_PLAN" ]; then
            refuse "there is no plan: $TIDELOCK_PLAN"
            return
        fi
    else
        make_plan
        if [ "$code" -ne 0 ]; then return; fi
        TIDELOCK_PLAN=$dir/plan.json
    fi
    export TIDELOCK_PLAN
    # Words, as on a command line, but without quotes and patterns.
    set -f
    # shellcheck disable=SC2086
    set -- ${TIDELOCK_ARGS:-}
    set +f
    for word; do
        case $word in
            --fail-on | --fail-on=*)
                # The colour hangs on it, and who decides that reads the input alone.
                refuse '--fail-on is not for args: it has an input of its own, fail-on'
                return
                ;;
        esac
    done
    if [ -n "${TIDELOCK_FAIL_ON:-}" ]; then set -- "--fail-on=$TIDELOCK_FAIL_ON" "$@"; fi
    if [ -n "${TIDELOCK_CONFIG:-}" ]; then set -- --config "$(inside "$TIDELOCK_CONFIG")" "$@"; fi
    # The form `github` writes the job summary as well.
    TIDELOCK_OUT=$out TIDELOCK_DIR=$dir TIDELOCK_REPORTS="sarif github ${TIDELOCK_REPORTS:-}" \
        sh "$scripts/check.sh" "$command" "$@" || code=$?
    case $code in
        0 | 2 | 3) ;;
        *) refuse "$(reason 'tidelock could not do its job')" ;;
    esac
}

# Sums up the reports that the jobs of a matrix left behind, a folder each; `args` has the folders that have to be there.
summarize() {
    reports=$(inside "${TIDELOCK_PLAN:-reports}")
    set -f
    # shellcheck disable=SC2086
    set -- ${TIDELOCK_ARGS:-}
    set +f
    for folder in "$reports"/*/; do
        folder=${folder%/}
        [ -d "$folder" ] || continue
        for known; do
            [ "$known" != "${folder##*/}" ] || continue 2
        done
        set -- "$@" "${folder##*/}"
    done
    if [ "$#" -eq 0 ]; then
        refuse "there is no report in $reports"
        return
    fi
    TIDELOCK_OUT=$reports sh "$scripts/summary.sh" "$@" || code=$?
    case $code in
        0 | 1 | 2 | 3) ;;
        *) code=1 ;;
    esac
    if ! { mkdir -p "$out" && cp "$reports/exit-code" "$reports/headline" "$reports/report.md" "$out"; }; then
        refuse 'the summary could not be written'
        return
    fi
    cat "$out/report.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
}

# A line that can be shown as code.
plain() {
    printf '%s' "$1" | tr -d '`' | tr '\r\n' '  '
}

code=0
if ! clear_answer; then
    refuse "what an earlier run left in $out cannot be removed"
else
    case $command in
        drift | gate) check ;;
        plan) make_plan ;;
        summary) summarize ;;
        *) refuse "command is drift, gate, plan or summary, not: $command" ;;
    esac
fi

case $code in 0) verdict=clear ;; 2) verdict=drift ;; 3) verdict=blocked ;; *) verdict=error ;; esac
if [ "$code" -eq 1 ]; then
    headline=${headline:-$(head -n 1 "$out/headline" 2>/dev/null)} || headline='no answer'
    # shellcheck disable=SC2016 # Markdown
    printf '### tidelock: ❌ no answer\n\n`%s`\n' "$(plain "$headline")" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    printf '::error title=tidelock::%s\n' "$(plain "$headline" | sed 's/%/%25/g')"
else
    said=$(sed -n 's/^  "verdict": "\([a-z]*\)",*$/\1/p' "$out/report.json" 2>/dev/null | head -n 1) || said=
    case $said in clear | noise | drift | blocked) verdict=$said ;; esac
    cat "$out/report.github" 2>/dev/null || :
fi
output exit-code "$code"
output verdict "$verdict"
output report "$out/report.json"
case $command:$code in plan:0) output plan plan.json ;; esac
