#!/bin/bash
# generate.sh: makes shaders/spv, shaders/msl, shaders/kernels.go and shaders/calls.go from
# shaders/*.comp with the pinned compilers. Two runs give the same bytes, so
# `git diff --exit-code shaders` shows whether the committed files are current.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
scripts/shadertools.sh
exec go run ./shaders/internal/gen -dir shaders -tools .tools/shader
