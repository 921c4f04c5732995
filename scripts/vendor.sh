#!/bin/bash
# vendor.sh: makes vendor/, for a build without a network or a module cache.
# `go mod vendor` keeps the folders of Go packages alone: it drops the C headers that
# the cgo of github.com/goki/vulkan includes from folders without Go files. They are
# put back from the module cache, and a build shows that nothing else is missing.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
module=github.com/goki/vulkan
go mod vendor
from=$(go list -mod=mod -m -f '{{.Dir}}' $module)
(cd "$from" && find . -name '*.h' -print0) | while IFS= read -r -d '' header; do
	to=vendor/$module/$header
	[ -e "$to" ] || install -D -m 644 "$from/$header" "$to"
done
GOPROXY=off GOFLAGS=-mod=vendor go build ./...
echo "vendor/ is complete: go commands use it from now on; removing it goes back to the module cache"
