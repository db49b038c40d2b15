#!/bin/bash
# Installs the token page, the token vault and azure-token, as root, for systemd and nginx. Nothing is enabled or started.
# PREFIX is where they go (/usr/local). Run again, it brings this version to an installation that is there.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
    echo "$*" >&2
    exit 1
}

# As in `ldd (GNU libc) 2.34`.
glibc=$(LC_ALL=C ldd --version 2>&1 | sed -n '1s/.* \([0-9][0-9.]*\)$/\1/p') || :
[[ -n $glibc ]] || fail "These programs need glibc 2.34 or later, and this system has none: build them from the sources."
printf '%s\n' 2.34 "$glibc" | sort --version-sort --check=quiet ||
    fail "These programs need glibc 2.34 or later, and this system has $glibc: Debian 12, Ubuntu 22.04 and RHEL 9 are new enough."

for program in bin/*; do
    # Another processor's program has no libraries here, and cannot be started.
    libraries=$(LC_ALL=C ldd "$program" 2>&1) || fail "$program is not for this machine ($(uname -m)): $libraries"
    missing=$(sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' <<<"$libraries" | xargs)
    [[ -z $missing ]] || fail "There is no $missing on this machine. On Debian and Ubuntu: apt-get install ca-certificates" \
        "libcurl4 libssl3 libstdc++6; on RHEL, Fedora and Amazon Linux: dnf install ca-certificates libcurl openssl-libs libstdc++."
    "$program" --version >/dev/null || fail "$program does not start; its own message is above."
done

export PROGRAMS=bin
exec scripts/install
