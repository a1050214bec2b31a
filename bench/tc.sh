#!/usr/bin/env bash
# ./do bench tc: our program at tc against hand-written C for the same hook (tc_reference.c).
set -euo pipefail
command -v clang >/dev/null || { echo "bench tc: clang is needed for the reference only: apt-get install clang" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang -O2 -g -target bpf -I/usr/include/"$(gcc -dumpmachine)" -c bench/tc_reference.c -o "$work/reference.o"
"$BENCH_DIR/bench_xdp" "$work/reference.o" tc
