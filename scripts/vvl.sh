#!/bin/bash
# vvl.sh [DIR]: the Khronos validation layers in DIR (.tools/vvl) and
#
#	DIR/run PROGRAM [ARGS]    Debian 12's layer
#	DIR/sync PROGRAM [ARGS]   the newer layer that comes with chromium-common,
#	                          with synchronization validation: the older one
#	                          does not see a missing barrier between shaders
#
# Both print what the layer found and end with status 1 if it found an error,
# objects alive at the end included. They stand before a device's run:
#
#	go test -exec "$PWD/.tools/vvl/run $PWD/.tools/lavapipe/run" ./backend/vulkan
set -euo pipefail

here=$(dirname "$(realpath "$0")")
dir=$(realpath -m "${1:-$here/../.tools/vvl}")
mkdir -p "$dir"
"$here/debian.sh" bookworm "$dir/debian" vulkan-validationlayers
"$here/debian.sh" bookworm "$dir/chromium" chromium-common

layer() { # folder, library, version
	[ -e "$dir/$1/$2" ] || { echo "vvl.sh: $1 has no $2" >&2; exit 1; }
	cat >"$dir/$1/VkLayer_khronos_validation.json" <<-JSON
	{"file_format_version": "1.2.0", "layer": {
	  "name": "VK_LAYER_KHRONOS_validation", "type": "GLOBAL",
	  "library_path": "$dir/$1/$2", "api_version": "$3",
	  "implementation_version": "1", "description": "Khronos validation layer",
	  "instance_extensions": [{"name": "VK_EXT_debug_utils", "spec_version": "2"}],
	  "device_extensions": []}}
	JSON
}
layer debian root/usr/lib/x86_64-linux-gnu/libVkLayer_khronos_validation.so 1.3.239
layer chromium root/usr/lib/chromium/libVkLayer_khronos_validation.so 1.4.300

wrapper() { # name, folder, settings
	cat >"$dir/$1" <<WRAP
#!/bin/sh
here=\$(dirname "\$(realpath "\$0")")
tmp=\$(mktemp -d)
trap 'rm -rf "\$tmp"' EXIT
cat >"\$tmp/vk_layer_settings.txt" <<SET
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error,warn
khronos_validation.log_filename = \$tmp/log
$3
SET
export VK_LAYER_SETTINGS_PATH="\$tmp/vk_layer_settings.txt" VK_LAYER_PATH="\$here/$2"
export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation
"\$@"
status=\$?
if [ -e "\$tmp/log" ]; then cat "\$tmp/log" >&2; fi
if grep -qE 'Validation Error|SYNC-HAZARD' "\$tmp/log" 2>/dev/null; then
	echo "\${0##*/}: the validation layer found errors" >&2
	exit 1
fi
if [ ! -e "\$tmp/log" ]; then
	echo "\${0##*/}: the validation layer was not loaded" >&2
	exit 1
fi
exit \$status
WRAP
	chmod +x "$dir/$1"
}
wrapper run debian ''
wrapper sync chromium 'khronos_validation.validate_sync = true
khronos_validation.syncval_shader_accesses_heuristic = true
khronos_validation.syncval_submit_time_validation = true'
