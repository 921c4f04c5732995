#!/bin/bash
# lavapipe.sh [DIR]: Mesa 26's lavapipe in DIR (.tools/lavapipe), the CPU
# Vulkan device with cooperative matrices, and DIR/run, which runs a program
# with it as the only device:
#
#	go test -exec "$PWD/.tools/lavapipe/run" ./backend/vulkan
#
# This Mesa needs a newer C library than Debian 12's, so the program runs
# under the dynamic loader that came with it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/lavapipe}")
"$here/debian.sh" trixie-backports "$dir" mesa-vulkan-drivers libvulkan1

lib=root/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so
[ -e "$dir/$lib" ] || { echo "lavapipe.sh: mesa-vulkan-drivers has no libvulkan_lvp.so" >&2; exit 1; }
printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' "$dir/$lib" \
	>"$dir/lvp.json"
cat >"$dir/run" <<'WRAP'
#!/bin/sh
here=$(dirname "$(realpath "$0")")
export VK_DRIVER_FILES="$here/lvp.json" VK_ICD_FILENAMES="$here/lvp.json"
exec "$here/root/usr/lib64/ld-linux-x86-64.so.2" \
	--library-path "$here/root/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$@"
WRAP
chmod +x "$dir/run"
