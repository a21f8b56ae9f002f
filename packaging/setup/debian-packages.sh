#!/usr/bin/env bash
# Install the Debian packages of a group (check, test, bench) that are missing. Needs no rights when none is.
set -euo pipefail

group=$1
list=$(dirname "$0")/debian-packages.txt

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system: install the programs of '$group' in $list by hand." >&2
    exit 3
fi

missing=()
while read -r of package _; do
    [ "$of" = "$group" ] || continue
    state=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done <"$list"
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)
    if ! command -v sudo >/dev/null; then
        echo "These Debian packages are missing: ${missing[*]}" >&2
        echo "Ask whoever administers this machine to run: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 3
    fi
fi

echo "Installing Debian packages for '$group': ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 --quiet=2)
if ! { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" >/dev/null; }; then
    echo "Could not install them. Try by hand: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 3
fi
