#!/bin/bash
# nvidia.sh [DIR]: DIR/run (.tools/nvidia), which runs a program with Mesa 26's driver for
# NVIDIA's GPUs as the only driver, and with a library before it that stands for the kernel:
# the GPU that NVK_STUB describes is there for the driver, which compiles for it as for any
# other, and nothing runs.
#
#	NVK_STUB="chipset=172 id=2206 clusters=6 pairs=34 graphics=c7 copy=c7 memory=10" .tools/nvidia/run PROGRAM
#
# The driver lies in .tools/lavapipe, where lavapipe.sh puts it.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
mesa=$here/../.tools/lavapipe
"$here/lavapipe.sh" "$mesa"
"$here/stub.sh" "${1:-$here/../.tools/nvidia}" "$mesa" nouveau nouveau
