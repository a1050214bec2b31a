#!/usr/bin/env bash
# Runs every fuzz target of build-fuzz/tests for FFPF_FUZZ_SECONDS (60): `./do fuzz [NAME…]`.
# The corpus grows in build-fuzz/corpus/NAME, from the regression inputs in tests/fuzz/inputs/NAME.
# Prints a line for each target; fails when one crashed, and says where the input is that made it crash.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${FFPF_FUZZ_SECONDS:-60}
status=0

fuzz() { # fuzz NAME: one target
	local name=$1 corpus=build-fuzz/corpus/$1 crashes=build-fuzz/crashes/$1 log=build-fuzz/$1.log
	local inputs=tests/fuzz/inputs/$1 dict=tests/fuzz/$1.dict options=()

	mkdir -p "$corpus" "$crashes"
	[ "$1" != fuzz_fpl ] || python3 tests/fuzz/seeds.py . "$corpus"
	[ ! -d "$inputs" ] || options+=("$inputs")
	[ ! -f "$dict" ] || options+=("-dict=$dict")
	if "build-fuzz/tests/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$crashes/" "$corpus" "${options[@]}" >"$log" 2>&1; then
		echo "$name: ok, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in ${seconds}s," \
			"$(find "$corpus" -type f | wc -l) in the corpus"
	else
		tail -n 40 "$log" >&2
		echo "$name: FAILED, input: $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1), log: $log"
		status=1
	fi
}

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
	for target in build-fuzz/tests/fuzz_*; do
		[ ! -x "$target" ] || [ -d "$target" ] || targets+=("$(basename "$target")")
	done
fi
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz targets in build-fuzz/tests" >&2; exit 1; }
for target in "${targets[@]}"; do
	fuzz "$target"
done
exit $status
