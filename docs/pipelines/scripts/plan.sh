#!/bin/sh
# tidelock-plan [ARGS…]: makes a plan and its JSON form in the directory of the stack, or fails with exit code 1.
#
# ARGS go to `plan`. Whatever goes wrong in the tool ends in 1: 2 and 3 are answers about drift, and no crash may look
# like one. README.md beside this file says what it reads from the environment.
set -eu
umask 077

out=${TIDELOCK_OUT:-tidelock}
case $out in /*) ;; *) out=$PWD/$out ;; esac

# Ends the script, and leaves the reason where the rest of the job looks for the verdict.
refuse() {
    if mkdir -p "$out" && rm -f "$out"/report.*; then
        echo 1 >"$out/exit-code"
        printf 'no answer: %s\n' "$1" >"$out/headline"
    fi
    printf 'tidelock-plan: %s\n' "$1" >&2
    exit 1
}

# An errored plan can be on the disk, too; nobody shall find it.
discard() {
    rm -f plan.tfplan plan.json plan.json.part
}

fail() {
    discard
    refuse "$1"
}

cd -- "${TIDELOCK_DIR:-.}" || refuse "the directory of the stack cannot be entered: $TIDELOCK_DIR"
discard

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
mv plan.json.part plan.json
