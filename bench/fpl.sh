#!/usr/bin/env bash
# ./do bench fpl [ROUNDS]: function classes written in FPL against hand-written C with the same maps, at XDP; what one more
# stateful function costs in a chain; how long a source of 300 lines takes to load.
set -euo pipefail
command -v clang >/dev/null || { echo "bench fpl: skipped: clang is needed for the references: apt-get install clang" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang -O2 -g -Wno-address-of-packed-member -target bpf -I/usr/include/"$(gcc -dumpmachine)" -c bench/fpl_reference.c -o "$work/reference.o"
"$BENCH_DIR/bench_fpl" "$work/reference.o" "$@"
