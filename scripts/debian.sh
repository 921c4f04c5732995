#!/bin/bash
# debian.sh [-d] [-x PATTERN]... SUITE DIR PACKAGE...: unpacks packages of another
# Debian suite into DIR/root. It keeps an apt state of its own under DIR, so nothing is
# installed on the system and no root is needed. The mirror is the one that
# the system's own sources name. With -d, and of a suite that ends in -backports,
# the packages' dependencies come too; else only the packages named. Files that match
# a PATTERN of -x, as tar's --exclude takes them, are left packed.
#
# DIR/.packages records what was asked for: asked again, it returns at once.
set -euo pipefail

whole=
left=()
while getopts dx: flag; do
	case $flag in
	d) whole=-d ;;
	x) left+=("--exclude=$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 3 ] || { echo "usage: debian.sh [-d] [-x PATTERN]... SUITE DIR PACKAGE..." >&2; exit 2; }
command -v apt-get >/dev/null || {
	echo "debian.sh: apt-get not found: this script needs Debian or Ubuntu" >&2
	exit 1
}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || { echo "debian.sh: $keyring is missing: install debian-archive-keyring" >&2; exit 1; }

suite=$1 dir=$(realpath -m "$2")
shift 2
asked="${whole:+$whole }${left[*]:+${left[*]} }$suite $*"
[ "$(cat "$dir/.packages" 2>/dev/null || true)" = "$asked" ] && exit 0

mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null || true; } |
	awk '/^#/ {next} $1=="URIs:" || $1=="deb" {for (i=2; i<=NF; i++) if ($i ~ /^http/ && !m) m=$i} END {print m}')
[ -n "$mirror" ] || { echo "debian.sh: no mirror in /etc/apt/sources.list or debian.sources" >&2; exit 1; }

rm -rf "$dir"
mkdir -p "$dir"/{etc,root,lists/partial,cache/archives/partial}
: >"$dir/status"
for s in $(printf '%s\n' "${suite%-backports}" "$suite" | sort -u); do
	echo "deb [arch=amd64 signed-by=$keyring] $mirror $s main"
done >"$dir/etc/sources.list"
cat >"$dir/apt.conf" <<CONF
Dir::State "$dir";
Dir::State::Lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Etc "$dir/etc";
Dir::Etc::sourcelist "$dir/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::parts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
CONF
export APT_CONFIG=$dir/apt.conf

apt-get update -qq
if [ -n "$whole" ] || [ "$suite" != "${suite%-backports}" ]; then
	apt-get install -qq -y --download-only -t "$suite" "$@" >/dev/null
else
	(cd "$dir/cache/archives" && apt-get download -qq "$@" >/dev/null)
fi
for deb in "$dir"/cache/archives/*.deb; do
	dpkg --fsys-tarfile "$deb" | tar -x -C "$dir/root" "${left[@]}"
done
rm -rf "$dir"/{lists,cache}
echo "$asked" >"$dir/.packages"
