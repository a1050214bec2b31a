#!/usr/bin/env bash
# ./do bench tables: functions that keep tables, as XDP, against hand-written C with the same maps.
set -euo pipefail
command -v clang >/dev/null || { echo "bench tables: clang is needed for the reference only: apt-get install clang" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang -O2 -g -target bpf -I/usr/include/"$(gcc -dumpmachine)" -c bench/tables_reference.c -o "$work/reference.o"
"$BENCH_DIR/bench_tables" "$work/reference.o"
