#!/bin/bash
# test-page.sh: the page of fmserve, and those of fmbench report and compare, in a real browser, Chromium without a
# head, with the embedded model. Where there is no Chromium it says so and fails; `make test-page` brings Debian's.
# FM_PICTURES may name a folder for screenshots.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$dir"' EXIT

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
	echo 'test-page.sh: there is no Chromium: want the package chromium' >&2
	exit 1
fi
go build -o "$dir/fmserve" ./cmd/fmserve
# serve NAME FLAG...: starts a server, and sets url to its address.
serve() {
	: >"$dir/$1" # lest it is read before the server's shell makes it
	"$dir/fmserve" --backend cpu --port 0 --log none "${@:2}" 2>>"$dir/$1" &
	servers+=($!)
	for _ in $(seq 300); do
		url=$(sed -n 's/.* at \(http.*\)\/v1$/\1/p' "$dir/$1")
		[ -z "$url" ] || return 0
		sleep 0.1
	done
	cat "$dir/$1" >&2
	exit 1
}
serve open
export FM_URL=$url
serve key --api-key "clé" --keep-responses 0
export FM_URL_KEY=$url
# A model that knows no chats: nothing marks where one begins to speak.
mkdir "$dir/model"
cp checkpoint/tiny/*.json checkpoint/tiny/model.safetensors "$dir/model"
sed -i 's/im_start/im_first/g' "$dir/model/tokenizer.json"
serve plain -m "$dir/model"
export FM_URL_PLAIN=$url
go build -o "$dir/fmbench" ./cmd/fmbench
# Two repetitions, and time that a busy machine has enough of for both backends.
"$dir/fmbench" report --backend cpu,ref -p 32,128 -b 1,2,4 -r 2 --budget 90s --to "$dir/report" \
	>"$dir/report.out" 2>&1 || { cat "$dir/report.out" >&2; exit 1; }
"$dir/fmbench" compare "$dir/report.json" --html "$dir/compare.html" >/dev/null
export FM_URL_REPORT="file://$dir/report.html" FM_URL_COMPARE="file://$dir/compare.html"
cd server/clients/page
go test -count 1 "$@" ./...
