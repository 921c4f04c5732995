#!/bin/bash
# intel.sh [DIR]: DIR/run (.tools/intel), which runs a program with Mesa 25's driver for
# Intel's GPUs as the only driver, and with a library before it that stands for the kernel: the
# GPU that XE_STUB describes is there for the driver, which compiles for it as for any
# other, and nothing runs.
#
#	XE_STUB="id=56a0 ip=0 revision=8 cores=ffffffff units=ffff simd=8 memory=16" .tools/intel/run PROGRAM
#
# The driver lies in .tools/radv, where radv.sh puts it. Its packages have no such library
# for Intel's: mesa-drm-shim has those of AMD's and NVIDIA's.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/intel}")
radv=$(realpath -m "$here/../.tools/radv")
"$here/radv.sh" "$radv"

lib=root/usr/lib/x86_64-linux-gnu/libvulkan_intel.so
[ -e "$radv/$lib" ] || { echo "intel.sh: mesa-vulkan-drivers has no libvulkan_intel.so" >&2; exit 1; }
mkdir -p "$dir"
stub=$here/../backend/vulkan/internal/compileonly/drm
gcc -O1 -Wall -shared -fPIC -o "$dir/xe.so" "$stub/xe.c" "$stub/drm.c"
printf '{"ICD": {"api_version": "1.4.0", "library_path": "%s"}, "file_format_version": "1.0.1"}\n' "$radv/$lib" \
	>"$dir/intel.json"
cat >"$dir/run" <<WRAP
#!/bin/sh
export VK_DRIVER_FILES="$dir/intel.json" VK_ICD_FILENAMES="$dir/intel.json" MESA_SHADER_CACHE_DISABLE=true
exec "$radv/root/usr/lib64/ld-linux-x86-64.so.2" --preload "$dir/xe.so" \\
	--library-path "$radv/root/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" "\$@"
WRAP
chmod +x "$dir/run"
