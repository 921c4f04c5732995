#!/bin/bash
# need.sh PACKAGE...: makes sure that Debian packages are installed. Where they
# are not and cannot be, it says which and fails.
set -euo pipefail

missing=()
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

fail() {
	echo "need.sh: $1: install ${missing[*]}, then run this again" >&2
	exit 1
}
command -v apt-get >/dev/null || fail "these packages are missing and there is no apt-get"
sudo=()
if [ "$(id -u)" != 0 ]; then
	sudo -n true 2>/dev/null || fail "these packages are missing and installing them needs root"
	sudo=(sudo -n)
fi
export DEBIAN_FRONTEND=noninteractive
{ "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null ||
	fail "apt-get could not install these packages"
