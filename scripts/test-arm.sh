#!/bin/bash
# test-arm.sh [short]: the programs and the core's tests built for Arm with cgo, and run by qemu's
# emulation of one program: every set of NEON kernels among them, and which of them a processor
# with fewer instructions takes. fmgen's text must be what the plain Go kernels of this system
# write. Nothing is measured: an emulator's speed says nothing about Arm. The short form is the
# choice and fmgen's texts alone.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$PWD/.tools/arm
mkdir -p "$dir"
arm=(env GOARCH=arm64 CGO_ENABLED=1 CC=aarch64-linux-gnu-gcc)
qemu='qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu'

programs=./cmd/...
if [ "${1:-}" = short ]; then
	programs=./cmd/fmgen
else
	echo '== everything builds, tests too'
	"${arm[@]}" go vet ./...
fi
go build -o "$dir/here" ./cmd/fmgen
"${arm[@]}" go build -o "$dir/" $programs

failed=0
# has CPU KERNELS...: of no other kernels is an emulated processor said to be capable.
has() {
	echo "== kernels of $1"
	want="this processor has ${*:2}"
	got=$(FM_KERNELS=none $qemu "$1" "$dir/fmgen" --backend cpu -p x -n 1 2>&1 | grep -o 'this processor has .*' |
		tr -d ,) || true
	[ "$got" = "$want" ] || { failed=1; printf '%s: %s, want %s\n' "$1" "${got:-nothing}" "$want" >&2; }
}
has max neonbf16 neoni8mm neondot neon go
has cortex-a76 neondot neon go
has cortex-a72 neon go

for quant in '' q4_K; do
	prompt=(--backend cpu -p $'ROMEO:\n' -n 40 --temp 0 ${quant:+--quant "$quant"})
	here=$(FM_KERNELS=go "$dir/here" "${prompt[@]}")
	for kernels in neonbf16 neoni8mm neondot neon go; do
		echo "== the same text: kernels $kernels${quant:+, $quant}"
		there=$(FM_KERNELS=$kernels $qemu max "$dir/fmgen" "${prompt[@]}") || failed=1
		[ "$here" = "$there" ] || { failed=1; printf 'here:\n%s\non Arm:\n%s\n' "$here" "$there" >&2; }
	done
done

[ "${1:-}" != short ] || exit $failed
echo '== tests'
"${arm[@]}" go test -short -timeout 60m -exec "$qemu max" ./backend ./backend/cpu/... ./backend/gpu ./backend/null \
	./backend/quant ./backend/sampling ./checkpoint ./checkpoint/gguf ./checkpoint/safetensors ./model/... \
	./text/... ./engine/draft ./internal/half ./internal/nearest ./internal/parallel \
	./internal/softmax || failed=1
exit $failed
