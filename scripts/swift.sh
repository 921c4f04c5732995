#!/bin/bash
# swift.sh [DIR]: Swift 6 of Debian trixie in DIR (.tools/swift), and DIR/run, which runs a program
# with the C library and Swift's libraries that came with it, which are newer than Debian 12's:
#
#	.tools/swift/run usr/libexec/swift/bin/swift-frontend ...
#
# A path that is not absolute is one within DIR/root. The debugger, the language server, the package
# manager and what is linked statically stay packed: they are three quarters of it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/swift}")
left=()
for x in '*lldb*' '*sourcekit*' '*_InternalSwiftScan*' '*swift_static*' '*/swift/embedded/*' '*/clang-17' '*clangd' \
	'*/lld' '*libLTO*' '*llvm-ar' '*/docc' '*/swift-format' '*/swift-package'; do
	left+=(-x "$x")
done
"$here/debian.sh" -d "${left[@]}" trixie "$dir" swiftlang libc6-dev libstdc++-14-dev
# Linkers' scripts of the C library name its files by these.
for link in lib lib64; do
	[ -e "$dir/root/$link" ] || ln -s "usr/$link" "$dir/root/$link"
done

[ -e "$dir/root/usr/libexec/swift/bin/swift-frontend" ] ||
	{ echo "swift.sh: swiftlang has no swift-frontend" >&2; exit 1; }
cat >"$dir/run" <<'WRAP'
#!/bin/sh
root=$(dirname "$(realpath "$0")")/root
swift=$root/usr/libexec/swift/lib
name=$1
shift
case $name in
/*) program=$name ;;
*) program=$root/$name ;;
esac
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --argv0 "$(basename "$name")" --library-path \
	"$root/usr/lib/x86_64-linux-gnu:$swift:$swift/swift/linux:$swift/swift/host${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
	"$program" "$@"
WRAP
chmod +x "$dir/run"
