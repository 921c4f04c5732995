#!/bin/bash
# test-vulkan.sh [TEST FLAGS]: the Vulkan driver's tests on every device
# that needs no GPU, under the validation layers: Mesa 22's lavapipe (Debian
# 12's mesa-vulkan-drivers, which must be installed), Mesa 26's, which has
# cooperative matrices, and SwiftShader, which has next to nothing. Last, a plan
# that lacks a barrier: synchronization validation must find it.
set -uo pipefail

cd "$(dirname "$(realpath "$0")")/.."
for tool in lavapipe swiftshader vvl; do
	scripts/$tool.sh || exit 1
done
tools=$PWD/.tools
export FM_TEST_REQUIRE=vulkan
program=$(mktemp)
trap 'rm -f "$program"' EXIT
go test -c -o "$program" ./backend/vulkan || exit 1
cd backend/vulkan

failed=0
check() { # what, then the command
	echo "== $1"
	shift
	"$@" || failed=1
}
# The older layer does not know cooperative matrices, which Mesa 26 has.
check 'Mesa 22 lavapipe, validation' "$tools/vvl/run" "$program" "$@"
check 'SwiftShader, validation' "$tools/vvl/run" "$tools/swiftshader/run" "$program" "$@"
check 'Mesa 26 lavapipe' "$tools/lavapipe/run" "$program" "$@"
check 'Mesa 26 lavapipe, synchronization validation' "$tools/vvl/sync" "$tools/lavapipe/run" "$program" -spans "$@"
check 'SwiftShader, synchronization validation' "$tools/vvl/sync" "$tools/swiftshader/run" "$program" -spans "$@"

echo '== sessions, Mesa 22 lavapipe'
(cd ../.. && FM_BACKEND=vulkan go test -timeout 120m .) || failed=1

echo '== a missing barrier is found'
if said=$("$tools/vvl/sync" "$tools/swiftshader/run" "$program" -spans -mutant -test.run 'TestMutant$' 2>&1); then
	echo 'synchronization validation did not see a missing barrier' >&2
	failed=1
elif ! grep -q 'SYNC-HAZARD-READ-AFTER-WRITE' <<<"$said"; then
	echo "the run with a missing barrier failed otherwise: $said" >&2
	failed=1
fi
exit $failed
