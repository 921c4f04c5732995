#!/bin/bash
# metal-tools.sh: makes sure that what the Metal backend's tests need on Debian
# or Ubuntu is installed: clang with Objective-C, gcc's Objective-C runtime and
# GNUstep's Foundation. The tests are then
#
#	CC=clang-16 go test -tags metalfake ./backend/metal/...
#
# and with `-args -order reverse`, `-args -order random` or `-args -eager` the
# driver's own run another way that Metal allows. Kernels are compiled on first
# use and kept in the user's cache folder, falconmamba/fakemetal-*.
set -euo pipefail

exec "$(dirname "$(realpath "$0")")/need.sh" clang-16 gobjc libgnustep-base-dev
