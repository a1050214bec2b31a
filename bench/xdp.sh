#!/usr/bin/env bash
# ./do bench xdp: our XDP program against hand-written C, then what a program costs a veth in packets a second.
set -euo pipefail
command -v clang >/dev/null || { echo "bench xdp: clang is needed for the reference only: apt-get install clang" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang -O2 -g -target bpf -I/usr/include/"$(gcc -dumpmachine)" -c bench/xdp_reference.c -o "$work/reference.o"
"$BENCH_DIR/bench_xdp" "$work/reference.o"
[ ! -e bench/passthrough.sh ] || bash bench/passthrough.sh
