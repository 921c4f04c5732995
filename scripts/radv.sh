#!/bin/bash
# radv.sh [DIR]: Mesa 25's driver for AMD GPUs in DIR (.tools/radv), and DIR/run, which
# runs a program with it as the only driver. Where RADV_FORCE_FAMILY names a chip the
# driver opens a device that does not exist: its compiler is the one that such a GPU
# is used with, and nothing runs.
#
#	RADV_FORCE_FAMILY=NAVI31 .tools/radv/run PROGRAM
#
# Mesa 26 has no such variable, and Debian 12's Mesa 22 does not know the newer chips.
# This Mesa needs a newer C library than Debian 12's, so the program runs
# under the dynamic loader that came with it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/radv}")
"$here/debian.sh" -d trixie "$dir" mesa-vulkan-drivers libvulkan1

lib=root/usr/lib/x86_64-linux-gnu/libvulkan_radeon.so
[ -e "$dir/$lib" ] || { echo "radv.sh: mesa-vulkan-drivers has no libvulkan_radeon.so" >&2; exit 1; }
printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' "$dir/$lib" \
	>"$dir/radv.json"
cat >"$dir/run" <<'WRAP'
#!/bin/sh
here=$(dirname "$(realpath "$0")")
export VK_DRIVER_FILES="$here/radv.json" VK_ICD_FILENAMES="$here/radv.json" MESA_SHADER_CACHE_DISABLE=true
exec "$here/root/usr/lib64/ld-linux-x86-64.so.2" \
	--library-path "$here/root/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$@"
WRAP
chmod +x "$dir/run"
