#!/bin/bash
# test-desktop.sh: the desktop example on a virtual display, by itself and under
# the validation layers. What a run prints of its frames is shown; pictures of
# the window go to .tools/desktop.
set -uo pipefail

cd "$(dirname "$(realpath "$0")")/.."
scripts/vvl.sh || exit 1
vvl=$PWD/.tools/vvl
shots=$PWD/.tools/desktop
dir=$(mktemp -d)
mkdir -p "$shots"
Xvfb -displayfd 3 -screen 0 1280x1024x24 -fbdir "$dir" -nolisten tcp 3>"$dir/display" 2>"$dir/said" &
server=$!
trap 'kill $server; wait $server; rm -rf "$dir"' EXIT
for _ in $(seq 100); do
	[ -s "$dir/display" ] && break
	sleep 0.1
done
[ -s "$dir/display" ] || { echo "test-desktop.sh: Xvfb did not start: $(cat "$dir/said")" >&2; exit 1; }
DISPLAY=:$(cat "$dir/display")
export DISPLAY FM_TEST_REQUIRE=display FM_DESKTOP_FBDIR=$dir FM_DESKTOP_SHOTS=$shots

cd examples/desktop || exit 1
failed=0
check() { # what, then the command
	echo "== $1"
	shift
	"$@" || failed=1
}
unformatted=$(gofmt -l . ../embed)
[ -z "$unformatted" ] || { echo "run gofmt -w on $unformatted" >&2; failed=1; }
check vet go vet .
check 'shaders are as committed' eval 'shaders/make.sh && git diff --exit-code -- shaders'
check 'the window and the rest' go test -count=1 -v -run . .
FM_DESKTOP_UNDER=$vvl/run check 'the window, validation' go test -count=1 -v -run 'Tour|Prompt' .
FM_DESKTOP_UNDER=$vvl/sync FM_DESKTOP_FLAGS=-spans check 'the window, synchronization validation' \
	go test -count=1 -v -run 'Tour|Prompt' .
exit $failed
