#!/bin/bash
# test-module.sh: gives a copy of what is committed another module path, twice, and
# then its own again. Everything must build and be in order each time, and at the end
# be what it was.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
own=$(go list -m)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
git clone -q . "$dir"
cd "$dir"
for path in github.com/you/falconmamba example.org/fm; do
	make --no-print-directory module TO="$path"
	go build ./...
	go vet ./...
	unformatted=$(gofmt -l .)
	[ -z "$unformatted" ] || { echo "test-module.sh: not gofmt'ed as $path: $unformatted" >&2; exit 1; }
	go run ./internal/tools/layout
	go test ./internal/tools/... ./backend
	(cd examples/desktop && go list -mod=readonly ./... >/dev/null)
done
make --no-print-directory module TO="$own"
git diff --exit-code --stat
