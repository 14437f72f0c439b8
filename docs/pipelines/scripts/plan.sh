#!/bin/sh
# tidelock-plan [ARGS…]: makes a plan and its JSON form in the directory of the stack, or fails with exit code 1.
#
# ARGS go to `plan`. Whatever goes wrong ends in 1: 2 and 3 are answers about drift, and no crash may look like one, nor a
# shell that gives up with 2. README.md beside this file says what it reads from the environment.
set -eu
umask 077

planned=''
trap '[ -n "$planned" ] || exit 1' EXIT

out=${TIDELOCK_OUT:-tidelock}
case $out in /*) ;; *) out=$PWD/$out ;; esac
dir=${TIDELOCK_DIR:-.}
case $dir in -*) dir=./$dir ;; esac

# Takes away what an earlier run left behind, whatever it is.
clear_answer() {
    rm -rf "$out"/report.* "$out/gl-code-quality-report.json" "$out/exit-code" "$out/headline" "$out/run"
}

# Leaves the reason where the rest of the job looks for the verdict.
no_answer() {
    mkdir -p "$out" && clear_answer && echo 1 >"$out/exit-code" && printf 'no answer: %s\n' "$1" >"$out/headline"
}

refuse() {
    no_answer "$1" || printf 'tidelock-plan: %s cannot be written: what it says is of an earlier run\n' "$out" >&2
    printf 'tidelock-plan: %s\n' "$1" >&2
    exit 1
}

# An errored plan can be on the disk, too; nobody shall find it.
discard() {
    rm -f plan.tfplan plan.json plan.json.part || return
    [ -z "$state" ] || rm -f state.json || return
    [ ! -e plan.tfplan ] && [ ! -e plan.json ] && { [ -z "$state" ] || [ ! -e state.json ]; }
}

fail() {
    discard || :
    refuse "$1"
}

# Before anything can go wrong: a job that is killed leaves no answer behind, and not the one of last night.
no_answer 'the plan did not finish' || refuse "the answer of an earlier run cannot be removed from $out"
state=''
if [ "${TIDELOCK_STATE:-}" = true ] || [ -n "${TIDELOCK_LINEAGE:-}" ]; then state=true; fi

CDPATH='' cd -- "$dir" || refuse "the directory of the stack cannot be entered: ${TIDELOCK_DIR:-.}"
discard || refuse "an old plan.tfplan, plan.json or state.json cannot be removed from ${TIDELOCK_DIR:-.}"

if [ -n "${TIDELOCK_TOFU:-}" ]; then
    tofu=$TIDELOCK_TOFU
elif command -v tofu >/dev/null 2>&1; then
    tofu=tofu
else
    tofu=terraform
fi
command -v "$tofu" >/dev/null 2>&1 || fail "$tofu is not there; TIDELOCK_TOFU names the tool that plans"
name=${tofu##*/}

# The tool lists whatever the provider did not mark as sensitive; errors go to standard error in any case.
if [ "${TIDELOCK_SHOW_PLAN:-}" = true ]; then
    plan() { "$tofu" plan -input=false -lock=false -out=plan.tfplan "$@"; }
else
    plan() { "$tofu" plan -input=false -lock=false -out=plan.tfplan "$@" >/dev/null; }
fi

code=0
"$tofu" init -input=false || code=$?
[ "$code" -eq 0 ] || fail "$name init failed with exit code $code"

plan "$@" || code=$?
# With -detailed-exitcode among ARGS, 2 means that there are changes. A Go panic ends in 2 as well, and writes no plan.
case $code in
    0 | 2) [ -s plan.tfplan ] || fail "$name plan ended with exit code $code and wrote no plan" ;;
    *) fail "$name plan failed with exit code $code" ;;
esac

# Under another name first, so that half of it is never taken for the whole.
code=0
"$tofu" show -json plan.tfplan >plan.json.part || code=$?
[ "$code" -eq 0 ] || fail "$name show failed with exit code $code"
[ -s plan.json.part ] || fail "$name show wrote nothing"
if [ -n "$state" ]; then
    # Empty where there is no state.
    "$tofu" state pull >state.json || code=$?
    [ "$code" -eq 0 ] || fail "$name state pull failed with exit code $code"
fi
mv plan.json.part plan.json || fail 'plan.json cannot be written'
# There is a plan, and no answer yet; who looks for one finds nothing.
clear_answer || refuse "the answer of an earlier run cannot be removed from $out"
planned=1
