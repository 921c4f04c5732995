#!/bin/bash
# make.sh: compiles the shaders with the repository's pinned compiler.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")"
root=../../..
$root/scripts/shadertools.sh
for s in states page; do
	$root/.tools/shader/glslc --target-env=vulkan1.2 -O -o $s.spv $s.comp
	$root/.tools/shader/spirv-val --target-env vulkan1.2 $s.spv
done
