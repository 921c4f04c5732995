#!/bin/bash
# shadertools.sh [DIR]: the shader compilers that the generated files in
# shaders/ are made with, in DIR (.tools/shader): glslc 2025.2, spirv-tools
# 2025.1 and spirv-cross 1.4.304 of Debian 13. Other versions give other
# bytes. Each runs under its own dynamic loader, so the system's C library
# may be older.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/shader}")
"$here/debian.sh" trixie "$dir" glslc libshaderc1 spirv-tools spirv-cross libc6 libstdc++6 libgcc-s1

for tool in glslc spirv-val spirv-opt spirv-dis spirv-cross; do
	cat >"$dir/$tool" <<'WRAP'
#!/bin/sh
root=$(dirname "$(realpath "$0")")/root
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
	"$root/usr/bin/${0##*/}" "$@"
WRAP
	chmod +x "$dir/$tool"
done

version() { # tool, what its --version must say
	local got
	got=$("$dir/$1" --version 2>&1 || true)
	case $got in
	*"$2"*) ;;
	*) echo "shadertools.sh: $1 --version says ${got%%$'\n'*}, want $2" >&2; exit 1 ;;
	esac
}
version glslc 'shaderc 2025.2'
version spirv-opt 'v2025.1'
