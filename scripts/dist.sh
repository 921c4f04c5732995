#!/bin/bash
# dist.sh [OUT]: what a release holds, into OUT (bin/dist), for each of DIST (linux/amd64 linux/arm64 windows/amd64):
# an archive with the programs, the C library and the documents, a bill of its materials in CycloneDX, and SHA256SUMS.
# It builds the commit that is checked out, in a clone, with nothing of what is not committed. The same commit, Go and C
# compilers make the same bytes, wherever the clone lies.
#
# The version is that of a tag (v1.2.3), or v1.2.3-N-gCOMMIT behind one, or v0.0.0-COMMIT. A tag has a section in
# CHANGELOG.md.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
out=$(realpath -m "${1:-bin/dist}")
fail() {
	echo "dist.sh: $1" >&2
	exit 1
}
[ -z "$(git status --porcelain --untracked-files=no)" ] || fail "there are changes: commit them, or leave them out"
version=$(git describe --tags --match 'v[0-9]*' 2>/dev/null || echo "v0.0.0-$(git rev-parse --short=12 HEAD)")
if git describe --tags --exact-match --match 'v[0-9]*' >/dev/null 2>&1; then
	grep -q "^## $version\( \|$\)" CHANGELOG.md ||
		fail "CHANGELOG.md has no section \"## $version\": write it before the tag"
fi
time=$(git show -s --format=%ct HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q "$PWD" "$work/src"
git -C "$work/src" checkout -q --detach "$(git rev-parse HEAD)"
rm -rf "$out"
mkdir -p "$out"
go build -o "$work/release" ./internal/tools/release

cd "$work/src"
export GOFLAGS=-buildvcs=true CGO_ENABLED=1 GOOS GOARCH CC
for target in ${DIST:-linux/amd64 linux/arm64 windows/amd64}; do
	GOOS=${target%/*} GOARCH=${target#*/}
	case $target in
	linux/amd64) CC=x86_64-linux-gnu-gcc ;;
	linux/arm64) CC=aarch64-linux-gnu-gcc ;;
	windows/amd64) CC=x86_64-w64-mingw32-gcc ;;
	*) fail "no C compiler is known for $target: want linux/amd64, linux/arm64 or windows/amd64" ;;
	esac
	command -v "$CC" >/dev/null || fail "there is no $CC, for $target: install it, or leave $target out by DIST"
	name=falconmamba-$version-$GOOS-$GOARCH
	echo "== $name"
	scripts/capi.sh "$work/$name"
	mkdir -p "$work/$name/bin"
	go build -trimpath -ldflags '-s -w' -o "$work/$name/bin/" ./cmd/...
	cp README.md CHANGELOG.md "$work/$name/"
	cp -r docs examples "$work/$name/"
	built=("$work/$name"/bin/*)
	[ "$GOOS" = windows ] || built+=("$work/$name/lib/libfalconmamba.so.1")
	"$work/release" sbom "$out/$name.cdx.json" "$time" "${built[@]}"
	cp "$out/$name.cdx.json" "$work/$name/sbom.cdx.json"
	suffix=tar.gz
	[ "$GOOS" != windows ] || suffix=zip
	"$work/release" archive "$out/$name.$suffix" "$time" "$work/$name"
done
"$work/release" sums "$work/sums" "$out"
mv "$work/sums" "$out/SHA256SUMS"
cat "$out/SHA256SUMS"
