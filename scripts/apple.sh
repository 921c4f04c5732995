#!/bin/bash
# apple.sh [DIR]: DIR/run (.tools/apple), which runs a program with Mesa 26's driver for
# Apple's GPUs as the only driver, and with a library before it that stands for the kernel:
# the GPU that AGX_STUB describes is there for the driver, which compiles for it as for any
# other, and nothing runs.
#
#	AGX_STUB="chip=8103 generation=13 variant=G dies=1 clusters=1 cores=8 clock=1278" .tools/apple/run PROGRAM
#
# The driver lies in .tools/lavapipe, where lavapipe.sh puts it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/apple}")
mesa=$(realpath -m "$here/../.tools/lavapipe")
"$here/lavapipe.sh" "$mesa"

lib=root/usr/lib/x86_64-linux-gnu/libvulkan_asahi.so
[ -e "$mesa/$lib" ] || { echo "apple.sh: mesa-vulkan-drivers has no libvulkan_asahi.so" >&2; exit 1; }
mkdir -p "$dir"
stub=$here/../backend/vulkan/internal/compileonly/drm
gcc -O1 -Wall -shared -fPIC -o "$dir/agx.so" "$stub/agx.c" "$stub/drm.c"
printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' "$mesa/$lib" \
	>"$dir/apple.json"
cat >"$dir/run" <<WRAP
#!/bin/sh
export VK_DRIVER_FILES="$dir/apple.json" VK_ICD_FILENAMES="$dir/apple.json" MESA_SHADER_CACHE_DISABLE=true
exec "$mesa/root/usr/lib64/ld-linux-x86-64.so.2" --preload "$dir/agx.so" \\
	--library-path "$mesa/root/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" "\$@"
WRAP
chmod +x "$dir/run"
