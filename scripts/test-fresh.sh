#!/bin/bash
# test-fresh.sh [-t TARGET] [DIR]: README's second command on a machine that has nothing. It
# makes a bare Debian 12 in DIR (a folder of its own under /var/tmp) with Go, gcc,
# make and git, clones the checkout into it, and runs `make deps test` there with
# every cache empty. What each step took is printed, on the processor and by the
# clock, and whether `make test` kept within LIMIT seconds of the processor: the
# clock depends on what else runs. Two cores of a Zen 3 took 1,454, two of a Xeon with
# AVX-512 933.
#
# With -t it is `make TARGET`, one that installs itself what it needs, as test-arm and
# test-windows do. LIMIT is 1,800 then: 15 minutes of two cores.
#
# It wants root, debootstrap and 4 GB. Go is copied from the host, and so are the
# Debian mirror, apt's settings, certificates and the environment of Go's proxy.
# What is not committed is not tested. DIR is removed at the end.
set -euo pipefail

target=test
if [ "${1:-}" = -t ]; then
	target=${2:?test-fresh.sh: -t wants a target of make}
	shift 2
fi
limit=1800
[ "$target" != test ] || limit=1600
limit=${LIMIT:-$limit}
cd "$(dirname "$(realpath "$0")")/.."
fail() { echo "test-fresh.sh: $1" >&2; exit 1; }
[[ $limit =~ ^[1-9][0-9]*$ ]] || fail "LIMIT is '$limit': a number of seconds is expected"
[ "$(id -u)" = 0 ] || fail 'this needs root'
command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
[ -z "$(git status --porcelain)" ] || echo 'test-fresh.sh: changes that are not committed are left out' >&2
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null || true; } |
	awk '/^#/ {next} $1=="URIs:" || $1=="deb" {for (i=2; i<=NF; i++) if ($i ~ /^http/ && !m) m=$i} END {print m}')
[ -n "$mirror" ] || fail 'no mirror in /etc/apt/sources.list or debian.sources'
goroot=$(go env GOROOT)

dir=$(realpath -m "${1:-$(mktemp -d /var/tmp/test-fresh.XXXXXX)}")
[ ! -e "$dir" ] || [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty"
mkdir -p "$dir"
root=$dir/root
clean() {
	cd /
	for m in "$root/proc" "$root/dev" "$root/sys"; do
		if mountpoint -q "$m"; then umount -R "$m" || umount -R -l "$m"; fi
	done
	# A mount that is left would be the host's.
	if grep -q " $root/" /proc/mounts; then
		echo "test-fresh.sh: $root has mounts still: it stays" >&2
	else
		rm -rf --one-file-system "$dir"
	fi
}
trap clean EXIT
trap 'exit 130' INT TERM

TIMEFORMAT='%U %S %R'
steps=() total=(0 0) spent=0 # of the last step, on the processor
step() { # what, then the command: its output is shown, its times are kept
	local what=$1 status=0 took
	shift
	echo "== $what"
	{ time "$@" >&3 2>&4 || status=$?; } 3>&1 4>&2 2>"$dir/took"
	took=$(tail -n 1 "$dir/took")
	steps+=("$(awk -v what="$what" \
		'{printf "%-28s %7.0f s of the processor %7.0f s by the clock", what, $1 + $2, $3}' <<<"$took")")
	spent=$(awk '{printf "%.0f", $1 + $2}' <<<"$took")
	read -r -a total < <(awk -v p="${total[0]}" -v w="${total[1]}" '{print p + $1 + $2, w + $3}' <<<"$took")
	[ "$status" = 0 ] || { printf '%s\n' "${steps[@]}"; fail "$what: status $status"; }
}
apt_settings() { # of the host: proxies, certificates
	cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
	if [ -e /etc/apt/apt.conf ]; then cp -a /etc/apt/apt.conf "$root/etc/apt/"; fi
	if [ -e /etc/apt/auth.conf ]; then cp -a /etc/apt/auth.conf "$root/etc/apt/"; fi
	echo "deb $mirror bookworm main" >"$root/etc/apt/sources.list"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	mkdir -p "$root/etc/ssl/certs"
	if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
		cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
	fi
}
# The host's environment but what Go and the network are configured by is left out.
passed=()
while IFS= read -r -d '' v; do
	case $v in
	GOPROXY=* | GOSUMDB=* | GONOSUMDB=* | GONOSUMCHECK=* | GOINSECURE=* | GOPRIVATE=* | \
		*_proxy=* | *_PROXY=* | SSL_CERT_FILE=*) passed+=("$v") ;;
	esac
done < <(env -0)
for v in GOPROXY GOSUMDB; do passed+=("$v=$(go env $v)"); done
inside() {
	local path=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=$path "${passed[@]}" "$@"
}

step 'a bare Debian' debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
apt_settings
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
mkdir -p "$root/usr/local"
cp -a "$goroot" "$root/usr/local/go"
step 'gcc, make and git' inside sh -c \
	'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y gcc make git >/dev/null'
git clone -q . "$root/root/falconmamba"
[ "$target" != test ] || step 'make deps' inside make -C /root/falconmamba deps
step "make $target" inside make -C /root/falconmamba "$target"
echo "== all passed"
printf '%s\n' "${steps[@]}"
awk '{printf "%-28s %7.0f s of the processor %7.0f s by the clock\n", "in all", $1, $2}' <<<"${total[*]}"
((spent <= limit)) || fail "make $target took $spent s of the processor, more than the limit of $limit s (LIMIT)"
echo "make $target took $spent s of the processor, within the limit of $limit s"
