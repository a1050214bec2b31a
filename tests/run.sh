#!/usr/bin/env bash
# Builds both presets and runs every test in both: release, then debug with ASan and UBSan.
# `run.sh PATTERN` runs only the tests whose name matches.
set -euo pipefail
cd "$(dirname "$0")/.."
pattern=${1:-.}
status=0
for preset in release debug; do
	dir=build; [ $preset = release ] || dir=build-debug
	[ -e $dir/build.ninja ] || cmake --preset $preset >/dev/null
	cmake --build $dir >$dir/build.log 2>&1 || { cat $dir/build.log >&2; exit 1; }
	echo "== $preset"
	(cd $dir && ctest --output-on-failure -j2 -R "$pattern" --no-tests=error) || status=1
done
exit $status
