#!/bin/bash
# same.sh OLD NEW [REGEXP]: whether two builds of fmgen and fmbench, in the
# folders OLD and NEW, do the same: what they print, their exit status and the
# files they write, for each command line of same.txt, or those that match.
# Times, speeds and the process's memory are left out of the comparison.
#
# Lines with $backend are run for each of FM_SAME_BACKENDS ("cpu ref"), all
# others on the processor.
set -euo pipefail

[ $# = 2 ] || [ $# = 3 ] || { echo "usage: same.sh OLD NEW [REGEXP]" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2")
shift 2
cd "$(dirname "$(realpath "$0")")/.."
exec go run ./scripts/internal/same -table scripts/same.txt "$old" "$new" "$@"
