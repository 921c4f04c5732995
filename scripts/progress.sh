#!/bin/bash
# progress.sh NAME COMMAND...: runs `go test -v` and prints what go test without
# it does, every few seconds which test NAME is at, and at the end how long it took:
# without -v go test says nothing before a package is done, and with it too much.
set -uo pipefail

name=$1 every=${PROGRESS:-10}
shift
start=$SECONDS shown=$SECONDS
held=() # of the test that runs: shown if it fails
show() { [ ${#held[@]} -eq 0 ] || printf '%s\n' "${held[@]}"; held=(); }

TIMEFORMAT="$name: %R s, of the processor %U s and the system's %S s"
time "$@" 2>&1 | {
	while IFS= read -r line; do
		case $line in
		'=== RUN '*)
			if ((SECONDS - shown >= every)); then
				shown=$SECONDS
				printf '%s: %d s, at %s\n' "$name" $((SECONDS - start)) "${line#=== RUN   }"
			fi
			;;
		'=== '* | PASS) ;;
		'--- PASS'* | '--- SKIP'*) held=() ;;
		'    '*'--- PASS'* | '    '*'--- SKIP'*) ;; # of a test that is over
		'--- FAIL'* | '    '*'--- FAIL'* | 'ok  '* | FAIL* | '?   '* | panic:*)
			show
			printf '%s\n' "$line"
			;;
		*) held+=("$line") ;;
		esac
	done
	show
}
