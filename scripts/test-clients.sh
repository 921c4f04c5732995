#!/bin/bash
# test-clients.sh: clients of the APIs that fmserve answers, as they are, against it with the embedded model: those for
# Go, and where node and npm are, those in server/clients/node/package.json. What is not there is said and left out, but
# with FM_TEST_REQUIRE=clients.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$dir"' EXIT
server=
missing() {
	echo "test-clients.sh: $1: left out"
	[ "${FM_TEST_REQUIRE:-}" != clients ]
}

go build -o "$dir/fmserve" ./cmd/fmserve
: >"$dir/log"
"$dir/fmserve" --backend cpu --port 0 --log none 2>"$dir/log" &
server=$!
for _ in $(seq 300); do
	FM_URL=$(sed -n 's/.* at \(http.*\)\/v1$/\1/p' "$dir/log")
	[ -z "$FM_URL" ] || break
	sleep 0.1
done
[ -n "$FM_URL" ] || { cat "$dir/log" >&2; exit 1; }
export FM_URL

if (cd server/clients/go && go mod download) 2>"$dir/go.log"; then
	(cd server/clients/go && go test -count 1 ./...)
else
	missing "the Go clients cannot be had ($(tail -1 "$dir/go.log"))"
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	missing 'there is no node with npm'
elif [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" != true ]; then
	missing "node is $(node --version), want 20 or newer"
elif (cd server/clients/node && npm ci --no-audit --no-fund --loglevel error) 2>"$dir/npm.log"; then
	(cd server/clients/node && npm test --silent)
else
	missing "the clients from npm cannot be had ($(head -1 "$dir/npm.log"))"
fi
kill -TERM $server
wait $server
