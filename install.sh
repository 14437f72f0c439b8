#!/bin/sh
# Installs tidelock from the archives of a release, after their checksum was compared.
#
#   curl -fsSL https://github.com/tidelock/tidelock/releases/latest/download/install.sh | sh
#
# Everything is in functions, and the last line calls the first of them: of a download that broke off, nothing runs.
# docs/install.md says more, also how to verify who built the archive.
set -eu

usage() {
    cat <<'EOF'
usage: install.sh

Installs tidelock for this machine. The environment says how:

  TIDELOCK_VERSION      which release, as in 0.1.0; default: the newest
  TIDELOCK_INSTALL_DIR  where to; default: ~/.local/bin
  TIDELOCK_RELEASES     where from: the address of the releases of a forge, or a folder (also as file://) that holds
                        archives and their SHA256SUMS; default: https://github.com/tidelock/tidelock/releases
EOF
}

main() {
    case ${1:-} in
    '') ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && fail "unknown argument: $1" ;;
    esac

    releases=${TIDELOCK_RELEASES:-https://github.com/tidelock/tidelock/releases}
    releases=${releases#file://}
    releases=${releases%/}
    version=${TIDELOCK_VERSION:-}
    version=${version#v}
    case $version in
    *[!0-9A-Za-z.+-]*) fail "TIDELOCK_VERSION is no version: $version" ;;
    esac
    into=${TIDELOCK_INSTALL_DIR:-}
    if [ -z "$into" ]; then
        [ -n "${HOME:-}" ] || fail "HOME is not set: say with TIDELOCK_INSTALL_DIR where to install"
        into=$HOME/.local/bin
    fi
    # shellcheck disable=SC2088 # a tilde that no shell has replaced is what this looks for
    case $into in
    '~'*) fail "TIDELOCK_INSTALL_DIR starts with ~, which is a name in quotes: write \$HOME instead" ;;
    /*) ;;
    *) into=$PWD/$into ;;
    esac

    find_target
    find_tools

    work=$(mktemp -d) || fail "no folder for temporary files"
    stage=''
    trap clean EXIT
    trap 'exit 1' HUP INT TERM

    find_release
    archive=tidelock-$version-$target.tar.gz
    wanted=$(checksum_of "$archive")
    [ -n "$wanted" ] || fail "$from/SHA256SUMS has no $archive"
    say "fetching $from/$archive"
    fetch "$archive" "$work/$archive"
    found=$(sha256 "$work/$archive")
    [ "$found" = "$wanted" ] || fail "the checksum of $archive is wrong, nothing was installed
  wanted: $wanted
  found:  ${found:-nothing}
The download was cut off, or somebody changed the file."
    unpack
    put
    tell
}

say() {
    printf 'install.sh: %s\n' "$1" >&2
}

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

clean() {
    rm -rf "$work"
    if [ -n "$stage" ]; then rm -rf "$stage"; fi
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# What the archives call this machine.
find_target() {
    have uname || fail "uname is missing, so this machine cannot be told"
    system=$(uname -s)
    machine=$(uname -m)
    case $system in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    MINGW* | MSYS* | CYGWIN*) fail "on Windows, unpack the .zip of the release, or use: cargo binstall tidelock-cli" ;;
    *) fail "there is no archive for $system on $machine; build it: cargo install tidelock-cli --locked" ;;
    esac
    case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no archive for $machine; build it: cargo install tidelock-cli --locked" ;;
    esac
    target=$machine-$system
}

# Which of the usual tools do the work; refuses before anything is fetched.
find_tools() {
    for tool in cp chmod mkdir mktemp mv rm sort tail tar; do
        have "$tool" || fail "$tool is missing"
    done
    have gzip || have gunzip || fail "gzip is missing"
    if have sha256sum; then
        hasher=sha256sum
    elif have shasum; then
        hasher=shasum
    elif have openssl; then
        hasher=openssl
    else
        fail "nothing here can check a SHA-256: sha256sum, shasum or openssl is needed"
    fi
    case $releases in
    http://* | https://*)
        if have curl; then
            fetcher=curl
        elif have wget; then
            fetcher=wget
        else
            fail "curl or wget is needed"
        fi
        ;;
    *)
        [ -d "$releases" ] || fail "there is no folder $releases"
        fetcher=copy
        ;;
    esac
}

# Where the archive and its checksum are (`from`), and, if nobody said it, which version is the newest.
find_release() {
    case $fetcher in
    copy)
        if [ -f "$releases/SHA256SUMS" ]; then
            from=$releases
        elif [ -n "$version" ]; then
            from=$releases/download/v$version
        else
            # A mirror: one folder a version, as the addresses of the forge have it.
            version=$(for folder in "$releases"/download/v*; do
                echo "${folder##*/v}"
            done | newest)
            [ -n "$version" ] || fail "no release in $releases: neither SHA256SUMS nor download/v*"
            from=$releases/download/v$version
        fi
        ;;
    *)
        from=$releases/latest/download
        if [ -n "$version" ]; then from=$releases/download/v$version; fi
        ;;
    esac
    fetch SHA256SUMS "$work/SHA256SUMS"
    if [ -z "$version" ]; then
        version=$(versions | newest)
        [ -n "$version" ] || fail "$from/SHA256SUMS has no archive for $target"
        # The newest may be another one by the time that the archive is fetched.
        case $fetcher in
        copy) ;;
        *) from=$releases/download/v$version ;;
        esac
    fi
}

# The versions that the list of checksums has for this machine.
versions() {
    while read -r _ name; do
        name=${name#\*}
        case $name in
        tidelock-*-"$target".tar.gz)
            name=${name#tidelock-}
            echo "${name%-"$target".tar.gz}"
            ;;
        esac
    done <"$work/SHA256SUMS"
}

# The highest of several versions; what is not released (0.2.0-rc.1) is only installed by its name.
newest() {
    while read -r candidate; do
        case $candidate in
        '' | *[!0-9.]*) ;;
        *) echo "$candidate" ;;
        esac
    done | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1
}

checksum_of() {
    while read -r sum name; do
        if [ "${name#\*}" = "$1" ]; then
            echo "$sum"
            return
        fi
    done <"$work/SHA256SUMS"
}

# Fetches the file $1 of the release into $2.
fetch() {
    case $fetcher in
    copy)
        [ -f "$from/$1" ] || fail "$from has no $1"
        cp "$from/$1" "$2" || fail "cannot read $from/$1"
        ;;
    curl)
        protocol='=https'
        case $from in http://*) protocol='=http,https' ;; esac
        curl --fail --silent --show-error --location --proto "$protocol" --tlsv1.2 --connect-timeout 20 --retry 2 \
            --retry-max-time 60 --output "$2" "$from/$1" || fail "cannot fetch $from/$1"
        ;;
    wget)
        tries=''
        if wget --version 2>/dev/null | grep -q 'GNU Wget'; then
            tries='--tries=3 --timeout=20'
            case $from in https://*) tries="$tries --https-only" ;; esac
        fi
        # shellcheck disable=SC2086 # words, or none
        wget -q $tries -O "$2" "$from/$1" || fail "cannot fetch $from/$1"
        ;;
    esac
}

sha256() {
    case $hasher in
    sha256sum) sum=$(sha256sum <"$1") ;;
    shasum) sum=$(shasum -a 256 <"$1") ;;
    openssl) sum=$(openssl dgst -sha256 -r <"$1") ;;
    esac
    echo "${sum%% *}"
}

# Unpacks into a folder beside the place where it goes, so that the last step is a rename, and tries the program there.
unpack() {
    mkdir -p "$into" || fail "cannot make the folder $into"
    into=$(CDPATH="" cd -- "$into" && pwd)
    stage=$(mktemp -d "$into/.tidelock.XXXXXX") || fail "cannot write into $into"
    tar -xzf "$work/$archive" -C "$stage" || fail "$archive cannot be unpacked"
    unpacked=$stage/tidelock-$version-$target
    [ -f "$unpacked/tidelock" ] || fail "$archive has no program in it"
    chmod 755 "$unpacked/tidelock"
    answer=$("$unpacked/tidelock" --version 2>/dev/null) || fail "the program of $archive does not run on this machine"
    [ "$answer" = "tidelock $version" ] || fail "the program of $archive says that it is: $answer"
}

# The scripts first: who finds the program finds what belongs to it. Nothing is moved if one of them cannot be.
put() {
    for script in "$unpacked"/scripts/*.sh; do
        name=${script##*/}
        free "tidelock-${name%.sh}"
    done
    free tidelock
    scripts=''
    for script in "$unpacked"/scripts/*.sh; do
        [ -f "$script" ] || continue
        name=${script##*/}
        name=tidelock-${name%.sh}
        chmod 755 "$script"
        mv -f "$script" "$into/$name" || fail "cannot write $into/$name"
        scripts="$scripts $name"
    done
    mv -f "$unpacked/tidelock" "$into/tidelock" || fail "cannot write $into/tidelock"
}

# A folder of that name would take the file into itself.
free() {
    [ ! -d "$into/$1" ] || fail "$into/$1 is a folder: nothing was installed"
}

tell() {
    tidelock=tidelock
    printf 'tidelock %s is installed: %s/tidelock\n' "$version" "$into"
    if [ -n "$scripts" ]; then printf 'and the scripts for pipelines:%s\n' "$scripts"; fi
    for other in "$into"/tidelock-*; do
        case " $scripts " in
        *" ${other##*/} "*) ;;
        *) if [ -f "$other" ]; then printf 'not of this release, remove it if an earlier one left it: %s\n' "$other"; fi ;;
        esac
    done
    # shellcheck disable=SC2016 # the reader's PATH, not this one
    case :${PATH:-}: in
    *":$into:"*) ;;
    *)
        printf '%s is not on the PATH yet: export PATH="%s:$PATH"\n' "$into" "$into"
        tidelock=$into/tidelock
        ;;
    esac
    printf 'try it: %s demo\n' "$tidelock"
}

main "$@"
