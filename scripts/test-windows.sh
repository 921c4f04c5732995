#!/bin/bash
# test-windows.sh [short]: the programs and tests as Windows programs, built by mingw-w64 and run by
# Wine: the tests of packages that keep no files, and fmgen, whose texts must be what the
# program of this system writes, on the processor's vector kernels and on lavapipe through
# Wine's Vulkan. The rest of the tests is built only: Wine 8 cannot delete files as Go does it
# since 1.26 (FileDispositionInformationEx), so every test with a temporary folder fails there.
# The short form is fmgen's texts on the processor.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$PWD/.tools/windows
wine=/usr/lib/wine/wine64
mkdir -p "$dir"
export WINEPREFIX=$dir/prefix WINEDEBUG=-all
windows=(env GOOS=windows CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc)

if [ ! -e "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" ]; then
	x86_64-w64-mingw32-gcc -O1 -shared -o "$dir/bcryptprimitives.dll" scripts/windows/prng.c -ladvapi32
	$wine wineboot -i >"$dir/wineboot.log" 2>&1
	cp "$dir/bcryptprimitives.dll" "$WINEPREFIX/drive_c/windows/system32/"
fi

programs=./cmd/...
if [ "${1:-}" = short ]; then
	programs=./cmd/fmgen
else
	echo '== everything builds, tests too'
	"${windows[@]}" go vet ./...
fi
go build -o "$dir/" ./cmd/fmgen
"${windows[@]}" go build -o "$dir/" $programs

Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$dir/display" 2>"$dir/xvfb.log" &
trap 'kill $!; wait $! || true' EXIT
for _ in $(seq 100); do
	[ -s "$dir/display" ] && break
	sleep 0.1
done
[ -s "$dir/display" ] || { echo "test-windows.sh: Xvfb did not start: $(cat "$dir/xvfb.log")" >&2; exit 1; }
DISPLAY=:$(cat "$dir/display")
export DISPLAY

failed=0
same() { # what, then fmgen's flags
	echo "== the same text: $1"
	shift
	local here there
	here=$("$dir/fmgen" "$@")
	there=$($wine "$dir/fmgen.exe" "$@" | tr -d '\r') || failed=1
	[ "$here" = "$there" ] || { failed=1; printf 'here:\n%s\nas a Windows program:\n%s\n' "$here" "$there" >&2; }
}
for kernels in "" avx2 go; do
	FM_KERNELS=$kernels same "cpu, kernels ${kernels:-of this processor}" --backend cpu -p $'ROMEO:\n' -n 40 \
		--temp 0.7 -s 3
done
[ "${1:-}" != short ] || exit $failed
same vulkan --backend vulkan -p $'ROMEO:\n' -n 12 --temp 0

echo '== the C library: the example in C writes what fmgen does'
"${windows[@]}" scripts/capi.sh "$dir/capi"
x86_64-w64-mingw32-gcc examples/capi/c/write.c -I"$dir/capi/include" -L"$dir/capi/lib" -lfalconmamba \
	-o "$dir/capi/bin/write.exe"
here=$("$dir/fmgen" --backend cpu -p $'ROMEO:\n' -n 40 --temp 0.7 -s 3; echo ---
	"$dir/fmgen" --backend cpu -p $'ROMEO:\n' -n 40 --temp 0.7 -s 4)
there=$(FM_BACKEND=cpu $wine "$dir/capi/bin/write.exe" 2>"$dir/write.log" | tr -d '\r') || failed=1
[ "$here" = "$there" ] || { failed=1; printf 'here:\n%s\nby the library:\n%s\n' "$here" "$there" >&2; }

echo '== tests'
"${windows[@]}" go test -short -timeout 30m -exec "$wine" ./backend ./backend/cpu/... ./backend/gpu ./backend/mamba \
	./backend/null ./backend/quant ./backend/sampling ./model/... ./text/... ./engine/draft ./cmd/internal/... \
	./internal/half ./internal/nearest ./internal/parallel ./internal/quantity ./internal/softmax || failed=1
exit $failed
