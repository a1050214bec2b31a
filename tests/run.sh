#!/usr/bin/env bash
# Runs every test of the two builds, release and debug (ASan, UBSan), as ./do test made them.
# `run.sh PATTERN` runs only the tests whose name matches. What was left out and why is listed before the last line,
# which counts: "N passed, N failed" and, when there are any, ", N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
pattern=${1:-.}
log=$(mktemp) && notes=$(mktemp)
trap 'rm -f "$log" "$notes"' EXIT
passed=0 failed=0 skipped=0
# Where python3 is a script that looks for the interpreter, tests call the interpreter: some hundred times.
python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null)
[ -z "$python" ] || [ "$python" = "$(command -v python3)" ] || PATH=$(dirname "$python"):$PATH

# reasons PRESET: why tests, or parts of tests, were skipped, from what they printed
reasons() {
	awk -v preset="$1" '
		/^[0-9]+\/[0-9]+ Testing: / { test = $3 }
		/^skipped: / { sub(/^skipped: /, ""); print "skipped: " test " (" preset "): " $0 }
	' "$2/Testing/Temporary/LastTest.log" 2>/dev/null
}

for preset in release debug; do
	dir=build; [ $preset = release ] || dir=build-debug
	count=$(ctest --test-dir $dir -N -R "$pattern" | sed -n 's/^Total Tests: //p')
	[ "${count:-0}" -gt 0 ] || continue
	echo "== $preset"
	rm -f "$dir/Testing/Temporary/LastTest.log"
	ctest --test-dir $dir --output-on-failure -j$(($(nproc) + 1)) -R "$pattern" 2>&1 | tee "$log"
	result='^ *[0-9]+/[0-9]+ Test +#[0-9]+: '
	p=$(grep -E "$result" "$log" | grep -c ' Passed ')
	s=$(grep -E "$result" "$log" | grep -c '\*\*\*Skipped ')
	passed=$((passed + p)) skipped=$((skipped + s))
	failed=$((failed + count - p - s)) # what did not come to a result has failed
	reasons $preset $dir >>"$notes"
done
[ $((passed + failed + skipped)) -gt 0 ] || { echo "no test matches '$pattern'" >&2; failed=1; }
sort -u "$notes"
echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
