#!/bin/bash
# wine.sh [DIR]: Wine 10 in DIR (.tools/wine), with Mesa's lavapipe for its Vulkan, and DIR/run,
# which runs a Windows program:
#
#	GOOS=windows go test -exec "$PWD/.tools/wine/run" ./checkpoint
#
# Debian 12's Wine 8 cannot delete files as Go does since 1.26 (FileDispositionInformationEx), and
# lacks ProcessPrng, where Go's runtime takes its random numbers.
#
# This Wine needs a newer C library than Debian 12's. It starts itself and its server again by
# their names, so it cannot run under the dynamic loader that came with it as other programs do:
# patchelf writes the loader and the folder of libraries into the two. They name DIR.
#
# The folder of Wine's state, DIR/prefix, is made here too; without a display.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/wine}")
"$here/debian.sh" -d trixie "$dir" wine64 libvulkan1 mesa-vulkan-drivers patchelf
[ "$(cat "$dir/.ready" 2>/dev/null || true)" != "$dir" ] || exit 0

root=$dir/root
libs=$root/usr/lib/x86_64-linux-gnu
dlls=$libs/wine/x86_64-windows
wine=$root/usr/lib/wine
fail() { echo "wine.sh: $1" >&2; exit 1; }
for f in "$wine/wine64" "$wine/wineserver64" "$dlls/ntdll.dll" "$libs/libvulkan_lvp.so"; do
	[ -e "$f" ] || fail "the packages have no $f"
done

loader=$root/usr/lib64/ld-linux-x86-64.so.2
for program in wine64 wineserver64; do
	# RPATH, unlike RUNPATH, is for libraries of libraries too.
	"$loader" --library-path "$libs" "$root/usr/bin/patchelf" --force-rpath --set-rpath "$libs" \
		--set-interpreter "$loader" "$wine/$program"
done
# Debian's is a script with the server's full name, and keeps the server for ever.
ln -sf wineserver64 "$wine/wineserver"
# Where the server looks for its tables beside a program that is not in /usr.
ln -sfn . "$root/usr/share/wine/wine"
# user32 wants it. Wine takes from this folder what says that it is Wine's own.
cp "$root/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$dlls/"
printf 'Wine builtin DLL\0' | dd of="$dlls/zlib1.dll" bs=1 seek=64 conv=notrunc status=none
# Most of them is debugging information, and the prefix has a copy.
find "$dlls" -type f \( -name '*.dll' -o -name '*.exe' -o -name '*.drv' -o -name '*.sys' -o -name '*.ocx' \) \
	-exec x86_64-w64-mingw32-strip --strip-debug {} +

printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' \
	"$libs/libvulkan_lvp.so" >"$dir/lvp.json"
cat >"$dir/run" <<'WRAP'
#!/bin/sh
here=$(dirname "$(realpath "$0")")
export WINEPREFIX="$here/prefix" WINEDEBUG="${WINEDEBUG--all}" WINEDLLOVERRIDES="mscoree=;mshtml="
# Else the driver for Wayland, which there is not, complains into what programs print.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$here/prefix}"
export VK_DRIVER_FILES="$here/lvp.json" VK_ICD_FILENAMES="$here/lvp.json"
exec "$here/root/usr/lib/wine/wine64" "$@"
WRAP
chmod +x "$dir/run"
rm -rf "$dir/prefix"
env -u DISPLAY "$dir/run" wineboot -i >"$dir/wineboot.log" 2>&1 ||
	fail "wineboot: $(tail -n 1 "$dir/wineboot.log")"
[ -e "$dir/prefix/drive_c/windows/system32/kernel32.dll" ] ||
	fail "wineboot made no Windows: $(tail -n 1 "$dir/wineboot.log")"
# The server lives for some seconds after the last program, then writes the registry; until then no other can begin.
WINEPREFIX=$dir/prefix timeout 120 "$wine/wineserver64" -w || fail "the server of wineboot did not end in 120 s"
echo "$dir" >"$dir/.ready"
