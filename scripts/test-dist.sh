#!/bin/bash
# test-dist.sh: a release is the same bytes when it is built again, elsewhere, by a cache of its own. DIST says for
# which platforms, linux/amd64 if it does not. Then the archive is unpacked, and its program says its version.
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
export DIST=${DIST:-linux/amd64}
scripts/dist.sh "$dir/one"
git clone -q "$PWD" "$dir/elsewhere/a longer path"
git -C "$dir/elsewhere/a longer path" checkout -q --detach "$(git rev-parse HEAD)"
mkdir "$dir/tmp"
cd "$dir/elsewhere/a longer path"
(umask 077 && TZ=Asia/Tokyo TMPDIR=$dir/tmp GOCACHE=$dir/cache scripts/dist.sh "$dir/two")
diff "$dir/one/SHA256SUMS" "$dir/two/SHA256SUMS"
(cd "$dir/one" && sha256sum -c SHA256SUMS)
if [ -e "$dir/one"/*-linux-amd64.tar.gz ]; then
	tar -xzf "$dir/one"/*-linux-amd64.tar.gz -C "$dir/tmp"
	said=$("$dir/tmp"/falconmamba-*/bin/fmgen --version)
	echo "$said"
	[[ $said == *"$(git rev-parse --short=12 HEAD)"* && $said != *changed* ]]
fi
echo 'test-dist.sh: the same bytes'
