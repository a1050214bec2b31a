#!/usr/bin/env bash
# ./do bench kinds [ROUNDS]: what a call of each kind of state of FPL costs at XDP.
set -euo pipefail
"$BENCH_DIR/bench_kinds" "$@"
