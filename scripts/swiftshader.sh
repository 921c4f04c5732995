#!/bin/bash
# swiftshader.sh [DIR]: SwiftShader's Vulkan device in DIR (.tools/swiftshader)
# and DIR/run, which runs a program with it as the only device:
#
#	go test -exec "$PWD/.tools/swiftshader/run" ./backend/vulkan
#
# It has what the smallest GPUs have: no float16, subgroups of 4, workgroups
# of 256. Debian ships it inside chromium-common, with the Vulkan loader and
# the validation layer that vvl.sh takes.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/swiftshader}")
"$here/debian.sh" bookworm "$dir" chromium-common

lib=root/usr/lib/chromium/libvk_swiftshader.so
[ -e "$dir/$lib" ] || { echo "swiftshader.sh: chromium-common has no libvk_swiftshader.so" >&2; exit 1; }
printf '{"ICD": {"api_version": "1.0.5", "library_path": "%s"}, "file_format_version": "1.0.0"}\n' "$dir/$lib" \
	>"$dir/swiftshader.json"
cat >"$dir/run" <<'WRAP'
#!/bin/sh
here=$(dirname "$(realpath "$0")")
export VK_DRIVER_FILES="$here/swiftshader.json" VK_ICD_FILENAMES="$here/swiftshader.json"
exec "$@"
WRAP
chmod +x "$dir/run"
