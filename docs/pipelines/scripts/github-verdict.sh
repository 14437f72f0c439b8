#!/bin/sh
# The last step of action.yml: turns the answer into the colour of the job.
#
# Drift (exit code 2) is something to look at and not a failure of the job, unless TIDELOCK_FAIL_ON asks for one.
set -eu

code=$(cat "${TIDELOCK_OUT:-tidelock}/exit-code" 2>/dev/null) || code=1
headline=$(head -n 1 "${TIDELOCK_OUT:-tidelock}/headline" 2>/dev/null) || headline='no answer'
case $code:${TIDELOCK_FAIL_ON:-} in
    0:*) ;;
    2:)
        printf '::warning title=tidelock::%s\n' "$(printf '%s' "$headline" | sed 's/%/%25/g')"
        ;;
    *)
        printf 'tidelock: %s\n' "$headline"
        exit "$code"
        ;;
esac
