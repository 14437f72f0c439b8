#!/bin/sh
# The last step of action.yml: turns the answer into the colour of the job.
#
# The answer is what the step `check` gave out (TIDELOCK_EXIT_CODE); files may be of somebody else. Drift (exit code 2) is
# something to look at and not a failure of the job, unless TIDELOCK_FAIL_ON asks for one.
set -eu

code=${TIDELOCK_EXIT_CODE:-}
case $code in 0 | 1 | 2 | 3) ;; *) code=1 ;; esac
headline=$(head -n 1 "${TIDELOCK_OUT:-tidelock}/headline" 2>/dev/null) || headline=
[ -n "$headline" ] || headline="exit code $code"
case $code:${TIDELOCK_FAIL_ON:-} in
    0:*) ;;
    2:)
        printf '::warning title=tidelock::%s\n' "$(printf '%s' "$headline" | tr '\r' ' ' | sed 's/%/%25/g')"
        ;;
    *)
        printf 'tidelock: %s\n' "$headline"
        exit "$code"
        ;;
esac
