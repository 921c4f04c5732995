#!/bin/bash
# fuzz.sh TIME: runs every fuzz test of the module for TIME ("30s", "1h") each.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
for dir in $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	for name in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | sed 's/func //'); do
		echo "$dir $name"
		go test "$dir" -run '^$' -fuzz "^$name\$" -fuzzminimizetime 1s -fuzztime "$1"
	done
done
