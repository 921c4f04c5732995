#!/bin/bash
# test-arm.sh [short]: the programs and the core's tests built for Arm with cgo, and run by qemu's
# emulation of one program: every set of NEON kernels that it has among them. fmgen's text must
# be what the plain Go kernels of this system write. Nothing is measured: an emulator's speed
# says nothing about Arm. The short form is fmgen's texts alone.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$PWD/.tools/arm
mkdir -p "$dir"
arm=(env GOARCH=arm64 CGO_ENABLED=1 CC=aarch64-linux-gnu-gcc)
qemu='qemu-aarch64 -L /usr/aarch64-linux-gnu'

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
for kernels in neondot neon go; do
	echo "== the same text: kernels $kernels"
	here=$(FM_KERNELS=go "$dir/here" --backend cpu -p $'ROMEO:\n' -n 40 --temp 0)
	there=$(FM_KERNELS=$kernels $qemu "$dir/fmgen" --backend cpu -p $'ROMEO:\n' -n 40 --temp 0) || failed=1
	[ "$here" = "$there" ] || { failed=1; printf 'here:\n%s\non Arm:\n%s\n' "$here" "$there" >&2; }
done

[ "${1:-}" != short ] || exit $failed
echo '== tests'
"${arm[@]}" go test -short -timeout 60m -exec "$qemu" ./backend ./backend/cpu/... ./backend/gpu ./backend/null \
	./backend/quant ./backend/sampling ./checkpoint ./checkpoint/gguf ./checkpoint/safetensors ./model/... \
	./text/... ./engine/draft ./internal/half ./internal/nearest ./internal/parallel \
	./internal/softmax || failed=1
exit $failed
