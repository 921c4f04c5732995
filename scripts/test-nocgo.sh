#!/bin/bash
# test-nocgo.sh: programs that were built without cgo, as they are where gcc is
# missing, work, and say once that they are slow and why a GPU is not there.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 "${GO:-go}" build -o "$dir" ./cmd/...

slow='warning: this program was built without cgo, so the processor runs about 20 times slower:'
slow+=' build it where gcc is installed'
gpu='this program is built without the backend "vulkan": it has cpu, ref; it was built without cgo,'
gpu+=' which drivers of GPUs need: build it where gcc is installed'
check() { # status, what stderr must be, then the command
	local want=$1 line=$2 status=0
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	[ "$status" = "$want" ] && [ "$(cat "$dir/err")" = "$line" ] || {
		echo "test-nocgo.sh: $*: status $status, want $want; stderr is" >&2
		cat "$dir/err" >&2
		echo "want $line" >&2
		exit 1
	}
}
unset FM_BACKEND
check 0 "fmgen: $slow" "$dir/fmgen" -p ROMEO: -n 4
check 0 '' "$dir/fmgen" --backend ref -p ROMEO: -n 4
check 0 "fmbench: $slow" "$dir/fmbench" -p 8 -n 2 -r 1 --backend cpu
check 1 "fmgen: $gpu" env FM_BACKEND=vulkan "$dir/fmgen" -p ROMEO: -n 4
