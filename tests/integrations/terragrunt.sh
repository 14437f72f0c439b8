#!/bin/sh
# Stands in for terragrunt: knows the units by the recorded plans in them.
set -eu
test "$1 $2" = "run --all" || exit 64
shift 2
out= json=
while test "$1" != --; do
    case $1 in
        --out-dir) out=$2; shift ;;
        --json-out-dir) json=$2; shift ;;
        --log-disable) ;;
        *) exit 64 ;;
    esac
    shift
done
shift
command=$1
if test "${FAIL:-}" = "panic-$command"; then
    echo "panic: runtime error" >&2
    exit 2
fi
find . -name plan.recorded | sort | while read -r plan; do
    unit=$(dirname "$plan")
    case $command in
        plan)
            if test "${FAIL:-}" = plan; then
                echo "ERROR  [$unit] tofu: Error: no credentials" >&2
                exit 1
            fi
            echo "STDOUT [$unit] tofu: Plan: 0 to add" >&2
            for dir in $out; do mkdir -p "$dir/$unit"; echo saved > "$dir/$unit/tfplan.tfplan"; done
            for dir in $json; do mkdir -p "$dir/$unit"; cp "$plan" "$dir/$unit/tfplan.json"; done
            case " $* " in *" -out="*) echo saved > "$unit/plan.tfplan" ;; esac
            ;;
        show)
            test -s "$unit/$3" || exit 1
            if test "${LOG:-}" = stdout; then echo "18:00:01.123 INFO   [$unit] Reading {\"a\": 1"; fi
            if test "${FAIL:-}" = cut && test "$unit" = ./live/vm; then head -c 4000 "$plan"; else cat "$plan"; fi
            ;;
        *) exit 64 ;;
    esac
done
