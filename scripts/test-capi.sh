#!/bin/bash
# test-capi.sh [core | valgrind]: the C library as those who link it see it. core stops behind the tests in C:
#   - what it exports is what the header declares, and C99 and C++ take the header;
#   - the tests in C, with texts that are fmgen's, as they are and under gcc's sanitizers, leaks included;
#   - what becomes of signals.
# The rest is the examples in C, C++, Python and C#, built by pkg-config and by CMake from a copy of the folder.
# valgrind has a part of the tests under Valgrind in their place. That runs one thread at a time, which Go's do not
# expect: in turns, lest one waits for ever. Now and then it finds a call of Go's runtime that is not suppressed yet.
# test-swift.sh tries Swift's.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$PWD/.tools/capi
mkdir -p "$dir"
lib=$dir/prefix
scripts/capi.sh "$lib"
go build -o "$dir/" ./cmd/fmgen
export FM_BACKEND=cpu TMPDIR=$dir
export LD_LIBRARY_PATH=$lib/lib
FMGEN=$("$dir/fmgen" -p $'ROMEO:\n' -n 40 --temp 0.7 -s 3)
BARE=random:$PWD/checkpoint/testdata/tiny/config.json
ADAPTED=$PWD/checkpoint/testdata/tiny
ADAPTERS=$PWD/checkpoint/testdata/adapters
export FMGEN BARE ADAPTED ADAPTERS

same() { # what, what was got, what was wanted
	[ "$2" = "$3" ] && echo "ok   $1" && return
	printf 'test-capi.sh: %s:\n%s\nwant:\n%s\n' "$1" "$2" "$3" >&2
	exit 1
}

declared=$(grep -oE '^FM_API .*\(' capi/falconmamba.h | grep -oE 'fm_\w+\($' | tr -d '(' | sort)
exported=$(nm -D --defined-only "$lib/lib/libfalconmamba.so.1" | awk '$2 == "T" {print $3}' | sed 's/@.*//' | sort)
same 'exported functions' "$exported" "$declared"
same 'soname' "$(readelf -d "$lib/lib/libfalconmamba.so.1" | grep -oE 'libfalconmamba\.so\.[0-9]+')" libfalconmamba.so.1

warn='-Wall -Wextra -Werror -Wno-missing-field-initializers'
echo '#include <falconmamba.h>' >"$dir/header.c"
gcc -std=c99 -pedantic $warn -I"$lib/include" -fsyntax-only "$dir/header.c"
g++ -std=c++98 -pedantic $warn -Wno-long-long -I"$lib/include" -fsyntax-only -x c++ "$dir/header.c"
echo 'ok   header in C99 and C++98'

build() { # the program, then flags
	local program=$1
	shift
	gcc -std=gnu11 -g -O1 $warn "$@" -I"$lib/include" -o "$dir/$program" capi/test/*.c \
		-L"$lib/lib" -lfalconmamba -lm -lpthread
}
echo '== tests in C'
build test
"$dir/test"
echo '== tests in C, under the sanitizers for addresses, leaks and undefined behaviour'
build test-asan -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
"$dir/test-asan"
gcc -std=gnu11 -g $warn -I"$lib/include" -o "$dir/signals" capi/test/signals/signals.c -ldl -lpthread
"$dir/signals" "$lib/lib/libfalconmamba.so.1"
[ "${1:-}" != core ] || exit 0

if [ "${1:-}" = valgrind ]; then
	echo '== a part of the tests, under Valgrind'
	SYMBOLS=1 scripts/capi.sh "$dir/symbols" # by which what is Go's is told
	for part in misuse null text states chat; do
		LD_LIBRARY_PATH=$dir/symbols/lib timeout 300 valgrind -q --fair-sched=yes --undef-value-errors=no \
			--suppressions=capi/valgrind.supp --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
			--errors-for-leak-kinds=definite "$dir/test" "$part"
	done
	exit 0
fi

echo '== examples, from a copy of the folder'
rm -rf "$dir/copy" "$dir/build"
cp -a "$lib" "$dir/copy"
export LD_LIBRARY_PATH=$dir/copy/lib PKG_CONFIG_PATH=$dir/copy/lib/pkgconfig
both=$FMGEN$'\n---\n'$("$dir/fmgen" -p $'ROMEO:\n' -n 40 --temp 0.7 -s 4)
gcc examples/capi/c/write.c $(pkg-config --cflags --libs falconmamba) -o "$dir/write-c"
same 'C' "$("$dir/write-c" 2>/dev/null)" "$both"
g++ -std=c++17 examples/capi/cpp/write.cpp $(pkg-config --cflags --libs falconmamba) -o "$dir/write-cpp"
same 'C++' "$("$dir/write-cpp")" "$both"
cmake -S examples/capi -B "$dir/build" -DCMAKE_PREFIX_PATH="$dir/copy" >"$dir/cmake.log"
cmake --build "$dir/build" >>"$dir/cmake.log"
unset LD_LIBRARY_PATH # CMake's programs find it where it was linked
same 'C, by CMake' "$("$dir/build/write-c" 2>/dev/null)" "$both"
same 'C++, by CMake' "$("$dir/build/write-cpp")" "$both"
default=$("$dir/fmgen" -p $'ROMEO:\n' -s 0)
same 'Python' "$(python3 examples/capi/python/write.py "$dir/copy/lib/libfalconmamba.so.1")" "$default"
mcs -out:"$dir/Write.exe" examples/capi/csharp/Write.cs
same 'C#' "$(LD_LIBRARY_PATH=$dir/copy/lib mono "$dir/Write.exe")" "$FMGEN"
for run in "$dir/build/write-c" "$dir/build/write-cpp" \
	"python3 examples/capi/python/write.py $dir/copy/lib/libfalconmamba.so.1" \
	"env LD_LIBRARY_PATH=$dir/copy/lib mono $dir/Write.exe"; do
	said=$($run /nowhere/model.gguf 2>&1) && { echo "test-capi.sh: $run takes a model that is not there" >&2; exit 1; }
	[[ $said == *"no model at /nowhere/model.gguf"* ]] || { echo "test-capi.sh: $run says $said" >&2; exit 1; }
done
echo 'ok   examples say what is wrong'
