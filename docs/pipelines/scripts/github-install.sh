#!/bin/sh
# The first step of action.yml: installs the release TIDELOCK_VERSION, unless that very one is on the PATH already.
#
# With an empty TIDELOCK_VERSION, it takes whatever is on the PATH.
set -eu

version=${TIDELOCK_VERSION:-}
version=${version#v}
found=$(tidelock --version 2>/dev/null) || found=
if [ -n "$found" ] && { [ -z "$version" ] || [ "$found" = "tidelock $version" ]; }; then
    printf 'found %s\n' "$found"
    exit 0
fi
TIDELOCK_INSTALL_DIR=${RUNNER_TEMP:?}/tidelock-bin
export TIDELOCK_INSTALL_DIR
TIDELOCK_VERSION=$version sh "${GITHUB_ACTION_PATH:?}/install.sh"
printf '%s\n' "$TIDELOCK_INSTALL_DIR" >>"${GITHUB_PATH:?}"
