#!/bin/bash
# test-swift.sh: the C library's example in Swift, compiled by Swift 6 and run: its text is fmgen's, and a model
# that is not there is a line on stderr. The system's gcc links it, as the compiler's own driver would by clang,
# against the newer C library that this Swift needs.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
scripts/swift.sh
swift=$PWD/.tools/swift
root=$swift/root
dir=$PWD/.tools/capi
lib=$dir/prefix
scripts/capi.sh "$lib"
go build -o "$dir/" ./cmd/fmgen
export FM_BACKEND=cpu LD_LIBRARY_PATH=$lib/lib
want=$("$dir/fmgen" -p $'ROMEO:\n' -n 40 --temp 0.7 -s 3)

front() { # the name that it is called by, then arguments
	"$swift/run" "usr/libexec/swift/bin/$1" "${@:2}"
}
libs=$root/usr/libexec/swift/lib/swift
compile() { # the source, the object
	front swift-frontend -frontend -c -O -module-name main -primary-file "$1" -o "$2" \
		-resource-dir "$libs" -target x86_64-pc-linux-gnu -sdk "$root" -module-cache-path "$dir/modules" \
		-I examples/capi/swift/CFalconMamba -Xcc "-I$lib/include" -Xcc "--sysroot=$root"
}
compile examples/capi/swift/write.swift "$dir/write.o"
front swift-autolink-extract "$dir/write.o" -o "$dir/write.libs"
gcc --sysroot="$root" -B"$root/usr/lib/x86_64-linux-gnu/" -no-pie -o "$dir/write-swift" \
	"$libs/linux/x86_64/swiftrt.o" "$dir/write.o" "@$dir/write.libs" \
	-L"$root/usr/lib/x86_64-linux-gnu" -L"$libs/linux" -L"$lib/lib" -lfalconmamba -Wl,--allow-shlib-undefined

got=$("$swift/run" "$dir/write-swift")
[ "$got" = "$want" ] || { printf 'test-swift.sh: it wrote:\n%s\nwant:\n%s\n' "$got" "$want" >&2; exit 1; }
echo 'ok   Swift'
said=$("$swift/run" "$dir/write-swift" /nowhere/model.gguf 2>&1) &&
	{ echo 'test-swift.sh: it takes a model that is not there' >&2; exit 1; }
[[ $said == *"no model at /nowhere/model.gguf"* ]] || { echo "test-swift.sh: it says $said" >&2; exit 1; }
sed 's/fm_session_free(session)/fm_session_free(3)/' examples/capi/swift/write.swift >"$dir/broken.swift"
said=$(compile "$dir/broken.swift" "$dir/broken.o" 2>&1) &&
	{ echo 'test-swift.sh: the compiler takes a number for a session' >&2; exit 1; }
[[ $said == *"cannot convert value of type 'Int'"* ]] || { echo "test-swift.sh: the compiler says $said" >&2; exit 1; }
echo 'ok   what is wrong is said, by the example and by the compiler'
