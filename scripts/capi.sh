#!/bin/bash
# capi.sh [PREFIX]: builds the C library as it is installed, into PREFIX (bin/capi): include, lib, and on Windows bin,
# with what pkg-config and CMake look for. The folder may be copied anywhere, /usr/local for one. GOOS, GOARCH and CC
# choose another platform, GOFLAGS is the go command's own; SYMBOLS=1 keeps the names of functions. The .dylib has never
# been built.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
prefix=$(realpath -m "${1:-bin/capi}")
os=$(go env GOOS)
arch=$(go env GOARCH)
if [ "$(go env CGO_ENABLED)" != 1 ]; then
	echo "capi.sh: the library needs cgo, and it is off for $os/$arch: set CGO_ENABLED=1, and CC" >&2
	exit 1
fi

# The version of a tag that the commit comes after; 0.0.0 where there is none.
version=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || echo v0.0.0)
version=${version#v}

strip="-s -w"
[ -z "${SYMBOLS:-}" ] || strip=-w
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/lib/cmake/falconmamba"
case $os in
linux)
	library=$prefix/lib/libfalconmamba.so.1
	flags="-Wl,-soname,libfalconmamba.so.1 -Wl,--version-script=$PWD/capi/package/falconmamba.map"
	;;
darwin)
	library=$prefix/lib/libfalconmamba.1.dylib
	flags="-Wl,-install_name,@rpath/libfalconmamba.1.dylib -Wl,-compatibility_version,1 -Wl,-current_version,1"
	;;
windows)
	mkdir -p "$prefix/bin"
	library=$prefix/bin/libfalconmamba-1.dll
	flags="-Wl,--out-implib,$prefix/lib/libfalconmamba.dll.a"
	;;
*)
	echo "capi.sh: no library for $os: there is one for linux, darwin and windows" >&2
	exit 1
	;;
esac

# Go's build id would tell where the folder lies, by the flags.
CGO_ENABLED=1 go build -trimpath -buildmode=c-shared -ldflags "$strip -buildid= -extldflags '$flags'" \
	-o "$library" ./capi
rm -f "${library%.*}.h" "$library.h" # what cgo makes of it; the header is ours
cp capi/falconmamba.h "$prefix/include/"
case $os in
linux) ln -sf libfalconmamba.so.1 "$prefix/lib/libfalconmamba.so" ;;
darwin) ln -sf libfalconmamba.1.dylib "$prefix/lib/libfalconmamba.dylib" ;;
esac
cp capi/package/falconmamba-config.cmake "$prefix/lib/cmake/falconmamba/"
for file in pkgconfig/falconmamba.pc cmake/falconmamba/falconmamba-config-version.cmake; do
	sed "s/@VERSION@/$version/" "capi/package/$(basename "$file").in" >"$prefix/lib/$file"
done
