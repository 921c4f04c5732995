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
radv=$here/../.tools/radv
"$here/radv.sh" "$radv"
"$here/stub.sh" "${1:-$here/../.tools/intel}" "$radv" intel xe
