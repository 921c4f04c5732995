#!/bin/bash
# first-run-mac.sh [DIR]: all that a Mac can tell of the Metal backend, in one run. Each step
# writes a log to DIR (first-run-mac), and the next one follows whatever came of it: Apple's
# compiler reads every kernel, the driver is built, the suite runs with Metal's validation and
# without, then the goldens, a text, and the benchmark. At the end DIR.tar.gz holds the logs,
# to be sent back. It holds no serial number, and ~ stands for the home folder.
#
# FIRST_RUN_SHORT=1 leaves out the long runs. Written for the bash 3.2 of macOS.
set -o pipefail # not -u: bash 3.2 takes an empty "$@" for unset

cd "$(dirname "$0")/.."
die() {
	echo "first-run-mac.sh: $1" >&2
	exit 2
}
[ "$(uname -s)" = Darwin ] || die "this is $(uname -s): the script is for macOS"
[ "$(uname -m)" = arm64 ] || die "this Mac has an $(uname -m) processor: the Metal backend wants Apple silicon"
command -v go >/dev/null || die "there is no Go: install it from go.dev, then run this again"
xcrun -sdk macosx -find metal >/dev/null 2>&1 || die "there is no Metal compiler: install Xcode, then run this again"

dir=${1:-first-run-mac}
[ ! -e "$dir" ] || die "$dir is there: name a folder that is not, or remove it"
mkdir -p "$dir/bin" || exit 2

# A step is a name and a command, whose output is the log of that name.
failed=0
step() {
	local name=$1 start=$SECONDS status=0
	shift
	printf '%-12s ' "$name"
	"$@" >"$dir/$name.log" 2>&1 || status=$?
	local word=ok
	[ $status = 0 ] || word="failed ($status)" failed=$((failed + 1))
	printf '%s, %d s\n' "$word" $((SECONDS - start))
	printf '%-12s %s, %d s\n' "$name" "$word" $((SECONDS - start)) >>"$dir/summary.txt"
}

machine() {
	sw_vers
	sysctl -n machdep.cpu.brand_string hw.memsize hw.ncpu
	system_profiler SPDisplaysDataType | grep -v -i -E 'serial|uuid'
	xcodebuild -version
	xcrun -sdk macosx metal --version
	go version
	git log -1 --format='commit %H' 2>/dev/null || true
}

# Every kernel is compiled, also behind one that is refused.
kernels() {
	local k refused=0
	for k in shaders/msl/*.metal; do
		xcrun -sdk macosx metal -std=metal3.0 -fno-fast-math -c "$k" -o /dev/null || {
			echo "refused: $k"
			refused=$((refused + 1))
		}
	done
	echo "$refused refused"
	[ $refused = 0 ]
}

build() { go vet ./backend/metal && go build -o "$dir/bin" ./cmd/...; }

suite() { # the tests' pattern, then flags
	local run=$1
	shift
	FM_TEST_REQUIRE=metal go test ./backend/metal -count=1 -v -timeout 120m -run "$run" "$@"
}
validated() { MTL_DEBUG_LAYER=1 MTL_SHADER_VALIDATION=1 suite "$@"; }

text() { "$dir/bin/fmgen" --backend metal -p ROMEO: -n 64 --temp 0 --verbose; }
same_text() { # as the processor writes
	local each
	for each in metal cpu; do
		"$dir/bin/fmgen" --backend $each --precision f32 -p ROMEO: -n 64 --temp 0 >"$dir/$each.txt" || return
	done
	diff "$dir/cpu.txt" "$dir/metal.txt"
}
speed() { "$dir/bin/fmbench" --backend metal,cpu -o "$1" "${@:2}"; }

step machine machine
step kernels kernels
step build build
step devices "$dir/bin/fmbench" devices
step one validated TestConformance/add
step matmul validated 'TestConformance/matmul'
step validated validated . -short
if [ -z "${FIRST_RUN_SHORT:-}" ]; then
	step suite suite .
fi
step goldens suite TestGolden
step text text
step same_text same_text
step speed speed md
if [ -z "${FIRST_RUN_SHORT:-}" ]; then
	step speed_130m speed json -m random:130m -p 128,512 -n 64 -b 1,8
	step speed_q4_K speed json -m random:130m --quant q4_K -p 128,512 -n 64 -b 1,8
	step profile "$dir/bin/fmbench" profile -m random:130m --backend metal -p 1,8,512
fi

rm -r "$dir/bin"
for log in "$dir"/*; do
	sed "s|$HOME|~|g" "$log" >"$log.new" && mv "$log.new" "$log"
done
tar -czf "$dir.tar.gz" "$dir" || die "$dir.tar.gz cannot be written"
echo
echo "$failed steps failed. Please send $dir.tar.gz: an issue of this repository takes it."
[ $failed = 0 ]
