#!/usr/bin/env bash
# ./do bless [PATTERN]: writes what comes out now into the golden files (tests/lang/*.t, tests/graph/*.t …), into the outputs
# that README.md and docs/*.md show, and into docs/CLASSES.md. Look at the difference before it is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
pattern=${1:-.}
export FFPF_BLESS=1
for test in $(grep -l 'golden\.h' tests/unit/test_*.c); do
	name=$(basename "$test" .c)
	[[ $name =~ $pattern ]] || continue
	echo "$name"
	(cd build/tests && "./$name" >/dev/null 2>&1) || echo "$name: still fails" >&2
done
for test in tests/docs/commands.sh tests/docs/classes.sh; do
	[[ $test =~ $pattern ]] || continue
	echo "$test"
	bash "$test" build || echo "$test: still fails" >&2
done
! command -v git >/dev/null || git --no-pager diff --stat
