#!/bin/bash
# need.sh PACKAGE...: fails where Debian packages are not installed, and says
# in one line which. It installs nothing: that is what `make deps` does.
set -euo pipefail

command -v dpkg-query >/dev/null || {
	echo "need.sh: this is not Debian: install what its packages have, $*," \
		"and run the steps of the Makefile by hand" >&2
	exit 1
}
missing=()
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] || {
	echo "need.sh: not installed: ${missing[*]}: make deps installs what tests need" >&2
	exit 1
}
