#!/usr/bin/env bash
# ./do bench NAME [ARGS]: runs bench/NAME.sh, or the program bench_NAME. Without a name: lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
export BENCH_DIR=${BENCH_DIR:-build/bench}

names() {
	local f
	for f in bench/*.sh bench/bench_*.c; do
		[ -e "$f" ] || continue
		f=$(basename "${f%.*}")
		echo "${f#bench_}"
	done | grep -vx run | sort -u
}

if [ $# -eq 0 ]; then
	echo "benchmarks:"
	names | sed 's/^/  /'
	exit 0
fi
name=$1
shift
if [ -e "bench/$name.sh" ]; then
	exec bash "bench/$name.sh" "$@"
elif [ -x "$BENCH_DIR/bench_$name" ]; then
	exec "$BENCH_DIR/bench_$name" "$@"
fi
echo "bench: no '$name'; there are:" $(names) >&2
exit 2
