#!/bin/bash
# deps.sh PACKAGE...: installs the Debian packages that are missing. Where it
# cannot, it says which and fails.
set -euo pipefail

missing=()
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

fail() {
	echo "deps.sh: $1: install ${missing[*]}, then run this again" >&2
	exit 1
}
command -v apt-get >/dev/null || fail "there is no apt-get"
sudo=()
if [ "$(id -u)" != 0 ]; then
	sudo -n true 2>/dev/null || fail "installing packages needs root"
	sudo=(sudo -n)
fi
echo "deps.sh: installing ${missing[*]}"
apt() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }
apt update && apt install -y --no-install-recommends "${missing[@]}" || fail "apt-get could not install these packages"
