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
servers=()
trap 'kill "${servers[@]}"; wait "${servers[@]}"; rm -rf "$dir"' EXIT
serve() { # name, screen, dots per inch: starts a virtual display
	mkdir "$dir/$1"
	Xvfb -displayfd 3 -screen 0 "$2" -noreset -fbdir "$dir/$1" -nolisten tcp 3>"$dir/$1.display" 2>"$dir/$1.said" &
	servers+=($!)
	for _ in $(seq 100); do
		[ -s "$dir/$1.display" ] && break
		sleep 0.1
	done
	[ -s "$dir/$1.display" ] && echo "Xft.dpi: $3" | xrdb -display ":$(cat "$dir/$1.display")" -merge && return
	echo "test-desktop.sh: Xvfb did not start: $(cat "$dir/$1.said")" >&2
	exit 1
}
serve one 1280x1024x24 96
serve two 2560x2048x24 192
DISPLAY=:$(cat "$dir/one.display")
export DISPLAY FM_TEST_REQUIRE=display FM_DESKTOP_FBDIR=$dir/one FM_DESKTOP_SHOTS=$shots
export FM_DESKTOP_HIDPI=:$(cat "$dir/two.display")

cd examples/desktop || exit 1
failed=0
check() { # what, then the command
	echo "== $1"
	shift
	"$@" || failed=1
}
unformatted=$(gofmt -l . ../embed)
[ -z "$unformatted" ] || { echo "run gofmt -w on $unformatted" >&2; failed=1; }
check vet go vet ./...
check 'shaders are as committed' eval 'shaders/make.sh && git diff --exit-code -- shaders'
check 'what needs no window' go test ./edit ./face ./grid ./screen ./shelf ./talk ./tree
check 'the window' go test -count=1 -v -run . .
FM_DESKTOP_UNDER=$vvl/run check 'the window, validation' go test -count=1 -v -run 'Tour|Prompt|Switch' .
FM_DESKTOP_UNDER=$vvl/sync FM_DESKTOP_FLAGS=-spans check 'the window, synchronization validation' \
	go test -count=1 -v -run 'Tour|Prompt|Switch' .
exit $failed
