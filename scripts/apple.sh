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
mesa=$here/../.tools/lavapipe
"$here/lavapipe.sh" "$mesa"
"$here/stub.sh" "${1:-$here/../.tools/apple}" "$mesa" asahi agx
