#!/bin/bash
# stub.sh DIR MESA DRIVER STUB: DIR/run, which runs a program with MESA's driver
# libvulkan_DRIVER.so as the only one, and with STUB.c of backend/vulkan/internal/compileonly/drm
# before it as a library that stands for the kernel. MESA is a folder of debian.sh's: the
# program runs under the dynamic loader that came with it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
[ $# = 4 ] || { echo "usage: stub.sh DIR MESA DRIVER STUB" >&2; exit 2; }
dir=$(realpath -m "$1") mesa=$(realpath -m "$2") driver=$3 stub=$4

lib=root/usr/lib/x86_64-linux-gnu/libvulkan_$driver.so
[ -e "$mesa/$lib" ] || { echo "stub.sh: mesa-vulkan-drivers has no libvulkan_$driver.so" >&2; exit 1; }
mkdir -p "$dir"
src=$here/../backend/vulkan/internal/compileonly/drm
gcc -O1 -Wall -shared -fPIC -o "$dir/$stub.so" "$src/$stub.c" "$src/drm.c"
printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' "$mesa/$lib" \
	>"$dir/$driver.json"
cat >"$dir/run" <<WRAP
#!/bin/sh
export VK_DRIVER_FILES="$dir/$driver.json" VK_ICD_FILENAMES="$dir/$driver.json" MESA_SHADER_CACHE_DISABLE=true
exec "$mesa/root/usr/lib64/ld-linux-x86-64.so.2" --preload "$dir/$stub.so" \\
	--library-path "$mesa/root/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" "\$@"
WRAP
chmod +x "$dir/run"
